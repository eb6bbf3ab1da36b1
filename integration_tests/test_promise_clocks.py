"""A clock that is wrong, the API's or ours: nothing is lost, and every moment that is sent is the API's."""

from datetime import datetime, timedelta, timezone

import pytest

from integration_tests.conftest import Time
from integration_tests.connector import Outcome, configured_catalog, read
from integration_tests.rows import delivered, listed
from integration_tests.sandbox import RequestRecord, Sandbox
from integration_tests.sandbox.answers import Answer
from source_customers import waiting
from source_customers.moments import parse_moment

PROVIDERS = pytest.mark.parametrize("provider", ["caoloon", "coredination", "valomnia"])
HOUR = 3600.0
CURSORS = {"caoloon": "updatedAt", "coredination": "lastModified", "valomnia": "lastUpdated"}


def moment(text: object) -> datetime:
    """Return the moment of a bound or a change time, in UTC."""
    if str(text).isdigit():
        number = int(str(text))
        return datetime.fromtimestamp(number / (1000 if number > 10**11 else 1), timezone.utc)
    return parse_moment(text)  # Python 3.10 itself does not read `+0000`


class Account:
    """An account in which people work while it is read. Each answer takes some seconds of the tests' clock."""

    def __init__(self, sandbox: Sandbox, time: Time, provider: str, changes: int) -> None:
        self.sandbox, self.provider, self.changes = sandbox, provider, changes
        self.api, self.time = sandbox.providers[provider], time
        self.upper_bounds: list[timedelta] = []
        sandbox.clock = lambda: time.now().timestamp()
        self.api.before_answer = self.work

    def work(self, request: RequestRecord) -> None:
        self.time.sleep(3)
        for name in ("updatedTo", "lastUpdated_lte"):
            if value := request.value(name):
                self.upper_bounds.append(self.api.now() - moment(value))
        if self.changes:
            self.changes -= 1
            self.api.change(self.changes, update=2, insert=1)

    def read(self, state: list[dict[str, object]] | None = None) -> Outcome:
        return read(self.sandbox.config(self.provider, page_size=30, concurrency=1, lookback_window="PT0S"), state)

    def assert_two_reads_deliver_every_change(self) -> None:
        """The first one while people work, the second one when they have gone home."""
        start = self.api.now()
        there = set(listed(self.sandbox, self.provider))
        first = self.read()
        assert first.is_complete
        assert there <= set(delivered(first, self.provider))
        assert moment(first.states[-1][CURSORS[self.provider]]) <= start + timedelta(seconds=10)
        second = self.read(first.last_state)
        assert second.is_complete
        both = delivered(first, self.provider) | delivered(second, self.provider)
        assert both == listed(self.sandbox, self.provider)
        # The filter has whole seconds, and the API counts from when it received the request.
        assert all(bound > timedelta(seconds=1) for bound in self.upper_bounds)


@PROVIDERS
@pytest.mark.parametrize("ahead", [-HOUR, HOUR])
def test_the_clock_of_the_api_is_wrong(sandbox: Sandbox, time: Time, provider: str, ahead: float) -> None:
    account = Account(sandbox, time, provider, changes=25)
    account.api.clock_skew = ahead

    account.assert_two_reads_deliver_every_change()


@PROVIDERS
@pytest.mark.parametrize("ahead", [-HOUR, -8, 8, 90, HOUR])
def test_our_clock_is_wrong(
    sandbox: Sandbox, time: Time, monkeypatch: pytest.MonkeyPatch, provider: str, ahead: float
) -> None:
    account = Account(sandbox, time, provider, changes=25)
    monkeypatch.setattr(waiting, "now", lambda: time.now() + timedelta(seconds=ahead))

    account.assert_two_reads_deliver_every_change()


@PROVIDERS
def test_an_api_that_never_tells_the_time(sandbox: Sandbox, time: Time, provider: str) -> None:
    account = Account(sandbox, time, provider, changes=25)
    account.api.date_header = False

    account.assert_two_reads_deliver_every_change()


@pytest.mark.parametrize("ahead", [-HOUR, 0, HOUR])
def test_the_upper_bound_is_ten_seconds_old_by_the_clock_of_the_api(
    sandbox: Sandbox, time: Time, monkeypatch: pytest.MonkeyPatch, ahead: float
) -> None:
    account = Account(sandbox, time, "caoloon", changes=0)
    account.api.clock_skew = ahead
    monkeypatch.setattr(waiting, "now", lambda: time.now() - timedelta(days=1))

    assert account.read().is_complete

    # The second request carries the first bound: it is answered six seconds after the sync began.
    assert timedelta(seconds=10) <= account.upper_bounds[0] < timedelta(seconds=19)


@pytest.mark.parametrize(("provider", "stream"), [("caoloon", "inquiries_pay_equity"), ("coredination", "customers")])
def test_what_changes_while_the_first_answer_is_on_its_way_comes_by_the_next_sync(
    sandbox: Sandbox, time: Time, monkeypatch: pytest.MonkeyPatch, provider: str, stream: str
) -> None:
    """Without a change time in the rows, the state is the moment at which the sync began."""
    api = sandbox.providers[provider]
    sandbox.clock = lambda: time.now().timestamp()
    sandbox.coredination.last_modified = "none"
    changed: list[object] = []

    def answered(answer: Answer, _request: RequestRecord) -> Answer:
        if not changed:
            changed.extend(api.change(stream=stream, update=1).updated)
            time.sleep(8)
        return answer

    monkeypatch.setattr(api, "finish", answered)
    catalog = configured_catalog([stream])
    config = sandbox.config(provider, lookback_window="PT0S", page_size=1000)
    first = read(config, catalog=catalog)
    time.sleep(60)

    second = read(config, first.last_state, catalog)

    assert first.is_complete
    assert second.is_complete
    key = "guid" if provider == "caoloon" else "id"
    assert [row[key] for row in second.rows(stream)] == changed

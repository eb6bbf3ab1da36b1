"""Asks the questions of a plan, and collects what is found."""

from collections.abc import Iterator
from http import HTTPStatus

from airbyte_cdk.utils.traced_exception import AirbyteTracedException

from source_customers.connection.connection import SpentError
from source_customers.failures import credentials_error
from source_customers.probe.evidence import Evidence
from source_customers.probe.plan import Plan, asked_of
from source_customers.probe.question import Question
from source_customers.probe.questions import QUESTIONS
from source_customers.probe.replies import Finding, Reply, cannot_tell

EVERY_STREAM = "*"
_SPENT = cannot_tell(
    "As many requests were sent as were named before.", "Probe this stream alone, with `--stream`, or later again."
)
_UNANSWERED = cannot_tell(
    "A request was not answered, or sent on to another host.", "Probe again later; if it stays so, check `base_url`."
)
_PLAIN = cannot_tell("The stream is read by components of the Airbyte CDK, whose lists are not asked.")


def probe(plan: Plan) -> Iterator[Finding]:
    """Yield what is found, stream after stream.

    Raises:
        AirbyteTracedException: the provider cannot be asked at all: the login was refused, or nothing answers.
    """
    for look in plan.accounts:
        connection = look.asking.connection
        connection.most_requests = plan.most_requests(connection)
        _check_access(look)
    for look in [*plan.lists, *plan.parents]:
        _prefetch(look)
    for kind in plan.kinds:
        kind.choose()
    for look in plan.streams:
        for asked in asked_of(look, deep=look.is_deep):
            yield from _found(asked, look, look.stream.name)
    for name in plan.plain:
        yield Finding(name, "access", _PLAIN)
    for look in plan.accounts:
        for asked in QUESTIONS:
            if asked.of_account and asked.applies(look):
                yield from _found(asked, look, EVERY_STREAM)


def _check_access(look: Evidence) -> None:
    """Raise where the credentials are refused: nothing else can be found then."""
    status, messages = look.whole.status, look.settings.connection.messages
    if status == HTTPStatus.UNAUTHORIZED or (300 <= status < 400 and str(status) in messages):  # noqa: PLR2004
        raise credentials_error(f"The credentials were refused. {messages.get(str(status), 'Check them.')}")


def _prefetch(look: Evidence) -> None:
    try:
        _ = look.whole
    except AirbyteTracedException:
        look.has_failed = True
    except SpentError:
        return  # said by the questions, which look at it again


def _found(asked: Question, look: Evidence, stream: str) -> Iterator[Finding]:
    reply = _reply(asked, look)
    if reply:
        yield Finding(stream, asked.id, reply)


def _reply(asked: Question, look: Evidence) -> Reply | None:
    if look.has_failed:
        return _UNANSWERED
    try:
        if not asked.of_refused and not asked.of_account and look.whole.rows is None:
            return cannot_tell("There are no rows to look at.", "See access and envelope.")
        return asked.ask(look)
    except SpentError:
        return _SPENT
    except AirbyteTracedException:
        look.has_failed = look.has_failed or not look.is_looked_at
        return _UNANSWERED

"""What is so of all lists: how a wrong credential is answered, the clock, what the rate is told by."""

from datetime import timedelta

from source_customers.config.fields import text_at
from source_customers.connection.waits import whole_number
from source_customers.manifest.settings import ChosenMethod, FormLogin, HeaderCredentials, OAuthRefresh
from source_customers.probe.answer import OK
from source_customers.probe.evidence import Evidence
from source_customers.probe.question import question
from source_customers.probe.replies import Reply, contradicted, holds

_MOST_SKEW = timedelta(minutes=1)


def method_of(look: Evidence) -> HeaderCredentials | OAuthRefresh | FormLogin:
    """Return how requests prove who asks."""
    given = look.settings.connection.authentication
    return given.methods[text_at(look.config, given.field)] if isinstance(given, ChosenMethod) else given


@question(
    "refused-credential",
    "A credential that is wrong or has ended is refused in a way that is understood.",
    lambda _: True,
    ("stranger",),
    of_account=True,
)
def refused_credential(look: Evidence) -> Reply:
    """Ask once with a credential that names no account, so that none can be locked by it; never log in with it."""
    sent = _made_up(method_of(look))
    if look.asking.connection.refuses(look.stranger):
        return holds(f"A request with {sent} was refused, as expected.")
    status = look.stranger.status
    look.found["open_door"] = status == OK
    return contradicted(
        f"A request with {sent} was answered with status {status}, which is not taken for a refusal.",
        "Check `base_url`: something may answer in place of the API. Otherwise tell the connector's makers.",
    )


@question(
    "refresh-token",
    "A refresh token that is replaced is used from then on.",
    lambda look: isinstance(method_of(look), OAuthRefresh),
    (),
    of_account=True,
)
def refresh_token(look: Evidence) -> Reply:
    """Tell whether the login of this probe brought another one."""
    if look.asking.connection.updates.empty():
        return holds("The login did not replace the refresh token.")
    return holds("The login replaced the refresh token. The new one was written into the config file.", news=True)


@question("clock", "Answers tell the API's clock.", lambda _: True, of_account=True)
def clock(look: Evidence) -> Reply:
    """Compare the header `Date` with this machine's clock."""
    skew = look.whole.skew
    if skew is None:
        look.found["date_header"] = False
        return contradicted(
            "Answers have no header `Date`. This machine's clock is taken in its place.",
            "Keep this machine's clock right.",
        )
    if abs(skew) > _MOST_SKEW:
        look.found["clock_skew"] = round(skew.total_seconds())
        side = "ahead of" if skew > timedelta(0) else "behind"
        return contradicted(
            f"The API's clock is {abs(round(skew.total_seconds()))} seconds {side} this machine's. The API's is used.",
            "Set this machine's clock right. If it is, raise `lookback_window` above the difference.",
        )
    return holds("Answers tell the API's clock, which agrees with this machine's.")


@question(
    "rate-headers",
    "Answers tell how many requests are left.",
    lambda look: look.settings.connection.pace is not None and bool(look.settings.connection.pace.remaining_header),
    of_account=True,
)
def rate_headers(look: Evidence) -> Reply:
    """Look for the header."""
    pace = look.settings.connection.pace
    name = pace.remaining_header if pace else ""
    if whole_number(look.whole.headers.get(name, "")) is None:
        look.found["rate_headers"] = False
        field = f"`{pace.requests}`" if pace and isinstance(pace.requests, str) else "`pace.requests` in the manifest"
        return contradicted(
            f"Answers have no number in the header `{name}`. Requests that others send with the same credentials are "
            "not seen.",
            f"Lower {field} if others use the same credentials.",
        )
    return holds(f"Answers have a number in the header `{name}`.")


def _made_up(method: HeaderCredentials | OAuthRefresh | FormLogin) -> str:
    """Return what the probe sends in place of a credential."""
    if isinstance(method, HeaderCredentials):
        return "a made-up key"
    if isinstance(method, OAuthRefresh):
        return "a made-up access token"
    _: FormLogin = method  # mypy refuses a class that has no line above
    return "no session"

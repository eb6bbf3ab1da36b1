"""Credentials that are fetched by a login, and fetched again when they have run out."""

import threading
from abc import abstractmethod

from source_customers import waiting
from source_customers.connection.attempts import Attempts, GaveUpError
from source_customers.connection.credentials.base import Credentials, Grant, LoginRefusedError, Post


class _Login:
    """A login on its way, for all requests that wait for it."""

    def __init__(self) -> None:
        self.is_over = False
        self.failure = ""
        self.named = 0.0


class RenewableCredentials(Credentials):
    """Logs in when a request needs it: once for all requests that wait, and never again after a refusal."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._grant: Grant | None = None
        self._login: _Login | None = None
        self._refusal: LoginRefusedError | None = None

    @abstractmethod
    def log_in(self, number: int, post: Post, attempts: Attempts) -> Grant:
        """Return a new grant of that number. Only one thread at a time calls it."""

    def has_expired(self) -> bool:
        """Return whether the latest grant is known to have run out."""
        return False

    def grant(self, post: Post, attempts: Attempts) -> Grant:
        """Return the latest grant, or log in. See the base class for the errors."""
        while True:
            with self._changed:
                if self._refusal:
                    # Tried once more for each stream, a wrong password would lock the user's account.
                    raise LoginRefusedError(str(self._refusal))
                if self._grant and not self.has_expired():
                    return self._grant
                login, is_mine = self._login or _Login(), self._login is None
                self._login = login
            if is_mine:
                return self._run(login, post, attempts)
            self._wait(login, attempts)

    def renew(self, grant: Grant) -> bool:
        """Forget a grant, unless another request has already replaced it."""
        with self._changed:
            if self._grant is grant:
                self._grant = None
        return True

    def finish(self, seconds: float) -> None:
        """Wait for a login that is on its way, for so many seconds at most."""
        with self._changed:
            self._changed.wait_for(lambda: self._login is None, seconds)

    def _run(self, login: _Login, post: Post, attempts: Attempts) -> Grant:
        grant, refusal, named_before = None, None, attempts.named
        try:
            grant = self.log_in(self.latest + 1, post, attempts)
        except LoginRefusedError as refused:
            refusal = refused
            raise
        except GaveUpError as gave_up:
            login.failure = str(gave_up)
            raise
        finally:
            with self._changed:
                self._login = None
                self._refusal = refusal
                if grant:
                    self._grant, self.latest = grant, grant.number
                login.named = attempts.named - named_before
                login.is_over = True
                self._changed.notify_all()
        return grant

    def _wait(self, login: _Login, attempts: Attempts) -> None:
        """Wait for the login of another request. That one has its deadline, so this has an end."""
        began = waiting.monotonic()
        attempts.stop.wait_for(self._changed, lambda: login.is_over)
        waited = waiting.monotonic() - began
        if not login.failure:
            attempts.excuse(waited)
            return
        # The login has failed all the while: that counts as failing here too, or each request would try as long again.
        attempts.excuse(min(waited, login.named))
        if attempts.remaining <= 0:
            raise GaveUpError(login.failure)

"""How often one request may have its session renewed."""

from source_customers.connection.credentials.base import Credentials, Grant


class Renewals:
    """Allows one renewal in a row: a new grant that is refused as well is not renewed.

    After an outage it begins anew, since the outage may have ended the session.
    """

    def __init__(self) -> None:
        self._fresh_from: int | None = None

    def renew(self, credentials: Credentials, refused: Grant) -> bool:
        """Have a refused grant renewed; return False when the refusal is the API's last word."""
        if self._fresh_from is not None and refused.number >= self._fresh_from:
            return False
        self._fresh_from = credentials.latest + 1
        return credentials.renew(refused)

    def forget(self) -> None:
        """Begin anew, after an outage."""
        self._fresh_from = None

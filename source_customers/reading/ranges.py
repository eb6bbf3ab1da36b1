"""Reads all rows of a list that changed between two moments, pass after pass, until none can be missing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from source_customers.failures import transient_error
from source_customers.reading.census import Census
from source_customers.reading.listing import Listing, Verdict
from source_customers.reading.page import Page
from source_customers.reading.partial import Partial
from source_customers.reading.passes import Part

MOST_ROWS = 50_000
"""Rows to read between two checkpoints, where a list can be cut by change time."""
_MOST_FRUITLESS = 4
_MOST_PASSES = 12
_BEGINNING = datetime(2010, 1, 1, tzinfo=timezone.utc)
_NARROWEST = timedelta(seconds=2)


@dataclass
class _Piece:
    """A part that is still to be read.

    Attributes:
        part: its bounds.
        newer: the other half of what it was cut from, where that is the newer one.
        rows: how many rows it has, as the rest of a list that was too long. None where nothing tells.
    """

    part: Part
    newer: "_Piece | None" = None
    rows: int | None = None

    def halves(self, rows: int | None) -> "list[_Piece]":
        """Return the two pieces that it is cut into, the newer one first; itself where it is too narrow.

        Args:
            rows: how many rows it has, where these are too many.
        """
        lower, upper = self.part
        if upper is None:
            return [self]
        begin = lower or min(_BEGINNING, upper - 2 * _NARROWEST)
        middle = (begin + (upper - begin) // 2).replace(microsecond=0)
        if upper - begin < 2 * _NARROWEST:
            return [self]
        newer = _Piece((middle, upper), rows=rows)
        return [newer, _Piece((lower, middle), newer)]

    @property
    def can_be_cut(self) -> bool:
        """Whether it is wide enough to be cut in two."""
        return len(self.halves(None)) > 1

    def found(self, total: int | None) -> None:
        """Note how many rows it has: the other half has the rest."""
        if self.newer and self.newer.rows is not None and total is not None:
            self.newer.rows -= total


class Ranges:
    """Reads the parts of one list until each is proved to be whole.

    A part in which rows come and go is read again. Where the API has both bounds, it is cut in two by change time
    first: a part that is read in a few requests holds still, however busy the account is. Parts are read from the
    oldest to the newest, so that each leaves a checkpoint. Where totals tell that what is left of a list is too long as
    well, it is cut without a request.

    Attributes:
        is_atomic: whether the part that was read last came in one answer.
    """

    def __init__(self, stream: str, pass_over: Callable[[Part, Census, int, int | None, int | None], Listing]) -> None:
        """Take the stream's name, and what makes a pass.

        Args:
            stream: the stream's name, for messages.
            pass_over: makes a pass over a part, from the part, the census of the keys, how many passes over these rows
                came before, how many rows may come at most, and how many there are by what other parts tell.
        """
        self._stream = stream
        self._pass_over = pass_over
        self._most_rows = MOST_ROWS
        self._fruitless = 0
        self.is_atomic = False

    def read(
        self, lower: datetime | None, upper: datetime | None, partial: Partial | None = None
    ) -> Iterator[Page | datetime]:
        """Yield the pages of a part of the list, and the moment up to which it is whole whenever there is one.

        Args:
            lower: first moment; None for all history.
            upper: last moment, which is past; None where there is no upper bound.
            partial: how far this part was read by another sync.

        Raises:
            AirbyteTracedException: a page could not be had, or the rows do not hold still.
        """
        pieces = [_Piece((lower, upper))]
        self._fruitless = 0
        while pieces:
            piece = pieces.pop()
            if piece.can_be_cut and (piece.rows or 0) > self._most_rows:
                pieces += piece.halves(piece.rows)
                continue
            listing: Listing | None = None
            for listing in self._passes(piece):
                if partial:
                    partial.resume(listing)
                partial = None
                yield from listing.pages()
            piece.found(listing.total if listing else None)
            if listing is None or listing.verdict is not Verdict.WHOLE:
                pieces += piece.halves(listing.total if listing and listing.verdict is Verdict.TOO_LONG else None)
                continue
            self.is_atomic = listing.is_atomic
            self._fruitless = 0
            self._most_rows = min(2 * self._most_rows, MOST_ROWS)
            if piece.part[1] is not None:
                yield piece.part[1]

    def _passes(self, piece: _Piece) -> Iterator[Listing]:
        """Yield passes over a part until one is whole, or until it is better to cut the part in two."""
        census, number = Census(), 0
        can_be_cut = piece.can_be_cut
        while True:
            known = census.together
            rows = None if number else piece.rows
            listing = self._pass_over(piece.part, census, number, self._most_rows if can_be_cut else None, rows)
            yield listing
            verdict = listing.verdict
            if verdict is Verdict.WHOLE or (verdict is Verdict.TOO_LONG and can_be_cut):
                return
            number += 1
            if verdict is Verdict.DISORDERED:
                continue
            has_grown = census.total is not None and census.together > known
            if verdict is Verdict.SHORT and has_grown and number < _MOST_PASSES:
                # The same rows, in another order than before: what this pass brought, the next one need not bring.
                census = Census(census)
                continue
            census = Census()
            if can_be_cut:
                self._most_rows = max(listing.rows_read // 2, 1)
                return
            self._fruitless += 1
            if self._fruitless >= _MOST_FRUITLESS:
                raise self._given_up(verdict)

    def _given_up(self, verdict: Verdict | None) -> Exception:
        if verdict is Verdict.SHORT:
            return transient_error(
                f"Stream {self._stream} could not be read: the API announces another number of rows than it gives. "
                "Try the sync again later."
            )
        return kept_moving(self._stream)


def kept_moving(stream: str) -> Exception:
    """Return the error for rows that do not hold still."""
    return transient_error(
        f"Stream {stream} could not be read: its rows kept moving while it was read. "
        "Try the sync again at a quieter time."
    )

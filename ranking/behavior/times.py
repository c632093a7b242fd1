"""Times as exports write them: seconds, milliseconds or microseconds from 1970, or a date in words of ISO 8601.

In: one cell. Out: whole microseconds from 1970 in UTC, and the unit it was in. Knows no record.

The unit of a number follows from its size: between 1995 and today, each unit has a range of its own, a thousand times
the one before. A number outside all of them is no time that anybody can have shopped at.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation

from ranking.events import microseconds

EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
"""Before it, nobody bought anything on the web."""

LEEWAY = timedelta(hours=1)
"""Clocks of shoppers' devices are wrong; what is further ahead than this is impossible."""

UNITS: Mapping[str, int | Decimal] = {
    "seconds": 1_000_000, "milliseconds": 1_000, "microseconds": 1, "nanoseconds": Decimal("0.001"),
}  # fmt: skip
"""Unit -> how many microseconds it has."""

ISO = "ISO 8601"


class BadTime(ValueError):
    """A cell that is no time; `impossible` where it is one, but nobody can have shopped then."""

    def __init__(self, reason: str, impossible: bool = False) -> None:
        super().__init__(reason)
        self.impossible = impossible


def read_time(cell: object, now: datetime, zone: tzinfo = UTC, pattern: str | None = None) -> tuple[int, str]:
    """A cell as (microseconds from 1970, unit).

    Args:
        cell: a number, a text of digits, an ISO 8601 text (a space for the T, slashes and " UTC" are fine), a datetime.
        now: the moment of the import.
        zone: of times that state none.
        pattern: as of `datetime.strptime`; None where the text is ISO 8601.

    >>> now = datetime(2026, 11, 21, tzinfo=UTC)
    >>> read_time("1700000000", now), read_time(1700000000123, now), read_time("2023-11-14 22:13:20 UTC", now)
    ((1700000000000000, 'seconds'), (1700000000123000, 'milliseconds'), (1700000000000000, 'ISO 8601'))

    Raises:
        BadTime: it is no time, or one before 1995 or after `now`.
    """
    if isinstance(cell, datetime):
        return _possible(cell, now, zone), ISO
    text = str(cell).strip()
    if pattern is not None:
        return _possible(_with_pattern(text, pattern), now, zone), pattern
    number = _number(text)
    if number is None:
        return _possible(_from_iso(text), now, zone), ISO
    earliest, latest = microseconds(EARLIEST), microseconds(now + LEEWAY)
    for unit, factor in UNITS.items():
        if earliest <= number * factor <= latest:
            return int(number * factor), unit
    raise BadTime(
        f"is no time between {EARLIEST.year} and now in seconds, milliseconds or microseconds from 1970",
        impossible=True,
    )


def _number(text: str) -> Decimal | None:
    if not text[:1].isascii() or not (text[:1].isdigit() or text[:1] in "-+."):
        return None
    try:
        number = Decimal(text) if len(text) <= 40 and "_" not in text else None
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() and abs(number.adjusted()) <= 40 else None


def _with_pattern(text: str, pattern: str) -> datetime:
    try:
        return datetime.strptime(text, pattern)
    except ValueError:
        raise BadTime(f"is not written as the mapping's time_format {pattern!r} says") from None


def _from_iso(text: str) -> datetime:
    plain = text.removesuffix(" UTC") + ("Z" if text.endswith(" UTC") else "")
    head, sign, rest = plain.partition(" ")
    if "/" in head:
        head = "-".join(part.zfill(2) for part in head.split("/"))
    try:
        return datetime.fromisoformat(f"{head}{sign}{rest}")
    except ValueError:
        raise BadTime("is no time: write ISO 8601 (2026-11-21T08:30:00Z), or set time_format in the mapping") from None


def _possible(time: datetime, now: datetime, zone: tzinfo) -> int:
    try:
        aware = time if time.tzinfo else time.replace(tzinfo=zone)
        if EARLIEST <= aware <= now + LEEWAY:
            return microseconds(aware)
    except OverflowError:
        pass
    raise BadTime(f"is not between {EARLIEST.year} and now", impossible=True)

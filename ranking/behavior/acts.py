"""What a record of an export says, before it is cleaned: the value between the readers of formats and the staging.

In: cells of a record. Out: `Act`s and `Fault`s. Knows no format and no database.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

from ranking.behavior.personal import query_line
from retrieval.feed.cells import clean_text

MAX_ID = 200
SEARCH = "search"
"""The type of an act without a product: its query is that of what the shopper does next."""

UNSET = frozenset({"", "(not set)", "null", "none", "nan", "undefined"})

INVALID, UNKNOWN_TYPE, IMPOSSIBLE_TIME = "invalid", "unknown type", "impossible time"
DUPLICATE, BOT, UNKNOWN_PRODUCT = "duplicate", "bot", "unknown product"
REASONS = (INVALID, UNKNOWN_TYPE, IMPOSSIBLE_TIME, DUPLICATE, BOT, UNKNOWN_PRODUCT)
"""Why something was left out, in the order in which it is looked for."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What keeps a record, or one product of it, out: `kind` is one of `REASONS`.

    `n_events` is 0 where another fault of the same act has already been counted.
    """

    kind: str
    field: str
    value: object
    reason: str
    n_events: int = 1


@dataclass(frozen=True, slots=True)
class Act:
    """One act on one product, or a search (then without a product). `time` is the cell as it stands.

    `other` is a second id of the product (an SKU), to be tried where the catalog does not know the first; `message` the
    id that the tracker gave the act, so that what it sent twice counts once; `agent` the browser's name for itself.
    """

    shopper: str
    product: str | None
    type: str
    time: Any
    session: str | None = None
    query: str | None = None
    list_id: str | None = None
    position: int | None = None
    rating: float | None = None
    quantity: int | None = None
    other: str | None = None
    message: str | None = None
    agent: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What one record came to. `passed_over` names an event that has nothing to do with products; it is no fault."""

    acts: tuple[Act, ...] = ()
    faults: tuple[Fault, ...] = ()
    passed_over: str | None = None


class EventReader(Protocol):
    """Reads the records of one format."""

    name: str

    def opened(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """The record with objects in the place of texts that hold JSON."""
        ...

    def drops(self, name: str) -> bool:
        """Whether the format's envelope always has this name (context.ip, geo), so that it is dropped unread."""
        ...

    def read(self, values: Mapping[str, Any]) -> Reading:
        """What a record says."""
        ...


@dataclass(slots=True)
class Cells:
    """The cells of one record, cleaned one by one; what is wrong with them is gathered in `faults`.

    One wrong cell costs the act that it belongs to, not the other products of the record: `begin` each of them.
    """

    faults: list[Fault] = field(default_factory=list)
    is_clean: bool = True
    """Whether nothing was wrong since the last `begin`."""

    def begin(self) -> None:
        """Go on to the next act."""
        self.is_clean = True

    def wrong(self, name: str, value: object, reason: str, kind: str = INVALID) -> None:
        """Note a fault."""
        self.faults.append(Fault(kind, name, value, reason, int(self.is_clean)))
        self.is_clean = False

    def id(self, name: str, cell: object, *, needed: bool = False, secret: bool = False) -> str | None:
        """An id as text; None and a fault where it is `needed` and missing, or cannot be one.

        The value of a `secret` one is not told in the fault.
        """
        text = id_text(cell)
        if text is None:
            if needed:
                self.wrong(name, None, "is missing")
            return None
        if len(text) > MAX_ID or not text.isprintable():
            shown = f"({len(text)} characters)" if secret else text
            self.wrong(name, shown, f"is no id: more than {MAX_ID} characters, or some that cannot be printed")
            return None
        return text

    def whole(self, name: str, cell: object, least: int = 0) -> int | None:
        """A whole number of at least `least`; None where it is missing, with a fault where it is something else."""
        number = _number(cell)
        if number is None:
            return None
        if not number.is_finite() or number != number.to_integral_value() or not least <= number < 2**31:
            self.wrong(name, cell, f"is no whole number of at least {least}")
            return None
        return int(number)

    def rating(self, name: str, cell: object, scale: float = 5.0) -> float | None:
        """A rating out of `scale` as one out of 5; None where it is missing, with a fault where it is none."""
        number = _number(cell)
        if number is None:
            return None
        if not number.is_finite() or not 0 <= number <= Decimal(str(scale)):
            self.wrong(name, cell, f"is no rating from 0 to {scale:g}: set rating_scale in a mapping")
            return None
        return float(number) * 5.0 / scale


def as_object(cell: object) -> Mapping[str, Any]:
    """An object as it is, a text that holds one parsed, anything else as an empty one."""
    if isinstance(cell, str) and cell[:1] == "{":
        try:
            cell = json.loads(cell)
        except (ValueError, RecursionError):
            return {}
    return cell if isinstance(cell, dict) else {}


def id_text(cell: object) -> str | None:
    """An id as text, None where there is none: whole numbers lose the ".0" that spreadsheets and data frames give them.

    >>> id_text(" A-1 "), id_text(Decimal("42.0")), id_text("(not set)"), id_text(True)
    ('A-1', '42', None, None)
    """
    if cell is None or isinstance(cell, (bool, dict, list)):
        return None
    if isinstance(cell, (float, Decimal)):
        number = Decimal(str(cell))
        if number.is_finite() and number == number.to_integral_value() and abs(number.adjusted()) < 30:
            return str(int(number))
    text = str(cell).strip()
    return None if text.casefold() in UNSET else text


def query_text(cell: object) -> str | None:
    """A query as one clean line, addresses and phone numbers masked; None if empty.

    >>> query_text(" red   shoes <b>ann@example.com</b>"), query_text("(not set)")
    ('red shoes [email]', None)
    """
    if not isinstance(cell, str) or cell.strip().casefold() in UNSET:
        return None
    return query_line(clean_text(cell))


def _number(cell: object) -> Decimal | None:
    if cell is None or isinstance(cell, (bool, dict, list)):
        return None if not isinstance(cell, (dict, list)) else Decimal("NaN")
    text = str(cell).strip()
    if text.casefold() in UNSET:
        return None
    try:
        return Decimal(text) if len(text) <= 40 and text.isascii() and "_" not in text else Decimal("NaN")
    except InvalidOperation:
        return Decimal("NaN")

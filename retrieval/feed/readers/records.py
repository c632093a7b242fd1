"""What every reader yields, what it is told, and the bounds it keeps.

In: nothing. Out: `Record`, `RecordFault`, `Reading` and the limits. Knows no kind of file and no mapping.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

MAX_ROW_CHARACTERS = 2**22
"""A row, an object or an element above this is refused by itself: it is never held whole."""

MAX_COLUMNS = 20_000
MAX_DEPTH = 64
"""How deep lists and objects of one row may be nested."""

MAX_DIGITS = 100
"""A number with more characters is no price, count or id of any shop."""

MAX_NAMED, MAX_NAMED_CHARACTERS = 10, 100
"""How many names a message gives, and how much of each."""

LIST_NAMES = ("products", "items", "data", "questions", "reviews", "policies")
"""Where the rows of a file are looked for that is one object rather than a list."""


def named_twice(names: Iterable[str]) -> str:
    """Those of some names that repeat, as a message gives them: the first few, in order.

    >>> named_twice(["id", "size", "id"])
    "'id'"
    """
    twice = sorted(name for name, n in Counter(names).items() if n > 1)
    return ", ".join(repr(name[:MAX_NAMED_CHARACTERS]) for name in twice[:MAX_NAMED])


class RecordFault(NamedTuple):
    """One thing wrong in one row of the feed: where it stands, what stood there, and why it cannot be taken."""

    file: str
    line: int
    field: str
    value: object
    reason: str


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a feed, or several that make one product. `line` counts as in `RejectedRow`.

    `values` are JSON's types, numbers being `int` or `Decimal`. `problem` says why `values` is empty where this is no
    record. `n_in_file` is how many records its file holds, where that is known beforehand. `n_rows` is how many rows
    of the feed it stands for, `line` the first of them; `faults` are those rows among them that were left out.
    """

    file: str
    line: int
    values: dict[str, Any]
    problem: str | None = None
    n_in_file: int | None = None
    n_rows: int = 1
    faults: tuple[RecordFault, ...] = ()


Escape = Literal["doubled", "backslash"]


def _unheard(note: str) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is to be read. None means that the file is to say.

    `escape` is how quotes stand inside quoted CSV cells; `records_at` the path of the list inside JSON or YAML, or the
    name of the XML element; `linked_data` that JSON is schema.org's. `on_note` hears what was decided on the way.
    """

    encoding: str | None = None
    escape: Escape | None = None
    records_at: str | None = None
    linked_data: bool = False
    on_note: Callable[[str], None] = field(default=_unheard, compare=False)

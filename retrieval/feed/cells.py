"""Cleaning and splitting feed cells, before anything is validated.

In: one cell as the reader left it. Out: text without markup and control characters, or the list of values in it. Knows
no field and no mapping.
"""

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<!--.*?-->", re.DOTALL)
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def clean_text(text: str) -> str:
    """Text as a shopper should read it: no HTML, no control characters, no space at the ends.

    >>> clean_text(" Duo Processor <br />(2M Cache) &amp; fan ")
    'Duo Processor (2M Cache) & fan'
    """
    if "<" in text:
        text = TAG.sub(" ", text)
    if "&" in text:
        text = html.unescape(text)
    text = CONTROL.sub(" ", text)
    return "\n".join(line for line in (" ".join(line.split()) for line in text.splitlines()) if line)


def is_empty(cell: object) -> bool:
    """Whether a cell states nothing: None, blank text, an empty list or object.

    >>> is_empty("  "), is_empty([]), is_empty(0), is_empty(False)
    (True, True, False, False)
    """
    return cell is None or (isinstance(cell, str) and not cell.strip()) or (isinstance(cell, (list, dict)) and not cell)


def to_text(cell: object) -> str:
    """Any cell as one line of words, for the details of a product.

    >>> to_text(Decimal("6.0")), to_text(True), to_text(["a", "b"]), to_text({"w": 3})
    ('6', 'yes', 'a, b', 'w: 3')
    """
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, Decimal) and cell.is_finite() and abs(cell.adjusted()) < 20:
        return format(cell.normalize(), "f")
    if isinstance(cell, list):
        return ", ".join(to_text(item) for item in cell if not is_empty(item))
    if isinstance(cell, dict):
        return ", ".join(f"{clean_text(str(key))}: {to_text(item)}" for key, item in cell.items() if not is_empty(item))
    return clean_text(str(cell))


def split_values(cell: object, separators: Sequence[str] = ("|",)) -> list[str]:
    """The values that a cell states: a list's items, or the parts of a text between any of `separators`.

    >>> split_values("Black, Cyan/Red", (",", "/")), split_values(["a|b", Decimal("6.0")])
    (['Black', 'Cyan', 'Red'], ['a|b', '6'])
    """
    if isinstance(cell, list):
        return [text for item in cell if (text := to_text(item))]
    parts: Iterable[str] = [to_text(cell)]
    for separator in separators:
        parts = [piece for part in parts for piece in part.split(separator)]
    return [part.strip() for part in parts if part.strip()]


def present(cells: Mapping[str, Any]) -> dict[str, Any]:
    """The cells that state something."""
    return {name: cell for name, cell in cells.items() if not is_empty(cell)}

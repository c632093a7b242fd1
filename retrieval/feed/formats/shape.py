"""What a format of a shop system is: how its rows belong together, and how its cells are put for a mapping to name.

In: nothing. Out: `Member`, `Format`, and what several formats share. Knows no files and no database.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from retrieval.feed.cells import is_empty, to_text
from retrieval.feed.mapping import FIELDS

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Member:
    """One row of the feed on its way into a product.

    Rows belong together where `parent` of one is among the `names` of another, where they share a `parent`, or where
    one lists the other's name in `children`. One that is no variant (`is_variant` False) only describes the product.
    """

    values: Values
    names: tuple[str, ...] = ()
    parent: str | None = None
    children: tuple[str, ...] = ()
    is_variant: bool = True


def _as_they_are(members: list[Member]) -> list[Member]:
    return members


def _no_currency(values: Values) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class Format:
    """How the rows of one system are read.

    `recognises` sees a file's columns in lower case. `member` reads one row, `complete` all rows of one product, where
    a row leaves to another what it means. `currency` is the one that a member's cells state.
    """

    name: str
    recognises: Callable[[frozenset[str]], bool]
    member: Callable[[Values], Member]
    complete: Callable[[list[Member]], list[Member]] = field(default=_as_they_are)
    currency: Callable[[Values], str | None] = field(default=_no_currency)


WORDS_FOR_ATTRIBUTES = {
    "color": ("colour", "colors", "colours", "farbe", "couleur", "颜色", "颜色分类", "色"),
    "size": ("sizes", "größe", "taille", "尺码", "尺寸", "鞋码", "规格尺寸"),
    "material": ("materials", "fabric", "材质", "面料", "材料"),
}
ATTRIBUTE_NAMES = {word: name for name, words in WORDS_FOR_ATTRIBUTES.items() for word in words}
KIDS = ("newborn", "infant", "toddler", "kids")
"""Age groups for which a gender says boys or girls, not men or women."""

CURRENCY = re.compile(r"(?<![A-Z])([A-Z]{3})(?![A-Z])")


def attribute_name(said: object) -> str:
    """What an option or attribute is called here.

    >>> attribute_name("Colour"), attribute_name("尺码"), attribute_name("Heel height")
    ('color', 'size', 'heel height')
    """
    name = to_text(said).lower().strip(" :\uff1a")
    return f"{name} option" if name in FIELDS else ATTRIBUTE_NAMES.get(name, name)


def lower_columns(values: Values, names: Mapping[str, str]) -> Values:
    """Cells under the names of a format, whatever case their columns are written in.

    >>> lower_columns({"Variant Price": "5", "Extra": "x"}, {"variant price": "price"})
    {'price': '5', 'Extra': 'x'}
    """
    return {names.get(column.strip().lower(), column): cell for column, cell in values.items()}


def first_stated(values: Values, *columns: str) -> Any:
    """The first of some cells that states something, or ""."""
    return next((values[column] for column in columns if not is_empty(values.get(column))), "")


def currency_in(cell: object) -> str | None:
    """The ISO code that a price is written with.

    >>> currency_in("19.99 USD"), currency_in("19.99")
    ('USD', None)
    """
    found = CURRENCY.search(cell) if isinstance(cell, str) else None
    return found[1] if found else None


def split_list(cell: object) -> list[str]:
    r"""The parts of a text between commas; a comma after a backslash is part of the text.

    >>> split_list(r"Blue, Red\, dark")
    ['Blue', 'Red, dark']
    """
    if isinstance(cell, list):
        return [to_text(item) for item in cell if not is_empty(item)]
    parts = re.split(r"(?<!\\),", to_text(cell))
    return [clean for part in parts if (clean := part.replace("\\,", ",").strip())]

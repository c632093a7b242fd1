"""A mapping guessed from what a feed's columns are called and hold, for a person to confirm.

In: columns and some rows. Out: a `Guess` with the mapping as TOML text, how sure each field is, and what is open.
English and Chinese names; values speak too (a price looks like a number, a link like a link). Where two columns are as
likely to be the id or the price, none is taken and the doubt is told. Knows no files.
"""

import json
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from retrieval.feed.amounts import parse_number
from retrieval.feed.cells import is_empty, to_text
from retrieval.feed.formats.shape import currency_in
from retrieval.feed.readers.markdown_rows import language_of

NEVER_BY_CHANCE = ("id", "price")
CLOSE = 0.1
"""Two columns whose confidences differ by less are as likely."""

LEAST = 0.5
"""Below this confidence a field is not guessed."""

PART_OF_NAME = 0.75
LINK = re.compile(r"(https?:)?//\S+|[\w./-]+\.(jpe?g|png|webp|gif|svg)", re.IGNORECASE)
DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}.*")
SIGNS = {"\u00a5": "CNY", "\uffe5": "CNY", "\u5143": "CNY", "$": "USD", "\u20ac": "EUR", "\u00a3": "GBP"}


@dataclass(frozen=True, slots=True)
class Guess:
    """A mapping to be confirmed.

    `confidence` is between 0 and 1 for each field, attribute and grouping that was guessed; `unmapped` are the columns
    that nothing was guessed for (they become details); `doubts` say what a person must decide, in words.
    `mapping_toml` is complete only where there is no doubt about what a product cannot do without.
    """

    mapping_toml: str
    confidence: Mapping[str, float]
    unmapped: tuple[str, ...]
    doubts: tuple[str, ...]


def guess_mapping(columns: Sequence[str], sample_rows: Iterable[Mapping[str, Any]]) -> Guess:
    """Guess how to read a feed from its columns and some of its rows.

    >>> guess = guess_mapping(["货号", "商品名称", "价格"], [{"货号": "A1", "商品名称": "台灯", "价格": "¥59.00"}])
    >>> sorted(guess.confidence), guess.doubts
    (['id', 'price', 'title'], ())
    """
    rows = list(sample_rows)
    cells = {column: [row[column] for row in rows if not is_empty(row.get(column))] for column in columns}
    doubts: list[str] = []
    chosen: dict[str, str] = {}
    confidence: dict[str, float] = {}
    for kind in ("fields", "attributes", "variants"):
        for field in _words()[kind]:
            if kind == "variants" and "id" not in chosen:
                continue
            name, sure = _best(field, kind, cells, set(chosen.values()), doubts)
            if name is not None:
                chosen[field] = name
                confidence[field] = sure
    doubts += [f"no column looks like {field}, which no product can do without" for field in _missing(chosen, doubts)]
    currency = _currency(cells, chosen)
    if currency is None:
        doubts.append("nothing says the currency: state it as an ISO code such as USD or CNY")
    unmapped = tuple(column for column in columns if column not in chosen.values())
    text = _as_toml(chosen, unmapped, currency, _language(cells, chosen))
    return Guess(text, confidence, unmapped, tuple(doubts))


@lru_cache
def _words() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(files("retrieval.feed").joinpath("guess_words.toml").read_text("utf-8"))


def _best(
    field: str, kind: str, cells: Mapping[str, list[Any]], taken: set[str], doubts: list[str]
) -> tuple[str | None, float]:
    """The column that is most likely a field, and how likely; None where none is, or where two of them are."""
    words = _words()[kind][field]
    free = [column for column in cells if column not in taken]
    ranked = sorted(((_likelihood(field, words, column, cells[column]), column) for column in free), key=_by_likelihood)
    ranked = [pair for pair in ranked if pair[0] >= LEAST]
    if not ranked:
        return None, 0.0
    rivals = [column for sure, column in ranked if ranked[0][0] - sure < CLOSE]
    if field in NEVER_BY_CHANCE and len(rivals) > 1:
        doubts.append(f"{field}: {' and '.join(map(repr, rivals))} are as likely; name one under [fields]")
        return None, 0.0
    return ranked[0][1], round(ranked[0][0], 2)


def _by_likelihood(pair: tuple[float, str]) -> float:
    return -pair[0]


def _likelihood(field: str, words: Sequence[str], column: str, cells: Sequence[Any]) -> float:
    """How likely a column is a field, from its name and then from what it holds."""
    name = re.sub(r"[\s_\-./:]+|\([^)]*\)", "", column.strip().lower())
    if name in words:
        by_name = 1.0 - 0.01 * words.index(name)
    elif len(name) > 2 and any(name.endswith(word) for word in words if len(word) > 2 or not word.isascii()):
        by_name = PART_OF_NAME
    else:
        return 0.0
    return by_name * _fit(field, cells)


def _fit(field: str, cells: Sequence[Any]) -> float:
    """The share of cells that look like a field's; 1 where there are none to look at."""
    if not cells:
        return 1.0
    if field == "id":
        return len({to_text(cell) for cell in cells}) / len(cells)
    looks = LOOKS.get(field)
    return 1.0 if looks is None else sum(1 for cell in cells if looks(cell)) / len(cells)


def _is_amount(cell: object) -> bool:
    if isinstance(cell, str):
        cell = re.sub(r"[A-Z]{3}|[^\d.,\s-]", "", cell).strip()
    try:
        parse_number(cell)
    except ValueError:
        return False
    return True


def _is_link(cell: object) -> bool:
    items = cell if isinstance(cell, list) else [cell]
    return all(isinstance(item, dict) or LINK.match(to_text(item)) for item in items)


def _is_date(cell: object) -> bool:
    return DATE.fullmatch(to_text(cell)) is not None


def _is_name(cell: object) -> bool:
    return isinstance(cell, str) and not _is_amount(cell)


LOOKS: dict[str, Callable[[object], bool]] = {
    **dict.fromkeys(("price", "sale_price", "list_price", "discount_percent", "rating", "n_reviews"), _is_amount),
    **dict.fromkeys(("image", "url"), _is_link),
    "date_added": _is_date,
    "title": _is_name,
}


def _missing(chosen: Mapping[str, str], doubts: Sequence[str]) -> list[str]:
    told = {doubt.partition(":")[0] for doubt in doubts}
    return [field for field in ("id", "title", "price") if field not in chosen and field not in told]


def _currency(cells: Mapping[str, list[Any]], chosen: Mapping[str, str]) -> str | None:
    """The currency that the prices are written with, where all that say one say the same."""
    stated = [to_text(cell).upper() for cell in cells.get(chosen.get("currency", ""), [])]
    for cell in cells.get(chosen.get("price", ""), []):
        text = to_text(cell)
        found = currency_in(text) or next((code for sign, code in SIGNS.items() if sign in text), None)
        stated += [found] if found else []
    return stated[0] if len(set(stated)) == 1 and re.fullmatch(r"[A-Z]{3}", stated[0]) else None


def _language(cells: Mapping[str, list[Any]], chosen: Mapping[str, str]) -> str:
    return language_of(" ".join(to_text(cell) for cell in cells.get(chosen.get("title", ""), [])))


def _as_toml(chosen: Mapping[str, str], unmapped: Sequence[str], currency: str | None, language: str) -> str:
    lines = ["# Guessed from the columns and some rows: look it over."]
    lines += [f'currency = "{currency}"' if currency else '# currency = "USD"', 'price_unit = "major"']
    lines += [f'language = "{language}"', 'missing_columns = "ignore"']
    for kind in ("fields", "attributes", "variants"):
        named = [(field, chosen[field]) for field in _words()[kind] if field in chosen]
        if named:
            lines += ["", f"[{kind}]", *(f"{field} = {_quoted(column)}" for field, column in named)]
    if unmapped:
        lines += ["", "[details]", f"columns = [{', '.join(_quoted(_literal(column)) for column in unmapped)}]"]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _literal(column: str) -> str:
    """A column's name as a pattern that fits it alone."""
    return re.sub(r"([*?\[])", r"[\1]", column)

"""Queries with the products that they ask for: what an encoder of queries is trained and measured on.

In: events, or products alone. Out: `Parts` of `Pair`s. Knows no encoder.

Where shoppers chose something after a search, their words are the queries. A catalog without events asks of itself: a
piece of a title, a brand with what the thing is, a category with one of its attributes, such as shoppers type. Such a
query asks for every product that says all of its words.

A query is trained on, chooses the weights or is measured on by the hash of its words, so that however often and in
whatever order and form shoppers put them, they are in one part only.
"""

import hashlib
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ranking.adaptation.titles import title_query
from ranking.examples import searches_of
from ranking.types import Event
from retrieval.text import tokens
from retrieval.types import Product

TOP_GAIN = 3.0
"""Of the product that was wanted most after a query; of another, as much less as it was wanted less."""

MAX_CLICKED = 20_000
"""No more queries of shoppers are learnt from, so that it stays a matter of minutes."""

TEST_SHARE, KEPT_OUT_SHARE = 0.2, 0.3
"""Of the queries: those that are measured on, and those together with the ones that choose the weights."""

Readable = Callable[[str], str]
"""A query as it is typed -> what the encoder reads of it, empty where it can read nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """A query as it was typed most often, what the encoder reads of it, and the rows of the products that it asks for.

    `gains`: ``(n,)`` float32 in (0, `TOP_GAIN`], how much each of `rows`, ``(n,)``, is wanted.
    """

    query: str
    text: str
    rows: NDArray[np.int64]
    gains: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Parts:
    """Pairs to learn from, to choose by and to measure on, with no query in common, in an order that says nothing."""

    train: tuple[Pair, ...]
    validation: tuple[Pair, ...]
    test: tuple[Pair, ...]


def clicked_pairs(events: Iterable[Event], row_of: Mapping[str, int], readable: Readable) -> list[Pair]:
    """A pair for each query after which shoppers took up products, at most `MAX_CLICKED`, the most asked first.

    Queries of the same words are one, in whatever language they were typed, if the encoder reads them translated.

    Args:
        events: of any shoppers; how strong an act is says `ranking.examples.GAINS`.
        row_of: product id -> row; acts on other products count for nothing.
        readable: queries that the encoder cannot read are left out.
    """
    wanted: dict[str, Counter[int]] = defaultdict(Counter)
    typed: dict[str, Counter[str]] = defaultdict(Counter)
    for search in searches_of(events):
        query = " ".join(search.query.split())
        gains = {row_of[id_]: gain for id_, gain in search.gains.items() if gain > 0 and id_ in row_of}
        text = readable(query) if gains else ""
        if text:
            wanted[words_key(text)].update(gains)
            typed[words_key(text)][query] += 1
    most_asked = sorted(typed, key=lambda key: (-typed[key].total(), key))[:MAX_CLICKED]
    chosen = {key: min(typed[key], key=lambda query: (-typed[key][query], query)) for key in most_asked}
    return [_pair(query, readable(query), wanted[key]) for key, query in chosen.items()]


def catalog_pairs(products: Sequence[Product], n: int, seed: int, readable: Readable) -> list[Pair]:
    """At most `n` pairs with distinct words that a catalog makes of itself; `products[row]` stands in a row."""
    drawn, saying = random.Random(seed), _rows_saying(products)  # noqa: S311  (nothing secret)
    pairs: dict[str, Pair] = {}
    for row in drawn.choices(range(len(products)), k=4 * n) if products else ():
        query = " ".join(_query_for(products[row], drawn).split())
        text = readable(query)
        if text and words_key(text) not in pairs:
            asked_for = {row, *_saying_all(query, saying)}
            pairs[words_key(text)] = _pair(query, text, dict.fromkeys(asked_for, 1.0))
        if len(pairs) == n:
            break
    return list(pairs.values())


def parted(pairs: Iterable[Pair]) -> Parts:
    """The pairs in three parts by the hashes of their words, each part in the order of the hashes."""
    parts: dict[str, list[Pair]] = {"train": [], "validation": [], "test": []}
    for pair in sorted(pairs, key=lambda pair: _place(pair.text)):
        place = _place(pair.text)
        parts["test" if place < TEST_SHARE else "validation" if place < KEPT_OUT_SHARE else "train"].append(pair)
    return Parts(**{part: tuple(found) for part, found in parts.items()})


def words_key(text: str) -> str:
    """The same for queries that say the same, whatever the order and the form of their words.

    >>> words_key("Hiking boots") == words_key("boot, hiking")
    True
    """
    return " ".join(sorted(set(tokens(text)))) or text.lower()


def _place(text: str) -> float:
    """In [0, 1), the same for the same words everywhere."""
    digest = hashlib.sha256(words_key(text).encode()).digest()
    return int.from_bytes(digest[:4], "big") / 2**32


def _pair(query: str, text: str, weights: Mapping[int, float]) -> Pair:
    rows = sorted(weights)
    gains = np.array([weights[row] for row in rows], dtype=np.float32)
    return Pair(query, text, np.array(rows, dtype=np.int64), TOP_GAIN * gains / gains.max())


def _query_for(product: Product, drawn: random.Random) -> str:
    kind = drawn.random()
    category = re.sub(r"[-_/>]+", " ", product.category or "")
    if not category or kind < 0.7:
        title = drawn.choice([product.title, *(other.title for other in product.translations.values())])
        return title_query(title, product.brand, drawn)
    values = [value for name in sorted(product.attributes) for value in product.attributes[name] if len(value) < 20]
    if values and kind < 0.85:
        return f"{drawn.choice(values)} {category}"
    return f"{product.brand or ''} {category}"


def _rows_saying(products: Sequence[Product]) -> dict[str, set[int]]:
    """Stem -> the rows of the products that say it in what names them."""
    saying: dict[str, set[int]] = defaultdict(set)
    for row, product in enumerate(products):
        titles = (product.title, *(other.title for other in product.translations.values()))
        values = (value for values in product.attributes.values() for value in values)
        for stem in set(tokens(" ".join(filter(None, (*titles, product.brand, product.category, *values))))):
            saying[stem].add(row)
    return saying


def _saying_all(query: str, saying: Mapping[str, set[int]]) -> set[int]:
    found = sorted((saying.get(stem, set()) for stem in set(tokens(query))), key=len)
    return set.intersection(*found) if found else set()

"""Field-aware BM25 over the catalog's words.

In: the terms of all products, in the index's row order; later those of a few more. Out: a score for every row. Knows no
product and no filter.

Source: Robertson, Zaragoza & Taylor 2004, Simple BM25 Extension to Multiple Weighted Fields (BM25F, with each field's
own length normalisation as in Zaragoza et al. 2004); Lù 2024, BM25S (scores computed at indexing). No library is known
to us that does both and goes on taking single changed texts.
"""

import json
import math
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from retrieval.terms import FIELDS, DocumentTerms

WEIGHTS = {"title": 3.0, "brand": 2.0, "attributes": 1.0, "details": 1.0, "description": 1.0}
"""How often a word counts for each time that it stands in a field."""

K1, B = 1.2, 0.75

ONCE_IN_TITLE = WEIGHTS["title"] / (K1 + WEIGHTS["title"])
"""What a word says of a text whose title, of average length, says it once; in [0, 1), before its rarity counts."""

TERMS_FILE = "terms.json"
_ARRAYS = ("starts", "rows", "impacts", "titles", "accessories", "lengths")

_WEIGHTS = np.array([WEIGHTS[name] for name in FIELDS], dtype=np.float32)
_MAX_COUNT = 255

Scores = NDArray[np.float32]
Counts = NDArray[np.uint8]
"""``(m, len(FIELDS))``: how often a word stands in each field of a text."""


Spellings = Mapping[tuple[str, int], Sequence[str]]
"""(First letter, length) -> words."""

MIN_SPELT = 2
"""In so many texts a word must stand to be held for rightly spelt."""


class Posting(NamedTuple):
    """Where one term stands, and what it scores there: `rows` ``(m,)`` ascending, `impacts` ``(m,)`` float32 > 0."""

    rows: NDArray[np.int32]
    impacts: Scores


NOWHERE = Posting(np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.float32))


@dataclass(frozen=True, slots=True)
class TitleUse:
    """In how many titles a word stands, and in how many of them it names the thing itself."""

    n_titles: int = 0
    n_heads: int = 0


@dataclass(frozen=True)
class LexicalIndex:
    """BM25F scores of every row. Never changes; safe to share between threads. `of` or `load` make one.

    `accessories` is ``(n,)`` bool: titles that say that the product is made for another thing; `lengths` is
    ``(len(FIELDS),)``: the mean number of words in each field. The postings of term number t are those from
    `starts[t]` up to `starts[t + 1]`; `titles[t]` is its `TitleUse`.
    """

    numbers: Mapping[str, int]
    starts: NDArray[np.int64]
    rows: NDArray[np.int32]
    impacts: Scores
    titles: NDArray[np.int32]
    accessories: NDArray[np.bool_]
    lengths: Scores

    @classmethod
    def of(cls, documents: Iterable[DocumentTerms]) -> "LexicalIndex":
        """The index of these texts; `documents[row]` is what stands in a row."""
        collected = _Collected()
        for document in documents:
            collected.add(document)
        lengths = collected.mean_lengths()
        return cls(
            dict(collected.numbers),
            *collected.postings(lengths),
            collected.title_uses(),
            np.array(collected.accessories, dtype=np.bool_),
            lengths,
        )

    @classmethod
    def load(cls, read: Callable[[str], bytes]) -> "LexicalIndex":
        """Read back what `save` wrote.

        Args:
            read: the content of the file of that name.

        Raises:
            OSError, ValueError: the files are missing, damaged or disagree.
        """
        numbers = {term: number for number, term in enumerate(json.loads(read(TERMS_FILE)))}
        arrays = (np.load(BytesIO(read(f"{name}.npy")), allow_pickle=False) for name in _ARRAYS)
        index = cls(numbers, *arrays)
        if len(index.starts) != len(numbers) + 1 or len(index.rows) != len(index.impacts):
            raise ValueError("the lexical index disagrees with itself")
        return index

    def save(self, folder: Path) -> None:
        """Write the index to `folder`."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / TERMS_FILE).write_text(json.dumps(list(self.numbers), ensure_ascii=False), "utf-8")
        for name in _ARRAYS:
            np.save(folder / f"{name}.npy", getattr(self, name))

    @property
    def n_documents(self) -> int:
        return len(self.accessories)

    def __contains__(self, term: object) -> bool:
        return term in self.numbers

    @cached_property
    def spellings(self) -> Spellings:
        """The words that are often enough to be what a misspelt one was meant to be."""
        return spellings_of(term for term in self.numbers if self.document_frequency(term) >= MIN_SPELT)

    def document_frequency(self, term: str) -> int:
        """In how many texts a term stands."""
        number = self.numbers.get(term)
        return 0 if number is None else int(self.starts[number + 1] - self.starts[number])

    def title_use(self, term: str) -> TitleUse:
        """How titles use a word."""
        number = self.numbers.get(term)
        return TitleUse() if number is None else TitleUse(*map(int, self.titles[number]))

    def posting(self, term: str) -> Posting:
        """Where a term stands, and what it scores there."""
        number = self.numbers.get(term)
        if number is None:
            return NOWHERE
        these = slice(self.starts[number], self.starts[number + 1])
        return Posting(self.rows[these], self.impacts[these])


class _Collected:
    """The postings of texts as they are read: of each the term's number, the row, and the counts by field."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = defaultdict(lambda: len(self.numbers))
        self.accessories: list[bool] = []
        self._terms, self._rows = array("i"), array("i")
        self._counts, self._lengths = array("B"), array("f")
        self._in_title: dict[int, int] = defaultdict(int)
        self._as_head: dict[int, int] = defaultdict(int)

    @property
    def n_documents(self) -> int:
        return len(self.accessories)

    def add(self, document: DocumentTerms) -> None:
        row = len(self.accessories)
        self.accessories.append(document.is_accessory)
        self._lengths.extend(lengths_of(document))
        for term, counts in counts_by_term(document).items():
            number = self.numbers[term]
            self._terms.append(number)
            self._rows.append(row)
            self._counts.extend(counts)
        for term in document.fields[0]:
            self._in_title[self.numbers[term]] += 1
            if term in document.heads and not document.is_accessory:
                self._as_head[self.numbers[term]] += 1

    def mean_lengths(self) -> Scores:
        """``(len(FIELDS),)``; a field that is empty everywhere counts as of length 1."""
        lengths = np.asarray(self._lengths, dtype=np.float32).reshape(-1, len(FIELDS))
        return _means(lengths)

    def title_uses(self) -> NDArray[np.int32]:
        """``(n_terms, 2)``: see `TitleUse`."""
        uses = np.zeros((len(self.numbers), 2), dtype=np.int32)
        for column, counts in enumerate((self._in_title, self._as_head)):
            uses[list(counts), column] = list(counts.values())
        return uses

    def postings(self, mean_lengths: Scores) -> tuple[NDArray[np.int64], NDArray[np.int32], Scores]:
        """Where each term's postings start, and the rows and impacts of all, term by term."""
        terms = np.asarray(self._terms, dtype=np.int32)
        order = np.argsort(terms, kind="stable")
        frequencies = np.bincount(terms, minlength=len(self.numbers))
        starts = np.concatenate([[0], np.cumsum(frequencies)]).astype(np.int64)
        rows = np.asarray(self._rows, dtype=np.int32)[order]
        counts = np.asarray(self._counts, dtype=np.uint8).reshape(-1, len(FIELDS))
        lengths = np.asarray(self._lengths, dtype=np.float32).reshape(-1, len(FIELDS))
        impacts = np.empty(len(rows), dtype=np.float32)
        for first in range(0, len(rows), _AT_ONCE):
            these = slice(first, first + _AT_ONCE)
            impacts[these] = saturated(counts[order[these]], lengths[rows[these]], mean_lengths)
        weights = np.array([rarity(int(n), self.n_documents) for n in frequencies], dtype=np.float32)
        impacts *= np.repeat(weights, frequencies)
        return starts, rows, impacts


_AT_ONCE = 1_000_000


def spellings_of(terms: Iterable[str]) -> Spellings:
    """Those of these terms that are plain English words, by first letter and length.

    >>> spellings_of(["boot", "beet", "1.7l", "耳机"])
    {('b', 4): ['boot', 'beet']}
    """
    found: dict[tuple[str, int], list[str]] = {}
    for term in terms:
        if term.isascii() and term.isalpha():
            found.setdefault((term[0], len(term)), []).append(term)
    return found


def rarity(frequency: int, n_documents: int) -> float:
    """The inverse document frequency, >= 0 (Lucene's form).

    >>> round(rarity(1, 100), 2), round(rarity(100, 100), 3)
    (4.21, 0.005)
    """
    return math.log(1 + (n_documents - frequency + 0.5) / (frequency + 0.5))


def saturated(counts: Counts, lengths: Scores, mean_lengths: Scores) -> Scores:
    """What a term says of each of m texts before its rarity counts, in [0, 1): the weighted counts, saturated.

    Args:
        counts: `(m, len(FIELDS))`, how often it stands in each field.
        lengths: `(m, len(FIELDS))`, how many words these fields have.
        mean_lengths: `(len(FIELDS),)`, over the whole catalog.
    """
    weighed = (counts * _WEIGHTS / (1 - B + B * lengths / mean_lengths)).sum(axis=1, dtype=np.float32)
    return np.asarray(weighed / (K1 + weighed), dtype=np.float32)


def counts_by_term(document: DocumentTerms) -> dict[str, list[int]]:
    """Term -> how often it stands in each field, in the order of `FIELDS`."""
    found: dict[str, list[int]] = {}
    for place, counts in enumerate(document.fields):
        for term, count in counts.items():
            found.setdefault(term, [0] * len(FIELDS))[place] = min(count, _MAX_COUNT)
    return found


def lengths_of(document: DocumentTerms) -> list[int]:
    """How many words each field has, in the order of `FIELDS`."""
    return [sum(counts.values()) for counts in document.fields]


def _means(lengths: Scores) -> Scores:
    means = lengths.mean(axis=0) if len(lengths) else np.ones(len(FIELDS))
    return np.where(means > 0, means, 1.0).astype(np.float32)


@dataclass(frozen=True)
class LexicalOverlay:
    """BM25F of a few more texts, by the statistics of an index, so that both can be compared.

    A word that the index lacks is as rare as it is among these texts. Never changes; `replaced` makes another one.
    """

    base: LexicalIndex
    texts: tuple[DocumentTerms, ...] = ()
    _postings: Mapping[str, Mapping[int, list[int]]] = field(default_factory=dict)

    def replaced(self, texts: Mapping[int, DocumentTerms]) -> "LexicalOverlay":
        """With the texts of these rows changed; rows beyond the last one are added, without a gap."""
        held, postings = list(self.texts), dict(self._postings)
        own: dict[str, dict[int, list[int]]] = {}

        def posting(term: str) -> dict[int, list[int]]:
            if term not in own:
                postings[term] = own[term] = dict(postings.get(term, {}))
            return own[term]

        for row, document in texts.items():
            for term in counts_by_term(held[row]) if row < len(held) else ():
                del posting(term)[row]
            held[row : row + 1] = [document]
            for term, counts in counts_by_term(document).items():
                posting(term)[row] = counts
        return LexicalOverlay(self.base, tuple(held), {term: rows for term, rows in postings.items() if rows})

    def __contains__(self, term: object) -> bool:
        return term in self._postings

    @cached_property
    def spellings(self) -> Spellings:
        """The words that a misspelt one may have been meant to be."""
        return spellings_of(self._postings)

    @cached_property
    def accessories(self) -> NDArray[np.bool_]:
        """``(len(texts),)``: titles that say that the product is made for another thing."""
        return np.array([document.is_accessory for document in self.texts], dtype=np.bool_)

    def posting(self, term: str) -> Posting:
        """Where a term stands among these texts, and what it scores there."""
        found = self._postings.get(term)
        if not found:
            return NOWHERE
        rows = np.array(sorted(found), dtype=np.int32)
        counts = np.array([found[row] for row in rows], dtype=np.uint8)
        impacts = saturated(counts, self._lengths[rows], self._mean_lengths) * np.float32(self.rarity(term))
        return Posting(rows, impacts)

    def rarity(self, term: str) -> float:
        """The inverse document frequency of a term that the index or one of these texts has."""
        n_texts = self.base.n_documents or len(self.texts)
        frequency = self.base.document_frequency(term) or min(len(self._postings[term]), n_texts)
        return rarity(frequency, n_texts)

    @cached_property
    def _lengths(self) -> Scores:
        return np.array([lengths_of(document) for document in self.texts], dtype=np.float32)

    @cached_property
    def _mean_lengths(self) -> Scores:
        return self.base.lengths if self.base.n_documents else _means(self._lengths)


def add_up(slots: Sequence[Sequence[tuple[Sequence[str], float]]], posting: Callable[[str], Posting], n: int) -> Scores:
    """`(n,)` float32, >= 0: over the slots of a query the sum of what each scores.

    Args:
        slots: of each part of the query its alternatives: terms that must all be there, and the weight of that. A slot
            scores the best of its alternatives, an alternative the least of its terms times its weight.
        posting: where a term stands.
        n: how many rows there are.
    """
    total = np.zeros(n, dtype=np.float32)
    for alternatives in slots:
        found = [(_all_of([posting(term) for term in words]), weight) for words, weight in alternatives]
        found = [(where, weight) for where, weight in found if len(where.rows)]
        if len(found) == 1:
            # Each row stands once in a posting; so it is faster than by indexing.
            np.add.at(total, found[0][0].rows, found[0][0].impacts * np.float32(found[0][1]))
        elif found:
            best = np.zeros(n, dtype=np.float32)
            for where, weight in found:
                np.maximum.at(best, where.rows, where.impacts * np.float32(weight))
            total += best
    return total


def _all_of(postings: Sequence[Posting]) -> Posting:
    """Where all of these stand, each text with the least of their impacts."""
    first, *others = postings
    for other in others:
        rows, in_first, in_other = np.intersect1d(first.rows, other.rows, assume_unique=True, return_indices=True)
        first = Posting(rows, np.minimum(first.impacts[in_first], other.impacts[in_other]))
    return first

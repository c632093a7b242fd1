"""What a catalog says of itself, against which a wish is measured.

In: its products and their vectors. Out: how many titles say a word, which categories there are, and how near wishes
come that have nothing to do with it. Knows no query.
"""

import math
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from retrieval.answerability.words import Word, dictionary
from retrieval.embedder import Embedder
from retrieval.lexicon import load_lexicon
from retrieval.lexicon.matching import norms
from retrieval.quantized import HalfMatrix
from retrieval.text import tokens
from retrieval.types import Matrix, Product

MAX_SAMPLE = 50_000
"""So many products, evenly spread, stand for a larger catalog."""

DEPTH = 10
_SAME = 84.0
"""Per cent of characters that a word shares with its misspelling."""
_SHORTEST_SLIP = 5
_NO_COUNTS: Mapping[str, int] = {}


def _nothing_more(_: str) -> bool:
    return False


@dataclass(frozen=True)
class Background:
    """Counts over `n` products. `titles`: stem -> products that say it in title, brand, category or department;
    `recent`: the same of products that came since; `says`: whether any title of the whole catalog does.

    `category_stems` are those of each category and department; `kinds` what the lexicon calls the categories. The
    four figures are mean and deviation of the nearest product's cosine, and of the mean of the ten nearest, over
    wishes of all trades.
    """

    n: int = 0
    titles: Mapping[str, int] = field(default_factory=lambda: _NO_COUNTS)
    category_stems: tuple[frozenset[str], ...] = ()
    kinds: frozenset[str] = frozenset()
    recent: Mapping[str, int] = field(default_factory=lambda: _NO_COUNTS)
    says: Callable[[str], bool] = _nothing_more
    nearest: tuple[float, float] = (0.3, 0.1)
    near: tuple[float, float] = (0.25, 0.1)

    @classmethod
    def of(
        cls, products: Iterable[tuple[int, Product]], vectors: Matrix | HalfMatrix, embedder: Embedder
    ) -> "Background":
        """The background of a catalog; `vectors[row]` is that of the product given with that row."""
        told = BackgroundOf(len(vectors))
        for row, product in products:
            told.add(row, product)
        return told.background(vectors, embedder)

    def with_products(self, products: Iterable[Product]) -> "Background":
        """With what these products say, which came since; what they replace is not forgotten."""
        recent, places = Counter(self.recent), dict.fromkeys(self.category_stems)
        kinds = set(self.kinds)
        for product in products:
            recent.update(stems_of_title(product))
            stated = dict.fromkeys(filter(None, (product.category, product.department)))
            places.update(dict.fromkeys(frozenset(tokens(place)) for place in stated))
            kinds.update(_kinds(stated))
        return replace(self, recent=recent, category_stems=tuple(places), kinds=frozenset(kinds), n=max(self.n, 1))

    def seen(self, stem: str) -> int:
        """How many titles say a stem, at most `n`; 1 for one that only titles say which were not heard."""
        return min(self.titles.get(stem, 0) + self.recent.get(stem, 0), self.n) or int(self.says(stem))

    def rarity(self, stem: str) -> float:
        """How rare a stem is in titles, from 0 (in all) to 1 (in none)."""
        seen = min(self.seen(stem), self.n)
        return math.log(1 + (self.n - seen + 0.5) / (seen + 0.5)) / math.log(1 + (self.n + 0.5) / 0.5)

    def count(self, word: Word) -> int:
        """How many titles may say the word, in whichever form: an upper bound."""
        forms = [min((self.seen(stem) for stem in form), default=0) for form in word.forms]
        if word.chinese:
            forms.append(min((self.seen(stem) for stem in tokens(word.chinese)), default=0))
        return max(forms, default=0)

    def corrected(self, word: Word) -> str | None:
        """The stem of the titles that the word is a slip of the pen for, or None."""
        said = word.said.lower()
        if len(said) < _SHORTEST_SLIP or not said.isalpha() or word.chinese or dictionary().issuperset(norms(said)):
            return None
        choices = self._by_initial.get(said[0], ())
        for form in (said, next(iter(tokens(said)), said)):
            if found := process.extractOne(form, choices, scorer=fuzz.ratio, score_cutoff=_SAME):
                return str(found[0])
        return None

    @cached_property
    def _by_initial(self) -> Mapping[str, tuple[str, ...]]:
        grouped: dict[str, list[str]] = {}
        for stem in (*self.titles, *self.recent):
            if stem.isalpha() and stem.isascii() and len(stem) >= _SHORTEST_SLIP - 1:
                grouped.setdefault(stem[0], []).append(stem)
        return {initial: tuple(stems) for initial, stems in grouped.items()}


class BackgroundOf:
    """Listens to the products of a catalog, one after the other, of `n_rows` at most."""

    def __init__(self, n_rows: int) -> None:
        self._step = max(1, math.ceil(n_rows / MAX_SAMPLE))
        self._rows: list[int] = []
        self._titles: Counter[str] = Counter()
        self._places: dict[str, None] = {}

    def add(self, row: int, product: Product) -> None:
        """Take in the product that stands in a row; of a large catalog only every so manieth."""
        if row % self._step == 0:
            self._rows.append(row)
            self._titles.update(stems_of_title(product))
            self._places.update(dict.fromkeys(filter(None, (product.category, product.department))))

    def background(
        self, vectors: Matrix | HalfMatrix, embedder: Embedder, says: Callable[[str], bool] = _nothing_more
    ) -> Background:
        """What was heard; `vectors[row]` is that of the product in the row, `says` knows the titles left out."""
        if not self._rows:
            return Background()
        nearest, near = _foreign(vectors[sorted(self._rows)], embedder)
        stems = tuple(dict.fromkeys(frozenset(tokens(place)) for place in self._places))
        return Background(
            len(self._rows), self._titles, stems, _kinds(self._places), says=says, nearest=nearest, near=near
        )


def title_of(product: Product) -> str:
    """What says what a product is: titles in every language, brand, category and department."""
    titles = (product.title, *(other.title for other in product.translations.values()))
    return " ".join(filter(None, (*titles, product.brand, product.category, product.department)))


def stems_of_title(product: Product) -> frozenset[str]:
    """The stems of `title_of`, Chinese as characters and bigrams."""
    return frozenset(tokens(title_of(product)))


def _kinds(places: Mapping[str, None]) -> frozenset[str]:
    lexicon = load_lexicon()
    return frozenset(filter(None, (lexicon.canonical("category", place) for place in places)))


def _foreign(vectors: Matrix, embedder: Embedder) -> tuple[tuple[float, float], tuple[float, float]]:
    """Mean and deviation, over the probes, of the nearest vector's cosine and of the mean of the `DEPTH` nearest.

    The probes that score highest, a quarter of them, may be what the catalog sells, and are left out.
    """
    similarities = vectors @ _probes(embedder).T
    k = min(DEPTH, len(vectors))
    best: NDArray[np.float32] = -np.partition(-similarities, k - 1, axis=0)[:k]
    figures = []
    for scores in (best.max(axis=0), best.mean(axis=0)):
        kept = np.sort(scores)[: len(scores) * 3 // 4]
        figures.append((float(kept.mean()), float(max(kept.std(), 0.02))))
    return figures[0], figures[1]


_PROBE_VECTORS: dict[str, Matrix] = {}


def _probes(embedder: Embedder) -> Matrix:
    """`(n, d)`: the probes' vectors, embedded once for an embedder."""
    if embedder.query_fingerprint not in _PROBE_VECTORS:
        _PROBE_VECTORS[embedder.query_fingerprint] = embedder.encode_queries(list(_probe_texts()))
    return _PROBE_VECTORS[embedder.query_fingerprint]


@lru_cache
def _probe_texts() -> tuple[str, ...]:
    text = resources.files("retrieval.answerability").joinpath("probes.toml").read_text(encoding="utf-8")
    return tuple(tomllib.loads(text)["probes"])

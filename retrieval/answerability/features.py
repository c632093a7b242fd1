"""The figures by which a wish that the shop can meet is told from one that it cannot.

In: the words of a wish, the catalog's background, and the products that come first by words and by meaning. Out: a
vector of figures, most of them in [0, 1], none of which depends on how the lexical scores are made. Knows no weights.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from retrieval.answerability.background import DEPTH, Background, title_of
from retrieval.answerability.words import Word, head_of
from retrieval.text import tokens
from retrieval.types import Product

NAMES = (
    "title_best", "title_top", "nouns_best", "said_best", "head_lexical", "head_dense", "head_common", "head_category",
    "head_no_category", "head_unknown", "kind_missing", "unknown_share", "corrected_share", "code_share", "codes_found",
    "nearest", "near", "drop", "alike", "agreement", "no_vector", "n_nouns", "only_describes", "head_ends_title",
    "compound_best", "noun_unknown",
)  # fmt: skip
"""What each figure is called, in order."""

_NEARNESS_LIMIT = 5.0
_ENDS = (" for ", " with ", ",", " - ", "(", "（", "，")
_READ = 400
"""Characters of a description that are read, of the first few products: reading more takes longer than the search."""
_N_READ = 3


@dataclass(frozen=True, slots=True)
class Found:
    """The products that come first in the whole catalog, best first: `lexical` by words (only those that share one),
    `dense` by meaning with their cosines. `vectors`: `(len(dense), d)`."""

    lexical: Sequence[Product]
    dense: Sequence[Product]
    similarities: NDArray[np.float32]
    vectors: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Said:
    """One product's words. `last` are those that a title ends in (up to a "for" or a comma), and the category's."""

    title: frozenset[str]
    chinese: str
    last: frozenset[str]

    @classmethod
    def of(cls, product: Product) -> "_Said":
        title = title_of(product)
        titles = (product.title, *(other.title for other in product.translations.values()))
        last = [token for each in titles for token in tokens(_beginning(each)) if not _has_digit(token)][-2:]
        return cls(frozenset(tokens(title)), title.lower(), frozenset((*last, *tokens(product.category or ""))))

    def share(self, word: Word) -> float:
        """How much of the word the title says, in [0, 1]."""
        return _share(word, self.title, self.chinese)


def _share(word: Word, stems: frozenset[str], text: str) -> float:
    if any(form <= stems for form in word.forms):
        return 1.0
    if not word.chinese:
        return 0.0
    if word.chinese.lower() in text:
        return 1.0
    pairs = [stem for stem in tokens(word.chinese) if len(stem) > 1]
    return sum(pair in stems for pair in pairs) / len(pairs) if pairs and not word.forms else 0.0


def _beginning(title: str) -> str:
    """A title up to what the thing is for or comes with."""
    before = title.lower()
    for mark in _ENDS:
        before = before.partition(mark)[0] or before
    return before


def _has_digit(token: str) -> bool:
    return any(char.isdigit() for char in token)


def _whole(product: Product) -> tuple[frozenset[str], str]:
    """Everything that is said of a product in a few lines, as stems and as text."""
    description = " ".join((product.description, *(other.description for other in product.translations.values())))
    values = (value for name in product.attributes for value in product.values(name))
    text = " ".join((title_of(product), description[:_READ], *values))
    return frozenset(tokens(text)), text.lower()


def features(words: Sequence[Word], background: Background, found: Found) -> NDArray[np.float64]:
    """`(len(NAMES),)`: the figures of one wish with at least one word."""
    corrected = {
        word.said: stem for word in words if not background.count(word) if (stem := background.corrected(word))
    }
    mended = [_mended(word, corrected.get(word.said)) for word in words]
    said = {product.id: _Said.of(product) for product in {p.id: p for p in (*found.lexical, *found.dense)}.values()}
    lexical, dense = [said[p.id] for p in found.lexical], [said[p.id] for p in found.dense]
    read = [_whole(product) for product in found.lexical[:_N_READ]]
    weights = {word.said: _weight(word, background) for word in mended}
    head = head_of(mended)
    assert head is not None, "a wish without words has no figures"
    figures = _cover(mended, weights, head, [*lexical, *dense], read)
    figures |= _about_head(head, background, lexical, dense)
    figures |= _about_words(mended, weights, background, corrected, read)
    figures |= _about_meaning(found, background)
    return np.array([figures[name] for name in NAMES], dtype=np.float64)


def _mended(word: Word, stem: str | None) -> Word:
    return replace(word, forms=(frozenset((stem,)),)) if stem else word


def _weight(word: Word, background: Background) -> float:
    """What the word counts for: the rarer the more, and less where it only describes."""
    stems = word.forms[0] if word.forms else frozenset(tokens(word.chinese))
    rarity = max((background.rarity(stem) for stem in stems), default=0.0)
    return (0.3 if word.describes else 1.0) * (0.1 + rarity)


def _cover(
    words: Sequence[Word],
    weights: Mapping[str, float],
    head: Word,
    said: Sequence[_Said],
    read: Sequence[tuple[frozenset[str], str]],
) -> dict[str, float]:
    """How much of the wish the best products say."""
    total = sum(weights.values())
    nouns = [word for word in words if not word.describes] or list(words)
    n_total = sum(weights[word.said] for word in nouns)
    titles = [sum(weights[w.said] * one.share(w) for w in words) / total for one in said]
    wholes = [sum(weights[w.said] * _share(w, *one) for w in words) / total for one in read]
    by_noun = [sum(weights[w.said] * one.share(w) for w in nouns) / n_total for one in said]
    return {
        "title_best": max(titles, default=0.0),
        "title_top": float(np.mean(sorted(titles)[-5:])) if titles else 0.0,
        "nouns_best": max(by_noun, default=0.0),
        "compound_best": max((n * one.share(head) for n, one in zip(by_noun, said, strict=True)), default=0.0),
        "said_best": max([*wholes, *titles], default=0.0),
    }


def _about_head(
    head: Word, background: Background, lexical: Sequence[_Said], dense: Sequence[_Said]
) -> dict[str, float]:
    """Whether what is wanted is what products are called."""
    n_titles = background.count(head)
    in_category = head.kind in background.kinds or any(
        form <= stems for form in head.forms for stems in background.category_stems
    )
    last = [max((float(form <= one.last) for form in head.forms), default=0.0) for one in (*lexical, *dense)]
    return {
        "head_lexical": _mean(one.share(head) for one in lexical),
        "head_dense": _mean(one.share(head) for one in dense),
        "head_common": math.log1p(n_titles) / math.log1p(max(background.n, 1)),
        "head_category": float(in_category),
        "head_no_category": float(bool(background.category_stems) and not in_category),
        "head_unknown": float(n_titles == 0),
        "kind_missing": float(bool(head.kind) and bool(background.kinds) and head.kind not in background.kinds),
        "only_describes": float(head.describes),
        "head_ends_title": float(np.mean(sorted(last)[-5:])) if last else 0.0,
    }


def _about_words(
    words: Sequence[Word],
    weights: Mapping[str, float],
    background: Background,
    corrected: Mapping[str, str],
    read: Sequence[tuple[frozenset[str], str]],
) -> dict[str, float]:
    total = sum(weights.values())
    codes = [word for word in words if word.is_code and not word.said.isdigit()]
    unknown = sum(weights[word.said] for word in words if not background.count(word) and not word.is_code)
    return {
        "unknown_share": unknown / total,
        "corrected_share": sum(weights[word.said] for word in words if word.said in corrected) / total,
        "code_share": sum(weights[word.said] for word in codes) / total,
        "codes_found": max((float(_share(code, *one) == 1.0) for code in codes for one in read), default=0.0),
        "noun_unknown": float(any(not background.count(w) for w in words if not w.describes and not w.is_code)),
        "n_nouns": min(sum(not word.describes for word in words), 4) / 4,
    }


def _about_meaning(found: Found, background: Background) -> dict[str, float]:
    """How near the nearest products come, beside what foreign wishes reach here; and how alike they are."""
    if not len(found.similarities):
        return {"nearest": 0.0, "near": 0.0, "drop": 0.0, "alike": 0.0, "agreement": 0.0, "no_vector": 1.0}
    best = float(found.similarities[0])
    mean = float(found.similarities[:DEPTH].mean())
    alike = found.vectors @ found.vectors.mean(axis=0)
    ids = {product.id for product in found.lexical}
    return {
        "nearest": _limited((best - background.nearest[0]) / background.nearest[1]),
        "near": _limited((mean - background.near[0]) / background.near[1]),
        "drop": best - mean,
        "alike": float(alike.mean()),
        "agreement": sum(product.id in ids for product in found.dense) / len(found.dense),
        "no_vector": 0.0,
    }


def _limited(value: float) -> float:
    return float(np.clip(value, -_NEARNESS_LIMIT, _NEARNESS_LIMIT)) / _NEARNESS_LIMIT


def _mean(values: object) -> float:
    found = list(values)  # type: ignore[call-overload]
    return float(np.mean(found)) if found else 0.0

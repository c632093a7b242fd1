"""How near a question comes to each passage, as figures.

In: a question, passages, an encoder. Out: a `Measured`. Knows no weights.

Source: cosines as in Reimers & Gurevych 2019, Sentence-BERT; `soft` is the recall of BERTScore (Zhang et al. 2020,
section 3) over single words, weighed by their rarity.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.policies.passages import Passages
from assistant.policies.words import asking, bigrams, english_view, matters_of, telling_words
from retrieval.embedder import Embedder
from retrieval.text import has_cjk
from retrieval.types import Matrix

Figures = NDArray[np.float64]

NAMES = (
    "cosine_title", "cosine_text", "cosine_sentence", "cosine_bare",
    "words", "soft", "soft_least", "bigrams",
    "matters_title", "matters_sum", "matters_foreign", "asks_otherwise", "matters_sentence", "matter_missed",
)  # fmt: skip
"""Of each passage: cosines of the question with its title, all of it, its nearest sentence with the title and without;
shares of the question's words met (exactly; by the nearest word; the least of those) and of its Chinese; of its
matters: the share in the title, their rarity there, how much of the title it does not speak of, whether the title
answers another question of it (when, not how much), the share in one sentence, the rarest one met nowhere."""

ABOUT = ("soft_anywhere", "least_anywhere", "n_words", "n_matters", "is_chinese", "log_passages")
"""Of the question: how well its words are met by any passage, and how much it says."""


@dataclass(frozen=True, slots=True)
class Measured:
    """`pairs` `(n, len(NAMES))` of each passage, `about` `(len(ABOUT),)` of the question."""

    pairs: Figures
    about: Figures


def measure(question: str, passages: Passages, embedder: Embedder) -> Measured:
    """The figures of one question against all passages."""
    words = telling_words(view := english_view(question))
    vectors = embedder.encode([view or question, *words.values()])
    met = _met(list(words), vectors[1:], passages)
    weights = _shares([passages.rarity(passages.word_counts.get(stem, 0)) for stem in words])
    exact = np.array([[float(stem in of) for of in passages.words] for stem in words]).reshape(met.shape)
    matters = matters_of(question)
    columns = [
        *_cosines(vectors[0], passages),
        weights @ exact,
        weights @ met,
        met.min(axis=0) if len(met) else np.zeros(met.shape[1]),
        _chinese(question, passages),
        *_matters(matters, passages),
    ]
    anywhere = met.max(axis=1) if len(met) else np.zeros(0)
    about = [
        float(weights @ anywhere),
        float(anywhere.min()) if len(anywhere) else 0.0,
        float(len(words)),
        float(len(matters - asking())),
        float(has_cjk(question)),
        float(np.log(len(passages.policies))),
    ]
    return Measured(np.stack(columns, axis=1).astype(np.float64), np.array(about))


def _shares(weights: Sequence[float]) -> Figures:
    found = np.array(weights, dtype=np.float64)
    return found / found.sum() if len(found) and found.sum() > 0 else found


def _met(stems: Sequence[str], vectors: Matrix, passages: Passages) -> Figures:
    """`(n_words, n)` in [0, 1]: how near the nearest word of each passage comes to each of the question's."""
    met = np.zeros((len(stems), len(passages.policies)))
    if not stems:
        return met
    near = np.clip(vectors @ passages.vocabulary.T, 0.0, 1.0)
    for row, stem in enumerate(stems):
        if stem in passages.places:
            near[row, passages.places[stem]] = 1.0
    for column, words in enumerate(passages.words):
        places = [passages.places[word] for word in words]
        if places:
            met[:, column] = near[:, places].max(axis=1)
    return met


def _cosines(question: Matrix, passages: Passages) -> list[Figures]:
    return [
        np.asarray(passages.titles @ question, dtype=np.float64),
        np.asarray(passages.texts @ question, dtype=np.float64),
        _best(passages.sentences @ question, passages),
        _best(passages.bare @ question, passages),
    ]


def _best(cosines: Matrix, passages: Passages) -> Figures:
    best = np.full(len(passages.policies), -1.0)
    np.maximum.at(best, passages.owners, cosines)
    return best


def _chinese(question: str, passages: Passages) -> Figures:
    """`(n,)`: the share of the question's Chinese that a Chinese passage holds."""
    asked = sorted(bigrams(question))
    weights = _shares([passages.rarity(passages.bigram_counts.get(pair, 0)) for pair in asked])
    shares = [sum(w for w, pair in zip(weights, asked, strict=True) if pair in of) for of in passages.bigrams]
    return np.array(shares, dtype=np.float64)


def _matters(asked: frozenset[str], passages: Passages) -> list[Figures]:
    rarity = {name: passages.rarity(count) for name, count in passages.matter_counts.items()}
    never = passages.rarity(0)
    weight: Mapping[str, float] = {name: rarity.get(name, never) for name in asked}
    whole = sum(weight.values()) or 1.0

    def sum_of(names: frozenset[str]) -> float:
        return sum(weight[name] for name in names)

    def foreign(head: frozenset[str]) -> float:
        return sum(rarity[name] for name in head - asked) / sum(rarity[name] for name in head) if head else 0.5

    def otherwise(head: frozenset[str]) -> float:
        wanted, stated = asked & asking(), head & asking()
        return float(bool(wanted and stated) and not wanted & stated)

    columns: list[Callable[[int], float]] = [
        lambda i: sum_of(asked & passages.matters_title[i]) / whole,
        lambda i: sum_of(asked & passages.matters_title[i]),
        lambda i: foreign(passages.matters_title[i]),
        lambda i: otherwise(passages.matters_title[i]),
        lambda i: max(sum_of(asked & (s | passages.matters_title[i])) for s in passages.matters_said[i]) / whole,
        lambda i: max((weight[name] for name in asked - asking() - passages.matters[i]), default=0.0),
    ]
    return [np.array([column(i) for i in range(len(passages.policies))]) for column in columns]

"""How near a question comes to each passage, as figures.

In: a question, passages, their readers. Out: a `Measured`. Knows no weights.

Source: cosines as in Reimers & Gurevych 2019, Sentence-BERT; `pieces` is the recall of BERTScore (Zhang et al. 2020,
section 3) over single words, weighed by their rarity.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.policies.passages import Passages
from assistant.policies.reading import Readers
from assistant.policies.words import asked_parts, asking, characters, matters_of, telling_words
from retrieval.text import has_cjk
from retrieval.types import Matrix

Figures = NDArray[np.float64]

NAMES = (
    "text", "body", "sentence", "clause", "asked_text", "asked_clause", "text_english", "sentence_english",
    "pieces", "piece_least", "characters", "words",
    "matters_title", "matters_sum", "matters_foreign", "asks_otherwise", "matters_sentence", "matter_missed",
)  # fmt: skip
"""Of each passage: cosines of the question with all of it, that without its title, its nearest sentence and clause;
the mean of the question's clauses with all of it and with its nearest clause; the English reader's with all of it and
its nearest sentence; shares of the question's single words met (by the nearest; the least of those), of its
Chinese characters and of its English words; of its matters: the share in the title, their rarity there, how much of the
title it does not speak of, whether the title answers another question of it (when, not how much), the share in one
sentence, the rarest one met nowhere."""

ABOUT = ("n_characters", "is_chinese", "log_passages")
"""Of the question: its length (in twenties), its language, how many passages there are."""


@dataclass(frozen=True, slots=True)
class Measured:
    """`pairs` `(n, len(NAMES))` of each passage, `about` `(len(ABOUT),)` of the question, `asked` `(512 + d,)` its
    vectors of both readers, to be held against `Passages.centred`."""

    pairs: Figures
    about: Figures
    asked: Matrix


def measure(question: str, passages: Passages, readers: Readers) -> Measured:
    """The figures of one question against all passages."""
    parts = asked_parts(question)
    vectors = readers.both.encode([question, *(parts if len(parts) > 1 else [])])
    whole, clauses = vectors[0], vectors[1:] if len(parts) > 1 else vectors
    english = readers.encode_english([question])[0]
    n = len(passages.policies)
    columns = [
        passages.texts @ whole,
        passages.bodies @ whole,
        passages.sentences.best(passages.sentences.vectors @ whole, n),
        passages.clauses.best(passages.clauses.vectors @ whole, n),
        (clauses @ passages.texts.T).mean(axis=0),
        passages.clauses.best(clauses @ passages.clauses.vectors.T, n).mean(axis=0),
        passages.texts_english @ english,
        passages.sentences_english.best(passages.sentences_english.vectors @ english, n),
        *_pieces(question, passages, readers),
        _shared(characters(question), passages.characters, passages.character_counts, passages),
        _shared(telling_words(question), passages.words, passages.word_counts, passages),
        *_matters(matters_of(question), passages),
    ]
    about = [len(question) / 20, float(has_cjk(question)), float(np.log(n))]
    return Measured(np.stack(columns, axis=1).astype(np.float64), np.array(about), np.concatenate([whole, english]))


def _pieces(question: str, passages: Passages, readers: Readers) -> tuple[Figures, Figures]:
    """`(n,)` twice: how near the passages' words come to each of the question's, by rarity; and to the one farthest."""
    n = len(passages.policies)
    pieces = readers.both.pieces(question)
    if not pieces or not len(passages.pieces.owners):
        return np.zeros(n), np.zeros(n)
    near = passages.pieces.best(readers.both.encode_pieces(pieces) @ passages.pieces.vectors.T, n)
    weights = _weights(pieces, passages.piece_counts, passages)
    return weights @ near, near.min(axis=0)


def _weights(words: Sequence[str], counts: Mapping[str, int], passages: Passages) -> Figures:
    """`(len(words),)`: the share of each in their rarity."""
    found = np.array([passages.rarity(counts.get(word, 0)) for word in words], dtype=np.float64)
    return found / (found.sum() or 1.0)


def _shared(
    asked: frozenset[str], of: Sequence[frozenset[str]], counts: Mapping[str, int], passages: Passages
) -> Figures:
    """`(n,)`: the share, by rarity, of what is asked that each passage holds."""
    words = sorted(asked)
    weights = _weights(words, counts, passages)
    return np.array([sum(w for w, word in zip(weights, words, strict=True) if word in held) for held in of], np.float64)


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

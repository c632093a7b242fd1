"""The shop's rules, read once so that questions can be held against them.

In: policies and their readers. Out: a `Passages` of their vectors, words and matters. Knows no question.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from assistant.policies.reading import Readers
from assistant.policies.words import characters, clauses, matters_of, sentences, telling_words
from retrieval.text import has_cjk
from retrieval.types import Matrix, Policy

MAX_SENTENCES = 40
"""So many sentences, and twice as many clauses, of one passage are read."""


@dataclass(frozen=True, eq=False)
class Parts:
    """Rows of unit length, `(m, d)`, with whose passage each is of, `owners` `(m,)` in ascending order."""

    vectors: Matrix
    owners: NDArray[np.intp]

    def best(self, cosines: Matrix, n: int) -> Matrix:
        """`(..., n)` of `(..., m)`: the largest of each passage's."""
        best = np.full((n, *cosines.shape[:-1]), -1.0)
        np.maximum.at(best, self.owners, cosines.T)
        return best.T


@dataclass(frozen=True, eq=False)
class Passages:
    """`n` passages. Of the reader of both languages: `texts` (with the title) and `bodies` (without) `(n, 512)`,
    `sentences` (with the title), `clauses` and single words, `pieces`; of the English one `texts_english` and
    `sentences_english`. `centred` `(n, 512 + d)` are both texts less their mean. The sets are of each passage: `words`
    its stems, `characters` its Chinese, `matters_title` and `matters` what its title and all of it speak of,
    `matters_said` what each of its sentences does. The rarities are idf >= 0."""

    policies: tuple[Policy, ...]
    texts: Matrix
    bodies: Matrix
    sentences: Parts
    clauses: Parts
    pieces: Parts
    texts_english: Matrix
    sentences_english: Parts
    centred: Matrix
    words: tuple[frozenset[str], ...]
    characters: tuple[frozenset[str], ...]
    matters_title: tuple[frozenset[str], ...]
    matters: tuple[frozenset[str], ...]
    matters_said: tuple[tuple[frozenset[str], ...], ...]
    word_counts: Mapping[str, int]
    character_counts: Mapping[str, int]
    piece_counts: Mapping[str, int]
    matter_counts: Mapping[str, int]

    def rarity(self, count: int) -> float:
        """The inverse document frequency of what stands in `count` passages (Lucene's form)."""
        return math.log(1 + (len(self.policies) - count + 0.5) / (count + 0.5))


@lru_cache(maxsize=8)
def read_passages(policies: tuple[Policy, ...], readers: Readers) -> Passages:
    """The passages of these policies (at least one), remembered for the next question about the same ones."""
    both, english = readers.both.encode, readers.encode_english
    whole = [headed(policy, policy.text) for policy in policies]
    said = [sentences(policy.text)[:MAX_SENTENCES] for policy in policies]
    with_titles = [headed(policy, one) for policy, of in zip(policies, said, strict=True) for one in of]
    parts = [[*clauses(policy.text)[: 2 * MAX_SENTENCES], policy.title or "-"] for policy in policies]
    pieces = [readers.both.pieces(text) for text in whole]
    texts, texts_english = both(whole), english(whole)
    vectors = np.concatenate([texts, texts_english], axis=1)
    words = tuple(telling_words(text) for text in whole)
    signs = tuple(characters(text) for text in whole)
    heads = tuple(matters_of(f"{policy.title} . {policy.topic}") for policy in policies)
    matters = tuple(matters_of(policy.text) | head for policy, head in zip(policies, heads, strict=True))
    return Passages(
        policies=policies,
        texts=texts,
        bodies=both([policy.text for policy in policies]),
        sentences=Parts(both(with_titles), _owners(said)),
        clauses=Parts(both([part for of in parts for part in of]), _owners(parts)),
        pieces=Parts(readers.both.encode_pieces([piece for of in pieces for piece in of]), _owners(pieces)),
        texts_english=texts_english,
        sentences_english=Parts(english(with_titles), _owners(said)),
        centred=vectors - vectors.mean(axis=0),
        words=words,
        characters=signs,
        matters_title=heads,
        matters=matters,
        matters_said=tuple(tuple(matters_of(one) for one in sentences(policy.text)) for policy in policies),
        word_counts=_counts(words),
        character_counts=_counts(signs),
        piece_counts=_counts(pieces),
        matter_counts=_counts(matters),
    )


def headed(policy: Policy, said: str) -> str:
    """What a passage says, with its title before it."""
    return f"{policy.title}{'。' if has_cjk(policy.title) else '. '}{said}" if policy.title else said


def _owners(of: Sequence[Sequence[str]]) -> NDArray[np.intp]:
    return np.repeat(np.arange(len(of)), [len(parts) for parts in of])


def _counts(of: Sequence[Iterable[str]]) -> Mapping[str, int]:
    return Counter(word for words in of for word in words)

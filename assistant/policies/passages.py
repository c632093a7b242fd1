"""The shop's rules, read once so that questions can be held against them.

In: policies and an encoder. Out: a `Passages` of their vectors, words and matters. Knows no question.
"""

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

import numpy as np
from numpy.typing import NDArray

from assistant.policies.words import bigrams, english_view, matters_of, sentences, telling_words
from retrieval.embedder import BULK_TEXTS, Embedder
from retrieval.types import Matrix, Policy

MAX_SENTENCES = 40
"""So many sentences of one passage are read."""

PIECE = BULK_TEXTS // 2


@dataclass(frozen=True, eq=False)
class Passages:
    """`n` passages. Vectors are rows of unit length: `titles` and `texts` `(n, d)`; `sentences` and `bare` `(m, d)`,
    each sentence with its passage's title and without, `owners` `(m,)` whose it is; `vocabulary` `(v, d)` of single
    words. The sets are of each passage: `words` its stems, `bigrams` its Chinese, `matters_title` and `matters` what
    its title and all of it speak of, `matters_said` what each of its sentences does. The rarities are idf >= 0."""

    policies: tuple[Policy, ...]
    titles: Matrix
    texts: Matrix
    sentences: Matrix
    bare: Matrix
    owners: NDArray[np.intp]
    words: tuple[frozenset[str], ...]
    bigrams: tuple[frozenset[str], ...]
    matters_title: tuple[frozenset[str], ...]
    matters: tuple[frozenset[str], ...]
    matters_said: tuple[tuple[frozenset[str], ...], ...]
    places: Mapping[str, int]
    vocabulary: Matrix
    word_counts: Mapping[str, int]
    bigram_counts: Mapping[str, int]
    matter_counts: Mapping[str, int]

    def rarity(self, count: int) -> float:
        """The inverse document frequency of what stands in `count` passages (Lucene's form)."""
        return math.log(1 + (len(self.policies) - count + 0.5) / (count + 0.5))


def read_passages(policies: tuple[Policy, ...], embedder: Embedder) -> Passages:
    """The passages of these policies, remembered for the next question about the same ones.

    Args:
        policies: at least one.
        embedder: its `encode` makes the vectors.
    """
    return _remembered(policies, cast(Hashable, embedder))


@lru_cache(maxsize=8)
def _remembered(policies: tuple[Policy, ...], embedder: Hashable) -> Passages:
    return _read(policies, cast(Embedder, embedder))


def _read(policies: tuple[Policy, ...], embedder: Embedder) -> Passages:
    titles = [english_view(policy.title) for policy in policies]
    texts = [english_view(policy.text) for policy in policies]
    split = [[english_view(said) for said in sentences(policy.text)[:MAX_SENTENCES]] for policy in policies]
    with_titles = [f"{title}. {said}" for title, of in zip(titles, split, strict=True) for said in of]
    written: dict[str, str] = {}
    for text in (*titles, *texts):
        written |= {stem: word for stem, word in telling_words(text).items() if stem not in written}
    words = tuple(
        frozenset({*telling_words(title), *telling_words(text)}) for title, text in zip(titles, texts, strict=True)
    )
    characters = tuple(bigrams(f"{policy.title}。{policy.text}") for policy in policies)
    headed = tuple(matters_of(f"{policy.title} . {policy.topic}") for policy in policies)
    matters = tuple(matters_of(policy.text) | head for policy, head in zip(policies, headed, strict=True))
    return Passages(
        policies=policies,
        titles=_encoded(titles, embedder),
        texts=_encoded([f"{title}. {text}" for title, text in zip(titles, texts, strict=True)], embedder),
        sentences=_encoded(with_titles, embedder),
        bare=_encoded([said for of in split for said in of], embedder),
        owners=np.repeat(np.arange(len(policies)), [len(of) for of in split]),
        words=words,
        bigrams=characters,
        matters_title=headed,
        matters=matters,
        matters_said=tuple(tuple(matters_of(said) for said in sentences(policy.text)) for policy in policies),
        places={stem: place for place, stem in enumerate(written)},
        vocabulary=_encoded(list(written.values()) or ["-"], embedder),
        word_counts=_counts(words),
        bigram_counts=_counts(characters),
        matter_counts=_counts(matters),
    )


def _encoded(texts: Sequence[str], embedder: Embedder) -> Matrix:
    """`(len(texts), d)`, in pieces too small for the encoder of many texts, which takes seconds to load."""
    pieces = [embedder.encode(texts[first : first + PIECE]) for first in range(0, len(texts), PIECE)]
    return np.concatenate(pieces)


def _counts(of: Sequence[Iterable[str]]) -> Mapping[str, int]:
    return Counter(word for words in of for word in words)

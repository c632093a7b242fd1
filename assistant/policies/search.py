"""Finding the passage of the shop's rules that answers a question, or that none does.

In: a question, the shop's policies, its encoder and a language. Out: an `Answer`. Knows no session.

The weights belong to two readers, the encoder that ships and a small one that reads Chinese, too; a shop that searches
with another has its rules read by these all the same.
"""

import logging
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

import numpy as np

from assistant.policies.features import measure
from assistant.policies.model import AnswerModel, shipped
from assistant.policies.passages import read_passages
from assistant.policies.reading import Readers
from retrieval.bilingual import bilingual
from retrieval.embedder import Embedder, open_embedder
from retrieval.errors import ModelError
from retrieval.types import Policy

logger = logging.getLogger(__name__)

MAX_PASSAGES = 2000
"""So many passages are read; a shop with more has them split by language first."""

MAX_QUESTION = 300
"""Characters of a question that are read."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`ranked` are the passages, the one that answers best first; `probability` in [0, 1] that it answers at all, and
    `is_sure` whether that is enough to say so."""

    ranked: tuple[Policy, ...] = ()
    probability: float = 0.0
    is_sure: bool = False


def find_answer(
    question: str, policies: Sequence[Policy], language: str, embedder: Embedder, model: AnswerModel | None = None
) -> Answer:
    """The passages in order of how well they answer the question, and whether the first does.

    Args:
        question: in either language.
        policies: all of the shop's; those in `language` are searched, all where there are none.
        language: "en" or "zh".
        embedder: the shop's.
        model: None: the one that ships.

    Raises:
        ModelError: the weights are damaged, or of another version of the reader of both languages.
    """
    pool = tuple(policy for policy in policies if policy.language == language) or tuple(policies)
    asked = question.strip()[:MAX_QUESTION]
    if not pool or not any(char.isalnum() for char in asked):
        return Answer()
    if len(pool) > MAX_PASSAGES:
        logger.warning("of %d passages of the shop's rules the first %d are read", len(pool), MAX_PASSAGES)
        pool = pool[:MAX_PASSAGES]
    weights = model or shipped()
    readers = _readers(embedder, weights)
    passages = read_passages(pool, readers)
    scores, probability = weights.judge(measure(asked, passages, readers), passages.centred)
    ranked = tuple(pool[place] for place in np.argsort(-scores, kind="stable"))
    return Answer(ranked, probability, probability >= weights.threshold)


def find_policies(
    question: str, policies: Sequence[Policy], language: str, embedder: Embedder, k: int = 1
) -> list[Policy]:
    """At most `k` passages that answer the question, best first; none where it is not sure that any does.

    See `find_answer` for the arguments.
    """
    answer = find_answer(question, policies, language, embedder)
    return list(answer.ranked[:k]) if answer.is_sure else []


def _readers(embedder: Embedder, model: AnswerModel) -> Readers:
    readers = _paired(cast(Hashable, embedder if embedder.fingerprint == model.encoder else _default()))
    if readers.both.fingerprint != model.bilingual:
        raise ModelError(f"the rules are read by {model.bilingual}, not {readers.both.fingerprint}: install that one")
    return readers


@lru_cache(maxsize=8)
def _paired(embedder: Hashable) -> Readers:
    return Readers(bilingual(), cast(Embedder, embedder))


@lru_cache
def _default() -> Embedder:
    return open_embedder()

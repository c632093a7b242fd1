"""Finding the passage of the shop's rules that answers a question, or that none does.

In: a question, the shop's policies, its encoder and a language. Out: an `Answer`. Knows no session.

The weights belong to one encoder, the one that ships; a shop that searches with another has its rules read by that one.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from assistant.policies.features import measure
from assistant.policies.model import AnswerModel, evidence_of, shipped
from assistant.policies.passages import read_passages
from retrieval.embedder import Embedder, open_embedder
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
    """
    pool = tuple(policy for policy in policies if policy.language == language) or tuple(policies)
    asked = question.strip()[:MAX_QUESTION]
    if not pool or not any(char.isalnum() for char in asked):
        return Answer()
    if len(pool) > MAX_PASSAGES:
        logger.warning("of %d passages of the shop's rules the first %d are read", len(pool), MAX_PASSAGES)
        pool = pool[:MAX_PASSAGES]
    weights = model or shipped()
    reader = _reader(embedder, weights.encoder)
    measured = measure(asked, read_passages(pool, reader), reader)
    scores = weights.scores(measured)
    probability = weights.probability(evidence_of(measured, scores))
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


def _reader(embedder: Embedder, fingerprint: str) -> Embedder:
    return embedder if embedder.fingerprint == fingerprint else _default()


@lru_cache
def _default() -> Embedder:
    return open_embedder()

"""The last step of an order: the same thing once, and no five of a kind.

In: candidates with their scores, best first. Out: the k places, each with the candidate's row, its final score and what
`diversity` took from it. Knows neither where scores come from nor what a shopper saw; `ranking.sameness` says what is
the same.

Of a thing that was found several times the best one stands for all; the others come after everything else, and are its
alternatives as long as they are not in the list themselves. The places are then filled one by one by

    final_i = score_i + diversity · spread · log(1 - share of i's embedding that the places above explain)

which is the greedy search for the set with the largest determinant (a determinantal point process), `spread` being the
standard deviation of the scores, so that the knob means the same under every model. The share of a candidate only grows
with every place, so final scores never rise down the list: the order shown is the order of the final scores.

Source: Chen et al. 2018, Fast greedy MAP inference for determinantal point process, algorithm 1 and equation 10.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ranking.sameness import Sameness, Thing
from retrieval.types import Candidate, Matrix, Query, Vector

DIVERSITY = "diversity"
"""The name of what this step adds to a score."""

UNEXPLAINED = 0.05
"""This share of an embedding is never explained by others, which bounds what diversity takes from equal ones."""

LEAST_SPREAD = 0.05
"""Logits. Scores that differ by less are all the same to a shopper; there diversity decides."""

Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Finish:
    """How a list is finished. `diversity` in [0, 1]: 0 = by score alone; `collapse`: the same thing once.

    Raises:
        ValueError: `diversity` is not a number in [0, 1].
    """

    diversity: float = 0.0
    collapse: bool = True

    def __post_init__(self) -> None:
        if not 0.0 <= self.diversity <= 1.0:
            raise ValueError(f"diversity is a number from 0 to 1, not {self.diversity}")


@dataclass(frozen=True, slots=True)
class Place:
    """One place of a list: which candidate, its final score, how much of it is `diversity` (<= 0), and which
    candidates outside the list are the same thing, best first."""

    row: int
    score: float
    diversity: float = 0.0
    alternatives: tuple[int, ...] = ()


def finish(
    query: Query, candidates: Sequence[Candidate], scores: Scores, k: int, how: Finish, seen: Sequence[Thing] = ()
) -> list[Place]:
    """The first k places.

    Args:
        query: what was asked; what it speaks of keeps things apart.
        candidates: in any order; equal scores are placed in theirs.
        scores: ``(n,)``, finite.
        k: how many places.
        how: the settings.
        seen: what the shopper was shown before in the same search; the same thing again comes last.
    """
    order = np.argsort(-scores, kind="stable")
    ordered = [candidates[row] for row in order]
    things = [Thing(candidate.product, candidate.variant, candidate.embedding) for candidate in ordered]
    n_needed = k if how.diversity == 0.0 else len(things)
    heads, followers = _heads(query, things, seen, n_needed) if how.collapse else (list(range(len(order))), {})
    rows = order[heads]
    embeddings = [candidates[row].embedding for row in rows]
    chosen, moves = diversified(embeddings, scores[rows], k, how.diversity)
    places = [Place(int(rows[i]), float(scores[rows[i]] + move), move) for i, move in zip(chosen, moves, strict=True)]
    behind = sorted(rank for same in followers.values() for rank in same)
    places += _behind([int(order[rank]) for rank in behind], scores, places, k - len(places))
    shown = {place.row for place in places}
    others = {int(order[head]): [int(order[rank]) for rank in same] for head, same in followers.items() if head >= 0}
    return [
        replace(place, alternatives=tuple(row for row in others.get(place.row, ()) if row not in shown))
        for place in places
    ]


def diversified(
    embeddings: Sequence[Vector], scores: Scores, k: int, diversity: float
) -> tuple[list[int], list[float]]:
    """Which candidates fill the first k places, and what diversity takes from each; final scores never rise.

    Args:
        embeddings: n, each ``(d,)``, in order of `scores`.
        scores: ``(n,)``, falling.
        k: how many places.
        diversity: the knob, in [0, 1].

    >>> twins, scores = np.array([[1, 0], [1, 0], [0, 1]], dtype=np.float32), np.array([2.0, 1.5, 1.0])
    >>> diversified(twins, scores, 3, 0.0)[0], diversified(twins, scores, 3, 1.0)[0]
    ([0, 1, 2], [0, 2, 1])
    """
    k = min(k, len(scores))
    if diversity == 0.0 or k <= 1:
        return list(range(k)), [0.0] * k
    unit = _unit(embeddings)
    weight = diversity * max(float(np.std(scores)), LEAST_SPREAD)
    left = np.ones(len(scores))
    free = np.ones(len(scores), dtype=bool)
    factors = np.zeros((k, len(scores)))
    chosen: list[int] = []
    moves: list[float] = []
    for place in range(k):
        drop = weight * np.log(left)
        best = int(np.argmax(np.where(free, scores + drop, -np.inf)))
        chosen.append(best)
        moves.append(float(drop[best]))
        free[best] = False
        similar = (1.0 - UNEXPLAINED) * (unit @ unit[best])
        similar[best] = 1.0
        factors[place] = (similar - factors[:place, best] @ factors[:place]) / np.sqrt(left[best])
        left = np.clip(left - factors[place] ** 2, UNEXPLAINED, None)
    return chosen, moves


def _heads(
    query: Query, things: Sequence[Thing], seen: Sequence[Thing], n_needed: int
) -> tuple[list[int], dict[int, list[int]]]:
    """The things that stand for themselves, at least so many, and who is the same as each of the first of them; key -1:
    as something seen."""
    n_seen = len(seen)
    firsts = Sameness(query).firsts([*seen, *things], n_seen + n_needed)[n_seen:]
    heads: list[int] = []
    followers: dict[int, list[int]] = {}
    for row, first in enumerate(firsts):
        if first - n_seen == row:
            heads.append(row)
        else:
            followers.setdefault(max(first - n_seen, -1), []).append(row)
    return heads, followers


def _behind(rows: Sequence[int], scores: Scores, places: Sequence[Place], n: int) -> list[Place]:
    """The n best of what others stand for, all lowered by as much as brings them below the last place."""
    if n <= 0 or not rows:
        return []
    drop = min(0.0, places[-1].score - float(scores[rows[0]])) if places else 0.0
    return [Place(row, float(scores[row]) + drop, drop) for row in rows[:n]]


def _unit(embeddings: Sequence[Vector]) -> Matrix:
    stacked = np.stack(embeddings).astype(np.float32, copy=False)
    lengths = np.linalg.norm(stacked, axis=1, keepdims=True)
    unit: Matrix = (stacked / np.where(lengths > 0, lengths, 1.0)).astype(np.float32)
    return unit

"""How simulated dialogues went, in figures: for `benchmarks.dialogue`.

In: the course of each dialogue. Out: a row of figures, and the paired difference of two systems. Knows no assistant.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.personas import SCOPES, Persona

TURNS = 4
"""So many messages a shopper sends at most."""

Z = 1.959964


@dataclass(frozen=True, slots=True)
class Course:
    """How a dialogue went. `turns`: the messages until satisfied, None = never. `regret`: how much worse than the best
    what suited most of what was shown is."""

    turns: int | None
    violations: int
    asked_again: int
    questions: int
    misread: int
    messages: tuple[str, ...] = ()
    heard: tuple[tuple[str, bool], ...] = ()
    regret: float = 0.0


def row(system: str, courses: Sequence[Course], personas: Sequence[Persona]) -> dict[str, Any]:
    """The figures of one system."""
    by_scope = {kind: [c.turns is not None for c, p in zip(courses, personas, strict=True) if p.scope[0] == kind]
                for kind in SCOPES}  # fmt: skip
    n = len(courses)
    satisfied = sum(course.turns is not None for course in courses)
    low, high = wilson(satisfied, n)
    return {
        "system": system,
        "satisfied": round(satisfied / n, 3),
        "low": round(low, 3),
        "high": round(high, 3),
        **{f"within_{k}": round(sum((c.turns or TURNS + 1) <= k for c in courses) / n, 3) for k in range(1, TURNS)},
        **{f"satisfied_{kind}": round(float(np.mean(each)), 3) for kind, each in by_scope.items() if each},
        "mean_turns": round(float(np.mean([course.turns or TURNS + 1 for course in courses])), 2),
        "violations": sum(course.violations for course in courses),
        "asked_again": sum(course.asked_again for course in courses),
        "regret": round(float(np.mean([course.regret for course in courses])), 3),
        "questions": round(sum(course.questions for course in courses) / n, 2),
        "answered": round(float(np.mean([float(answered) for c in courses for _, answered in c.heard] or [0.0])), 2),
        "misread_messages": sum(course.misread for course in courses),
    }


def paired(ours: Sequence[Course], others: Sequence[Course]) -> dict[str, float]:
    """How much more of the shoppers are satisfied, with the 95 % interval of the mean of the paired differences."""
    gains = np.array([(a.turns is not None) - (b.turns is not None) for a, b in zip(ours, others, strict=True)], float)
    half = Z * float(gains.std(ddof=1)) / np.sqrt(len(gains))
    mean = float(gains.mean())
    return {"gain": round(mean, 3), "gain_low": round(mean - half, 3), "gain_high": round(mean + half, 3)}


def wilson(k: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share. Source: Wilson 1927.

    >>> [round(bound, 3) for bound in wilson(9, 10)]
    [0.596, 0.982]
    """
    share = k / n
    middle = (share + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z * np.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n)
    return float(middle - half), float(middle + half)

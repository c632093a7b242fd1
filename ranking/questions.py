"""What a question to the shopper is worth: how much likelier its answer makes it that the next list has what they take.

In: the chance that the shopper takes each candidate, and which answers would leave it. Out: a gain in probability.
Knows no product, no words and no conversation.
"""

import numpy as np
from numpy.typing import NDArray

Chances = NDArray[np.float64]
"""``(n,)``, not negative, adding up to 1; in the order in which the candidates are shown."""


def shares(odds: NDArray[np.float64]) -> Chances:
    """The chance that each of these is the one taken, where each has these odds of being taken on its own.

    A choice of exactly one among independent yes-or-no decisions: proportional to p / (1 - p).

    Args:
        odds: ``(n,)``, not negative and finite.

    Returns:
        ``(n,)``, adding up to 1; all the same where every odd is 0.

    >>> shares(np.array([3.0, 1.0])).tolist()
    [0.75, 0.25]
    """
    total = odds.sum()
    return odds / total if total > 0 else np.full(len(odds), 1.0 / max(len(odds), 1))


def expected_gain(
    chances: Chances, answers: NDArray[np.bool_], has_answer: NDArray[np.float64], n_shown: int
) -> NDArray[np.float64]:
    """How much likelier the next list shows what the shopper takes if they answer than if it were the next best.

    A shopper who would take a candidate names one of the answers that leave it, any as likely as another; the next list
    is then the first of what that answer leaves and was not shown yet. One who has no answer, or would take what no
    answer leaves, gets the next best, as without a question.

    Source: the expected value of perfect information as a criterion for clarifying questions: Rao and Daumé 2018,
    Learning to ask good questions, section 2; the utility is that what is taken is shown, less that of going on
    without asking.

    Args:
        chances: of each candidate, in the order in which they are shown.
        answers: which of the candidates each of a answers to each of q questions leaves, ``(q, a, n)``; where there
            are fewer answers, the others leave none.
        has_answer: the chance that the shopper has one, ``(q,)``, in [0, 1].
        n_shown: the length of a list; so many of the candidates are shown with the question.

    Returns:
        ``(q,)`` in [-1, 1], higher is better; not above 0 where the next list shows all that is left.

    >>> even, first = np.full(4, 0.25), np.array([True, True, False, False])
    >>> expected_gain(even, np.array([[first, ~first]]), np.ones(1), 1).tolist()
    [0.25]
    >>> expected_gain(even, np.array([[first, ~first]]), np.ones(1), 2).tolist()
    [0.0]
    """
    unseen, leaves = chances[n_shown:], answers[..., n_shown:]
    n_naming = leaves.sum(axis=1)
    next_best = np.arange(len(unseen)) < n_shown
    shown = leaves & (leaves.cumsum(axis=2) <= n_shown)
    likelihood = shown.sum(axis=1) / np.maximum(n_naming, 1)
    unnamed = next_best & (n_naming == 0)
    gain: NDArray[np.float64] = has_answer * ((likelihood + unnamed) @ unseen - unseen[next_best].sum())
    return gain

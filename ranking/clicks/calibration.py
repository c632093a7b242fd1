"""Makes probabilities honest on rows that they were not learned from.

In: probabilities and what came of them. Out: a monotone map. Knows no model.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, logit

Floats = NDArray[np.float64]

RIDGE = 1.0
"""Draws the map to the identity by as much as one row could."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """The logit times `slope` plus `offset`; as it starts, nothing changes."""

    slope: float = 1.0
    offset: float = 0.0

    @classmethod
    def fit(cls, probability: Floats, clicked: NDArray[np.bool_]) -> "Calibration":
        """The map with the least log-loss, if it is worth its two numbers; otherwise the identity.

        It is where it gains more than the logarithm of the rows (Bayesian information criterion) and its slope is
        positive. A few thousand rows tell the two numbers no better than an honest model does.

        Sources: Platt 1999, Probabilistic outputs for support vector machines, section 2.1 (on logits); Schwarz 1978,
        Estimating the dimension of a model.
        """
        scores = np.stack([logit(_inside(probability)), np.ones(len(probability))], axis=1)
        start = np.array([1.0, 0.0])

        def loss(line: Floats) -> tuple[float, Floats]:
            value, moved = scores @ line, line - start
            total = np.logaddexp(0.0, np.where(clicked, -value, value)).sum() + RIDGE * (moved @ moved) / 2.0
            slope = scores.T @ (expit(value) - clicked) + RIDGE * moved
            return float(total) / len(clicked), slope / len(clicked)

        best = minimize(loss, start, jac=True, method="BFGS").x
        gain = (loss(start)[0] - loss(best)[0]) * len(clicked)
        return cls(float(best[0]), float(best[1])) if best[0] > 0.0 and gain > np.log(len(clicked)) else cls()

    def apply(self, probability: Floats) -> Floats:
        """Calibrated probabilities, in the order in which they came.

        >>> Calibration(2.0, 0.0).apply(np.array([0.5, 0.75])).round(3).tolist()
        [0.5, 0.9]
        """
        mapped: Floats = expit(self.slope * logit(_inside(probability)) + self.offset)
        return mapped


def _inside(probability: Floats) -> Floats:
    return np.clip(probability, 1e-9, 1.0 - 1e-9)

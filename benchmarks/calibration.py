"""How well probabilities tell two classes apart, and how honest they are.

In: probabilities that a wish can be met, and whether it can. Out: figures. Knows no shop.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.floating[Any]]
Labels = NDArray[np.bool_]

N_BINS = 10


def threshold_at(answerable: Scores, false_alarms: float) -> float:
    """The highest threshold below which at most this share of the answerable ones falls.

    >>> threshold_at(np.array([0.1, 0.2, 0.3, 0.4]), 0.25)
    0.2
    """
    return float(np.sort(answerable)[int(false_alarms * len(answerable))])


def recall_at(scores: Scores, labels: Labels, false_alarms: float) -> float:
    """Share of the unanswerable ones (label False) recognised at that share of false alarms; higher is better.

    >>> recall_at(np.array([0.1, 0.2, 0.3, 0.9]), np.array([False, True, False, True]), 0.5)
    1.0
    """
    return round(float((scores[~labels] < threshold_at(scores[labels], false_alarms)).mean()), 4)


def auroc(scores: Scores, labels: Labels) -> float:
    """The chance that an answerable one scores above an unanswerable one, ties counted half; higher is better.

    Source: Hanley & McNeil 1982, The meaning and use of the area under a ROC curve.

    >>> auroc(np.array([0.1, 0.5, 0.5]), np.array([False, True, False]))
    0.75
    """
    both = np.concatenate([scores[labels], scores[~labels]])
    _, inverse, counts = np.unique(both, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    n, m = int(labels.sum()), int((~labels).sum())
    return round(float((ranks[:n].sum() - n * (n + 1) / 2) / (n * m)), 4)


def calibration_error(chances: Scores, labels: Labels) -> float:
    """Expected calibration error over ten equal bins, in [0, 1], lower is better; each class weighs half.

    Source: Naeini, Cooper & Hauskrecht 2015, Obtaining well calibrated probabilities using Bayesian binning.

    >>> calibration_error(np.array([0.0, 1.0]), np.array([False, True]))
    0.0
    """
    weights = np.where(labels, 0.5 / max(labels.sum(), 1), 0.5 / max((~labels).sum(), 1))
    bins = np.minimum((chances * N_BINS).astype(np.int64), N_BINS - 1)
    error = 0.0
    for number in range(N_BINS):
        held = bins == number
        if held.any():
            error += abs(float((weights[held] * (labels[held] - chances[held])).sum()))
    return round(error, 4)

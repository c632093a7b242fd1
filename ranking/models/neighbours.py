"""What an item that nobody has taken up yet may borrow from those that it reads like.

In: unit vectors of texts. Out: for each new item the nearest known ones, with weights. Knows no matcher.

Source: Gantner et al. 2010, Learning attribute-to-feature mappings for cold-start recommendations.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from ranking.evaluation import top_k
from ranking.interactions import Integers
from retrieval.types import Matrix

N_NEIGHBOURS = 10
TEMPERATURE = 0.1
ROWS_AT_ONCE = 512


def nearest(new: Matrix, known: Matrix) -> tuple[Integers, NDArray[np.float32]]:
    """For each of n new items the rows of the nearest known ones, and weights that add up to 1; both ``(n, k)``.

    >>> rows, weights = nearest(np.array([[0.0, 1.0]]), np.array([[1.0, 0.0], [0.0, 1.0]]))
    >>> rows.tolist(), weights.round(3).tolist()
    ([[1, 0]], [[1.0, 0.0]])
    """
    rows = [np.zeros((0, min(N_NEIGHBOURS, len(known))), dtype=np.int64)]
    weights = [np.zeros(rows[0].shape, dtype=np.float32)]
    for first in range(0, len(new), ROWS_AT_ONCE):
        cosines = new[first : first + ROWS_AT_ONCE] @ known.T
        best = top_k(cosines, N_NEIGHBOURS)
        rows.append(best)
        weights.append(softmax(np.take_along_axis(cosines, best, axis=1) / TEMPERATURE, axis=1).astype(np.float32))
    return np.concatenate(rows), np.concatenate(weights)

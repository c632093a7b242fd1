"""The conditional draws of a probit matrix factorisation with traits (Gibbs sampling).

In: what the current state leaves unexplained. Out: the next state. Knows neither files nor ids.

Sources: Albert & Chib 1993, Bayesian analysis of binary and polychotomous response data, section 3 (the latent scores);
Salakhutdinov & Mnih 2008, Bayesian probabilistic matrix factorization using Markov chain Monte Carlo, section 3 (the
vectors); Simm et al. 2017, Macau: scalable Bayesian factorization with high-dimensional side information, section 3
(the traits).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import ndtr, ndtri

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

BLOCK = 20_000
"""So many vectors are drawn at once: bounds the memory."""

START_PRECISION = 5.0
START_SPREAD = 0.1


def latent_scores(rng: np.random.Generator, score: Floats, sign: Floats) -> Floats:
    """Draw from a normal of mean `score` and spread 1, cut to the side of 0 that `sign` (1: clicked, -1: not) says.

    >>> drawn = latent_scores(np.random.default_rng(0), np.array([-9.0, 9.0]), np.array([1.0, -1.0]))
    >>> (drawn > 0).tolist()
    [True, False]
    """
    uniform = 1.0 - rng.random(len(score))
    drawn: Floats = score - sign * ndtri(uniform * ndtr(sign * score))
    return drawn


@dataclass(frozen=True, slots=True)
class Rows:
    """The observations of each of `n` things (shoppers or products), and the other side of each observation."""

    order: Codes
    others: Codes
    bounds: Codes
    n_others: int

    @classmethod
    def of(cls, things: Codes, others: Codes, n: int, n_others: int) -> "Rows":
        """Group the observations by thing."""
        order = np.argsort(things, kind="stable")
        bounds = np.concatenate([[0], np.cumsum(np.bincount(things, minlength=n))])
        return cls(order, others[order], bounds, n_others)

    def sums(self, weights: Floats | None, table: Floats, first: int, last: int) -> Floats:
        """For things `first` to `last`: the sum of their others' rows of `table`, each times its weight (or 1)."""
        low, high = self.bounds[first], self.bounds[last]
        data = np.ones(high - low) if weights is None else weights[self.order[low:high]]
        matrix = sparse.csr_matrix(
            (data, self.others[low:high], self.bounds[first : last + 1] - low), shape=(last - first, self.n_others)
        )
        return np.asarray(matrix @ table)


class Vectors:
    """A vector and, in its last place, an offset for each shopper or each product, and the normal that they come from.

    A vector's mean is `mean` + traits @ `weights`, its precision `precision`. Things without observations keep their
    mean.
    """

    def __init__(self, rows: Rows, traits: Floats, width: int, rng: np.random.Generator) -> None:
        """`width` counts the offset; `traits` is ``(n, f)``."""
        n, n_traits = traits.shape
        self.rows = rows
        self.seen = np.diff(rows.bounds) > 0
        self.traits = traits - traits[self.seen].mean(axis=0)
        self._among = self.traits[self.seen].T @ self.traits[self.seen]
        self.mean, self.precision = np.zeros(width), np.eye(width) * START_PRECISION
        self.weights, self._pull = np.zeros((n_traits, width)), START_PRECISION
        self.values = rng.normal(0.0, START_SPREAD, (n, width))

    def draw(self, rng: np.random.Generator, others: Floats, target: Floats) -> None:
        """Draw all vectors given the others' (offset included), then the normal that they come from.

        Args:
            rng: where chance comes from.
            others: ``(m, width)``.
            target: ``(observations,)``, the latent score less all but this side's offset and the product of vectors.
        """
        self._draw_values(rng, others, target)
        self._draw_prior(rng)

    def spread(self) -> Floats:
        """The covariance of a vector around its mean, ``(width, width)``."""
        return np.asarray(np.linalg.inv(self.precision))

    def _draw_values(self, rng: np.random.Generator, others: Floats, target: Floats) -> None:
        width = others.shape[1]
        facing = np.hstack([others[:, :-1], np.ones((len(others), 1))])
        above = np.triu_indices(width)
        squares = facing[:, above[0]] * facing[:, above[1]]
        centre = self.mean + self.traits @ self.weights
        noise = rng.normal(size=self.values.shape)
        for first in range(0, len(self.values), BLOCK):
            last = min(first + BLOCK, len(self.values))
            sums = self.rows.sums(None, squares, first, last)
            precision = np.empty((last - first, width, width))
            precision[:, above[0], above[1]] = precision[:, above[1], above[0]] = sums
            lower = np.asarray(np.linalg.cholesky(precision + self.precision), dtype=np.float64)
            pull = self.rows.sums(target, facing, first, last) + centre[first:last] @ self.precision
            self.values[first:last] = solve_above(lower, solve_below(lower, pull) + noise[first:last])
        self.values[~self.seen] = centre[~self.seen]

    def _draw_prior(self, rng: np.random.Generator) -> None:
        values, traits = self.values[self.seen], self.traits[self.seen]
        n, width = values.shape
        root = np.linalg.cholesky(self.spread())
        rest = values - traits @ self.weights
        self.mean = rest.sum(axis=0) / (n + 2.0) + root @ rng.normal(size=width) / np.sqrt(n + 2.0)
        n_traits = len(self.weights)
        if n_traits:
            inner = self._among + self._pull * np.eye(n_traits)
            fitted = np.linalg.solve(inner, traits.T @ (values - self.mean))
            noise = rng.normal(size=self.weights.shape) @ root.T
            self.weights = fitted + np.linalg.solve(np.linalg.cholesky(inner).T, noise)
            size = float(np.sum((self.weights @ self.precision) * self.weights))
            self._pull = rng.gamma((n_traits * width + 1.0) / 2.0, 2.0 / (size + 1.0))
        rest = values - self.mean - traits @ self.weights
        scatter = rest.T @ rest + 0.5 * np.eye(width) + self._pull * self.weights.T @ self.weights
        self.precision = wishart(rng, np.linalg.inv(scatter), n + width + n_traits)


class Effects:
    """One number for each visit, drawn from a normal around 0 whose precision is drawn too."""

    def __init__(self, codes: Codes, n: int) -> None:
        self._codes, self._counts = codes, np.bincount(codes, minlength=n)
        self.values, self.precision = np.zeros(n), 20.0

    def fitted(self) -> Floats:
        """The effect on each observation."""
        return self.values[self._codes]

    def draw(self, rng: np.random.Generator, rest: Floats) -> None:
        """Draw the effects given the latent scores less all else, ``(observations,)``."""
        precision = self._counts + self.precision
        sums = np.bincount(self._codes, rest, minlength=len(self.values))
        self.values = sums / precision + rng.normal(size=len(self.values)) / np.sqrt(precision)
        size = float(np.sum(self.values**2))
        self.precision = rng.gamma((len(self.values) + 1.0) / 2.0, 2.0 / (size + 0.05))


def solve_below(lower: Floats, right: Floats) -> Floats:
    """Solve L x = b for many small triangles at once: ``(n, w, w)`` and ``(n, w)``.

    >>> solve_below(np.array([[[2.0, 0.0], [1.0, 4.0]]]), np.array([[2.0, 9.0]])).tolist()
    [[1.0, 2.0]]
    """
    solved = np.empty_like(right)
    for k in range(right.shape[1]):
        known = np.einsum("nj,nj->n", lower[:, k, :k], solved[:, :k])
        solved[:, k] = (right[:, k] - known) / lower[:, k, k]
    return solved


def solve_above(lower: Floats, right: Floats) -> Floats:
    """Solve L' x = b, as `solve_below`.

    >>> solve_above(np.array([[[2.0, 1e9], [1.0, 4.0]]]), np.array([[4.0, 8.0]])).tolist()
    [[1.0, 2.0]]
    """
    solved = np.empty_like(right)
    for k in reversed(range(right.shape[1])):
        known = np.einsum("nj,nj->n", lower[:, k + 1 :, k], solved[:, k + 1 :])
        solved[:, k] = (right[:, k] - known) / lower[:, k, k]
    return solved


def wishart(rng: np.random.Generator, scale: Floats, n_free: int) -> Floats:
    """Draw from a Wishart with mean `n_free` * `scale`, by Bartlett's decomposition.

    Source: Bartlett 1933, On the theory of statistical regression.
    """
    width = len(scale)
    triangle = np.tril(rng.normal(size=(width, width)), -1)
    triangle += np.diag(np.sqrt(rng.chisquare(n_free - np.arange(width))))
    root = np.linalg.cholesky((scale + scale.T) / 2.0) @ triangle
    return root @ root.T

"""From a logit to the probability that a product is clicked, and that it is bought.

In: logits and what became of the candidates. Out: a `Calibration`, two numbers for each of the two. Knows no model and
no features. Both probabilities rise with the logit, so neither changes an order.

They are those of the log that they were fitted on: of a candidate of a search that led to an act.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import ModelError

Logits = NDArray[np.float64]

CLICK_GAIN, PURCHASE_GAIN = 1, 3
"""From this gain on (`ranking.examples.GAINS`) a candidate was clicked, or bought."""

TENSORS = ("click_calibration", "purchase_calibration")
"""Under these names a model keeps the numbers, each ``(2,)``: slope and intercept."""

N_BINS = 10


@dataclass(frozen=True, slots=True)
class Platt:
    """The probability σ(slope · logit + intercept); the slope is not negative."""

    slope: float
    intercept: float

    def __call__(self, logits: Logits) -> Logits:
        """``(n,)`` in [0, 1].

        >>> Platt(2.0, 0.0)(np.array([-1000.0, 0.0, 1000.0])).tolist()
        [0.0, 0.5, 1.0]
        """
        chances: Logits = np.exp(-np.logaddexp(0.0, -(self.slope * logits + self.intercept)))
        return chances


IDENTITY = Platt(1.0, 0.0)
"""The logit's own probability."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Logit -> probability. None where the log held nothing to tell it by."""

    click: Platt | None = None
    purchase: Platt | None = None

    def tensors(self) -> dict[str, NDArray[np.float32]]:
        """The numbers under the names of `TENSORS`."""
        pairs = zip(TENSORS, (self.click, self.purchase), strict=True)
        return {name: np.array([fit.slope, fit.intercept], dtype=np.float32) for name, fit in pairs if fit is not None}

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, NDArray[np.float32]]) -> "Calibration":
        """What `tensors` gave.

        Raises:
            ModelError: not two finite numbers, the first not negative.
        """
        return cls(*(_platt(name, tensors[name]) if name in tensors else None for name in TENSORS))


def _platt(name: str, numbers: NDArray[np.float32]) -> Platt:
    if numbers.shape != (2,) or not np.isfinite(numbers).all() or numbers[0] < 0:
        raise ModelError(f"{name} is not a slope of 0 or more and an intercept: train the model again")
    return Platt(float(numbers[0]), float(numbers[1]))


def fit_calibration(logits: Logits, gains: Logits) -> Calibration:
    """Fit both probabilities.

    Args:
        logits: ``(n,)``, of candidates.
        gains: ``(n,)``, what became of them.

    Returns:
        A calibration without the one of which there was no example at all, or nothing but examples.
    """
    found = []
    for least in (CLICK_GAIN, PURCHASE_GAIN):
        happened = gains >= least
        found.append(fit_platt(logits, happened) if 0 < happened.sum() < len(happened) else None)
    return Calibration(*found)


def fit_platt(logits: Logits, happened: NDArray[np.bool_]) -> Platt:
    """The slope and intercept of the largest likelihood.

    The labels are drawn in a little, as if one example of each kind had gone the other way, so that few examples make
    no certainties. Where the logits tell the wrong way, the slope is 0 and the probability the share.

    Source: Platt 1999, Probabilistic outputs for support vector machines, section 2.2.

    >>> fit_platt(np.array([-1.0, 1.0, -1.0, 1.0]), np.array([False, True, True, False])).slope
    0.0
    """
    # Only training fits: serving does without SciPy.
    from scipy.optimize import minimize

    n_yes, n_no = int(happened.sum()), int((~happened).sum())
    targets = np.where(happened, (n_yes + 1) / (n_yes + 2), 1 / (n_no + 2))
    mean, spread = float(logits.mean()), max(float(logits.std()), 1e-12)
    rows = np.stack([(logits - mean) / spread, np.ones(len(logits))], axis=1)
    share = float(targets.mean())

    def loss(numbers: Logits) -> tuple[float, Logits]:
        at = rows @ numbers
        slope = rows.T @ (IDENTITY(at) - targets) / len(targets)
        return float((np.logaddexp(0.0, at) - targets * at).mean()), slope

    start = np.array([0.0, np.log(share / (1 - share))])
    slope, intercept = minimize(loss, start, jac=True, method="BFGS", options={"gtol": 1e-9}).x.tolist()
    if slope <= 1e-6:
        return Platt(0.0, float(start[1]))
    return Platt(slope / spread, intercept - slope * mean / spread)


def fit_if_worth_it(logits: Logits, happened: NDArray[np.bool_]) -> Platt:
    """As `fit_platt`, for logits that already mean probabilities: where mending gains little they stay as they are.

    It has to gain more log-likelihood than the logarithm of the rows: a few thousand rows tell two numbers no better
    than an honest model does.

    Source: Schwarz 1978, Estimating the dimension of a model (the Bayesian information criterion).
    """
    if happened.all() or not happened.any():
        return IDENTITY
    fit = fit_platt(logits, happened)
    gain = _log_likelihood(fit, logits, happened) - _log_likelihood(IDENTITY, logits, happened)
    return fit if fit.slope > 0 and gain > np.log(len(happened)) else IDENTITY


def _log_likelihood(fit: Platt, logits: Logits, happened: NDArray[np.bool_]) -> float:
    at = fit.slope * logits + fit.intercept
    return float(-np.logaddexp(0.0, np.where(happened, -at, at)).sum())


def expected_calibration_error(chances: Logits, happened: NDArray[np.bool_], n_bins: int = N_BINS) -> float:
    """How far probabilities are from what happened, in [0, 1], lower is better.

    The candidates are sorted into bins of equal width by their probability; the error is the mean over candidates of
    their bin's |mean probability - share that happened|.

    Source: Guo et al. 2017, On calibration of modern neural networks, section 2.

    >>> expected_calibration_error(np.array([0.1, 0.1, 0.9]), np.array([False, False, True])).__round__(6)
    0.1
    """
    bins = np.minimum((chances * n_bins).astype(np.int64), n_bins - 1)
    gaps = np.bincount(bins, weights=chances - happened, minlength=n_bins)
    return float(np.abs(gaps).sum() / len(chances))


def normalised_entropy(chances: Logits, happened: NDArray[np.bool_]) -> float:
    """The log loss of probabilities over that of always saying the share that happened; below 1 they tell something.

    Both must occur: at least one thing that happened and one that did not.

    Source: He et al. 2014, Practical lessons from predicting clicks on ads at Facebook, section 2.

    >>> normalised_entropy(np.array([0.5, 0.5]), np.array([True, False]))
    1.0
    """
    share = float(happened.mean())
    base = -(share * np.log(share) + (1 - share) * np.log(1 - share))
    safe = np.clip(chances, 1e-12, 1 - 1e-12)
    return float(-np.where(happened, np.log(safe), np.log1p(-safe)).mean() / base)

"""How well a trained matcher orders later searches, beside what it has to beat, and how true its probabilities are.

In: `Examples`, which of them to measure on, the tensors of a model. Out: rows of a table, differences with their
intervals, calibration errors. Knows neither events nor files.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ranking.calibration import (
    CLICK_GAIN,
    PURCHASE_GAIN,
    Calibration,
    expected_calibration_error,
    fit_calibration,
    normalised_entropy,
)
from ranking.examples import Examples
from ranking.metrics import Comparison, Table, compared, ndcg_at, recall_at, reciprocal_rank
from ranking.network import EMPTY, FULL, STATED_ONLY, restored, score

OURS, SERVING = "two-tower", "serving so far"
BASELINES = ("popularity", "relevance")

Tensors = dict[str, NDArray[np.float32]]

Utility = Callable[[str, str, Sequence[str]], NDArray[np.float32]]
"""The oracle of a simulation: (shopper id, query text, product ids) -> how much each is wanted."""


@dataclass(frozen=True, slots=True)
class Row:
    """One system on the test searches; every metric is in [0, 1], higher is better."""

    system: str
    metrics: Mapping[str, float]


@dataclass(frozen=True)
class Rival:
    """The model that serves so far, to be beaten: its tensors, and how it sees the test searches (its own `taste`)."""

    tensors: Tensors
    examples: Examples


@dataclass(frozen=True, slots=True)
class Split:
    """Rows of the examples, each part later than the one before."""

    train: NDArray[np.int64]
    validation: NDArray[np.int64]
    test: NDArray[np.int64]


def calibrated(examples: Examples, rows: NDArray[np.int64], tensors: Tensors) -> Calibration:
    """The probabilities of click and purchase, fitted on all candidates of the searches `rows`."""
    return fit_calibration(*_logits(examples, rows, tensors))


def calibration_errors(
    examples: Examples, rows: NDArray[np.int64], tensors: Tensors, calibration: Calibration
) -> dict[str, dict[str, float]]:
    """How true the probabilities of "click" and "purchase" are on all candidates of the searches `rows`.

    Returns:
        For each that is known and happened: its calibration error `ece`, its normalised entropy `ne`, the `share` of
        candidates that it happened to and the `mean` probability.
    """
    logits, gains = _logits(examples, rows, tensors)
    errors: dict[str, dict[str, float]] = {}
    fits = {"click": (calibration.click, CLICK_GAIN), "purchase": (calibration.purchase, PURCHASE_GAIN)}
    for name, (fit, least) in fits.items():
        happened = gains >= least
        if fit is not None and 0 < happened.sum() < len(happened):
            chances = fit(logits)
            errors[name] = {
                "ece": expected_calibration_error(chances, happened),
                "ne": normalised_entropy(chances, happened),
                "share": float(happened.mean()),
                "mean": float(chances.mean()),
            }
    return errors


def _logits(examples: Examples, rows: NDArray[np.int64], tensors: Tensors) -> tuple[Table, Table]:
    """The logit of every candidate of some searches, and what became of it; both ``(n,)``."""
    known = examples.listings.known[examples.query[rows]]
    scores = score(restored(tensors), examples, rows, FULL)
    return scores[known], examples.gains[rows][known].astype(np.float64)


def measure(
    examples: Examples,
    split: Split,
    tensors: Tensors,
    utility: Utility | None = None,
    seed: int = 0,
    rival: Rival | None = None,
) -> tuple[tuple[Row, ...], tuple[Comparison, ...]]:
    """All systems on the test searches, and ours against each baseline and the model that serves so far."""
    rows = split.test
    scores = _test_scores(examples, split, tensors, utility, seed)
    baselines: tuple[str, ...] = BASELINES
    if rival is not None:
        known = examples.listings.known[examples.query[rows]]
        scores[SERVING] = np.where(known, score(restored(rival.tensors), rival.examples, rows, FULL), -np.inf)
        baselines = (*BASELINES, SERVING)
    gains = examples.gains[rows].astype(np.float64)
    table = tuple(Row(system, _metrics(made, gains)) for system, made in scores.items())
    ndcg = {system: ndcg_at(scores[system], gains, 5) for system in (OURS, *baselines)}
    shoppers = examples.shopper[rows]
    comparisons = [compared(baseline, ndcg[OURS], ndcg[baseline], shoppers, seed) for baseline in baselines]
    return table, tuple(comparisons)


def _metrics(scores: Table, gains: Table) -> dict[str, float]:
    return {
        "ndcg@5": float(ndcg_at(scores, gains, 5).mean()),
        "recall@1": float(recall_at(scores, gains, 1).mean()),
        "mrr": float(reciprocal_rank(scores, gains).mean()),
    }


def _test_scores(
    examples: Examples, split: Split, tensors: Tensors, utility: Utility | None, seed: int
) -> dict[str, Table]:
    queries = examples.query[split.test]
    listings = examples.listings
    known = listings.known[queries]
    model = restored(tensors)
    tables: dict[str, Table] = {
        "random": np.random.default_rng(seed).random(known.shape),
        "popularity": _popularity(examples, split.train)[listings.candidates[queries]],
        "relevance": listings.shared[queries, :, 0].astype(np.float64),
        f"{OURS}, empty profile": score(model, examples, split.test, EMPTY),
        f"{OURS}, stated likes only": score(model, examples, split.test, STATED_ONLY),
        OURS: score(model, examples, split.test, FULL),
    }
    if utility is not None:
        tables["oracle"] = _oracle(examples, split.test, utility)
    return {system: np.where(known, table, -np.inf) for system, table in tables.items()}


def _popularity(examples: Examples, train_rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """``(P,)``: the sum of the gains of each product over the training searches."""
    listings = examples.listings
    counts = np.zeros(len(listings.ids))
    np.add.at(counts, listings.candidates[examples.query[train_rows]], examples.gains[train_rows])
    return counts


def _oracle(examples: Examples, rows: NDArray[np.int64], utility: Utility) -> Table:
    listings = examples.listings
    table = np.zeros((len(rows), listings.candidates.shape[1]))
    for place, row in enumerate(rows):
        search = examples.searches[row]
        n = int(listings.known[examples.query[row]].sum())
        ids = [listings.ids[column] for column in listings.candidates[examples.query[row], :n]]
        table[place, :n] = utility(search.shopper_id, search.query, ids)
    return table

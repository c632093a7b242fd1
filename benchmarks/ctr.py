"""How likely is a click: `python -m benchmarks.ctr --interactions FILE [--items FILE] [--shoppers FILE] [--json]`.

In: a file with a row for each product that somebody was shown or rated, perhaps one of products and one of shoppers,
separated by commas, semicolons or tabs, or JSON lines. Columns are found by name: a shopper (`user_id`, `userId`,
`shopper`, ...), a product (`item_id`, `movieId`, `product`, ...), a `label` or `click` of 0 and 1 or else a `rating` (a
click from `--click-at` on), perhaps a `timestamp`; RecBole's typed headers are read as well. Out: one row a system, all
from one run over the same rows.

Rows are split at random, 80 % to learn from, 10 % to choose and calibrate with, 10 % to test once; `--splits` such
splits, one seed each, and each figure is the mean over them. With `--by-time` the oldest are learned from instead and
the newest tested, which is harder and nearer to what a shop does.

base rate            the share of clicks
popularity           the product's share of clicks, shrunk
logistic regression  on the ids of shopper and product, its penalty chosen on the second part
ours, ids alone      our model without the files of products and shoppers and without times (with `--ablations`)
ours, no times       our model without times (with `--ablations`)
ours, raw            our model before it is calibrated
ours                 `ranking.clicks.model`, calibrated on the second part

`auc` is the chance that a click scores above a row without one; `ece` the expected calibration error, in 15 bins of
equal width; `log_loss` in nats and `brier` the mean squared error. `ece_floor` is the error that probabilities like
ours would show by chance alone on so many rows if they were exactly right.
"""

import hashlib
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from benchmarks.report import print_report
from ranking.calibration import expected_calibration_error
from ranking.clicks.interactions import CLICK_AT, Codes, Flags, Interactions, read_interactions, require_contrast
from ranking.clicks.model import FitSettings, fit
from ranking.clicks.traits import read_products, read_shoppers
from retrieval.errors import ModelError

OURS = "ours"
N_BINS = 15
LARGE = 500_000
SPLITS, SPLITS_IF_LARGE = 3, 1
SWEEPS, SWEEPS_IF_LARGE = FitSettings().n_sweeps, 120
"""The defaults, and those for files of more than `LARGE` rows."""

PENALTIES = (0.1, 0.3, 1.0, 3.0)
SHRINKAGE = 10.0

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Task:
    """One split, and the traits of shoppers and products."""

    train: Interactions
    validation: Interactions
    test: Interactions
    shopper_traits: Floats | None
    product_traits: Floats | None


def main(
    interactions: Annotated[Path, typer.Option(help="Who was shown or rated what, and what came of it.")],
    items: Annotated[Path | None, typer.Option(help="What is known of products.")] = None,
    shoppers: Annotated[Path | None, typer.Option(help="What is known of shoppers.")] = None,
    click_at: Annotated[float, typer.Option(help="A rating counts as a click from here on.")] = CLICK_AT,
    splits: Annotated[int | None, typer.Option(min=1, help="3, or 1 above 500,000 rows.")] = None,
    seed: Annotated[int, typer.Option(help="Of the first split.")] = 0,
    sweeps: Annotated[int | None, typer.Option(min=5, help="Of our model; 300, or 120 above 500,000 rows.")] = None,
    by_time: Annotated[bool, typer.Option("--by-time", help="Split by time, oldest first, not at random.")] = False,
    ablations: Annotated[bool, typer.Option("--ablations", help="Also without traits and times.")] = False,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Compare click models on random splits of one file."""
    started = time.perf_counter()
    try:
        rows = read_interactions(interactions, click_at)
        require_contrast(rows)
        known = (
            read_shoppers(shoppers, rows.shopper_ids) if shoppers else None,
            read_products(items, rows.product_ids) if items else None,
        )
        is_large = len(rows) > LARGE
        seeds = range(seed, seed + (splits or (SPLITS_IF_LARGE if is_large or by_time else SPLITS)))
        settings = FitSettings.of_sweeps(sweeps or (SWEEPS_IF_LARGE if is_large else SWEEPS))
        by_split = [_systems(_task(rows, known, each, by_time), settings, each, ablations) for each in seeds]
    except ModelError as error:
        print(f"error: {error}", file=sys.stderr)
        raise typer.Exit(1) from error
    data = {
        "rows": len(rows),
        "shoppers": len(rows.shopper_ids),
        "products": len(rows.product_ids),
        "clicks": round(float(rows.clicked.mean()), 4),
        "times": rows.second is not None,
        "interactions_sha256": hashlib.sha256(interactions.read_bytes()).hexdigest()[:16],
        "seeds": ",".join(map(str, seeds)),
        "ece_bins": f"{N_BINS} of equal width",
    }
    print_report("ctr", data, OURS, _mean_rows(by_split), time.perf_counter() - started, json_)


def split_in_order(order: Codes) -> tuple[Codes, Codes, Codes]:
    """The first 80 % for training, 10 % for validation, the rest for test.

    >>> [part.tolist() for part in split_in_order(np.arange(10))]
    [[0, 1, 2, 3, 4, 5, 6, 7], [8], [9]]
    """
    first, second = int(0.8 * len(order)), int(0.9 * len(order))
    return order[:first], order[first:second], order[second:]


def calibration_floor(probability: Floats, seed: int, n_samples: int = 100) -> float:
    """The mean calibration error where clicks come by these very probabilities: what chance alone makes of it."""
    rng = np.random.default_rng(seed)
    drawn = (rng.random(len(probability)) < probability for _ in range(n_samples))
    errors = [expected_calibration_error(probability, clicked, N_BINS) for clicked in drawn]
    return float(np.mean(errors))


def shrunk_shares(train: Interactions) -> Floats:
    """Each product's share of clicks, with ten rows of the mean added.

    >>> rows = Interactions(("s",), ("p", "q"), np.zeros(10, int), np.zeros(10, int), np.arange(10) < 5)
    >>> shrunk_shares(rows).tolist()
    [0.5, 0.5]
    """
    n = len(train.product_ids)
    clicks = np.bincount(train.product, train.clicked, minlength=n)
    shares: Floats = (clicks + SHRINKAGE * train.clicked.mean()) / (np.bincount(train.product, minlength=n) + SHRINKAGE)
    return shares


def _task(rows: Interactions, known: tuple[Floats | None, Floats | None], seed: int, by_time: bool) -> Task:
    if by_time and rows.second is None:
        raise ModelError("--by-time needs a column of times, and the file has none")
    shuffled = np.random.default_rng(seed).permutation(len(rows))
    order = np.argsort(rows.second, kind="stable") if by_time and rows.second is not None else shuffled
    train, validation, test = (rows.rows(part) for part in split_in_order(order))
    for part, name in ((train, "training"), (validation, "validation"), (test, "test")):
        if len(set(part.clicked.tolist())) < 2:
            raise ModelError(
                f"of {len(rows)} rows {len(part)} are for {name}, and they are all clicks or all none: give more rows"
            )
    return Task(train, validation, test, *known)


def _systems(task: Task, settings: FitSettings, seed: int, ablations: bool) -> list[dict[str, Any]]:
    """A row for each system."""
    test = task.test
    figures = [
        _figures("base rate", np.full(len(test), task.train.clicked.mean()), test.clicked),
        _figures("popularity", shrunk_shares(task.train)[test.product], test.clicked),
        _figures("logistic regression", logistic_regression(task.train, task.validation, test), test.clicked),
    ]
    if ablations:
        train, validation, asked = (replace(part, second=None) for part in (task.train, task.validation, test))
        untimed = replace(task, train=train, validation=validation, test=asked)
        unknown = replace(untimed, shopper_traits=None, product_traits=None)
        figures.append(_ours("ours, ids alone", unknown, settings, seed)[1])
        figures.append(_ours("ours, no times", untimed, settings, seed)[1])
    return figures + _ours(OURS, task, settings, seed)


def _ours(name: str, task: Task, settings: FitSettings, seed: int) -> list[dict[str, Any]]:
    """Two rows: before and after it is calibrated."""
    began, test = time.perf_counter(), task.test

    def tell(done: int, total: int) -> None:
        if done % 20 == 0 or done == total:
            print(f"{name}, seed {seed}: sweep {done}/{total}", file=sys.stderr)

    raw = fit(task.train, task.shopper_traits, task.product_traits, settings, seed, tell)
    model = raw.calibrated(task.validation)
    chance = model.probability(test.shopper, test.product, test.second)
    floor = calibration_floor(chance, seed)
    fit_s = time.perf_counter() - began
    before = _figures(f"{name}, raw", raw.probability(test.shopper, test.product, test.second), test.clicked)
    return [before, {**_figures(name, chance, test.clicked), "ece_floor": floor, "fit_s": fit_s}]


def logistic_regression(train: Interactions, validation: Interactions, test: Interactions) -> Floats:
    """Probabilities of a logistic regression on the ids of shopper and product, ``(test rows,)``."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import log_loss

    known = _one_hot(train)
    models = [LogisticRegression(C=penalty, tol=1e-5, max_iter=1000).fit(known, train.clicked) for penalty in PENALTIES]
    chances = _one_hot(validation)
    best = min(models, key=lambda model: float(log_loss(validation.clicked, model.predict_proba(chances)[:, 1])))
    probability: Floats = best.predict_proba(_one_hot(test))[:, 1]
    return probability


def _one_hot(rows: Interactions) -> Any:
    from scipy.sparse import csr_matrix

    n, width = len(rows), len(rows.shopper_ids) + len(rows.product_ids)
    columns = np.stack([rows.shopper, rows.product + len(rows.shopper_ids)], axis=1).ravel()
    return csr_matrix((np.ones(2 * n), columns, np.arange(0, 2 * n + 1, 2)), shape=(n, width))


def _figures(name: str, probability: Floats, clicked: Flags) -> dict[str, Any]:
    from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

    return {
        "system": name,
        "auc": float(roc_auc_score(clicked, probability)),
        "log_loss": float(log_loss(clicked, probability)),
        "brier": float(brier_score_loss(clicked, probability)),
        "ece": expected_calibration_error(probability, clicked, N_BINS),
    }


def _mean_rows(by_split: Sequence[Sequence[dict[str, Any]]]) -> list[dict[str, Any]]:
    """The mean of each figure over the splits, and AUC and ECE of each split."""
    rows = []
    for same in zip(*by_split, strict=True):
        names = [name for name in same[0] if name != "system"]
        means = {name: round(float(np.mean([row[name] for row in same])), 4) for name in names}
        each = {f"{name}_by_split": [round(row[name], 4) for row in same] for name in ("auc", "ece")}
        rows.append({"system": same[0]["system"], **means, **each})
    return rows


if __name__ == "__main__":
    typer.run(main)

"""Trains the matcher on a shop's events, measures it on later ones, and writes it down.

In: events, products, a source of candidates, the embeddings of products. Out: `matcher.safetensors`, `meta.json` and
`MODEL_CARD.md` in a folder that `ranking.matcher.load_matcher` reads, and a `TrainingResult`. Knows neither the
database nor the command line.

The log is split by time (`ranking.splitting`): the first 80 % train, the next 10 % choose the epoch and fit the
probabilities, the last 10 % are measured. A visit that reaches over a border is left out, no label tells of a later
part (a refund there leaves the purchase here a purchase), and no profile holds an act that is not older than its
search. How likely each position of a list is looked at is read off the first part alone.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from ranking.buyers import NOBODY, BuyersSay
from ranking.calibration import Calibration
from ranking.card import model_card
from ranking.examples import (
    CandidateSource,
    Examples,
    Search,
    TasteFor,
    build_examples,
    build_listings,
    searches_of,
    taste_columns,
    translated,
)
from ranking.features import Vectors
from ranking.matcher import FORMAT, META_FILE, MODEL_CARD_FILE, WEIGHTS_FILE, coefficients, version_of
from ranking.measuring import OURS, Rival, Row, Split, Utility, calibrated, calibration_errors, measure
from ranking.metrics import Comparison
from ranking.network import Epoch, FitSettings, Fitted, fit
from ranking.personal import Taste
from ranking.profile import TAKEN_BACK
from ranking.propensity import Examination, estimate_examination
from ranking.splitting import split_by_time
from ranking.types import Event
from retrieval.errors import ModelError
from retrieval.types import Product, Query

MAX_SEARCHES = 30_000
"""Only the newest searches are learned from, so that training stays short."""

MIN_SEARCHES = 30
N_CANDIDATES = 50

Progress = Callable[[str, int, int], None]
"""Called with a stage ("retrieve", "train"), what is done and how much there is."""


@dataclass(frozen=True)
class Serving:
    """The model that serves so far: the tensors of its head, and its model of tastes."""

    tensors: Mapping[str, NDArray[np.float32]]
    taste: Taste | None = None


@dataclass(frozen=True)
class TrainingResult:
    """What training came to. `rows` are the systems in one table, `comparisons` ours against two baselines and, where
    it was given, the model that serves so far."""

    directory: Path
    model_version: str
    rows: tuple[Row, ...]
    comparisons: tuple[Comparison, ...]
    epochs: tuple[Epoch, ...]
    best_epoch: int
    n_searches: Mapping[str, int]
    n_test_shoppers: int
    seconds: float
    meta: Mapping[str, Any] = field(repr=False, default_factory=dict)


def train(
    events: Iterable[Event],
    products: Iterable[Product],
    retriever: CandidateSource,
    embedder_fingerprint: str,
    out_dir: Path,
    seed: int = 0,
    on_progress: Progress | None = None,
    *,
    vectors: Vectors,
    embedder_name: str,
    catalog_version: str = "",
    utility: Utility | None = None,
    query_of: Callable[[str], Query] = translated,
    taste_for: TasteFor | None = None,
    serving: Serving | None = None,
    settings: FitSettings | None = None,
    buyers: BuyersSay = NOBODY,
    created_by: str = "ranking.training.train",
) -> TrainingResult:
    """Train the two-tower matcher and write it to `out_dir`.

    Args:
        events: of any shoppers, in any order.
        products: the catalog; events on other products are ignored.
        retriever: finds the candidates of each distinct query, once.
        embedder_fingerprint: of the embedder behind `vectors`; loading compares it.
        out_dir: made where it is missing; a model that is there is replaced.
        seed: of the start, the order of the searches and the bootstrap.
        on_progress: called with (stage, done, total).
        vectors: the embeddings of the products in a profile, e.g. `retriever.vectors_of`.
        embedder_name: for people who read `meta.json`.
        catalog_version: of the catalog behind `retriever`.
        utility: the simulator's oracle, `simulation.tastes.utility`, for a row in the table.
        query_of: how a query text is put to the retriever, with its English beside it by default.
        taste_for: which model of tastes to ask about which search; None leaves the coefficient of taste where it
            starts.
        serving: the model that serves so far, to compare with.
        settings: how to fit; None for the defaults.
        buyers: what the shop's reviews were read to say.
        created_by: the command that asked for this.

    Raises:
        ModelError: there are no events, too few searches, only one product, or nothing that was not taken up.
    """
    began = perf_counter()
    report = on_progress or (lambda stage, done, total: None)
    prepared = _prepare(list(events), products, retriever, vectors, query_of, taste_for, report, buyers)
    settings = settings or FitSettings()
    fitted = fit(
        prepared.examples, prepared.split.train, prepared.split.validation, settings, seed,
        lambda epoch: report("train", epoch.number, settings.n_epochs),
    )  # fmt: skip
    found = _found(prepared, fitted, utility, seed, _rival(prepared, serving))
    about = {
        "embedder": {"name": embedder_name, "fingerprint": embedder_fingerprint},
        "catalog_version": catalog_version,
        "seed": seed,
        "settings": asdict(settings),
        "created_by": created_by,
    }
    return _kept(out_dir, prepared, fitted, found, about, perf_counter() - began)


@dataclass(frozen=True)
class _Prepared:
    """What a model is fitted to. `examination` is of the training part of the log."""

    events: Sequence[Event]
    products: Mapping[str, Product]
    examples: Examples
    split: Split
    data_hash: str
    examination: Examination | None
    fitted_until: datetime


@dataclass(frozen=True)
class _Found:
    """What the validation and test searches said of a fitted model."""

    calibration: Calibration
    calibration_errors: Mapping[str, Mapping[str, float]]
    rows: tuple[Row, ...]
    comparisons: tuple[Comparison, ...]


def _rival(prepared: _Prepared, serving: Serving | None) -> Rival | None:
    if serving is None:
        return None
    examples, rows = prepared.examples, prepared.split.test
    taste = np.zeros_like(examples.taste)
    if serving.taste is not None:
        taste[rows] = taste_columns(examples, rows, prepared.events, prepared.products, serving.taste)
    return Rival(dict(serving.tensors), replace(examples, taste=taste))


def _found(prepared: _Prepared, fitted: Fitted, utility: Utility | None, seed: int, rival: Rival | None) -> _Found:
    examples, split = prepared.examples, prepared.split
    calibration = calibrated(examples, split.validation, fitted.tensors)
    errors = calibration_errors(examples, split.test, fitted.tensors, calibration)
    return _Found(calibration, errors, *measure(examples, split, fitted.tensors, utility, seed, rival))


def _kept(
    out_dir: Path, prepared: _Prepared, fitted: Fitted, found: _Found, about: Mapping[str, Any], seconds: float
) -> TrainingResult:
    """Write the model down, and say what it came to."""
    weights = save({**fitted.tensors, **found.calibration.tensors()})
    meta = {**_findings(weights, prepared, fitted, found), **about}
    write_model(out_dir, weights, meta)
    version = version_of(meta["weights_sha256"])
    return TrainingResult(
        out_dir, version, found.rows, found.comparisons, fitted.epochs, fitted.best_epoch, meta["n_searches"],
        len(set(prepared.examples.shopper[prepared.split.test].tolist())), seconds, meta,
    )  # fmt: skip


def _findings(weights: bytes, prepared: _Prepared, fitted: Fitted, found: _Found) -> dict[str, Any]:
    head = coefficients(fitted.tensors["head"])
    return {
        "format": FORMAT,
        "kind": OURS,
        "weights_sha256": hashlib.sha256(weights).hexdigest(),
        "dimension": int(prepared.examples.listings.products.shape[1]),
        "data_hash": prepared.data_hash,
        "fitted_until": prepared.fitted_until.isoformat(),
        "n_searches": {part: len(rows) for part, rows in asdict(prepared.split).items()},
        "best_epoch": fitted.best_epoch,
        "n_candidates": N_CANDIDATES,
        "coefficients": _rounded(head),
        "metrics": {row.system: _rounded(row.metrics) for row in found.rows},
        "comparisons": [asdict(comparison) for comparison in found.comparisons],
        "calibration": {name: _rounded(errors, 5) for name, errors in found.calibration_errors.items()},
        "examination": _curve(prepared.examination),
    }


def _curve(examination: Examination | None) -> dict[str, Any] | None:
    if examination is None:
        return None
    return {"curve": [round(chance, 4) for chance in examination.curve], "n_taken_up": examination.n_taken_up}


def _rounded(values: Mapping[str, float], digits: int = 4) -> dict[str, float]:
    return {name: round(value, digits) for name, value in values.items()}


def _prepare(
    events: list[Event],
    products: Iterable[Product],
    retriever: CandidateSource,
    vectors: Vectors,
    query_of: Callable[[str], Query],
    taste_for: TasteFor | None,
    report: Progress,
    buyers: BuyersSay,
) -> _Prepared:
    by_id = {product.id: product for product in products}
    events = usable(events, by_id)
    parts = split_searches(events)
    searches = [search for part in parts.values() for search in part]
    texts = sorted({search.query for search in searches})
    listings = build_listings(
        texts, {event.product_id for event in events}, retriever, vectors, N_CANDIDATES, query_of,
        lambda done, total: report("retrieve", done, total), buyers,
    )  # fmt: skip
    begin = min(search.start for search in parts["validation"])
    examination = estimate_examination(event for event in events if event.time < begin)
    examples = build_examples(events, searches, listings, by_id, examination=examination, taste_for=taste_for)
    return _Prepared(events, by_id, examples, _rows(examples, parts), data_hash(events), examination, begin)


def data_hash(events: Iterable[Event]) -> str:
    """SHA-256 over the events that a model was trained on, in the order given."""
    digest = hashlib.sha256()
    for event in events:
        fields = (
            event.shopper_id, event.product_id, event.type, event.time.isoformat(), event.session_id, event.query,
            event.position, event.recipient,
        )  # fmt: skip
        digest.update(json.dumps(fields, ensure_ascii=False).encode() + b"\n")
    return digest.hexdigest()


def split_searches(events: Iterable[Event]) -> dict[str, list[Search]]:
    """The newest searches in each part of the log; a part's gains come from no later part.

    Raises:
        ModelError: there are too few searches, or a part would be empty.
    """
    events = list(events)
    searches = searches_of(events)[-MAX_SEARCHES:]
    if len(searches) < MIN_SEARCHES:
        raise ModelError(
            f"{len(searches)} of the events' searches can be learned from, at least {MIN_SEARCHES} are needed: import "
            "events that carry the query which led to them"
        )
    told = [event for event in events if event.time >= searches[0].start and _tells(event)]
    split = split_by_time(told)
    parts = {"train": searches_of(split.train), "validation": searches_of(split.validation)}
    parts["test"] = searches_of(split.test)
    _check_parts(parts, len(searches))
    return parts


def _tells(event: Event) -> bool:
    """Whether an event is of a search; what was only shown, ten times as often, would move the cuts."""
    return event.type in TAKEN_BACK or (event.query is not None and event.type != "impression")


def usable(events: Sequence[Event], product_ids: Collection[str]) -> list[Event]:
    """The events on products of the catalog, in order of time.

    Raises:
        ModelError: there are none, or they, or the catalog, are of one product alone.
    """
    if len(product_ids) < 2:
        raise ModelError(
            f"a catalog of {len(product_ids)} product(s) has no order to learn: import more products first"
        )
    if not events:
        raise ModelError("there are no events to train on: import the shop's events, or serve the shipped model")
    known = [event for event in events if event.product_id in product_ids]
    if len({event.product_id for event in known}) < 2:
        raise ModelError(
            "the events are on fewer than two products of this catalog, so there is no order to learn: check that the "
            "product ids in the events are those of the catalog"
        )
    return sorted(known, key=lambda event: (event.time, event.shopper_id, event.product_id, event.type))


def _rows(examples: Examples, parts: Mapping[str, Sequence[Search]]) -> Split:
    """Which examples belong to which part; searches without a positive and a negative candidate gave none."""
    part_of = {id(search): part for part, searches in parts.items() for search in searches}
    rows: dict[str, list[int]] = {part: [] for part in parts}
    for row, search in enumerate(examples.searches):
        rows[part_of[id(search)]].append(row)
    _check_parts(rows, len(examples))
    return Split(**{part: np.array(found, dtype=np.int64) for part, found in rows.items()})


def _check_parts(parts: Mapping[str, Sequence[object]], n: int) -> None:
    if not all(parts.values()):
        raise ModelError(
            f"{n} searches cannot be split by time into training, validation and test: import events over a longer time"
        )


def write_model(out_dir: Path, weights: bytes, meta: Mapping[str, Any]) -> None:
    """Write all files beside the old ones, then put them in their place; a torn pair is refused by its SHA-256.

    Raises:
        ModelError: the folder cannot be written to.
    """
    contents = {
        WEIGHTS_FILE: weights,
        META_FILE: (json.dumps(meta, ensure_ascii=False, indent=2) + "\n").encode(),
        MODEL_CARD_FILE: model_card(meta).encode(),
    }
    try:
        out_dir.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            (out_dir / f"{name}.part").write_bytes(content)
        for name in contents:
            (out_dir / f"{name}.part").replace(out_dir / name)
    except OSError as error:
        raise ModelError(f"the model cannot be written to {out_dir}: {error.strerror}") from error

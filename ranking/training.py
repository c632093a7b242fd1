"""Trains the matcher on a shop's events, measures it on later ones, and writes it down.

In: events, products, a source of candidates, the embeddings of products. Out: `matcher.safetensors`, `meta.json` and
`MODEL_CARD.md` in a folder that `ranking.matcher.load_matcher` reads, and a `TrainingResult`. Knows neither the
database nor the command line.

The log is split by time (`ranking.splitting`): the first 80 % train, the next 10 % choose the epoch, the last 10 % are
measured. A visit that reaches over a border is left out, no label tells of a later part (a refund there leaves the
purchase here a purchase), and no profile holds an act that is not older than its search.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from ranking.card import model_card
from ranking.examples import (
    CandidateSource,
    Examples,
    Search,
    build_examples,
    build_listings,
    searches_of,
    translated,
)
from ranking.features import Vectors
from ranking.matcher import FORMAT, META_FILE, MODEL_CARD_FILE, WEIGHTS_FILE, coefficients, version_of
from ranking.metrics import Table, bootstrap_interval, ndcg_at, recall_at, reciprocal_rank
from ranking.network import EMPTY, FULL, STATED_ONLY, Epoch, FitSettings, Fitted, fit, restored, score
from ranking.profile import TAKEN_BACK
from ranking.splitting import split_by_time
from ranking.types import Event
from retrieval.errors import ModelError
from retrieval.types import Product, Query

MAX_SEARCHES = 30_000
"""Only the newest searches are learned from, so that training stays short."""

MIN_SEARCHES = 30
N_CANDIDATES = 50
OURS = "two-tower"
BASELINES = ("popularity", "relevance")

Utility = Callable[[str, str, Sequence[str]], NDArray[np.float32]]
"""The oracle of a simulation: (shopper id, query text, product ids) -> how much each is wanted."""

Progress = Callable[[str, int, int], None]
"""Called with a stage ("retrieve", "train"), what is done and how much there is."""


@dataclass(frozen=True, slots=True)
class Row:
    """One system on the test searches; every metric is in [0, 1], higher is better."""

    system: str
    metrics: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Comparison:
    """NDCG of ours minus a baseline's on the same searches, with its 95 % interval."""

    baseline: str
    difference: float
    low: float
    high: float

    @property
    def is_better(self) -> bool:
        """Whether the whole interval lies above zero."""
        return self.low > 0.0


@dataclass(frozen=True)
class TrainingResult:
    """What training came to. `rows` are the systems in one table, `comparisons` ours against two baselines."""

    directory: Path
    model_version: str
    rows: tuple[Row, ...]
    comparisons: tuple[Comparison, ...]
    epochs: tuple[Epoch, ...]
    best_epoch: int
    n_searches: Mapping[str, int]
    seconds: float
    meta: Mapping[str, Any] = field(repr=False, default_factory=dict)

    @property
    def is_better(self) -> bool:
        """Whether the trained model beats popularity and relevance alone, each beyond the interval."""
        return all(comparison.is_better for comparison in self.comparisons)


@dataclass(frozen=True, slots=True)
class Split:
    """Rows of the examples, each part later than the one before."""

    train: NDArray[np.int64]
    validation: NDArray[np.int64]
    test: NDArray[np.int64]


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
    settings: FitSettings | None = None,
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
        settings: how to fit; None for the defaults.
        created_by: the command that asked for this.

    Raises:
        ModelError: there are no events, too few searches, only one product, or nothing that was not taken up.
    """
    began = perf_counter()
    report = on_progress or (lambda stage, done, total: None)
    examples, split, hashed = _prepare(list(events), products, retriever, vectors, query_of, report)
    settings = settings or FitSettings()
    fitted = fit(
        examples, split.train, split.validation, settings, seed,
        lambda epoch: report("train", epoch.number, settings.n_epochs),
    )  # fmt: skip
    rows, comparisons = _measure(examples, split, fitted.tensors, utility, seed)
    n_searches = {"train": len(split.train), "validation": len(split.validation), "test": len(split.test)}
    about = {
        "embedder": {"name": embedder_name, "fingerprint": embedder_fingerprint},
        "dimension": int(examples.listings.products.shape[1]),
        "catalog_version": catalog_version,
        "data_hash": hashed,
        "seed": seed,
        "settings": asdict(settings),
        "n_searches": n_searches,
        "created_by": created_by,
    }
    weights = save(fitted.tensors)
    meta = {**_findings(weights, fitted, rows, comparisons), **about}
    _write(out_dir, weights, meta)
    version = version_of(hashlib.sha256(weights).hexdigest())
    return TrainingResult(
        out_dir, version, rows, comparisons, fitted.epochs, fitted.best_epoch, n_searches, perf_counter() - began, meta
    )


def _findings(weights: bytes, fitted: Fitted, rows: Sequence[Row], comparisons: Sequence[Comparison]) -> dict[str, Any]:
    head = coefficients(fitted.tensors["head"])
    return {
        "format": FORMAT,
        "kind": OURS,
        "weights_sha256": hashlib.sha256(weights).hexdigest(),
        "best_epoch": fitted.best_epoch,
        "n_candidates": N_CANDIDATES,
        "coefficients": {name: round(value, 4) for name, value in head.items()},
        "metrics": {row.system: {name: round(value, 4) for name, value in row.metrics.items()} for row in rows},
        "comparisons": [asdict(comparison) for comparison in comparisons],
    }


def _prepare(
    events: list[Event],
    products: Iterable[Product],
    retriever: CandidateSource,
    vectors: Vectors,
    query_of: Callable[[str], Query],
    report: Progress,
) -> tuple[Examples, Split, str]:
    by_id = {product.id: product for product in products}
    if len(by_id) < 2:
        raise ModelError(f"a catalog of {len(by_id)} product(s) has no order to learn: import more products first")
    if not events:
        raise ModelError("there are no events to train on: import the shop's events, or serve the shipped model")
    events.sort(key=lambda event: (event.time, event.shopper_id, event.product_id, event.type))
    events = [event for event in events if event.product_id in by_id]
    if len({event.product_id for event in events}) < 2:
        raise ModelError(
            "the events are on fewer than two products of this catalog, so there is no order to learn: check that the "
            "product ids in the events are those of the catalog"
        )
    parts = split_searches(events)
    searches = [search for part in parts.values() for search in part]
    texts = sorted({search.query for search in searches})
    listings = build_listings(
        texts, {event.product_id for event in events}, retriever, vectors, N_CANDIDATES, query_of,
        lambda done, total: report("retrieve", done, total),
    )  # fmt: skip
    examples = build_examples(events, searches, listings, by_id)
    return examples, _rows(examples, parts), data_hash(events)


def data_hash(events: Iterable[Event]) -> str:
    """SHA-256 over the events that a model was trained on, in the order given."""
    digest = hashlib.sha256()
    for event in events:
        fields = (event.shopper_id, event.product_id, event.type, event.time.isoformat(), event.session_id, event.query)
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
    told = [event for event in events if event.time >= searches[0].start and (event.query or event.type in TAKEN_BACK)]
    split = split_by_time(told)
    parts = {"train": searches_of(split.train), "validation": searches_of(split.validation)}
    parts["test"] = searches_of(split.test)
    _check_parts(parts, len(searches))
    return parts


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


def _test_scores(
    examples: Examples,
    split: Split,
    tensors: dict[str, NDArray[np.float32]],
    utility: Utility | None,
    seed: int,
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


def _measure(
    examples: Examples,
    split: Split,
    tensors: dict[str, NDArray[np.float32]],
    utility: Utility | None,
    seed: int,
) -> tuple[tuple[Row, ...], tuple[Comparison, ...]]:
    rows = split.test
    scores = _test_scores(examples, split, tensors, utility, seed)
    gains = examples.gains[rows].astype(np.float64)
    ndcg = {system: ndcg_at(table, gains, 5) for system, table in scores.items()}
    table = tuple(
        Row(
            system,
            {
                "ndcg@5": float(ndcg[system].mean()),
                "recall@1": float(recall_at(scores[system], gains, 1).mean()),
                "mrr": float(reciprocal_rank(scores[system], gains).mean()),
            },
        )
        for system in scores
    )
    comparisons = []
    for baseline in BASELINES:
        difference = ndcg[OURS] - ndcg[baseline]
        low, high = bootstrap_interval(difference, examples.shopper[rows], seed)
        comparisons.append(Comparison(baseline, float(difference.mean()), low, high))
    return table, tuple(comparisons)


def _write(out_dir: Path, weights: bytes, meta: Mapping[str, Any]) -> None:
    """Write all files beside the old ones, then put them in their place; a torn pair is refused by its SHA-256."""
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

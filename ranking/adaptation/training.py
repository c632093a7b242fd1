"""Tunes the shop's embedder to its queries, and keeps it only if search gets better by it.

In: pairs, the embedder's folder, the products' vectors, a way to search with any embedder. Out: a folder that
`retrieval.adapted.adapted` reads, and an `Adaptation` that says what was measured. Knows neither the database nor the
command line.

Three parts with no query in common: the first is learnt from, the second says how far to go from the old weights to the
tuned ones, the third is measured on. What counts is the whole search, words included, against how the shop serves now:
an encoder of queries that only learns what words find anyway is of no use.
"""

import json
import math
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranking.adaptation.card import adaptation_card
from ranking.adaptation.network import FitSettings, Weights, between, fit_queries, save_weights, weights_of
from ranking.adaptation.pairs import Pair, Parts
from ranking.examples import CandidateSource, translated
from ranking.matcher import MODEL_CARD_FILE
from ranking.metrics import bootstrap_interval
from ranking.training import Comparison, Row
from retrieval.adapted import FORMAT, META_FILE, AdaptedEmbedder
from retrieval.embedder import Embedder, TorchEmbedder
from retrieval.errors import ModelError
from retrieval.model_folder import CONFIG_FILE, POOLING_FILE, TOKENIZER_FILE, WEIGHTS_FILE, ModelFolder, read_folder
from retrieval.types import Matrix

K = 10
MIN_TEST, MIN_VALIDATION = 40, 20
"""So many queries at least there must be to measure on, and to choose by."""

MAX_MEASURED = 600
"""No more queries are measured on, or chosen by, so that it stays short."""

MAX_DEPTH = 1_000
"""So deep at most a ranking of a larger catalog is looked into for those of its products that are on the shelf."""

SHARES = (0.25, 0.5, 0.75, 1.0)
OURS, BEFORE = "retrieve, tuned", "retrieve"
DENSE_TUNED, DENSE = "dense, tuned", "dense"

SourceOf = Callable[[Embedder], CandidateSource]
"""An embedder -> the shop's whole search with it."""

Progress = Callable[[str, int, int], None]
"""Called with a stage ("train", "choose", "measure"), what is done and how much there is."""


@dataclass(frozen=True)
class Adaptation:
    """What tuning came to, in NDCG@10 with the tuned encoder minus as the shop serves now.

    `whole` compares the whole search, `dense` the order by vectors alone. `source`: "clicks" or "catalog", where the
    queries come from that were measured on.
    `n_queries`: how many were learnt from ("train"), chosen by ("validation") and measured on ("test").
    """

    directory: Path
    source: str
    rows: tuple[Row, ...]
    whole: Comparison
    dense: Comparison
    share: float
    n_queries: Mapping[str, int]
    seconds: float

    @property
    def is_better(self) -> bool:
        """Whether the whole search is better, beyond the interval."""
        return self.whole.is_better


@dataclass(frozen=True, slots=True)
class Shelf:
    """What is searched: `ids[row]` has the vector `vectors[row]`, made by `embedder`, whose files are in `folder`.

    `serving` reads queries now: `embedder`, or what was tuned before. Those on the shelf are drawn from `n_catalog`
    products.
    """

    ids: Sequence[str]
    vectors: Matrix
    embedder: Embedder
    folder: ModelFolder
    serving: Embedder
    n_catalog: int


def adapt(
    parts: Parts,
    source: str,
    shelf: Shelf,
    source_of: SourceOf,
    out_dir: Path,
    seed: int = 0,
    on_progress: Progress | None = None,
    *,
    catalog_version: str = "",
    settings: FitSettings | None = None,
) -> Adaptation:
    """Tune the encoder to queries, measure it on others, and write it to `out_dir`, whether it is better or not.

    Args:
        parts: pairs whose rows are those of `shelf`.
        source: where the pairs that are measured on come from, for people: "clicks" or "catalog".
        shelf: the products and what made their vectors.
        source_of: the whole search with another embedder.
        out_dir: made anew.
        seed: of the order, the samples and the bootstrap.
        on_progress: called with (stage, done, total).
        catalog_version: of the catalog behind the shelf.
        settings: how to fit; None for the defaults.

    Raises:
        ModelError: there are too few queries to measure on, or the files cannot be written.
    """
    began, settings = perf_counter(), settings or FitSettings()
    report = on_progress or (lambda stage, done, total: None)
    if not is_enough(parts):
        raise ModelError(
            f"{len(parts.test)} queries to measure on and {len(parts.validation)} to choose by are too few to tell "
            f"whether search got better, {MIN_TEST} and {MIN_VALIDATION} are needed, of some 200 in all: collect more "
            "events, or import a larger catalog"
        )
    start = weights_of(shelf.folder)
    tuned = fit_queries(
        shelf.folder, parts.train, shelf.vectors, seed, settings, lambda done, total: report("train", done, total)
    )
    judge, asked = _Judge(shelf, source_of), parts.validation[:MAX_MEASURED]
    try:
        scores = {}
        for share in SHARES:
            encoder = _written(between(start, tuned, share), shelf.folder, out_dir)
            scores[share] = float(np.mean([judge.whole(judge.tuned(encoder), pair) for pair in asked]))
            report("choose", len(scores), len(SHARES))
        share = max(SHARES, key=lambda share: scores[share])
        chosen = _written(between(start, tuned, share), shelf.folder, out_dir)
        rows, whole, dense = _measured(judge.tuned(chosen), parts.test[:MAX_MEASURED], judge, seed, report)
    except BaseException:
        shutil.rmtree(out_dir, ignore_errors=True)
        raise
    n_queries = {"train": len(parts.train), "validation": len(asked), "test": min(len(parts.test), MAX_MEASURED)}
    meta = {
        "format": FORMAT,
        "fingerprint": chosen.fingerprint,
        "embedder": {"name": shelf.embedder.name, "fingerprint": shelf.embedder.fingerprint},
        "catalog_version": catalog_version,
        "source": source,
        "seed": seed,
        "settings": asdict(settings),
        "share": share,
        "n_queries": n_queries,
        "metrics": {row.system: {name: round(value, 4) for name, value in row.metrics.items()} for row in rows},
        "comparisons": [asdict(whole), asdict(dense)],
    }
    _write_about(out_dir, meta)
    return Adaptation(out_dir, source, rows, whole, dense, share, n_queries, perf_counter() - began)


def is_enough(parts: Parts) -> bool:
    """Whether there is something to learn from, and enough to choose by and to measure on."""
    return bool(parts.train) and len(parts.validation) >= MIN_VALIDATION and len(parts.test) >= MIN_TEST


class _Judge:
    """Scores embedders on pairs: the whole search, and the vectors alone."""

    def __init__(self, shelf: Shelf, source_of: SourceOf) -> None:
        self.shelf = shelf
        self._source_of = source_of
        self._row_of = {product_id: row for row, product_id in enumerate(shelf.ids)}
        # Of a larger catalog, products that are not on the shelf may be as good: they are passed over.
        self._depth = min(MAX_DEPTH, math.ceil(K * shelf.n_catalog / max(len(shelf.ids), 1)))

    def tuned(self, queries: Embedder) -> Embedder:
        """The shelf's embedder with `queries` reading the queries."""
        return AdaptedEmbedder(self.shelf.embedder, queries)

    def whole(self, embedder: Embedder, pair: Pair) -> float:
        """NDCG@10 of the whole search."""
        found = self._source_of(embedder).retrieve(translated(pair.query), self._depth).candidates
        rows = [self._row_of[candidate.product.id] for candidate in found if candidate.product.id in self._row_of]
        return self._ndcg(rows[:K], pair)

    def dense(self, embedder: Embedder, pair: Pair) -> float:
        """NDCG@10 of the products in the order of their vectors' cosine alone."""
        scores = self.shelf.vectors @ embedder.encode_queries([pair.text])[0]
        return self._ndcg(np.argsort(-scores, kind="stable")[:K].tolist(), pair)

    def _ndcg(self, rows: Sequence[int], pair: Pair) -> float:
        wanted = dict(zip(pair.rows.tolist(), pair.gains.tolist(), strict=True))
        return ndcg([wanted.get(row, 0.0) for row in rows], pair.gains)


def ndcg(found: Sequence[float], wanted: Sequence[float] | NDArray[np.float32], k: int = K) -> float:
    """NDCG@k in [0, 1] of the gains of what was found, in order, against all that is wanted; higher is better.

    Source: Burges et al. 2005, Learning to rank using gradient descent, section 5.

    >>> round(ndcg([0.0, 1.0], [1.0]), 4)
    0.6309
    """
    discounts = 1.0 / np.log2(np.arange(2, k + 2))
    gains = 2.0 ** np.asarray(found[:k], dtype=np.float64) - 1.0
    ideal = 2.0 ** -np.sort(-np.asarray(wanted, dtype=np.float64))[:k] - 1.0
    return float(gains @ discounts[: len(gains)] / (ideal @ discounts[: len(ideal)]))


def _measured(
    tuned: Embedder, pairs: Sequence[Pair], judge: _Judge, seed: int, report: Progress
) -> tuple[tuple[Row, ...], Comparison, Comparison]:
    systems: dict[str, Callable[[Pair], float]] = {
        DENSE: lambda pair: judge.dense(judge.shelf.serving, pair),
        DENSE_TUNED: lambda pair: judge.dense(tuned, pair),
        BEFORE: lambda pair: judge.whole(judge.shelf.serving, pair),
        OURS: lambda pair: judge.whole(tuned, pair),
    }
    scores: dict[str, NDArray[np.float64]] = {}
    for system, scored in systems.items():
        scores[system] = np.array([scored(pair) for pair in pairs])
        report("measure", len(scores), len(systems))
    rows = tuple(Row(system, {"ndcg@10": float(values.mean())}) for system, values in scores.items())
    return rows, _compared(scores, OURS, BEFORE, seed), _compared(scores, DENSE_TUNED, DENSE, seed)


def _compared(scores: Mapping[str, NDArray[np.float64]], ours: str, baseline: str, seed: int) -> Comparison:
    difference = scores[ours] - scores[baseline]
    low, high = bootstrap_interval(difference, np.arange(len(difference)), seed)
    return Comparison(baseline, float(difference.mean()), low, high)


def _written(weights: Weights, model: ModelFolder, folder: Path) -> TorchEmbedder:
    """The encoder with these weights, written to `folder` in the place of what was there."""
    shutil.rmtree(folder, ignore_errors=True)
    try:
        (folder / POOLING_FILE).parent.mkdir(parents=True)
        for name in (CONFIG_FILE, TOKENIZER_FILE, POOLING_FILE):
            if (model.path / name).is_file():
                shutil.copyfile(model.path / name, folder / name)
        save_weights(weights, folder / WEIGHTS_FILE)
    except OSError as error:
        raise ModelError(f"the tuned embedder cannot be written to {folder}: {error}") from error
    return TorchEmbedder(read_folder(folder, model.name, model.languages))


def _write_about(folder: Path, meta: Mapping[str, Any]) -> None:
    try:
        (folder / META_FILE).write_text(json.dumps(meta, ensure_ascii=False, indent=2) + "\n", "utf-8")
        (folder / MODEL_CARD_FILE).write_text(adaptation_card(meta), "utf-8")
    except OSError as error:
        raise ModelError(f"the tuned embedder cannot be written to {folder}: {error}") from error

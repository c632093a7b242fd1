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
from contextlib import ExitStack
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
from ranking.measuring import Row
from ranking.metrics import Comparison, bootstrap_interval, ndcg_at
from retrieval.adapted import FORMAT, META_FILE, AdaptedEmbedder
from retrieval.embedder import Embedder, SentenceEmbedder, TorchEmbedder
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
    asked = Parts(parts.train, parts.validation[:MAX_MEASURED], parts.test[:MAX_MEASURED])
    tuned = fit_queries(
        shelf.folder, asked.train, shelf.vectors, seed, settings, lambda done, total: report("train", done, total)
    )
    judge = _Judge(shelf, source_of)
    with ExitStack() as on_failure:
        on_failure.callback(shutil.rmtree, out_dir, ignore_errors=True)
        share, chosen = _chosen(tuned, asked.validation, judge, out_dir, report)
        rows, whole, dense = _measured(judge.tuned(chosen), asked.test, judge, seed, report)
        n_queries = {"train": len(asked.train), "validation": len(asked.validation), "test": len(asked.test)}
        found = Adaptation(out_dir, source, rows, whole, dense, share, n_queries, perf_counter() - began)
        made_by = {"catalog_version": catalog_version, "seed": seed, "settings": asdict(settings)}
        _write_about(found, chosen, shelf.embedder, made_by)
        on_failure.pop_all()
    return found


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
        return ndcg_of(rows, pair)

    def dense(self, embedder: Embedder, pair: Pair) -> float:
        """NDCG@10 of the products in the order of their vectors' cosine alone."""
        scores = self.shelf.vectors @ embedder.encode_queries([pair.text])[0]
        return ndcg_of(np.argsort(-scores, kind="stable")[:K].tolist(), pair)


def ndcg_of(found: Sequence[int], pair: Pair) -> float:
    """NDCG@10 in [0, 1] of the rows that were found, best first, against all that the pair asks for; higher is better.

    >>> pair = Pair("", "", np.array([4]), np.array([1.0], dtype=np.float32))
    >>> round(ndcg_of([7, 4], pair), 4)
    0.6309
    """
    wanted = dict(zip(pair.rows.tolist(), pair.gains.tolist(), strict=True))
    gains = np.zeros(K + len(wanted))
    gains[: min(len(found), K)] = [wanted.pop(row, 0.0) for row in found[:K]]
    # What was not found comes after all places that count, so that the ideal knows of it.
    gains[K : K + len(wanted)] = list(wanted.values())
    return float(ndcg_at(-np.arange(len(gains), dtype=np.float64)[None], gains[None], K)[0])


def _chosen(
    tuned: Weights, pairs: Sequence[Pair], judge: _Judge, folder: Path, report: Progress
) -> tuple[float, SentenceEmbedder]:
    """How far to go to the tuned weights for the whole search to be best, and the encoder there, in `folder`."""
    model = judge.shelf.folder
    start, scores = weights_of(model), dict[float, float]()
    for share in SHARES:
        embedder = judge.tuned(write_encoder(between(start, tuned, share), model, folder))
        scores[share] = float(np.mean([judge.whole(embedder, pair) for pair in pairs]))
        report("choose", len(scores), len(SHARES))
    share = max(SHARES, key=lambda share: scores[share])
    return share, write_encoder(between(start, tuned, share), model, folder)


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


def write_encoder(weights: Weights, model: ModelFolder, folder: Path) -> SentenceEmbedder:
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


def _write_about(found: Adaptation, encoder: Embedder, products: Embedder, made_by: Mapping[str, Any]) -> None:
    meta = {
        "format": FORMAT,
        "fingerprint": encoder.fingerprint,
        "embedder": {"name": products.name, "fingerprint": products.fingerprint},
        "source": found.source,
        "share": found.share,
        "n_queries": found.n_queries,
        "metrics": {row.system: {name: round(value, 4) for name, value in row.metrics.items()} for row in found.rows},
        "comparisons": [asdict(found.whole), asdict(found.dense)],
        **made_by,
    }
    try:
        (found.directory / META_FILE).write_text(json.dumps(meta, ensure_ascii=False, indent=2) + "\n", "utf-8")
        (found.directory / MODEL_CARD_FILE).write_text(adaptation_card(meta), "utf-8")
    except OSError as error:
        raise ModelError(f"the tuned embedder cannot be written to {found.directory}: {error}") from error

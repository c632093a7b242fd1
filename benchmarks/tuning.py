"""Which constants fusion should have: `python -m benchmarks.tuning --shop DIR --judgments FILE [--json]`.

In: an imported shop and a CSV of `query,product_id,rating`. Out: one row a system, all over the same queries, then the
constants that the folds chose. What relevance is made of is computed once a query, and a grid of constants is tried on
it. Cross-validation goes by query and is repeated over seeds: the constants with the best objective on the other folds
are scored on the one held out. The objective is the mean of both NDCG@10, judged-only and with unjudged = 0.

bm25, dense, rrf, maxnorm  the plain baselines of `benchmarks.search`
served            what a shopper with an empty profile sees, by the shipped constants
shipped           the order of relevance by the shipped constants
resubstituted     by those that do best on all queries: what tuning without a split would report
cross_validated   each query by those chosen without it, the mean over the seeds

`gain` columns say by how much `cross_validated` is better than a row, with the 95 % interval of a paired bootstrap over
the queries. `optimism` is resubstituted minus cross-validated.
"""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from assistant.app import ShoppingAssistant
from benchmarks.judgments import Judgments, judged, judged_ndcg, ndcg, read_judgments
from benchmarks.report import print_report
from benchmarks.search import DEPTH, baselines, compared, ours, score
from retrieval.fusion import SHIPPED, Fusion
from retrieval.selection import first_of
from retrieval.types import Query
from retrieval.view import SearchView

GRID = tuple(
    Fusion(*constants)
    for constants in product((0.3, 0.4, 0.5, 0.6), (0.0, 2.0, 4.0, 6.0), (0.0, 0.25, 0.5), (0.0, 0.05, 0.1, 0.2))
)
"""Dense weight, coverage power, place share, accessory penalty."""

METRICS = ("ndcg@10", "judged_ndcg@10", "judged@10")
N_SHOWN = 5

Figures = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Validated:
    """`held_out` is ``(queries, len(METRICS))``, the mean over the seeds; `chosen`: setting -> in how many folds."""

    held_out: Figures
    chosen: Mapping[int, int]


def main(
    shop: Annotated[Path, typer.Option(help="A shop directory with an imported catalog.")],
    judgments: Annotated[Path, typer.Option(help="CSV with the columns query, product_id, rating.")],
    folds: Annotated[int, typer.Option(min=2, help="Into how many parts the queries are split.")] = 5,
    repeats: Annotated[int, typer.Option(min=1, help="How many such splits are averaged over.")] = 20,
    seed: Annotated[int, typer.Option(help="Of the first split.")] = 0,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Choose constants by cross-validation over the judged queries that have a product rated above 0."""
    started = time.perf_counter()
    data = read_judgments(judgments)
    settings = tuple(dict.fromkeys((SHIPPED, *GRID)))
    with ShoppingAssistant.open(shop) as assistant:
        queries = {query: assistant.find(query, 1)[0] for query in data.answerable}
        figures = figures_of(assistant.search.view, queries, data, settings)
        plain = baselines(assistant.search, list(assistant.search.catalog.products()))
        systems = {**plain, "served": ours(assistant)["served"]}
        rows = [_only_quality(score(name, system, data)) for name, system in systems.items()]
    validated = cross_validated(figures, folds, range(seed, seed + repeats))
    best = figures[best_of(figures)]
    rows += [_row("shipped", figures[0]), _row("resubstituted", best), _row("cross_validated", validated.held_out)]
    counts = {
        "queries": len(queries),
        "judgments_sha256": data.sha256,
        "settings": len(settings),
        "folds": folds,
        "repeats": repeats,
        **{f"optimism_{name}": _mean(best[:, i] - validated.held_out[:, i]) for i, name in enumerate(METRICS[:2])},
    }
    told = [*compared(rows), *_choices(validated, settings)]
    print_report("tuning", counts, "shipped", told, time.perf_counter() - started, json_)


def figures_of(view: SearchView, queries: Mapping[str, Query], data: Judgments, settings: Sequence[Fusion]) -> Figures:
    """``(settings, queries, len(METRICS))``: what the order of relevance by each setting is worth for each query."""
    figures = np.zeros((len(settings), len(queries), len(METRICS)))
    for j, (text, query) in enumerate(queries.items()):
        evidence, ratings = view.evidence(query), data.ratings[text]
        for i, setting in enumerate(settings):
            first = first_of([-evidence.relevance(setting), evidence.rows], DEPTH)
            ids = [view.product_id(row) for row in evidence.rows[first].tolist()]
            figures[i, j] = ndcg(ids, ratings), judged_ndcg(ids, ratings), judged(ids, ratings)
    return figures


def cross_validated(figures: Figures, folds: int, seeds: Sequence[int]) -> Validated:
    """Score each query by the setting that does best on the other folds.

    Args:
        figures: `(settings, queries, len(METRICS))`.
        folds: into how many parts the queries are split.
        seeds: one split each.

    Source: Stone 1974, Cross-validatory choice and assessment of statistical predictions.
    """
    n_queries = figures.shape[1]
    held_out, chosen = np.zeros(figures.shape[1:]), Counter[int]()
    for seed in seeds:
        order = np.random.default_rng(seed).permutation(n_queries)
        for fold in range(min(folds, n_queries)):
            tested = order[fold::folds]
            best = best_of(np.delete(figures, tested, axis=1))
            held_out[tested] += figures[best, tested] / len(seeds)
            chosen[best] += 1
    return Validated(held_out, chosen)


def best_of(figures: Figures) -> int:
    """The setting with the best mean of both NDCGs over the queries; of equal ones the first.

    >>> best_of(np.array([[[0.2, 0.9, 1.0]], [[0.5, 0.7, 1.0]], [[0.6, 0.4, 1.0]]]))
    1
    """
    return int(np.argmax(figures[:, :, :2].mean(axis=(1, 2)).round(12)))


def _choices(validated: Validated, settings: Sequence[Fusion]) -> list[dict[str, Any]]:
    """The constants that were chosen most often, with their share of the folds."""
    n_folds, ranked = sum(validated.chosen.values()), sorted(validated.chosen.items(), key=lambda item: -item[1])
    return [
        {"system": f"chosen in {n / n_folds:.0%} of folds", **asdict(settings[setting])}
        for setting, n in ranked[:N_SHOWN]
    ]


def _row(name: str, figures: Figures) -> dict[str, Any]:
    return {
        "system": name,
        METRICS[0]: figures[:, 0].tolist(),
        METRICS[1]: figures[:, 1].tolist(),
        METRICS[2]: _mean(figures[:, 2]),
    }


def _only_quality(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("system", *METRICS)}


def _mean(values: Figures) -> float:
    return round(float(values.mean()), 4)


if __name__ == "__main__":
    typer.run(main)

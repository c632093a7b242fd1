"""How well the shop finds what was asked for: `python -m benchmarks.search --shop DIR --judgments FILE [--json]`.

In: an imported shop and a CSV of `query,product_id,rating`. Out: one row a system, all from one run over the same
queries: plain baselines over the same catalog and embedder, then what the product does.

bm25      bm25s with its defaults and English stop words over title, brand, description, attributes and details
dense     cosine of the shop's own embedder
rrf       reciprocal rank fusion of the two, k = 60 (Cormack et al. 2009)
maxnorm   0.5 / 0.5 sum of the two, each divided by its maximum
retrieve  the parser's query through the retriever, in order of relevance
served    the same after the ranker, for an empty profile: what a shopper is shown

`judged_ndcg@10` leaves unjudged products out of each ranking first. `gain` columns say by how much `served` is better
than a row, with the 95 % interval of a paired bootstrap over the queries.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from assistant.app import ShoppingAssistant
from benchmarks.judgments import (
    Judgments,
    judged,
    judged_ndcg,
    ndcg,
    paired_gain,
    precision,
    read_judgments,
    recall,
)
from benchmarks.report import print_report
from ranking.types import ShopperProfile
from retrieval.retriever import Retriever
from retrieval.text import readable_part
from retrieval.types import Product

DEPTH = 1000
"""So many products of each ranking are looked at; among those that were judged the ten first may lie deep."""

N_RECALLED, N_RANKED = 100, 200
RRF_K = 60

Scores = NDArray[np.float32]
System = Callable[[str, int], Sequence[str]]
"""A query and how many to find -> product ids, best first."""


def main(
    shop: Annotated[Path, typer.Option(help="A shop directory with an imported catalog.")],
    judgments: Annotated[Path, typer.Option(help="CSV with the columns query, product_id, rating.")],
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Score every system on the judged queries that have a product rated above 0."""
    started = time.perf_counter()
    data = read_judgments(judgments)
    with ShoppingAssistant.open(shop) as assistant:
        products = list(assistant.search.catalog.products())
        systems = {**baselines(assistant.search, products), **ours(assistant)}
        rows = compared([score(name, system, data) for name, system in systems.items()])
        counts = {
            "products": len(products),
            "catalog_version": assistant.search.catalog.version(),
            "judgments_sha256": data.sha256,
            "queries": len(data.ratings),
            "answerable_queries": len(data.answerable),
        }
    print_report("search", counts, "served", rows, time.perf_counter() - started, json_)


def score(name: str, system: System, data: Judgments) -> dict[str, Any]:
    """One row: figures per answerable query or their means, and how long a query took."""
    ranked, latencies = {}, []
    for query in data.answerable:
        started = time.perf_counter()
        system(query, N_RANKED)
        latencies.append((time.perf_counter() - started) * 1000)
        ranked[query] = system(query, DEPTH)
    pairs = [(ranked[query], data.ratings[query]) for query in data.answerable]
    return {
        "system": name,
        "ndcg@10": [ndcg(ids, ratings) for ids, ratings in pairs],
        "judged_ndcg@10": [judged_ndcg(ids, ratings) for ids, ratings in pairs],
        "judged@10": _mean(judged(ids, ratings) for ids, ratings in pairs),
        "recall@10": _mean(recall(ids, ratings, 10) for ids, ratings in pairs),
        f"recall@{N_RECALLED}": _mean(recall(ids, ratings, N_RECALLED) for ids, ratings in pairs),
        "precision@5": _mean(precision(ids, ratings, 5) for ids, ratings in pairs),
        "p50_ms": round(float(np.percentile(latencies, 50)), 2),
        "p95_ms": round(float(np.percentile(latencies, 95)), 2),
    }


def compared(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with means in place of the figures per query, and what the last one gains over each."""
    ours, told = rows[-1], []
    for row in rows:
        means = dict(row)
        for metric in ("ndcg@10", "judged_ndcg@10"):
            means[metric] = _mean(row[metric])
            if row is not ours:
                gain, low, high = paired_gain(ours[metric], row[metric])
                means[f"gain_{metric}"] = f"{gain:+.3f} ({low:+.3f} to {high:+.3f})"
        told.append(means)
    return told


def baselines(retriever: Retriever, products: Sequence[Product]) -> dict[str, System]:
    """The plain systems, over the whole catalog without any filter."""
    ids = [product.id for product in products]
    bm25 = bm25_scores(products)
    vectors = retriever.vectors_of(ids)

    def dense(query: str) -> Scores:
        readable = readable_part(query, retriever.embedder.languages)
        # Not by an encoder of queries that the shop has trained: that is ours.
        return vectors @ retriever.embedder.encode([readable])[0] if readable else np.zeros(len(ids), dtype=np.float32)

    def rrf(query: str) -> Scores:
        return _reciprocal_ranks(bm25(query)) + _reciprocal_ranks(dense(query))

    def maxnorm(query: str) -> Scores:
        return 0.5 * _scaled(bm25(query)) + 0.5 * _scaled(dense(query))

    def top(scores: Callable[[str], Scores]) -> System:
        return lambda query, k: [ids[row] for row in np.argsort(-scores(query), kind="stable")[:k]]

    return {"bm25": top(bm25), "dense": top(dense), "rrf": top(rrf), "maxnorm": top(maxnorm)}


def ours(assistant: ShoppingAssistant) -> dict[str, System]:
    """What the product does with the query as a shopper's first message."""

    def retrieve(query: str, k: int) -> Sequence[str]:
        _, retrieved = assistant.find(query, k)
        return [candidate.product.id for candidate in retrieved.candidates]

    def served(query: str, k: int) -> Sequence[str]:
        asked, retrieved = assistant.find(query, N_RANKED)
        ranked = assistant.ranker.rank(asked, retrieved, ShopperProfile(), k=N_RANKED)
        first = [item.product.id for item in ranked]
        return first if k <= N_RANKED else [*first, *(found for found in retrieve(query, k) if found not in first)]

    return {"retrieve": retrieve, "served": served}


def bm25_scores(products: Sequence[Product]) -> Callable[[str], Scores]:
    """A query -> the scores of all products by bm25s with its defaults and English stop words."""
    import bm25s

    texts = [plain_text(product) for product in products]
    index = bm25s.BM25()
    index.index(bm25s.tokenize(texts, stopwords="en", show_progress=False), show_progress=False)

    def scores(query: str) -> Scores:
        words = bm25s.tokenize([query], stopwords="en", return_ids=False, show_progress=False)[0]
        known = [word for word in words if word in index.vocab_dict]
        return index.get_scores(known) if known else np.zeros(len(texts), dtype=np.float32)

    return scores


def plain_text(product: Product) -> str:
    """Everything that a product says, as one text."""
    values = [value for name in product.attributes for value in product.values(name)]
    return " ".join([product.title, product.brand or "", product.description, *values, *product.details.values()])


def _reciprocal_ranks(scores: Scores) -> Scores:
    ranks = np.empty(len(scores), dtype=np.float32)
    ranks[np.argsort(-scores, kind="stable")] = np.arange(1, len(scores) + 1)
    return np.asarray(np.where(scores > 0, 1.0 / (RRF_K + ranks), 0.0), dtype=np.float32)


def _scaled(scores: Scores) -> Scores:
    top = float(scores.max(initial=0.0))
    return np.asarray(np.clip(scores, 0.0, None) / top if top > 0 else np.zeros_like(scores), dtype=np.float32)


def _mean(values: Any) -> float:
    return round(float(np.mean(list(values) or [0.0])), 4)


if __name__ == "__main__":
    typer.run(main)

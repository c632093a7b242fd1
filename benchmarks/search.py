"""How well the shop finds what was asked for: `python -m benchmarks.search --shop DIR --judgments FILE [--json]`.

In: an imported shop and a CSV of `query,product_id,rating`. Out: one row a system, all from one run over the same
queries: plain baselines over the same catalog and embedder, then what the product does.

bm25      bm25s with its defaults and English stop words over title, brand, description, attributes and details
dense     cosine of the shop's own embedder
rrf       reciprocal rank fusion of the two, k = 60 (Cormack et al. 2009)
maxnorm   0.5 / 0.5 sum of the two, each divided by its maximum
retrieve  the parser's query through the retriever, in order of relevance
served    the same after the ranker, for an empty profile: what a shopper is shown
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from assistant.app import ShoppingAssistant
from benchmarks.judgments import Judgments, judged, ndcg, precision, read_judgments, recall
from benchmarks.report import print_report
from ranking.types import ShopperProfile
from retrieval.retriever import Retriever
from retrieval.types import Product

DEPTH = 100
RRF_K = 60

Scores = NDArray[np.float32]
System = Callable[[str], Sequence[str]]
"""A query -> product ids, best first."""


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
        rows = [score(name, system, data) for name, system in systems.items()]
        counts = {
            "products": len(products),
            "catalog_version": assistant.search.catalog.version(),
            "judgments_sha256": data.sha256,
            "queries": len(data.ratings),
            "answerable_queries": len(data.answerable),
        }
    print_report("search", counts, "served", rows, time.perf_counter() - started, json_)


def score(name: str, system: System, data: Judgments) -> dict[str, Any]:
    """One row: means over the answerable queries, and how long a query took."""
    ranked, latencies = {}, []
    for query in data.answerable:
        started = time.perf_counter()
        ranked[query] = system(query)
        latencies.append((time.perf_counter() - started) * 1000)
    pairs = [(ranked[query], data.ratings[query]) for query in data.answerable]
    return {
        "system": name,
        "ndcg@10": _mean(ndcg(ids, ratings) for ids, ratings in pairs),
        "recall@10": _mean(recall(ids, ratings, 10) for ids, ratings in pairs),
        "recall@100": _mean(recall(ids, ratings, DEPTH) for ids, ratings in pairs),
        "precision@5": _mean(precision(ids, ratings, 5) for ids, ratings in pairs),
        "judged@10": _mean(judged(ids, ratings) for ids, ratings in pairs),
        "p50_ms": round(float(np.percentile(latencies, 50)), 2),
        "p95_ms": round(float(np.percentile(latencies, 95)), 2),
    }


def baselines(retriever: Retriever, products: Sequence[Product]) -> dict[str, System]:
    """The plain systems, over the whole catalog without any filter."""
    ids = [product.id for product in products]
    bm25 = _bm25(products)
    vectors = retriever.vectors_of(ids)

    def dense(query: str) -> Scores:
        vector = retriever.encode(query)
        return vectors @ vector if vector is not None else np.zeros(len(ids), dtype=np.float32)

    def rrf(query: str) -> Scores:
        return _reciprocal_ranks(bm25(query)) + _reciprocal_ranks(dense(query))

    def maxnorm(query: str) -> Scores:
        return 0.5 * _scaled(bm25(query)) + 0.5 * _scaled(dense(query))

    def top(scores: Callable[[str], Scores]) -> System:
        return lambda query: [ids[row] for row in np.argsort(-scores(query), kind="stable")[:DEPTH]]

    return {"bm25": top(bm25), "dense": top(dense), "rrf": top(rrf), "maxnorm": top(maxnorm)}


def ours(assistant: ShoppingAssistant) -> dict[str, System]:
    """What the product does with the query as a shopper's first message."""

    def retrieve(query: str) -> Sequence[str]:
        _, retrieved = assistant.find(query, k=200)
        return [candidate.product.id for candidate in retrieved.candidates[:DEPTH]]

    def served(query: str) -> Sequence[str]:
        asked, retrieved = assistant.find(query, k=200)
        ranked = assistant.ranker.rank(asked, retrieved, ShopperProfile(), k=DEPTH)
        return [item.product.id for item in ranked]

    return {"retrieve": retrieve, "served": served}


def _bm25(products: Sequence[Product]) -> Callable[[str], Scores]:
    import bm25s

    texts = [
        " ".join([p.title, p.brand or "", p.description, *_attribute_values(p), *p.details.values()]) for p in products
    ]
    index = bm25s.BM25()
    index.index(bm25s.tokenize(texts, stopwords="en", show_progress=False), show_progress=False)

    def scores(query: str) -> Scores:
        words = bm25s.tokenize([query], stopwords="en", return_ids=False, show_progress=False)[0]
        known = [word for word in words if word in index.vocab_dict]
        return index.get_scores(known) if known else np.zeros(len(texts), dtype=np.float32)

    return scores


def _attribute_values(product: Product) -> list[str]:
    return [value for name in product.attributes for value in product.values(name)]


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

"""What finishing a list costs and gains: `python -m benchmarks.finishing --shop DIR --judgments FILE [--json]`.

In: an imported shop and a CSV of `query,product_id,rating`. Out: a row per way to finish a list, from one run over the
same candidates and scores, for an empty profile. Rows are named as in `benchmarks.exposure`;
`repeated` is served with the same thing as often as it was found.

NDCG as it is counts a thing that was listed four times four times, in a ranking as in the ideal one. `titles_ndcg@10`
counts a title once and `things_ndcg@10` a thing once, whoever stands first, and a repeat as useless; what is a thing is
said by `ranking.sameness`, by which the lists were made, so the last column is kind to them. `distance` is the mean of
1 - cosine between the first ten. `gain` columns say how much better a row is than `score`, with the 95 % interval of a
paired bootstrap over the queries.
"""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from assistant.app import ShoppingAssistant
from benchmarks.exposure import KNOBS, Found, distance
from benchmarks.judgments import Judgments, judged_ndcg, ndcg, paired_gain, read_judgments
from benchmarks.report import print_report
from benchmarks.search import N_RANKED
from ranking.finish import Finish
from ranking.ranker import Ranker
from ranking.sameness import Sameness, Thing
from ranking.types import ShopperProfile
from retrieval.types import Product, Query

METRICS = ("ndcg@10", "judged_ndcg@10", "titles_ndcg@10", "things_ndcg@10")
Heads = Mapping[str, str]
"""Product id -> the id that stands for everything that is the same."""


def main(
    shop: Annotated[Path, typer.Option(help="A shop directory with an imported catalog.")],
    judgments: Annotated[Path, typer.Option(help="CSV with the columns query, product_id, rating.")],
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Score every way to finish a list on the judged queries that have a product rated above 0."""
    started = time.perf_counter()
    data = read_judgments(judgments)
    with ShoppingAssistant.open(shop) as assistant:
        found = {query: assistant.find(query, N_RANKED) for query in data.answerable}
        ways = {
            "score": assistant.ranker.finishing(Finish(0.0, collapse=False)),
            "collapsed": assistant.ranker.finishing(Finish(0.0)),
            "repeated": assistant.ranker.finishing(Finish(assistant.shop.settings.ranking.diversity, collapse=False)),
            "served": assistant.ranker,
            **{f"diversity {knob}": assistant.ranker.finishing(Finish(knob)) for knob in KNOBS},
        }
        heads = {query: heads_of(assistant, found[query], data.ratings[query]) for query in data.answerable}
        rows = [measured(name, ranker, found, data, heads) for name, ranker in ways.items()]
        counts = {
            "products": assistant.search.catalog.n_products(),
            "judgments_sha256": data.sha256,
            "queries": len(data.answerable),
            "diversity": assistant.shop.settings.ranking.diversity,
        }
    print_report("finishing", counts, "served", _compared(rows), time.perf_counter() - started, json_)


def heads_of(assistant: ShoppingAssistant, found: Found, ratings: Mapping[str, int]) -> tuple[Heads, Heads]:
    """For all that was judged or found for a query: what stands for the same title, and for the same thing."""
    query, retrieved = found
    judged = sorted(ratings, key=lambda product_id: (-ratings[product_id], product_id))
    ids = list(dict.fromkeys([*judged, *(candidate.product.id for candidate in retrieved.candidates)]))
    known = assistant.search.catalog.get_many(ids)
    products = [known[product_id] for product_id in ids if product_id in known]
    first: dict[str, str] = {}
    titles = {product.id: first.setdefault(product.title, product.id) for product in products}
    return titles, _things(assistant, query, products)


def _things(assistant: ShoppingAssistant, query: Query, products: Sequence[Product]) -> Heads:
    vectors = assistant.search.vectors_of([product.id for product in products])
    things = [Thing(product, product.offer, vector) for product, vector in zip(products, vectors, strict=True)]
    firsts = Sameness(query).firsts(things)
    return {product.id: products[first].id for product, first in zip(products, firsts, strict=True)}


def once_ndcg(ranked: Sequence[str], ratings: Mapping[str, int], heads: Heads) -> float:
    """NDCG@10 in which everything that is the same counts once, with its best rating.

    >>> once_ndcg(["a", "b", "c"], {"a": 1, "b": 1, "c": 1}, {"a": "a", "b": "a", "c": "c"}) < 1.0
    True
    >>> once_ndcg(["b", "c", "a"], {"a": 1, "b": 1, "c": 1}, {"a": "a", "b": "a", "c": "c"})
    1.0
    """
    best: dict[str, int] = {}
    for product_id, rating in ratings.items():
        head = heads.get(product_id, product_id)
        best[head] = max(best.get(head, 0), rating)
    places: list[str] = []
    for place, product_id in enumerate(ranked):
        head = heads.get(product_id, product_id)
        places.append(f"a repeat in place {place}" if head in places else head)
    return ndcg(places, best)


def measured(
    name: str, ranker: Ranker, found: Mapping[str, Found], data: Judgments, heads: Mapping[str, tuple[Heads, Heads]]
) -> dict[str, Any]:
    """The figures per query of one way to finish a list."""
    figures: dict[str, list[float]] = {metric: [] for metric in METRICS}
    distances = []
    for query, (asked, retrieved) in found.items():
        ids = [item.product.id for item in ranker.rank(asked, retrieved, ShopperProfile(), N_RANKED)]
        ratings = data.ratings[query]
        titles, things = heads[query]
        plain = (ndcg(ids, ratings), judged_ndcg(ids, ratings))
        scored = (*plain, once_ndcg(ids, ratings, titles), once_ndcg(ids, ratings, things))
        for metric, value in zip(METRICS, scored, strict=True):
            figures[metric].append(value)
        vectors = {candidate.product.id: candidate.embedding for candidate in retrieved.candidates}
        if len(ids) > 1:
            distances.append(distance([vectors[product_id] for product_id in ids[:10]]))
    return {"system": name, **figures, "distance": round(float(np.mean(distances)), 4)}


def _compared(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    base, told = rows[0], []
    for row in rows:
        means = {**row, **{metric: round(float(np.mean(row[metric])), 4) for metric in METRICS}}
        if row is not base:
            for metric in METRICS:
                gain, low, high = paired_gain(row[metric], base[metric])
                means[f"gain_{metric}"] = f"{gain:+.3f} ({low:+.3f} to {high:+.3f})"
        told.append(means)
    return told


if __name__ == "__main__":
    typer.run(main)

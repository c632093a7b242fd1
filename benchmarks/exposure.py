"""Which brands a shop shows: `python -m benchmarks.exposure --shop DIR --messages FILE [--json]`.

In: an imported shop and a text file with a message a line (# begins a comment). Out: a row per way to finish a list,
from one run over the same candidates, each for an empty profile.

score         by score alone, the same thing as often as it was found
collapsed     the same thing once
served        as `shop.toml` says
diversity D   the same thing once, and the knob at D

`top_1` and `top_5` are the shares of exposure of the most shown brand and of the five most shown ones over the first
five places, rank r worth 1 / log2(r + 1); `gini` is over the brands of the whole catalog, those never shown included.
`n_brands` were shown at all, `brands_a_list` is the mean number in a list, `distance` the mean of 1 - cosine between
the products of a list, `repeats` the share of places whose title stands above already. With --json each row also has
the shares of the ten most shown `brands`.
"""

import hashlib
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from assistant.app import N_SHOWN, ShoppingAssistant
from benchmarks.emptiness import read_wishes
from benchmarks.report import print_report
from ranking.exposure import exposure_by_brand, gini_of
from ranking.finish import Finish
from ranking.ranker import Ranker
from ranking.types import RankedProduct, ShopperProfile
from retrieval.types import Product, Query, Retrieved, Vector

KNOBS = (0.1, 0.2, 0.3, 0.5)
N_LISTED = 10

Found = tuple[Query, Retrieved]


def main(
    shop: Annotated[Path, typer.Option(help="A shop directory with an imported catalog.")],
    messages: Annotated[Path, typer.Option(help="A message a line.")],
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show every message's list under each way to finish it."""
    started = time.perf_counter()
    said = read_wishes(messages)
    with ShoppingAssistant.open(shop) as assistant:
        found = [assistant.find(message) for message in said]
        brands = {brand_of(product) for product in assistant.search.catalog.products()}
        rankers = {
            "score": assistant.ranker.finishing(Finish(0.0, collapse=False)),
            "collapsed": assistant.ranker.finishing(Finish(0.0)),
            "served": assistant.ranker,
            **{f"diversity {knob}": assistant.ranker.finishing(Finish(knob)) for knob in KNOBS},
        }
        rows = [row(name, ranker, found, brands) for name, ranker in rankers.items()]
        counts = {
            "products": assistant.search.catalog.n_products(),
            "brands": len(brands),
            "messages": len(said),
            "lists": sum(bool(retrieved.candidates) for _, retrieved in found),
            "messages_sha256": hashlib.sha256(messages.read_bytes()).hexdigest()[:12],
            "diversity": assistant.shop.settings.ranking.diversity,
        }
    shown = rows if json_ else [{key: value for key, value in row.items() if key != "brands"} for row in rows]
    print_report("exposure", counts, "served", shown, time.perf_counter() - started, json_)


def row(name: str, ranker: Ranker, found: Sequence[Found], brands: set[str]) -> dict[str, Any]:
    """The figures of one way to finish lists."""
    lists, distances = [], []
    for query, retrieved in found:
        ranked = ranker.rank(query, retrieved, ShopperProfile(), N_SHOWN)
        lists.append(ranked)
        vectors = {candidate.product.id: candidate.embedding for candidate in retrieved.candidates}
        if len(ranked) > 1:
            distances.append(distance([vectors[item.product.id] for item in ranked]))
    shares = exposure_by_brand([[brand_of(item.product) for item in ranked] for ranked in lists])
    largest = list(shares.values())
    full = [ranked for ranked in lists if ranked]
    return {
        "system": name,
        "top_1": round(sum(largest[:1]), 4),
        "top_5": round(sum(largest[:5]), 4),
        "gini": round(gini_of(shares, brands), 4),
        "n_brands": len(shares),
        "brands_a_list": round(float(np.mean([len({brand_of(item.product) for item in items}) for items in full])), 3),
        "distance": round(float(np.mean(distances)), 4),
        "repeats": round(sum(map(n_repeats, full)) / sum(map(len, full)), 4),
        "brands": {brand: round(share, 4) for brand, share in list(shares.items())[:N_LISTED]},
    }


def brand_of(product: Product) -> str:
    """The brand as it counts here; "" for none."""
    return (product.brand or "").casefold()


def distance(vectors: Sequence[Vector]) -> float:
    """The mean of 1 - cosine over the pairs of a list, in [0, 2], higher is more diverse.

    Source: Ziegler et al. 2005, Improving recommendation lists through topic diversification, section 3.3 (as a
    distance, and as a mean).

    >>> distance([np.array([1.0, 0.0], np.float32), np.array([0.0, 1.0], np.float32)])
    1.0
    """
    stacked = np.stack(vectors)
    n = len(stacked)
    cosines = (stacked @ stacked.T)[~np.eye(n, dtype=bool)]
    return 1.0 - float(cosines.mean())


def n_repeats(ranked: Sequence[RankedProduct]) -> int:
    """How many titles of a list stand above already."""
    titles: Mapping[str, None] = dict.fromkeys(item.product.title for item in ranked)
    return len(ranked) - len(titles)


if __name__ == "__main__":
    typer.run(main)

"""`train --embedder` in the terminal: tunes how queries are read, says what that brought, and keeps it if it is better.

In: a shop that is owned. Out: `models/embedder`, text on the terminal. Knows no network.
"""

import random
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from assistant.progress import progress_bars
from assistant.promotion import TRAINING, promote
from assistant.shop import Shop
from ranking.adaptation.pairs import Parts, catalog_pairs, clicked_pairs, parted
from ranking.adaptation.training import Adaptation, Shelf, adapt, is_enough
from ranking.examples import translated
from ranking.types import Event
from retrieval.adapted import adapted
from retrieval.embedder import open_embedder, read_encoder
from retrieval.errors import ModelError
from retrieval.retriever import Retriever, open_retriever
from retrieval.text import readable_part
from retrieval.types import Product

N_CATALOG_QUERIES = 8_000
MAX_PRODUCTS = 50_000
"""Of a larger catalog so many are drawn to learn from."""

console = Console()


def run_embedder_training(shop_dir: Path | None, seed: int, always: bool) -> None:
    """Tune the embedder to the shop's queries; it serves from the next start if search is better with it."""
    with Shop(shop_dir, must_own=True) as shop:
        if shop.is_empty:
            shop.make_demo()
        with progress_bars() as bars:
            result = _adapt(shop, seed, bars)
        _print_adaptation(result)
        if not (result.is_better or always):
            shutil.rmtree(result.directory)
            raise ModelError(
                "search is not clearly better with the tuned embedder, so queries are read as before; collect more "
                "events, or insist with --always"
            )
        with console.status("Preparing it for the next start"):
            adapted(open_embedder(shop.settings.embedder), result.directory)
        promote(result.directory)
        console.print(f"Queries are read by it from the next start: {shop.paths.embedder}")
        if shop.paths.model.is_dir():
            console.print("The matcher was trained on the former search: run `shopping-assistant train` as well")


def pairs_of(
    events: Sequence[Event], products: Sequence[Product], languages: frozenset[str], seed: int
) -> tuple[Parts, str]:
    """What to learn from and to measure on, and where the latter comes from: "clicks", or "catalog" without enough.

    Args:
        events: of any shoppers.
        products: row by row.
        languages: those that the embedder knows.
        seed: of the queries that are drawn from the catalog.

    Raises:
        ModelError: nothing is in stock, or the embedder can read nothing of it.
    """

    def readable(text: str) -> str:
        query = translated(text)
        return readable_part(query.semantic_text or query.text, languages)

    own = parted(catalog_pairs(products, N_CATALOG_QUERIES, seed, readable))
    if not own.train:
        raise ModelError(
            "the embedder can read no title of a product in stock: name one that knows the catalog's language in "
            "shop.toml (docs/embedder.md), or see with `shopping-assistant doctor` whether anything is in stock"
        )
    row_of = {product.id: row for row, product in enumerate(products)}
    clicked = parted(clicked_pairs(events, row_of, readable))
    learnt = (*clicked.train, *own.train)
    if is_enough(clicked):
        return replace(clicked, train=learnt), "clicks"
    return replace(own, train=learnt), "catalog"


def products_to_learn_from(
    products: Iterable[Product], events: Sequence[Event], seed: int, limit: int = MAX_PRODUCTS
) -> tuple[list[Product], int]:
    """Products in stock, at most `limit`, first those that shoppers know of; and how many are in stock."""
    known = {event.product_id for event in events}
    drawn = random.Random(seed)  # noqa: S311  (nothing secret)
    chosen: list[tuple[float, Product]] = []
    n = 0
    for product in products:
        if product.in_stock:
            n += 1
            # Those known come before all others.
            chosen.append((drawn.random() + (product.id not in known), product))
        if len(chosen) >= 2 * limit:
            chosen = _first(chosen, limit)
    return [product for _, product in _first(chosen, limit)], n


def _first(chosen: list[tuple[float, Product]], n: int) -> list[tuple[float, Product]]:
    return sorted(chosen, key=lambda one: one[0])[:n]


def _adapt(shop: Shop, seed: int, bars: Progress) -> Adaptation:
    embedder = open_embedder(shop.settings.embedder)
    bar = bars.add_task("Opening the shop", total=None)
    retriever = open_retriever(
        shop.catalog, embedder, shop.paths.index, server=shop.chroma_server, synonyms=shop.learnt_words(),
        on_progress=lambda done, total: bars.update(bar, completed=done, total=total),
    )  # fmt: skip
    try:
        return _adapted(shop, retriever, seed, bars)
    finally:
        retriever.close()


def _adapted(shop: Shop, retriever: Retriever, seed: int, bars: Progress) -> Adaptation:
    stages = {
        "train": bars.add_task("Tuning", total=None),
        "choose": bars.add_task("How far to go", total=None),
        "measure": bars.add_task("Measuring", total=None),
    }
    events = shop.event_log.events()
    products, n_in_stock = products_to_learn_from(shop.catalog.products(), events, seed)
    parts, source = pairs_of(events, products, retriever.embedder.languages, seed)
    ids = [product.id for product in products]
    folder = read_encoder(shop.settings.embedder)
    shelf = Shelf(ids, retriever.vectors_of(ids), retriever.embedder, folder, shop.embedder(), n_in_stock)
    return adapt(
        parts,
        source,
        shelf,
        lambda embedder: replace(retriever.view, embedder=embedder),
        shop.paths.embedder.with_suffix(TRAINING),
        seed,
        lambda stage, done, total: bars.update(stages[stage], completed=done, total=total),
        catalog_version=shop.catalog.version(),
    )


def _print_adaptation(result: Adaptation) -> None:
    n = result.n_queries
    asked = {"clicks": "what shoppers chose", "catalog": "the catalog's own words"}[result.source]
    table = Table(title=f"{n['test']:,} queries that were kept out, by {asked}; {result.seconds:.0f} s")
    table.add_column("system")
    table.add_column("ndcg@10", justify="right")
    for row in result.rows:
        table.add_row(row.system, f"{row.metrics['ndcg@10']:.4f}")
    console.print(table)
    for what, other in (("the whole search", result.whole), ("vectors alone", result.dense)):
        interval = f"95 % interval {other.low:+.4f} to {other.high:+.4f}"
        console.print(f"NDCG@10 of {what}: {other.difference:+.4f} ({interval})")

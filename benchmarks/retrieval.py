"""How fast retrieval is at size: `python -m benchmarks.retrieval --shop DIR [--sizes 10000,100000] [--json]`.

In: an imported shop, whose products and vectors are drawn and perturbed into catalogs of the wanted sizes (see
`benchmarks.resampled`); nothing is embedded but queries. Out: a row per size, share of the catalog that a price limit
keeps, and system, with peers over the same texts, vectors and prices in the same run:

retrieve            the whole of `SearchView.retrieve(k=200)`, products read from SQL included
filtered dense      the nearest 100 that pass, as `retrieve` finds them; recall is against all vectors of the index
peer: chroma where  Chroma's own filter on a metadata field, 100 results, ids only, in LangChain's collection
peer: langchain     LangChain's Chroma retriever with sentence-transformers, 200 documents, filtered likewise
peer: bm25s         bm25s alone, no filter, 200 results
built               how long building took, and what a process that serves needs
churn               half deleted, a third of the rest with another text: live products that do not find themselves
violations          random filters: products found that do not meet them, and products missing
"""

import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import wraps
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from assistant.app import ShoppingAssistant
from assistant.migrations import migrate
from benchmarks.peers import LangChainChroma, bm25s_search
from benchmarks.report import print_report
from benchmarks.resampled import SEED, KnowingEmbedder, Resampled
from benchmarks.search import plain_text
from retrieval.catalog import Catalog
from retrieval.database import open_engine
from retrieval.filters import Rows, passing_variant
from retrieval.model_folder import default_folder
from retrieval.retriever import Retriever, open_retriever
from retrieval.types import Filters, Matrix, Product, Query, Vector
from retrieval.view import SearchView

SHARES = (0.001, 0.01, 0.1, 0.5, 1.0)
N_QUERIES, N_WARMUP = 60, 10
K, K_DENSE = 200, 100
PEERS_UP_TO = 100_000
"""Products beyond which building the peers' indexes as well takes too long."""

CHURN_UP_TO = 100_000
N_SELF_QUERIES = 2_000
N_FILTERS = 10_000
AT_ONCE = 20_000
"""Products in one transaction while the catalog is made."""

Row = dict[str, Any]
Work = Callable[[Path, Path, int], list[Row]]


def main(
    shop: Annotated[Path, typer.Option(help="A shop directory with an imported catalog.")],
    sizes: Annotated[str, typer.Option(help="Numbers of products, with commas.")] = "10000,100000,1000000",
    keep: Annotated[Path | None, typer.Option(help="Build here and keep it; what is there is used again.")] = None,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure each size in processes of its own: one builds, one serves, one is the peers'."""
    started = time.perf_counter()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = keep or Path(temporary)
        for number, size in enumerate(map(int, sizes.split(","))):
            # Filters are no less exact at another size.
            for work in (_build, _serve, *([_violate] if number == 0 else []), _churn, _peers):
                rows += _alone(work, shop, folder / str(size), size)
            if keep is None:
                shutil.rmtree(folder / str(size))
    print_report(
        "retrieval", {"sizes": sizes, "queries": N_QUERIES}, "retrieve", rows, time.perf_counter() - started, json_
    )


class _Source:
    """The real shop's products, vectors and embedder."""

    def __init__(self, shop: Path, size: int) -> None:
        with ShoppingAssistant.open(shop, own=False) as assistant:
            products = list(assistant.shop.catalog.products())
            vectors = assistant.search.vectors_of([product.id for product in products])
            model = assistant.shop.settings.embedder
            embedder = assistant.search.embedder
        self.model_folder = default_folder().path if model == "default" else Path(model).expanduser()
        self.catalog = Resampled(products, vectors)
        self.embedder = KnowingEmbedder(embedder, self.catalog)
        rng = random.Random(SEED)
        self.queries = [_query(rng.choice(products), rng) for _ in range(N_QUERIES)]
        sample = rng.sample(range(size), min(size, 20_000))
        prices = [self.catalog.product(row, "x").price_minor for row in sorted(sample)]
        self.limits = {share: int(np.quantile(prices, share)) for share in SHARES if share < 1}


def _query(product: Product, rng: random.Random) -> str:
    """Two or three words of a title, as a shopper would type them."""
    words = product.title.split()
    return " ".join(rng.sample(words, min(len(words), rng.choice([2, 3]))))


def _filters(limit: int | None) -> Filters:
    return Filters(price_max_minor=limit, in_stock_only=False)


def _open(source: _Source, folder: Path) -> tuple[Catalog, Retriever]:
    engine = open_engine(folder / "shop.db")
    migrate(engine)
    catalog = Catalog(engine)
    return catalog, open_retriever(catalog, source.embedder, folder / "index", on_progress=_progress("embedded"))


def _told(work: Work) -> Work:
    """The same, and its rows on standard error as soon as they are there: a later step may take long, or fail."""

    @wraps(work)
    def told(shop: Path, folder: Path, size: int) -> list[Row]:
        rows = work(shop, folder, size)
        for row in rows:
            print(row, file=sys.stderr, flush=True)
        return rows

    return told


@_told
def _build(shop: Path, folder: Path, size: int) -> list[Row]:
    if (folder / "built").exists():
        return []
    source = _Source(shop, size)
    folder.mkdir(parents=True, exist_ok=True)
    engine = open_engine(folder / "shop.db")
    migrate(engine)
    report = _progress("products in SQL")
    catalog_s = time.perf_counter()
    for start in range(0, size, AT_ONCE):
        Catalog(engine).upsert(source.catalog.products(start, min(start + AT_ONCE, size)))
        report(min(start + AT_ONCE, size), size)
    catalog_s = time.perf_counter() - catalog_s
    index_s = time.perf_counter()
    _open(source, folder)[1].close()
    index_s = time.perf_counter() - index_s
    (folder / "built").touch()
    return [{"products": size, "system": "built", "catalog_s": round(catalog_s, 1), "index_s": round(index_s, 1)}]


@_told
def _serve(shop: Path, folder: Path, size: int) -> list[Row]:
    source = _Source(shop, size)
    opened_s = time.perf_counter()
    _, retriever = _open(source, folder)
    opened_s = time.perf_counter() - opened_s
    view, rows = retriever.view, []
    vectors = [source.embedder.encode_queries([query])[0] for query in source.queries]
    for share in SHARES:
        print(f"{size:,}: {share:.1%} of the catalog", file=sys.stderr)
        rows += [{"products": size, "kept": share, **row} for row in _our_rows(source, view, vectors, share)]
    rows.append({"products": size, "system": "served", "open_s": round(opened_s, 1), "rss_mb": _rss_mb()})
    retriever.close()
    return rows


def _our_rows(source: _Source, view: SearchView, vectors: Sequence[Vector], share: float) -> list[Row]:
    filters = _filters(source.limits.get(share))
    recall = np.mean([_recall(view, vector, filters) for vector in vectors])
    whole = _timed(lambda i: view.retrieve(Query(source.queries[i], filters), K))
    dense = _timed(lambda i: view.nearest(vectors[i], filters, K_DENSE))
    return [
        {"system": "retrieve", **whole},
        {"system": "filtered dense", **dense, "recall@100": round(float(recall), 4)},
    ]


def _recall(view: SearchView, vector: Vector, filters: Filters) -> float:
    rows = np.flatnonzero(view.table.matching(filters))
    similarities = np.concatenate(
        [view.base.vectors[part] @ vector for part in np.array_split(rows, 1 + len(rows) // 50_000)]
    )
    best = rows[np.argsort(-similarities, kind="stable")[:K_DENSE]]
    exact = {view.base.ids[row] for row in best}
    return len(exact & set(view.nearest(vector, filters, K_DENSE))) / max(len(exact), 1)


@_told
def _violate(shop: Path, folder: Path, size: int) -> list[Row]:
    """Random filters: what is found must meet them, and be as much as there is."""
    source = _Source(shop, size)
    _, retriever = _open(source, folder)
    rng = random.Random(SEED)
    attributes = [(name, value) for name, values in retriever.view.table.variants.values.items() for value in values]
    n_violations = n_missing = 0
    report = _progress("random filters")
    for number in range(N_FILTERS):
        filters = _random_filters(rng, attributes, source)
        query = Query(rng.choice(["", *source.queries]), filters)
        found = retriever.retrieve(query, 20)
        n_violations += sum(passing_variant(one.product, filters) is None for one in found.candidates)
        n_missing += min(20, found.n_matched) - len(found.candidates)
        report(number + 1, N_FILTERS)
    retriever.close()
    return [
        {
            "products": size,
            "system": "violations",
            "n_filters": N_FILTERS,
            "violations": n_violations,
            "missing": n_missing,
        }
    ]


def _random_filters(rng: random.Random, attributes: Sequence[tuple[str, str]], source: _Source) -> Filters:
    low, high = sorted(rng.sample([*source.limits.values(), 10**9], 2))
    include = dict([_one(rng, attributes)]) if rng.random() < 0.4 else {}
    exclude = dict([_one(rng, attributes)]) if rng.random() < 0.4 else {}
    return Filters(
        price_min_minor=low if rng.random() < 0.3 else None,
        price_max_minor=high if rng.random() < 0.6 else None,
        include=include,
        exclude=exclude,
        in_stock_only=rng.random() < 0.5,
    )


def _one(rng: random.Random, attributes: Sequence[tuple[str, str]]) -> tuple[str, tuple[str, ...]]:
    name, value = rng.choice(attributes)
    return name, (value,)


@_told
def _churn(shop: Path, folder: Path, size: int) -> list[Row]:
    """Half deleted, a third of the rest reworded, the index rebuilt: who does not find itself?"""
    if size > CHURN_UP_TO:
        return [{"products": size, "system": "churn", "note": f"not at more than {CHURN_UP_TO:,}"}]
    source = _Source(shop, size)
    with tempfile.TemporaryDirectory() as temporary:
        # What was kept is not to be churned.
        copied = shutil.copytree(folder, Path(temporary) / "shop")
        return [{"products": size, "system": "churn", **_churned(source, copied, size)}]


def _churned(source: _Source, folder: Path, size: int) -> Row:
    catalog, retriever = _open(source, folder)
    rng = random.Random(SEED)
    ids = sorted(catalog.text_digests())
    gone = set(rng.sample(ids, len(ids) // 2))
    live = [product_id for product_id in ids if product_id not in gone]
    reworded = rng.sample(live, len(live) // 3)
    catalog.delete(sorted(gone))
    catalog.upsert(source.catalog.product(size + number, product_id) for number, product_id in enumerate(reworded))
    seconds = time.perf_counter()
    retriever.refresh()
    retriever.settle()
    seconds = time.perf_counter() - seconds
    asked = rng.sample(live, min(len(live), N_SELF_QUERIES))
    vectors = retriever.vectors_of(asked)
    filters = Filters(in_stock_only=False)
    lost = sum(
        product_id not in retriever.view.nearest(vector, filters, 10)
        for product_id, vector in zip(asked, vectors, strict=True)
    )
    in_chroma = sum(
        product_id not in {retriever.index.ids[row] for row in retriever.index.nearest(vector, 10)}
        for product_id, vector in zip(asked, vectors, strict=True)
    )
    retriever.close()
    return {
        "n_asked": len(asked),
        "unfindable": lost,
        "unfindable_in_chroma": in_chroma,
        "seconds": round(seconds, 1),
    }


@_told
def _peers(shop: Path, folder: Path, size: int) -> list[Row]:
    if size > PEERS_UP_TO:
        return [{"products": size, "system": "peers", "note": f"not built for more than {PEERS_UP_TO:,}"}]
    source = _Source(shop, size)
    products = list(source.catalog.products(0, size))
    ids, texts = [product.id for product in products], [plain_text(product) for product in products]
    prices = [product.price_minor for product in products]
    del products
    search = bm25s_search(ids, texts)
    rows: list[Row] = [
        {"products": size, "kept": 1.0, "system": "peer: bm25s", **_timed(lambda i: search(source.queries[i], K))}
    ]
    exact = source.catalog.vectors(0, size)
    with tempfile.TemporaryDirectory() as temporary:
        chroma = LangChainChroma(Path(temporary), str(source.model_folder))
        built_s, report = time.perf_counter(), _progress("documents in LangChain's Chroma")
        for n_added in chroma.add(ids, texts, prices, exact):
            report(n_added, size)
        built_s = time.perf_counter() - built_s
        for share in SHARES:
            rows += _peer_rows(source, chroma, exact, np.array(prices), share)
    rows.append({"products": size, "system": "peer: langchain built", "index_s": round(built_s, 1)})
    return rows


def _peer_rows(source: _Source, chroma: LangChainChroma, exact: Matrix, prices: Rows, share: float) -> list[Row]:
    limit, vectors = source.limits.get(share), [source.embedder.encode_queries([query])[0] for query in source.queries]
    passing = np.flatnonzero(prices <= limit) if limit is not None else np.arange(len(prices))
    found = [
        len({int(one) for one in chroma.where(vector, limit, K_DENSE)} & set(_nearest(exact, vector, passing)))
        / min(K_DENSE, len(passing))
        for vector in vectors
    ]
    common = {"products": len(prices), "kept": share}
    return [
        {
            **common,
            "system": "peer: chroma where",
            **_timed(lambda i: chroma.where(vectors[i], limit, K_DENSE)),
            "recall@100": round(float(np.mean(found)), 4),
        },
        {**common, "system": "peer: langchain", **_timed(lambda i: chroma.retrieve(source.queries[i], limit, K))},
    ]


def _nearest(exact: Matrix, vector: Vector, passing: Rows) -> list[int]:
    return list(map(int, passing[np.argsort(-(exact[passing] @ vector), kind="stable")[:K_DENSE]]))


def _timed(call: Callable[[int], object]) -> Row:
    for i in range(N_WARMUP):
        call(i)
    latencies = []
    for i in range(N_QUERIES):
        started = time.perf_counter()
        call(i)
        latencies.append((time.perf_counter() - started) * 1000)
    return {f"p{share}_ms": round(float(np.percentile(latencies, share)), 2) for share in (50, 95)}


def _rss_mb() -> int | None:
    """What this process has in memory now, mapped files included; None where the system does not say."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return None
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmRSS"))


def _progress(what: str) -> Callable[[int, int], None]:
    started = time.monotonic()

    def report(n_done: int, n_total: int) -> None:
        if n_done == n_total or n_done % 5000 == 0:
            print(f"{what}: {n_done:,} of {n_total:,}, {time.monotonic() - started:.0f} s", file=sys.stderr)

    return report


def _alone(work: Work, shop: Path, folder: Path, size: int) -> list[Row]:
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(work, shop, folder, size).result()


if __name__ == "__main__":
    typer.run(main)

"""How fast a feed is imported: `python -m benchmarks.imports FEED… [--mapping FILE] [--rows N] [--json]`.

In: a feed. Out: seconds, rows a second and peak memory of reading it into a new shop's SQL (nothing is embedded), of
the same import once more (nothing changed), and of the peer: pandas alone reading the same file, validating nothing.
Each runs in a process of its own.

With `--rows` the feed's products are written as a CSV of so many rows, again and again under new ids, and that is
imported.
"""

import csv
import multiprocessing
import resource
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import cycle, islice
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

from assistant.shop import Shop
from benchmarks.report import print_report
from retrieval.money import minor_exponent
from retrieval.types import Product

MAX_TEMPLATES = 20_000
"""How many products of the feed `--rows` repeats."""

COLUMNS = tuple("id title description brand category price sale_price stock rating color details".split())


def main(
    feed: Annotated[list[Path], typer.Argument(help="The feed's files.", exists=True)],
    mapping: Annotated[str | None, typer.Option(help="The mapping: a name or a file.")] = None,
    rows: Annotated[int | None, typer.Option(help="Write and import a CSV of so many rows.", min=1)] = None,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Time an import beside pandas."""
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        files = feed if rows is None else [_written(feed, mapping, rows, folder / "feed.csv")]
        chosen = mapping if rows is None else str(_own_mapping(folder / "mapping.toml"))
        table = [
            {"system": "import", **_alone(import_feed, files, chosen, folder / "shop")},
            {"system": "the same again", **_alone(import_feed, files, chosen, folder / "shop")},
        ]
        if all(file.suffix == ".csv" for file in files):
            table.append({"system": "peer: pandas alone", **_alone(read_with_pandas, files)})
            table = [{**row, "times_pandas": round(row["seconds"] / table[-1]["seconds"], 1)} for row in table]
        data = {"files": len(files), "megabytes": round(sum(file.stat().st_size for file in files) / 1e6, 1)}
    print_report("imports", data, "import", table, time.perf_counter() - started, json_)


def import_feed(files: list[Path], mapping: str | None, shop_dir: Path) -> dict[str, Any]:
    """One import into the shop in `shop_dir`."""
    with Shop(shop_dir) as shop:
        done = shop.import_feed(files, mapping)
    return {"rows": done.n_rows, "rejected": done.n_rejected}


def read_with_pandas(files: list[Path]) -> dict[str, Any]:
    """The same files as data frames of texts."""
    return {"rows": sum(len(pd.read_csv(file, dtype=str, keep_default_na=False)) for file in files), "rejected": 0}


def _measured(work: Callable[..., dict[str, Any]], arguments: tuple[Any, ...]) -> dict[str, Any]:
    before_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    started = time.perf_counter()
    counts = work(*arguments)
    seconds = time.perf_counter() - started
    rss_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rate = round(counts["rows"] / seconds)
    memory = {"rss_mb": round(rss_mb), "more_than_idle_mb": round(rss_mb - before_mb)}
    return {**counts, "seconds": round(seconds, 2), "rows_per_s": rate, **memory}


def _alone(work: Callable[..., dict[str, Any]], *arguments: object) -> dict[str, Any]:
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_measured, work, arguments).result()


def _written(feed: list[Path], mapping: str | None, n_rows: int, target: Path) -> Path:
    """The feed's products as a CSV of `n_rows` rows under ids of their own."""
    source = target.with_name("source")
    with Shop(source) as shop:
        shop.import_feed(feed, mapping)
        templates = list(islice(shop.catalog.products(), MAX_TEMPLATES))
    shutil.rmtree(source)
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(_cells(product, n) for n, product in islice(enumerate(cycle(templates)), n_rows))
    return target


def _cells(product: Product, n: int) -> Iterator[object]:
    exponent = minor_exponent(product.currency)
    offer = product.offer
    yield f"{product.id}-{n}"
    yield f"{product.title} {n}"
    yield product.description
    yield product.brand or ""
    yield product.category or ""
    yield (offer.list_price_minor or offer.price_minor) / 10**exponent
    yield offer.price_minor / 10**exponent if offer.list_price_minor else ""
    yield "" if offer.stock is None else offer.stock
    yield "" if product.rating is None else product.rating
    yield "|".join(product.values("color"))
    yield "; ".join(f"{name}: {value}" for name, value in product.details.items())


def _own_mapping(target: Path) -> Path:
    fields = "\n".join(f'{name} = "{name}"' for name in COLUMNS if name not in ("color", "details"))
    attributes = '[attributes]\ncolor = "color"\n[details]\ncolumns = ["details"]\n'
    target.write_text(f'currency = "USD"\nprice_unit = "major"\n[fields]\n{fields}\n{attributes}', "utf-8")
    return target


if __name__ == "__main__":
    typer.run(main)

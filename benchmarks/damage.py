"""Damages the index of a shop while it answers: `python -m benchmarks.damage --shop DIR [--watch 30] [--json]`.

In: an imported shop, which is copied. Out: for each kind of damage how long it took until it was found and until the
index was whole again, how many questions were answered meanwhile, and how many of the answers were wrong.

An answer is wrong where its first five products are not those of an exact search over an index of its own, built anew
from SQL and never damaged. Chroma finds nearly all of the nearest, so the row "none" says how many answers differ
without any damage. Where the catalog is so small that every search is exact anyway, Chroma is asked beside; its answer
is wrong where a product does not find itself. Exit status 1 where a kind was not found, or not repaired.
"""

import shutil
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer

from assistant.shop import Shop
from benchmarks.harms import KINDS, PATIENCE_S, Ground, Kind, wait
from benchmarks.report import print_report
from retrieval.building import build
from retrieval.catalog import Catalog
from retrieval.dense import NEVER_CHROMA
from retrieval.embedder import Embedder
from retrieval.errors import IndexDamaged
from retrieval.generations import Contents, view_of
from retrieval.index import ProductIndex
from retrieval.retriever import open_retriever
from retrieval.types import Filters, Product, Query
from retrieval.view import SearchView
from retrieval.watching import INTERVAL_S

ANY = Filters(in_stock_only=False)
N_QUERIES = 100
N_COMPARED = 5


@dataclass
class Answers:
    """What a stream of questions got."""

    n: int = 0
    n_wrong: int = 0
    examples: list[str] = field(default_factory=list)


class Stream:
    """Asks one question after another from a thread of its own, and compares the answers."""

    def __init__(self, ground: Ground, expected: Mapping[str, list[str]]) -> None:
        self.ground = ground
        self.expected = expected
        self.asks_chroma = len(ground.retriever.index) <= NEVER_CHROMA
        self.answers = Answers()
        self._stop = threading.Event()
        self._failed: Exception | None = None
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Stream":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        if self._failed is not None:
            raise self._failed

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                for text, ids in self.expected.items():
                    if self._stop.wait(0.002):
                        return
                    self._ask(text, ids)
        except Exception as error:
            self._failed = error
            raise

    def _ask(self, text: str, expected: list[str]) -> None:
        retriever = self.ground.retriever
        got = _first(retriever.view, text)
        self._count(got == expected, f"{text!r}: {got} instead of {expected}")
        row = retriever.index.row_of.get(expected[0])
        if self.asks_chroma and row is not None and retriever.index.has_chroma:
            try:
                nearest = retriever.index.nearest(retriever.index.vectors[row], 10)
            except IndexDamaged:
                return
            self._count(row in nearest, f"Chroma: {expected[0]} does not find itself")

    def _count(self, is_right: bool, what: str) -> None:
        self.answers.n += 1
        self.answers.n_wrong += not is_right
        if not is_right and len(self.answers.examples) < 3:
            self.answers.examples.append(what)


def _first(view: SearchView, text: str) -> list[str]:
    return [candidate.product.id for candidate in view.retrieve(Query(text, ANY)).candidates[:N_COMPARED]]


def exact_answers(catalog: Catalog, embedder: Embedder, folder: Path, known: Any) -> dict[str, list[str]]:
    """Question -> ids of the first products, by an exact search over an index made from SQL in `folder`."""
    contents = Contents.of(catalog)
    built = build(folder, contents.products, embedder, known, with_chroma=False)
    assert built is not None
    view = view_of(catalog, embedder, ProductIndex(built, use_chroma=False), contents, known)
    step = max(len(contents.products) // N_QUERIES, 1)
    asked = [product.title for product in islice(contents.products, 0, None, step)]
    return {title: _first(view, title) for title in asked}


def stale_generation(products: list[Product], embedder: Embedder, folder: Path, known: Any) -> Path:
    """A generation of the catalog as it was when it held half of the products."""
    built = build(folder, products[::2], embedder, known)
    assert built is not None
    return built


def damage_once(ground: Ground, kind: Kind, expected: Mapping[str, list[str]]) -> dict[str, Any]:
    """Do one kind of damage and wait until it is repaired; one row of the report."""
    wait(ground.is_whole, f"before {kind.name}: not whole")
    if kind.at_opening:
        ground.retriever.close()
        kind.harm(ground)
        began, before = time.monotonic(), ground.folder
        ground.open()
        seconds = {"found_s": time.monotonic() - began}
        if ground.folder == before and ground.is_whole():
            raise RuntimeError(f"{kind.name}: not found")
        with Stream(ground, expected) as stream:
            wait(ground.is_whole, f"{kind.name}: not repaired")
            seconds["repaired_s"] = time.monotonic() - began
            _ask_on(stream)
        return _row(kind, seconds, stream.answers)
    watch = ground.retriever.watch
    assert watch is not None
    n_found, n_rounds = watch.n_found, watch.n_rounds
    with Stream(ground, expected) as stream:
        began = time.monotonic()
        kind.harm(ground)
        if kind.name == "none":
            watch.wait_until(lambda watch: watch.n_rounds > n_rounds + 1, PATIENCE_S)
            if watch.n_found > n_found:
                raise RuntimeError(f"damage was found where there is none: {watch.damage}")
            return _row(kind, {}, stream.answers)
        if not watch.wait_until(lambda watch: watch.n_found > n_found, PATIENCE_S):
            raise RuntimeError(f"{kind.name}: not found")
        seconds = {"found_s": time.monotonic() - began}
        wait(ground.is_whole, f"{kind.name}: not repaired")
        seconds["repaired_s"] = time.monotonic() - began
        _ask_on(stream)
    return _row(kind, seconds, stream.answers)


def _ask_on(stream: Stream) -> None:
    """What is whole again is asked as well."""
    n = stream.answers.n + 20
    wait(lambda: stream.answers.n >= n, "no question is answered any more")


def _row(kind: Kind, seconds: Mapping[str, float], answers: Answers) -> dict[str, Any]:
    rounded = {name: round(value, 2) for name, value in seconds.items()}
    return {"system": kind.name, **rounded, "answers": answers.n, "wrong": answers.n_wrong, "_told": answers.examples}


def run(
    catalog: Catalog, embedder: Embedder, index_dir: Path, beside: Path, watch_s: float, kinds: Sequence[Kind] = KINDS
) -> list[dict[str, Any]]:
    """Do each kind of damage to the index in `index_dir`, one after another.

    Args:
        catalog: the truth.
        embedder: as ever.
        index_dir: may hold an index already.
        beside: a folder for the exact answers and the stale index.
        watch_s: seconds between two looks of the watch.
        kinds: what to do.
    """
    with_known = open_retriever(catalog, embedder, index_dir, watch_s=watch_s)
    known = with_known.view.vector_of_text
    expected = exact_answers(catalog, embedder, beside / "exact", known)
    stale = stale_generation(list(catalog.products()), embedder, beside / "stale", known)
    with_known.close()
    ground = Ground(catalog, embedder, index_dir, stale, watch_s)
    ground.open()
    rows = []
    try:
        for kind in kinds:
            rows.append(damage_once(ground, kind, expected))
            typer.echo(f"{rows[-1]}", err=True)
    finally:
        ground.retriever.close()
    return rows


def main(
    shop: Annotated[Path, typer.Option(help="A shop directory with an imported catalog; it is copied.")],
    watch: Annotated[float, typer.Option(help="Seconds between two looks at the index.")] = INTERVAL_S,
    only: Annotated[list[str] | None, typer.Option(help="A kind of damage; may be given again.")] = None,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Damage the index in every way while questions are answered."""
    began = time.perf_counter()
    if unknown := set(only or ()) - {kind.name for kind in KINDS}:
        raise typer.BadParameter(f"{min(unknown)!r} is no kind; known are {', '.join(kind.name for kind in KINDS)}")
    kinds = [kind for kind in KINDS if not only or kind.name in only]
    with tempfile.TemporaryDirectory() as folder:
        copy = shutil.copytree(shop, Path(folder) / "shop")
        with Shop(copy, must_own=True) as opened:
            rows = run(opened.catalog, opened.embedder(), opened.paths.index, Path(folder), watch, kinds)
            n = opened.catalog.n_products()
    kept = [{key: value for key, value in row.items() if key != "_told"} for row in rows]
    harmed = [row for row in kept if row["system"] != "none"]
    summary = {
        "system": f"all {len(harmed)} kinds",
        **{key: max(row[key] for row in harmed) for key in ("found_s", "repaired_s")},
        **{key: sum(row[key] for row in harmed) for key in ("answers", "wrong")},
    }
    data = {"products": n, "watch_s": watch}
    print_report("damage", data, str(summary["system"]), [*kept, summary], time.perf_counter() - began, json_)


if __name__ == "__main__":
    typer.run(main)

"""Kills a working shop at random moments: `python -m benchmarks.kills [--kills 200] [--seed 0] [--json]`.

In: nothing but the demo shop's products. Out: for each kind of work (import, indexing, live upserts, events, chats) how
often it was killed (SIGKILL), how many of its writes had been acknowledged by then, how many of those are lost, and how
often the shop was found half-changed. A worker process notes each write in a file once the call has returned; after the
kill the shop is opened anew and compared with these notes. Exit status 1 when anything was lost or half done.
"""

import json
import multiprocessing
import os
import random
import signal
import tempfile
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Annotated, Any, ClassVar

import typer

from assistant.app import ShoppingAssistant
from assistant.shop import Shop
from benchmarks.report import print_report
from retrieval.demo import DEMO_FOLDER, MAPPING_FILE, PRODUCTS_FILE
from retrieval.retriever import open_retriever

MAX_STARTING_S = 120.0
LONGEST_WORK_S = 2.0
"""A worker is killed at a random moment up to so long after it began to write."""


@dataclass
class Notes:
    """What a worker was promised, a JSON value a line; a line that the kill cut off was never promised."""

    path: Path

    def add(self, value: object) -> None:
        """Note one acknowledged write."""
        with self.path.open("ab", buffering=0) as file:
            file.write(json.dumps(value).encode() + b"\n")

    def read(self) -> list[Any]:
        """Every note, oldest first."""
        text = self.path.read_text("utf-8") if self.path.exists() else ""
        return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]


@dataclass
class Tally:
    """What became of one kind of work."""

    kills: int = 0
    acknowledged: int = 0
    lost: int = 0
    half_done: int = 0
    told: list[str] = field(default_factory=list)


class Work(ABC):
    """One kind of work: what to do until killed, and what must hold afterwards."""

    name: ClassVar[str]

    def __init__(self, shop_dir: Path) -> None:
        self.shop_dir = shop_dir
        self.notes = Notes(shop_dir.with_name(f"{shop_dir.name}.notes"))

    @abstractmethod
    def prepare(self) -> None:
        """Make the shop as it is before the first kill."""

    @abstractmethod
    def run(self, started: Any) -> None:
        """Write for ever; set `started` when the first write is about to begin."""

    @abstractmethod
    def check(self, tally: Tally) -> None:
        """Compare the shop with the notes."""


class Importing(Work):
    """Two feeds in turn, each a whole replacement."""

    name = "import"

    def prepare(self) -> None:
        """Learn the versions that the two feeds give."""
        self.feeds = [self._feed(0), self._feed(1)]
        self.versions = []
        for feed in self.feeds:
            with Shop(self.shop_dir) as shop:
                self.versions.append(shop.import_feed([feed], DEMO_FOLDER / MAPPING_FILE).version)

    def run(self, started: Any) -> None:
        with Shop(self.shop_dir) as shop:
            first = 1 - self.versions.index(shop.catalog.version())
            started.set()
            for n in count(first):
                shop.import_feed([self.feeds[n % 2]], DEMO_FOLDER / MAPPING_FILE)
                self.notes.add(n % 2)

    def check(self, tally: Tally) -> None:
        with Shop(self.shop_dir) as shop:
            found, n_live = shop.catalog.version(), len(list(shop.catalog.products()))
        if found not in self.versions or n_live != self._n_products(self.versions.index(found)):
            tally.half_done += 1
            tally.told.append(f"the catalog is neither feed: version {found[:12]}, {n_live} products")

    def _n_products(self, which: int) -> int:
        return len(self.feeds[which].read_text("utf-8").splitlines())

    def _feed(self, which: int) -> Path:
        rows = [json.loads(line) for line in (DEMO_FOLDER / PRODUCTS_FILE).read_text("utf-8").splitlines()]
        if which:
            rows = [{**row, "title": f"{row['title']} II"} for row in rows[: len(rows) * 9 // 10]]
        path = self.shop_dir.with_name(f"{self.shop_dir.name}-feed-{which}.jsonl")
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
        return path


class Indexing(Importing):
    """The same feeds, each indexed after its import."""

    name = "indexing"

    def run(self, started: Any) -> None:
        with Shop(self.shop_dir) as shop:
            embedder = shop.embedder()
            started.set()
            for n in count(1 - self.versions.index(shop.catalog.version())):
                shop.import_feed([self.feeds[n % 2]], DEMO_FOLDER / MAPPING_FILE)
                open_retriever(shop.catalog, embedder, shop.paths.index).index.close()
                self.notes.add(n % 2)

    def check(self, tally: Tally) -> None:
        super().check(tally)
        with ShoppingAssistant.open(self.shop_dir) as assistant:
            wanted = next(iter(assistant.shop.catalog.products()))
            found = [item.product.id for item in assistant.find(wanted.title)[1].candidates]
            if wanted.id not in found:
                tally.half_done += 1
                tally.told.append(f"{wanted.id} does not find itself by its title")


class _Talking(Work):
    """What works on an open assistant over the demo shop."""

    def prepare(self) -> None:
        """The demo shop."""
        ShoppingAssistant.open(self.shop_dir).close()


class Upserting(_Talking):
    """One changed price after another, and a new product now and then."""

    name = "live upserts"

    def run(self, started: Any) -> None:
        with ShoppingAssistant.open(self.shop_dir) as assistant:
            ids = sorted(product.id for product in assistant.shop.catalog.products() if len(product.variants) == 1)
            started.set()
            for n in count(len(self.notes.read())):
                cents = 1000 + n
                row = {"id": ids[n % len(ids)], "price": cents / 100, "sale_price": 0}
                if n % 5 == 0:
                    row = {"id": f"new-{n}", "title": f"Lantern number {n}", "price": cents / 100}
                assistant.upsert([row])
                self.notes.add([row["id"], cents])

    def check(self, tally: Tally) -> None:
        wanted = dict(self.notes.read())
        with ShoppingAssistant.open(self.shop_dir) as assistant:
            found = assistant.shop.catalog.get_many(wanted)
        for product_id, cents in wanted.items():
            product = found.get(product_id)
            # The write after the last note may have been committed as well: a later price, not an earlier one.
            if product is None or product.price_minor < cents:
                tally.lost += 1
                tally.told.append(f"{product_id} should cost {cents}: {product and product.price_minor}")


class Recording(_Talking):
    """Live events."""

    name = "events"

    def run(self, started: Any) -> None:
        with ShoppingAssistant.open(self.shop_dir) as assistant:
            product = next(iter(assistant.shop.catalog.products())).id
            started.set()
            for n in count(len(self.notes.read())):
                assistant.record("view", product, f"shopper-{n}", session_id=f"killed-{os.getpid()}-{n}")
                self.notes.add(n)

    def check(self, tally: Tally) -> None:
        noted = len(self.notes.read())
        with Shop(self.shop_dir) as shop:
            n_events = len(shop.events())
        self._before = getattr(self, "_before", n_events - noted)
        if n_events - self._before < noted:
            tally.lost += noted - (n_events - self._before)
            tally.told.append(f"{noted} events were acknowledged, {n_events - self._before} are there")


class Chatting(_Talking):
    """Turns of conversations in both languages."""

    name = "chats"

    MESSAGES: ClassVar = ("waterproof hiking boots", "三百块以内的跑步鞋", "cheaper ones", "不要黑色")

    def run(self, started: Any) -> None:
        with ShoppingAssistant.open(self.shop_dir) as assistant:
            started.set()
            while True:
                session = assistant.new_session()
                for message in self.MESSAGES:
                    session = assistant.respond(message, session).session
                    self.notes.add([session.id, session.turn])

    def check(self, tally: Tally) -> None:
        wanted = dict(self.notes.read())
        with ShoppingAssistant.open(self.shop_dir) as assistant:
            for session_id, turn in wanted.items():
                session = assistant.load_session(session_id)
                if session is None or session.turn < turn:
                    tally.lost += 1
                    tally.told.append(
                        f"session {session_id}: turn {turn} was answered, {session and session.turn} kept"
                    )


WORKS = (Importing, Indexing, Upserting, Recording, Chatting)


def kill_once(work: Work, tally: Tally, rng: random.Random) -> None:
    """Start the work, kill it at a random moment, and look at what is left."""
    context = multiprocessing.get_context("spawn")
    started = context.Event()
    process = context.Process(target=work.run, args=(started,))
    process.start()
    if not started.wait(MAX_STARTING_S):
        raise RuntimeError(f"{work.name}: the worker did not start within {MAX_STARTING_S:.0f} s")
    time.sleep(rng.uniform(0.0, LONGEST_WORK_S))
    if not process.is_alive():
        raise RuntimeError(f"{work.name}: the worker ended by itself with {process.exitcode}")
    os.kill(process.pid or 0, signal.SIGKILL)
    process.join()
    tally.kills += 1
    tally.acknowledged = len(work.notes.read())
    work.check(tally)


def main(
    kills: Annotated[int, typer.Option(help="How often in all.", min=1)] = 200,
    seed: Annotated[int, typer.Option(help="Of the moments.")] = 0,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Kill each kind of work in turn."""
    began = time.perf_counter()
    rng = random.Random(seed)
    tallies = {kind.name: Tally() for kind in WORKS}
    with tempfile.TemporaryDirectory() as folder:
        works = [kind(Path(folder) / kind.name.replace(" ", "-")) for kind in WORKS]
        for work in works:
            work.prepare()
        for n in range(kills):
            work = works[n % len(works)]
            kill_once(work, tallies[work.name], rng)
    keys = ("kills", "acknowledged", "lost", "half_done")
    counts = {name: {key: getattr(tally, key) for key in keys} for name, tally in tallies.items()}
    total: dict[str, int] = {key: sum(of[key] for of in counts.values()) for key in keys}
    rows = [{"system": name, **of} for name, of in {**counts, "all": total}.items()]
    for line in [line for tally in tallies.values() for line in tally.told]:
        typer.echo(line, err=True)
    print_report("kills", {"seed": seed}, "all", rows, time.perf_counter() - began, json_)
    if total["lost"] or total["half_done"]:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)

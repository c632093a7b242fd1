"""How long a turn takes: `python -m benchmarks.turns --shop DIR --messages FILE [--json]`.

In: an imported shop and a text file with a message a line. Out: start-up, memory, and per stage the time of a first
turn with each message, of the ranker alone with a long history, and of an event from its record until the shopper's
next turn knows it; without a language model. The peer in the same run is a bare BM25 search over the same catalog, so
that the ratio means something on another machine.

`--taste NAME` also times the ranker with such a model of tastes, fitted on made-up sequences over the shop's catalog:
how long it takes depends on how many products there are, not on what was learned.
"""

import resource
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from assistant.app import ShoppingAssistant
from benchmarks.report import print_report
from benchmarks.search import baselines
from ranking.interactions import from_sequences
from ranking.models.items import items_of
from ranking.models.protocol import Watch
from ranking.models.registry import make
from ranking.models.serving import ServedMatcher
from ranking.profile import build_profile
from ranking.ranker import Ranker
from ranking.types import Event
from retrieval.errors import ModelError

N_WARM_UP = 5
N_FOUND = 5
N_RANKED, N_ACTS, N_EVENTS = 200, 100, 100
N_MADE_UP, LENGTH_MADE_UP = 2000, 10
SHOPPER = "benchmark of turns"


def main(
    shop: Annotated[Path, typer.Option(help="A shop directory with an imported catalog.")],
    messages: Annotated[Path, typer.Option(help="A message a line.")],
    taste: Annotated[str | None, typer.Option(help="A matcher to time as the model of tastes, e.g. hybrid.")] = None,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Time every message as the first of a session."""
    started = time.perf_counter()
    said = [line.strip() for line in messages.read_text("utf-8").splitlines() if line.strip()]
    with ShoppingAssistant.open(shop) as assistant:
        opened_s = round(time.perf_counter() - started, 2)
        for message in said[:N_WARM_UP]:
            assistant.ask(message)
        rows = measure(assistant, said)
        rss_mb = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        rows.append(reranking(assistant, assistant.ranker, said, ""))
        if taste is not None:
            rows.append(reranking(assistant, with_taste(assistant, taste), said, f", {taste}"))
        rows += [new_event(assistant), peer(assistant, said)]
        n_products = assistant.search.catalog.n_products()
    data = {"products": n_products, "messages": len(said), "start_up_s": opened_s, "rss_mb": rss_mb}
    print_report("turns", data, "turn", rows, time.perf_counter() - started, json_)


def measure(assistant: ShoppingAssistant, messages: list[str]) -> list[dict[str, Any]]:
    """One row for the whole turn, its record in SQL included, and one a stage."""
    stages: dict[str, list[float]] = {"turn": []}
    for message in messages:
        session = assistant.new_session()
        started = time.perf_counter()
        reply = assistant.respond(message, session)
        stages["turn"].append((time.perf_counter() - started) * 1000)
        for stage, latency in reply.timings_ms.items():
            stages.setdefault(stage, []).append(latency)
    return [row(name, latencies) for name, latencies in stages.items()]


def with_taste(assistant: ShoppingAssistant, name: str) -> Ranker:
    """The served ranker with a model of tastes that was fitted on sequences drawn by chance."""
    vectors = assistant.search.vectors_of
    items = items_of(assistant.search.catalog.products(), vectors)
    rng = np.random.default_rng(0)
    drawn = rng.integers(0, len(items), (N_MADE_UP, LENGTH_MADE_UP)).tolist()
    data = from_sequences({f"s{number}": [items.ids[row] for row in own] for number, own in enumerate(drawn)}, items)
    settings = make(name).settings
    quick = {"n_epochs": 1} if hasattr(settings, "n_epochs") else {}
    matcher = make(name, quick)
    matcher.fit(data, None, Watch(minutes=1))
    return Ranker(
        assistant.ranker.matcher, vectors, taste=ServedMatcher(matcher, items, name),
        brands=assistant.search.catalog.brands_of,
    )  # fmt: skip


def new_event(assistant: ShoppingAssistant) -> dict[str, Any]:
    """From the record of an event until the same shopper's session knows it; the shopper is erased afterwards."""
    ids = [product.id for product in assistant.shop.catalog.products()]
    chosen = [ids[row] for row in np.random.default_rng(0).choice(len(ids), N_ACTS + N_EVENTS).tolist()]
    latencies = []
    try:
        for product_id in chosen[:N_ACTS]:
            assistant.record("view", product_id, SHOPPER)
        session = assistant.new_session(shopper_id=SHOPPER)
        for product_id in chosen[N_ACTS:]:
            started = time.perf_counter()
            assistant.record("view", product_id, SHOPPER)
            session = assistant.shoppers.caught_up(session, assistant.digest.price_positions)
            latencies.append((time.perf_counter() - started) * 1000)
            if session.profile.history[-1].product_id != product_id:
                raise ModelError(f"the event on {product_id} is not in the profile")
    finally:
        assistant.erase(SHOPPER)
    return row("event until the next turn knows it", latencies)


def reranking(assistant: ShoppingAssistant, ranker: Ranker, messages: list[str], how: str) -> dict[str, Any]:
    """The ranker alone: all messages that find `N_RANKED` candidates, each for a shopper with `N_ACTS` acts."""
    ids = [product.id for product in assistant.shop.catalog.products()]
    rng, now = np.random.default_rng(0), datetime.now(UTC)
    latencies = []
    for message in messages:
        query, retrieved = assistant.find(message, N_RANKED)
        if len(retrieved.candidates) == N_RANKED:
            days = rng.uniform(0, 90, N_ACTS).tolist()
            chosen = [ids[row] for row in rng.choice(len(ids), N_ACTS).tolist()]
            acts = [
                Event("shopper", product_id, "view", now - timedelta(days=ago))
                for product_id, ago in zip(chosen, days, strict=True)
            ]
            products = assistant.shop.catalog.get_many(set(chosen))
            profile = build_profile(acts, products, now, positions=assistant.digest.price_positions)
            started = time.perf_counter()
            ranker.rank(query, retrieved, profile, N_FOUND)
            latencies.append((time.perf_counter() - started) * 1000)
    name = f"rank {N_RANKED} for {N_ACTS} acts{how}"
    return row(name, latencies) if latencies else {"system": name}


def peer(assistant: ShoppingAssistant, messages: list[str]) -> dict[str, Any]:
    """A bare BM25 search, the five best ids, nothing else."""
    search = baselines(assistant.search, list(assistant.search.catalog.products()))["bm25"]
    latencies = []
    for message in messages:
        started = time.perf_counter()
        search(message, N_FOUND)
        latencies.append((time.perf_counter() - started) * 1000)
    return row("peer: bare bm25", latencies)


def row(name: str, latencies_ms: list[float]) -> dict[str, Any]:
    """Median and 95th percentile."""
    p50, p95 = (round(float(np.percentile(latencies_ms, share)), 2) for share in (50, 95))
    return {"system": name, "p50_ms": p50, "p95_ms": p95}


if __name__ == "__main__":
    typer.run(main)

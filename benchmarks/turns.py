"""How long a turn takes: `python -m benchmarks.turns --shop DIR --messages FILE [--json]`.

In: an imported shop and a text file with a message a line. Out: start-up, memory, and per stage the time of a first
turn with each message, and of the ranker alone with a long history; without a language model. The peer in the same run
is a bare BM25 search over the same catalog, so that the ratio means something on another machine.
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
from ranking.profile import build_profile
from ranking.types import Event

N_WARM_UP = 5
N_FOUND = 5
N_RANKED, N_ACTS = 200, 100


def main(
    shop: Annotated[Path, typer.Option(help="A shop directory with an imported catalog.")],
    messages: Annotated[Path, typer.Option(help="A message a line.")],
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
        rows += [reranking(assistant, said), peer(assistant, said)]
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


def reranking(assistant: ShoppingAssistant, messages: list[str]) -> dict[str, Any]:
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
            assistant.ranker.rank(query, retrieved, profile, N_FOUND)
            latencies.append((time.perf_counter() - started) * 1000)
    name = f"rank {N_RANKED} for {N_ACTS} acts"
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

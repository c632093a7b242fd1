"""How many shoppers one server takes: `python -m benchmarks.load [--shop DIR] [--chats 50] [--minutes 10] [--json]`.

In: the demo shop, made anew in a temporary directory, or a copy of a shop of your own (`--shop DIR`). Out: one table,
and exit status 1 where anything asked was missed.

`shopping-assistant serve` runs as a user would start it, with the real embedder and matcher; its language model is a
scripted one (`benchmarks.load_model`: 300 ms to the first token, then 50 a second) in a process of its own. Shoppers
say the conversations of the parser's cases over `POST /api/chat`, as streams (`benchmarks.load_shoppers`): first one
alone, every conversation once; then `--chats` at a time for `--minutes`; then `--rush` at once, who leave in the middle
of what they do; then one by one until the products come as fast as alone. `added_…` is the time to the products beside
the same turn of the same conversation alone. All of it shares the machine's cores with the server.

Memory is the resident memory of all the server's processes: `rss_mb` at the end of a phase; in the heading as it first
answers, at each minute of the load and at its end. Growth is counted from the end of the load's first minute.
"""

import asyncio
import json
import random
import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import httpx
import typer

from benchmarks.load_figures import Row, Target, added_s, growth, percentiles, summary, targets, usual_s, without_model
from benchmarks.load_server import Started, scripted_model, serving, write_llm_settings
from benchmarks.load_shoppers import (
    TURN_LIMIT_S,
    Conversation,
    Habits,
    Place,
    Shop,
    Turn,
    alone,
    crowd,
    rush,
)
from benchmarks.report import print_report

CASES = Path(__file__).parents[1] / "tests" / "assistant" / "cases"
N_WARM_UP = 8
"""Chats that warm the server up, before anything is measured."""
WARM_UP_S = 15.0
RUSH_ARRIVES_S = 2.0
N_GOOD, PROBING_S, PROBE_EVERY_S = 3, 60.0, 0.25
"""Recovered with so many good turns in a row; it is tried for so long."""
KEPT_S = 2.0
"""How long a connection is kept for another request; less than the server does, which else may close it meanwhile."""

Language = Literal["en", "zh", "both"]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is done: how many chats, for how long, and what their shoppers are like."""

    chats: int
    minutes: float
    rush: int
    rush_s: float
    think_s: float
    seed: int

    def habits(self, arriving_s: float) -> Habits:
        """The shoppers', who come within so many seconds."""
        return Habits(self.think_s, arriving_s, self.seed)


@dataclass(slots=True)
class Measured:
    """What the phases came to; `memory` in MiB: as the server answers, at each minute of the load, at its end."""

    rows: list[Row]
    memory: list[float]
    load: Row
    rush: Row
    recovered_s: float | None

    def targets(self) -> list[Target]:
        """Beside what was asked; memory counts from the end of the first minute."""
        grown = growth(self.memory[2 if len(self.memory) > 3 else 1], self.memory[-1])
        return targets(self.load, self.rush, grown, self.recovered_s)


def conversations(language: Language, n: int, seed: int) -> list[Conversation]:
    """`n` conversations of the parser's cases, of both languages in turn or of one."""
    cases = [
        json.loads(line) for file in sorted(CASES.glob("*dialogues.jsonl")) for line in file.open(encoding="utf-8")
    ]
    languages = ("en", "zh") if language == "both" else (language,)
    chance = random.Random(seed)
    chance.shuffle(cases)
    of = {each: [case["turns"] for case in cases if case["expect"].get("language") == each] for each in languages}
    return [
        Conversation(each, tuple(of[each][number // len(languages)]))
        for number, each in zip(range(n), languages * n, strict=False)
    ]


async def measure(server: Started, model: Started, said: Sequence[Conversation], plan: Plan) -> Measured:
    """One phase after the other."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=plan.rush, keepalive_expiry=KEPT_S)
    async with httpx.AsyncClient(base_url=server.address, timeout=TURN_LIMIT_S, limits=limits) as client:
        shop = Shop(client)
        started = server.usage().rss_mb
        await crowd(shop, said, Habits(1.0, 1.0, plan.seed), N_WARM_UP, min(WARM_UP_S, plan.minutes * 60))
        with _Phase("one chat alone", server, model) as phase:
            by_itself = await alone(shop, said)
            single = phase.row(by_itself, {})
        known = {turn.place: turn for turn in by_itself if turn.answered}
        with _Phase(f"{plan.chats} chats", server, model) as phase:
            noting = asyncio.create_task(_memory(server, plan.minutes))
            met = await crowd(shop, said, plan.habits(plan.think_s), plan.chats, plan.minutes * 60)
            memory = [*(await noting), server.usage().rss_mb]
            load = phase.row(met, known)
        with _Phase(f"{plan.rush} chats at once", server, model) as phase:
            rushing = await rush(shop, said, plan.habits(RUSH_ARRIVES_S), plan.rush, plan.rush_s)
            rushed = phase.row(rushing, known)
        recovered_s, probes = await _recovery(shop, said, known)
        last = summary("after the rush", probes) | {"rss_mb": round(server.usage().rss_mb)}
    return Measured([single, load, rushed, last], [started, *memory], load, rushed, recovered_s)


class _Phase:
    """What the processes used meanwhile, beside what the shoppers met with."""

    def __init__(self, name: str, server: Started, model: Started) -> None:
        self._name = name
        self._server = server
        self._model = model

    def __enter__(self) -> "_Phase":
        self._began, self._before = time.perf_counter(), (self._server.usage(), self._model.usage())
        self._own, self._logged = time.process_time(), self._server.n_logged()
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def row(self, turns: Sequence[Turn], known: Mapping[Place, Turn]) -> Row:
        """The figures of the phase that ends now; `cores` is what the server kept busy, `others` model and shoppers."""
        seconds = time.perf_counter() - self._began
        server, model = self._server.usage(), self._model.usage()
        others = model.cpu_s - self._before[1].cpu_s + time.process_time() - self._own
        return {
            **summary(self._name, turns),
            **percentiles("added_", added_s(turns, known)),
            "without_model": without_model(turns, known),
            "turns_per_s": round(len(turns) / seconds, 2),
            "cores": round((server.cpu_s - self._before[0].cpu_s) / seconds, 2),
            "others": round(others / seconds, 2),
            "rss_mb": round(server.rss_mb),
            "logged": self._server.n_logged() - self._logged,
        }


async def _memory(server: Started, minutes: float) -> list[float]:
    """Resident memory at the beginning and at each whole minute before the end, in MiB."""
    noted = [server.usage().rss_mb]
    for _ in range(int(minutes)):
        await asyncio.sleep(60)
        noted.append(server.usage().rss_mb)
    return noted


async def _recovery(
    shop: Shop, said: Sequence[Conversation], known: Mapping[Place, Turn]
) -> tuple[float | None, list[Turn]]:
    """Seconds until the first of `N_GOOD` turns in a row that are as they were alone, and all that were tried."""
    firsts = [number for number in range(len(said)) if (number, 0) in known]
    limit_s = usual_s(known.values())
    began = time.perf_counter()
    good: list[float] = []
    probes: list[Turn] = []
    while time.perf_counter() - began < PROBING_S:
        number = firsts[len(probes) % len(firsts)]
        token, turn = await shop.enter(said[number].language)
        if token:
            turn = await shop.say(token, (number, 0), said[number].turns[0])
        probes.append(turn)
        came = turn.products_s is not None and turn.products_s <= limit_s
        if turn.answered and came and turn.scripted == known[turn.place].scripted:
            good.append(time.perf_counter() - began - (turn.done_s or 0.0) + (turn.products_s or 0.0))
        else:
            good.clear()
        if len(good) == N_GOOD:
            return round(good[0], 2), probes
        await asyncio.sleep(PROBE_EVERY_S)
    return None, probes


def main(
    shop: Annotated[Path | None, typer.Option(help="A shop to copy; default: the demo shop.")] = None,
    chats: Annotated[int, typer.Option(help="Chats at a time.", min=1)] = 50,
    minutes: Annotated[float, typer.Option(help="How long they go on.")] = 10.0,
    rush: Annotated[int, typer.Option(help="Chats at once after that.", min=1)] = 400,
    rush_s: Annotated[float, typer.Option(help="How long those go on, in seconds.")] = 45.0,
    language: Annotated[Language, typer.Option(help="What shoppers speak.")] = "both",
    think_s: Annotated[float, typer.Option(help="Mean time from a reply to the next message, in seconds.")] = 20.0,
    n_said: Annotated[int, typer.Option("--conversations", help="How many different ones.", min=1)] = 40,
    seed: Annotated[int, typer.Option(help="Of all that is drawn.")] = 11,
    port: Annotated[int, typer.Option(help="The server's; 0: a free one.")] = 0,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Let shoppers in, and count."""
    began = time.perf_counter()
    plan = Plan(chats, minutes, rush, rush_s, think_s, seed)
    said = conversations(language, n_said, seed)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        place = _placed(shop, folder / "shop")
        model = stack.enter_context(scripted_model(folder))
        write_llm_settings(place, model.address)
        server = stack.enter_context(serving(place, folder, port))
        measured = asyncio.run(measure(server, model, said, plan))
    asked = measured.targets()
    data = {
        "shop": shop.name if shop else "demo",
        "conversations": len(said),
        "think_s": think_s,
        "minutes": minutes,
        "seed": seed,
        "rss_mb": [round(rss_mb) for rss_mb in measured.memory],
    }
    rows = [*measured.rows, *(target.row() for target in asked)]
    _print(data, measured.load["system"], rows, time.perf_counter() - began, json_)
    if not all(target.met for target in asked):
        raise typer.Exit(1)


def _placed(shop: Path | None, place: Path) -> Path:
    """Where the server may write."""
    if shop is None:
        place.mkdir()
    else:
        shutil.copytree(shop, place, ignore=shutil.ignore_patterns("shop.lock", "owner.json"))
    return place


def _print(data: Mapping[str, object], ours: str, rows: Sequence[Row], seconds: float, as_json: bool) -> None:
    """One JSON object, or the figures and below them what was asked."""
    if as_json:
        print_report("load", data, ours, rows, seconds, as_json)
        return
    for wanted in (False, True):
        print_report("load", data, ours, [row for row in rows if ("asked" in row) is wanted], seconds, as_json)


if __name__ == "__main__":
    typer.run(main)

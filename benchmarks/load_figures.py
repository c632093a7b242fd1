"""What a load test comes to: turns into figures, and figures beside what was asked.

In: turns as shoppers met them, memory over time. Out: rows of `benchmarks.load`. Pure; knows no server.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.load_shoppers import Place, Turn

SHARES = (50, 95, 99)
ADDED_P99_MS, GROWTH, RECOVERED_S = 500, 5.0, 10.0
SLOWER, SLOWER_S = 2.0, 0.5
"""Recovered: the products come within so many times, or so many seconds more than, nearly all of one chat alone."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Target:
    """What was asked, what was measured, and whether that is enough."""

    name: str
    asked: str
    measured: float | str | None
    met: bool

    def row(self) -> Row:
        """A row of the report."""
        return {
            "system": f"asked: {self.name}", "asked": self.asked, "measured": self.measured,
            "met": "yes" if self.met else "no",
        }  # fmt: skip


def summary(system: str, turns: Sequence[Turn]) -> Row:
    """How many turns came to what, and how long they took: `p50_ms` and so on to the products, `text_…` to the first
    words, `done_…` to the end.

    >>> row = summary("x", [Turn((0, 0), 0.1, 0.5, 2.0), Turn((0, 1), error="timeout")])
    >>> row["turns"], row["answered"], row["errors"], row["kinds"], row["p50_ms"]
    (2, 1, 1, 'timeout 1', 100)
    """
    answered = [turn for turn in turns if turn.answered]
    kinds = Counter(turn.error for turn in turns if turn.error)
    return {
        "system": system,
        "turns": len(turns),
        "answered": len(answered),
        "refused": sum(turn.retry_after_s is not None for turn in turns),
        "errors": sum(kinds.values()),
        **({"kinds": ", ".join(f"{kind} {count}" for kind, count in kinds.most_common())} if kinds else {}),
        **percentiles("", [turn.products_s for turn in answered]),
        **percentiles("text_", [turn.text_s for turn in answered], (50, 99)),
        **percentiles("done_", [turn.done_s for turn in answered], (50, 99)),
    }


def percentiles(before: str, seconds: Iterable[float | None], shares: Sequence[int] = SHARES) -> Row:
    """`p50_ms` and so on, each name after `before`, rounded to whole milliseconds; nothing of nothing.

    >>> percentiles("x_", [0.1, None, 0.3], (50,))
    {'x_p50_ms': 200}
    """
    known = [value * 1000 for value in seconds if value is not None]
    return {f"{before}p{share}_ms": round(float(np.percentile(known, share))) for share in shares} if known else {}


def added_s(turns: Iterable[Turn], alone: Mapping[Place, Turn]) -> list[float]:
    """How much later the products came than at the same turn of the same conversation alone, in seconds.

    >>> added_s([Turn((0, 0), 0.5), Turn((9, 9), 0.5)], {(0, 0): Turn((0, 0), 0.125)})
    [0.375]
    """
    return [
        turn.products_s - before.products_s
        for turn in turns
        if turn.products_s is not None
        and (before := alone.get(turn.place)) is not None
        and before.products_s is not None
    ]


def without_model(turns: Iterable[Turn], alone: Mapping[Place, Turn]) -> int:
    """How many whole replies the model did not write, though it does where the same is said alone."""
    return sum(
        turn.answered and not turn.scripted and turn.place in alone and alone[turn.place].scripted for turn in turns
    )


def growth(before_mb: float, after_mb: float) -> float:
    """In per cent.

    >>> growth(800.0, 820.0)
    2.5
    """
    return round((after_mb / before_mb - 1) * 100, 2)


def usual_s(alone: Iterable[Turn]) -> float:
    """By when the products have to be there for the server to have recovered, in seconds.

    >>> usual_s([Turn((0, 0), 0.1), Turn((0, 1), 0.1)]), usual_s([Turn((0, 0), 2.0)])
    (0.6, 4.0)
    """
    p95 = float(np.percentile([turn.products_s for turn in alone if turn.products_s is not None], 95))
    return max(p95 * SLOWER, p95 + SLOWER_S)


def targets(load: Row, rushed: Row, grown: float, recovered_s: float | None) -> list[Target]:
    """What the issue asks, beside the rows of the load and of the rush."""
    p99 = load.get("added_p99_ms")
    recovered = recovered_s is not None and recovered_s <= RECOVERED_S
    return [
        Target("errors under load", "0", load["errors"] + load["refused"], load["errors"] + load["refused"] == 0),
        Target("added to the first product, p99 ms", f"< {ADDED_P99_MS}", p99, p99 is not None and p99 < ADDED_P99_MS),
        Target("growth of memory, %", f"< {GROWTH:g}", grown, grown < GROWTH),
        Target("neither answered nor told when to come back", "0", rushed["errors"], rushed["errors"] == 0),
        Target("seconds to recover", f"<= {RECOVERED_S:g}", recovered_s, recovered),
    ]

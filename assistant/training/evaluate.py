"""`evaluate` in the terminal: how good the ranker that serves is on any part of the shop's log.

In: a shop. Out: text or JSON. Changes nothing.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from rich.console import Console

from assistant.progress import progress_bars
from assistant.shop import Shop
from assistant.training.around import BASELINES, names_of, opened, surroundings
from assistant.training.tables import print_evaluation, print_statistics, told_by
from ranking.material import Material, moments_since, prepare
from ranking.measuring import SERVING
from ranking.shop_evaluation import ShopEvaluation, evaluate_shop
from ranking.shop_matchers import Moments
from ranking.shop_training import Request
from ranking.types import Event
from retrieval.errors import ModelError

console = Console()


@dataclass(frozen=True)
class Evaluation:
    """What the command line asks for; see `shopping-assistant evaluate --help`."""

    since: datetime | None = None
    until: datetime | None = None
    leave_one_out: bool = False
    compare: Sequence[str] = (BASELINES,)
    minutes: float = 20.0
    seed: int = 0

    def request(self) -> Request:
        """What to fit beside the ranker that serves.

        Raises:
            ModelError: a model is unknown, or an end is given without a start.
        """
        if self.until is not None and self.since is None:
            raise ModelError("--until needs --since: say from when on to measure")
        return Request(compare=names_of(self.compare), minutes=self.minutes, seed=self.seed)

    def moments(self, events: Sequence[Event]) -> Moments | None:
        """Where the log is cut; None: as for a training."""
        if self.since is None:
            return None
        until = self.until and self.until.replace(tzinfo=self.until.tzinfo or UTC)
        return moments_since(events, self.since.replace(tzinfo=self.since.tzinfo or UTC), until)


def run_evaluation(shop_dir: Path | None, asked: Evaluation, *, as_json: bool) -> None:
    """Measure the ranker that serves, and print both tables."""
    began = perf_counter()
    request = asked.request()
    with Shop(shop_dir) as shop:
        if shop.is_empty:
            raise ModelError("the shop is empty: import a feed and events, or open the demo with `serve`")
        with progress_bars(as_json) as bars, opened(shop, bars) as (retriever, ranker):
            events = list(shop.event_log.events())
            at = asked.moments(events)
            products = list(shop.catalog.products())
            material = prepare(events, products, retriever.vectors_of, at, leave_one_out=asked.leave_one_out)
            if not as_json:
                print_statistics(material)
            around = surroundings(shop, retriever, material)
            found = evaluate_shop(material, request, around, ranker, told_by(bars))
    if as_json:
        sys.stdout.write(json.dumps(to_dict(found, material, perf_counter() - began), ensure_ascii=False, indent=2))
        sys.stdout.write("\n")
    else:
        print_evaluation(found)


def to_dict(found: ShopEvaluation, material: Material, seconds: float) -> dict[str, object]:
    """The same as one object, in the form of the benchmarks."""
    return {
        "benchmark": "evaluate",
        "data": material.statistics(),
        "ours": SERVING,
        "rows": [{"system": row.model, **row.metrics} for row in found.table],
        "gains": [asdict(gain) for gain in found.gains],
        "searches": [{"system": row.system, **row.metrics} for row in found.rows],
        "searches_gains": [asdict(one) for one in found.comparisons],
        "notes": list(found.notes),
        "seconds": round(seconds, 1),
    }

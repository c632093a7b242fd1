"""`train` in the terminal: fits what the log teaches, says what that brought, and lets it serve if it is better.

In: a shop that is owned. Out: `models/matcher`, a report for people, text on the terminal. Knows no network.
"""

import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
from rich.console import Console

from assistant.progress import progress_bars
from assistant.promotion import CHECKPOINTS, TRAINING, promote, roll_back
from assistant.shop import Shop
from assistant.training.around import ALL, names_of, opened, surroundings
from assistant.training.tables import interval, print_statistics, print_training, told_by
from ranking.comparison import table_of
from ranking.material import Material, prepare
from ranking.measuring import Row
from ranking.models.registry import DEFAULT, parse_settings
from ranking.reporting.page import TrainingStory, write_report
from ranking.shop_training import Request, ShopTraining, train_shop
from ranking.synonyms import learn_synonyms, save_synonyms
from retrieval.errors import ModelError

console = Console()

NOT_BETTER = 3
"""The exit code of a training whose model does not serve, since it is no better."""


@dataclass(frozen=True)
class Training:
    """What the command line asks for; see `shopping-assistant train --help`."""

    model: str = DEFAULT
    settings: Sequence[str] = ()
    compare: Sequence[str] = (ALL,)
    minutes: float = 20.0
    seed: int = 0
    device: str = "auto"

    def request(self, checkpoints: Path) -> Request:
        """The same with names and values checked.

        Raises:
            ModelError: a model or a setting is unknown, or a value is not of its kind.
        """
        if not (self.device in ("auto", "cpu") or self.device.startswith("cuda")):
            raise ModelError(f"--device {self.device}: it is auto, cpu or cuda")
        settings = parse_settings(self.model, list(self.settings))
        return Request(
            self.model, settings, names_of(self.compare), self.minutes, self.seed, self.device, checkpoints
        )  # fmt: skip


def run_training(shop_dir: Path | None, asked: Training, *, always: bool) -> int:
    """Train on the shop's events; the new model serves from the next start if it is better.

    Returns:
        The exit code: 0, or `NOT_BETTER`.
    """
    with Shop(shop_dir, must_own=True) as shop:
        request = asked.request(shop.paths.model.with_suffix(CHECKPOINTS))
        if shop.is_empty:
            shop.make_demo()
        words = learn_words(shop)
        with progress_bars() as bars, opened(shop, bars, or_shipped=True) as (retriever, ranker):
            material = prepare(list(shop.event_log.events()), list(shop.catalog.products()), retriever.vectors_of)
            print_statistics(material)
            console.print(words)
            around = surroundings(shop, retriever, material)
            result = train_shop(
                material, request, around, ranker, shop.paths.model.with_suffix(TRAINING), told_by(bars)
            )  # fmt: skip
        print_training(result)
        decision = decision_of(result, always=always)
        serves = result.is_better or always
        if serves:
            promote(result.directory)
        else:
            shutil.rmtree(result.directory)
        shutil.rmtree(shop.paths.model.with_suffix(CHECKPOINTS), ignore_errors=True)
        console.print(f"\n{decision}", highlight=False, soft_wrap=True)
        page = write_report(shop.paths.reports, story_of(result, material, request, decision))
        console.print(f"Report: {page}", highlight=False, soft_wrap=True)
        return 0 if serves else NOT_BETTER


def run_rollback(shop_dir: Path | None, *, embedder: bool) -> None:
    """Let the model that served before serve from the next start."""
    with Shop(shop_dir, must_own=True) as shop:
        place = shop.paths.embedder if embedder else shop.paths.model
        own = roll_back(place)
        what = f"the former {place.name} of this shop" if own else f"the {place.name} that comes with the program"
        console.print(f"From the next start {what} serves; --rollback once more brings the newer one back")


def learn_words(shop: Shop) -> str:
    """Learn what shoppers call the catalog's things otherwise, and say which; search knows it from the next start."""
    learnt = learn_synonyms(shop.event_log.events(), shop.catalog.products())
    save_synonyms(shop.paths.synonyms, learnt)
    examples = ", ".join(f"{word} = {'/'.join(terms)}" for word, terms in list(learnt.items())[:3])
    return f"{len(learnt)} words of shoppers' own learnt{f' ({examples})' if examples else ''}"


def decision_of(result: ShopTraining, *, always: bool) -> str:
    """Whether the new model serves, and why, in a sentence."""
    against = "; ".join(f"{one.baseline} {interval(one)}" for one in result.judged)
    against += f", over {result.n_judges:,} shoppers"
    if result.is_better:
        return f"The new model serves from the next start. It is better than {against}."
    if always:
        return f"The new model serves from the next start, as was insisted on. Beside {against}."
    return (
        f"The new model does not serve: it is not clearly better. Beside {against}. What served so far goes on: "
        "collect more events, or insist with --always."
    )


def story_of(result: ShopTraining, material: Material, request: Request, decision: str) -> TrainingStory:
    """What `report.html` tells."""
    served = result.taste
    return TrainingStory(
        title=f"Training of {datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        model=request.model,
        statistics=material.statistics(),
        settings=asdict(served.matcher.settings) if served else {},
        table=table_of(result.table) if result.table else pd.DataFrame(),
        gains=result.gains,
        decision=decision,
        progress=served.progress if served else (),
        searches=rows_frame(result.head.rows) if result.head else None,
        about={
            "seed": request.seed,
            "minutes": request.minutes,
            **({"head": result.head.model_version} if result.head else {}),
            **{f"note {n}": text for n, text in enumerate((*material.lacks, *result.left_out), 1)},
        },
    )


def rows_frame(rows: Sequence[Row]) -> pd.DataFrame:
    """The ranker's rows, one a system."""
    return pd.DataFrame([{"system": row.system, **row.metrics} for row in rows]).set_index("system")

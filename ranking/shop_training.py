"""One training of a shop: a model of tastes, the head that listens to it, and whether they may serve.

In: events, the catalog, what finds candidates, the ranker that serves so far. Out: a folder that `Shop.ranker` can
serve from, and a `ShopTraining` that tells what was found. Knows neither the shop's directory nor the command line.

A log can teach two things. Which product a shopper takes up next, from what they did before, teaches the model of
tastes (any matcher of `ranking.models.registry`). What was taken up of a search's result list teaches the head
(`ranking.training`). A log without queries teaches only the first; the head that serves so far is kept then.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from safetensors.numpy import save

from ranking.buyers import NOBODY, BuyersSay
from ranking.card import model_card
from ranking.comparison import Measured, gains_over, measure
from ranking.examples import CandidateSource, Search, TasteFor
from ranking.features import Vectors
from ranking.matcher import META_FILE, MODEL_CARD_FILE, TASTE_FOLDER, TwoTowerMatcher
from ranking.material import Material
from ranking.measuring import SERVING, Utility
from ranking.metrics import Comparison
from ranking.models.protocol import Progress, Watch
from ranking.models.registry import ALWAYS, DEFAULT
from ranking.models.saving import save_matcher
from ranking.models.serving import ServedMatcher
from ranking.personal import Taste
from ranking.ranker import Ranker
from ranking.shop_matchers import MIN_MEASURED, N_FOLDS, FittedMatcher, ShopLog, fit_matcher, tastes_of_others
from ranking.training import Serving, TrainingResult, data_hash, train, write_model
from retrieval.errors import ModelError

FIT_SHARE, FOLD_SHARE, COMPARED_SHARE = 0.5, 0.25, 0.05
"""Of the minutes: for the model that is to serve, for each fit that the head learns from, for each other one."""


@dataclass(frozen=True)
class Request:
    """What to train. `settings` are those of `model` that are set otherwise than by default; `compare` names the
    matchers beside it in the table; `minutes` bounds the networks; `checkpoints` lets a killed training go on."""

    model: str = DEFAULT
    settings: Mapping[str, Any] = field(default_factory=dict)
    compare: tuple[str, ...] = ()
    minutes: float = 20.0
    seed: int = 0
    device: str = "auto"
    checkpoints: Path | None = None

    def __post_init__(self) -> None:
        if not self.minutes > 0:
            raise ModelError(f"{self.minutes:g} minutes are no time to train in: say a number above 0")

    def watch(self, what: str, share: float, on_progress: Callable[[str, Progress], None]) -> Watch:
        """Who watches one of the fits."""
        kept = self.checkpoints / what.replace(" ", "-") if self.checkpoints else None
        return Watch(self.seed, self.minutes * share, kept, self.device, lambda progress: on_progress(what, progress))


@dataclass(frozen=True)
class Surroundings:
    """The shop around a training: what finds candidates, the embeddings of products, who made them, and what the
    shop's reviews were read to say."""

    retriever: CandidateSource
    vectors: Vectors
    embedder_name: str
    embedder_fingerprint: str
    catalog_version: str = ""
    utility: Utility | None = None
    created_by: str = "ranking.shop_training.train_shop"
    buyers: BuyersSay = NOBODY


@dataclass(frozen=True)
class Told:
    """Who is told how far a training is: `on_fit` with the matcher and its epoch, `on_stage` with a stage, what is done
    and how much there is."""

    on_fit: Callable[[str, Progress], None] = lambda what, progress: None
    on_stage: Callable[[str, int, int], None] = lambda stage, done, total: None


@dataclass(frozen=True)
class ShopTraining:
    """What a training came to.

    `taste` is the model of tastes and `table` the figures of all matchers on the same shoppers; `gains` is what `taste`
    brings over each of them. `head` is None where the former one was kept. `judged` is what decides: all of it has to
    be better, over `n_judges` shoppers. `left_out` says which matchers are not in the table, and why.
    """

    directory: Path
    taste: FittedMatcher | None
    table: tuple[Measured, ...]
    gains: tuple[Comparison, ...]
    head: TrainingResult | None
    judged: tuple[Comparison, ...]
    n_judges: int
    left_out: tuple[str, ...] = ()

    @property
    def is_better(self) -> bool:
        """Whether it beats all that it is judged by, each beyond the interval over enough shoppers."""
        enough = self.n_judges >= MIN_MEASURED
        return enough and bool(self.judged) and all(comparison.is_better for comparison in self.judged)


def train_shop(
    material: Material, request: Request, around: Surroundings, serving: Ranker, out_dir: Path, told: Told | None = None
) -> ShopTraining:
    """Train and measure, and write what could serve to `out_dir`.

    Args:
        material: what to learn from.
        request: what to train.
        around: the shop.
        serving: the ranker that serves so far: what has to be beaten, and what training goes on from.
        out_dir: replaced where it is there.
        told: who is told how far it is.

    Raises:
        ModelError: nothing can be learned, or the folder cannot be written to.
    """
    told = told or Told()
    if not material.n_searches:
        _check_head(serving)
    shutil.rmtree(out_dir, ignore_errors=True)
    former = serving.taste if isinstance(serving.taste, ServedMatcher) else None
    fitted, taste_for = None, None
    if material.log is not None:
        fitted = _fit(material, material.log, request, serving, told)
        taste_for = _taste_for(material, material.log, request, fitted, told)
    table, left_out = _table(material.log, request, fitted, former, told)
    head, why = _head(material, request, around, serving, out_dir, taste_for, told)
    left_out += why
    if head is None:
        _keep_head(_check_head(serving), out_dir)
    if fitted is not None and material.log is not None:
        _keep_taste(out_dir, fitted, material, request, around)
    gains = gains_over(fitted.test, table, request.seed) if fitted else ()
    judged = head.comparisons if head else _judged(gains)
    n_judges = head.n_test_shoppers if head else len(fitted.test.ndcg) if fitted else 0
    return ShopTraining(out_dir, fitted, table, gains, head, judged, n_judges, left_out)


def _fit(material: Material, log: ShopLog, request: Request, serving: Ranker, told: Told) -> FittedMatcher:
    """Fit the model that is to serve, from the network that serves if that has seen nothing of what is held out."""
    former = serving.taste.matcher if isinstance(serving.taste, ServedMatcher) else None
    meta = serving.matcher.meta if isinstance(serving.matcher, TwoTowerMatcher) else {}
    until = meta.get("taste", {}).get("fitted_until")
    may = until is not None and datetime.fromisoformat(until) <= material.moments.validation
    start = former if may and former is not None and former.name == request.model else None
    watch = request.watch(request.model, FIT_SHARE, told.on_fit)
    return fit_matcher(request.model, request.settings, log, watch, start)


def _taste_for(
    material: Material, log: ShopLog, request: Request, fitted: FittedMatcher, told: Told
) -> TasteFor | None:
    """For searches to learn from a model that does not know the shopper; for later ones that which is to serve."""
    if not material.n_searches:
        return None
    name = request.model
    ours = ServedMatcher(fitted.matcher, material.items, name)
    begin = material.moments.validation
    watches = [request.watch(f"{name} without fold {n}", FOLD_SHARE, told.on_fit) for n in range(N_FOLDS)]
    try:
        of_others = tastes_of_others(name, request.settings, log, watches)
    except ModelError:
        # With half of the shoppers there is too little: the head trusts the model as much as it does by default.
        return lambda search: ours if search.start >= begin else None

    def taste_for(search: Search) -> Taste:
        return ours if search.start >= begin else of_others(search.shopper_id)

    return taste_for


def _table(
    log: ShopLog | None, request: Request, fitted: FittedMatcher | None, former: ServedMatcher | None, told: Told
) -> tuple[tuple[Measured, ...], tuple[str, ...]]:
    """The trained matcher among the baselines, the others that were asked for, and the one that serves so far."""
    if log is None or fitted is None:
        return (), ()
    rows, left_out = others(log, request, told, but=fitted.name)
    if former is not None:
        rows.append(measure_served(former, log))
    return (*rows, fitted.test), tuple(left_out)


def others(log: ShopLog, request: Request, told: Told, but: str = "") -> tuple[list[Measured], list[str]]:
    """The figures of the baselines and of those that were asked for, and which could not be fitted, with the reason."""
    rows, left_out = [], []
    for name in dict.fromkeys((*ALWAYS, *request.compare)):
        try:
            if name != but:
                rows.append(fit_matcher(name, {}, log, request.watch(name, COMPARED_SHARE, told.on_fit)).test)
        except ModelError as error:
            left_out.append(f"{name}: {error}")
    return rows, left_out


def measure_served(served: ServedMatcher, log: ShopLog) -> Measured:
    """The figures of the matcher that serves so far on the test part of a log.

    Raises:
        ModelError: the catalog has changed since the matcher was loaded.
    """
    if served.items.ids != log.data.items.ids:
        raise ModelError("the catalog changed while this was running: run it again")
    return measure(SERVING, served.matcher, log.parts.test, log.parts.train.counts())


def _judged(gains: Sequence[Comparison]) -> tuple[Comparison, ...]:
    return tuple(gain for gain in gains if gain.baseline in {"random", "popularity", SERVING})


def _head(
    material: Material,
    request: Request,
    around: Surroundings,
    serving: Ranker,
    out_dir: Path,
    taste_for: TasteFor | None,
    told: Told,
) -> tuple[TrainingResult | None, tuple[str, ...]]:
    """The trained head; or None and why, where the former one is to be kept."""
    if not material.n_searches:
        return None, ()
    former = serving.matcher
    try:
        made = train(
        material.events, material.products, around.retriever, around.embedder_fingerprint, out_dir, request.seed,
        told.on_stage, vectors=around.vectors, embedder_name=around.embedder_name,
        catalog_version=around.catalog_version, utility=around.utility, taste_for=taste_for,
        serving=Serving(former.tensors, serving.taste) if isinstance(former, TwoTowerMatcher) else None,
        created_by=around.created_by, buyers=around.buyers,
        )  # fmt: skip
    except ModelError as error:
        if material.log is None or not isinstance(former, TwoTowerMatcher):
            raise
        return None, (f"the head stays as it is: {error}",)
    return made, ()


def _check_head(serving: Ranker) -> TwoTowerMatcher:
    """The head that serves so far.

    Raises:
        ModelError: there is none that could be put beside a new model of tastes.
    """
    if not isinstance(serving.matcher, TwoTowerMatcher):
        raise ModelError(
            "the log holds no searches to train the ranker on, and the shipped one is for another embedder: import "
            "events that carry the query which led to them"
        )
    return serving.matcher


def _keep_head(former: TwoTowerMatcher, out_dir: Path) -> None:
    """Put the head that serves so far beside the new model of tastes."""
    weights = save(dict(former.tensors))
    write_model(out_dir, weights, {**former.meta, "weights_sha256": hashlib.sha256(weights).hexdigest()})


def _keep_taste(
    out_dir: Path, fitted: FittedMatcher, material: Material, request: Request, around: Surroundings
) -> None:
    about = {
        "embedder": {"name": around.embedder_name, "fingerprint": around.embedder_fingerprint},
        "catalog_version": around.catalog_version,
        "data_hash": data_hash(material.events),
        "seed": request.seed,
        "fitted_until": material.moments.validation.astimezone(UTC).isoformat(),
        "statistics": material.log.data.statistics() if material.log else {},
        "metrics": {name: round(value, 4) for name, value in fitted.test.metrics.items()},
        "created_by": around.created_by,
    }
    digest = save_matcher(out_dir / TASTE_FOLDER, fitted.matcher, material.items, about)
    meta = json.loads((out_dir / META_FILE).read_bytes())
    meta["taste"] = {"model": fitted.name, "sha256": digest, "settings": asdict(fitted.matcher.settings), **about}
    (out_dir / META_FILE).write_text(json.dumps(meta, ensure_ascii=False, indent=2) + "\n", "utf-8")
    (out_dir / MODEL_CARD_FILE).write_text(model_card(meta), "utf-8")

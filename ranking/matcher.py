"""The matchers: from `Features` to contributions that add up to a logit.

In: `Features`, or the files of a trained model. Out: named contributions, one value per candidate. Knows neither
products nor events, and does not train: serving needs NumPy only.

The two-tower matcher. A tower turns an embedding x into the unit vector of x + U Aᵀ x with two thin matrices
(``(d, r)``), so that before training every tower is the identity. Of a query q, a candidate x and the products h_i that
the shopper's behaviour speaks for with the weights w_i:

    query_match   = a · (query tower(q) - q) · x
    profile_match = b · sum_i w_i product tower(h_i) · product tower(x) / (sum_i w_i + PROFILE_SHRINKAGE)

The plain cosine q · x is taken away since `relevance` holds it already; what is left is what training learned beyond
it. Products that are compared with a query are not moved: on a catalog that the model has never seen, that harmed the
order. Each scalar feature has one coefficient. All coefficients but popularity's are the softplus of a free parameter,
so relevance, a fitting price, better quality, praise and a stated like never harm, and a dislike never helps.

`taste` is the one part that another model makes, which a shop trains on who took up what and hands to the ranker. A
`Calibration` beside the head turns the score into probabilities.

Source: low-rank update of a fixed map: Hu et al. 2021, LoRA; two towers: Covington et al. 2016, Deep neural networks
for YouTube recommendations, section 3.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load

from ranking.calibration import TENSORS as CALIBRATION
from ranking.calibration import Calibration
from ranking.features import SCALARS, Features
from retrieval.errors import ModelError

Contributions = dict[str, NDArray[np.float64]]
"""Name -> ``(n,)``, one value per candidate; their sum is the score."""

CONTRIBUTIONS = (
    "relevance", "query_match", "profile_match", "taste", "price_fit", "brand_fit", "size_fit", "audience_fit",
    "quality", "popularity", "novelty", "stock", "stated_like", "stated_dislike", "opinions", "aspect_fit",
)  # fmt: skip
"""What a two-tower score is made of. A constant would not change an order, so there is none."""

TOWERS = ("query_down", "query_up", "product_down", "product_up")
HEAD = ("query_match", "profile_match", *SCALARS)
"""The order of the head's parameters."""

OF_REVIEWS = {"opinions": 0.5, "aspect_fit": 1.0}
"""The coefficients of what buyers say, in a model that learned nothing of them: set, not learned, and small. One
buyer who praises what is wished weighs 0.25 logits, as much as a star; any number of them less than a stated like."""

PROFILE_SHRINKAGE = 4.0
"""Behaviour worth this much (one purchase) counts half, more of it more."""

WEIGHTS_FILE = "matcher.safetensors"
META_FILE = "meta.json"
MODEL_CARD_FILE = "MODEL_CARD.md"
TASTE_FOLDER = "taste"
"""Where in a model's folder its model of tastes lies, if it has one."""

FORMAT = 3
SHIPPED = Path(__file__).with_name("weights")

Tensors = Mapping[str, NDArray[np.float32]]


class Matcher(Protocol):
    """Scores the candidates of one query for one shopper."""

    @property
    def version(self) -> str:
        """What tells this model from every other, for the log of shown lists."""
        ...

    @property
    def calibration(self) -> Calibration:
        """What turns its score into probabilities; an empty one where nobody knows."""
        ...

    def contributions(self, features: Features) -> Contributions:
        """The parts of each candidate's score."""
        ...


@dataclass(frozen=True, slots=True)
class RelevanceMatcher:
    """Retrieval's order and nothing else: the baseline."""

    version: str = "relevance"
    calibration: Calibration = field(default_factory=Calibration)

    def contributions(self, features: Features) -> Contributions:
        """`relevance` as it is."""
        return {"relevance": features.scalars[:, SCALARS.index("relevance")].astype(np.float64)}


@dataclass(frozen=True)
class TwoTowerMatcher:
    """The trained matcher; see the module's docstring for the formula.

    `tensors`: `TOWERS`, each ``(d, r)``, "head", ``(len(HEAD),)`` free parameters, and where the log told them the
    calibration's.
    """

    tensors: Tensors
    version: str
    meta: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        wanted = {*TOWERS, "head"}
        if set(self.tensors) - set(CALIBRATION) != wanted:
            raise ModelError(f"{self.version} holds {sorted(self.tensors)} instead of {sorted(wanted)}: train it again")
        shapes = {self.tensors[name].shape for name in TOWERS}
        if len(shapes) != 1 or len(shapes.pop()) != 2 or self.tensors["head"].shape != (len(HEAD),):
            raise ModelError(f"{self.version} has tensors of the wrong shape: train it again")
        if not all(np.isfinite(tensor).all() for tensor in self.tensors.values()):
            raise ModelError(f"{self.version} has weights that are not finite: train it again")
        Calibration.from_tensors(self.tensors)

    @property
    def calibration(self) -> Calibration:
        """As fitted on later searches than those that it was trained on."""
        return Calibration.from_tensors(self.tensors)

    @property
    def dimension(self) -> int:
        """The length of the embeddings that it takes."""
        return int(self.tensors["product_down"].shape[0])

    def contributions(self, features: Features) -> Contributions:
        """The parts named in `CONTRIBUTIONS`, in that order.

        Raises:
            ModelError: the embeddings are not of this model's dimension.
        """
        if features.products.shape[1] != self.dimension:
            raise ModelError(
                f"{self.version} takes embeddings of dimension {self.dimension}, not {features.products.shape[1]}: "
                "train a model with this shop's embedder"
            )
        head = coefficients(self.tensors["head"])
        scalars = features.scalars.astype(np.float64)
        parts: Contributions = {name: head[name] * scalars[:, column] for column, name in enumerate(SCALARS)}
        parts["query_match"] = head["query_match"] * self._learned_query_match(features).astype(np.float64)
        parts["profile_match"] = head["profile_match"] * self._profile_match(features).astype(np.float64)
        parts["price_fit"] = parts["budget_fit"] + parts["level_fit"]
        return {name: parts[name] for name in CONTRIBUTIONS}

    def _tower(self, name: str, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        moved = rows + (rows @ self.tensors[f"{name}_down"]) @ self.tensors[f"{name}_up"].T
        norms = np.linalg.norm(moved, axis=1, keepdims=True)
        unit: NDArray[np.float32] = moved / np.maximum(norms, np.float32(1e-9))
        return unit

    def _learned_query_match(self, features: Features) -> NDArray[np.float32]:
        moved = self._tower("query", features.query[None, :])[0] - features.query
        learned: NDArray[np.float32] = features.products @ moved
        return learned

    def _profile_match(self, features: Features) -> NDArray[np.float32]:
        weights = features.history_weights
        shopper = weights @ self._tower("product", features.history) / (weights.sum() + np.float32(PROFILE_SHRINKAGE))
        match: NDArray[np.float32] = self._tower("product", features.products) @ shopper
        return match


def coefficients(head: NDArray[np.float32]) -> dict[str, float]:
    """The head's free parameters as signed coefficients, by the names of `HEAD`.

    >>> coefficients(np.zeros(len(HEAD), dtype=np.float32))["stated_dislike"] < 0
    True
    """
    signed = dict(zip(HEAD, np.logaddexp(0.0, head.astype(np.float64)).tolist(), strict=True))
    signed["popularity"] = float(head[HEAD.index("popularity")])
    signed["stated_dislike"] = -signed["stated_dislike"]
    return signed


def load_matcher(directory: Path | None, embedder_fingerprint: str, dimension: int) -> TwoTowerMatcher:
    """Read a trained model and check that it is whole and fits the embedder.

    Args:
        directory: where `train` wrote it; None for the model that is shipped.
        embedder_fingerprint: of the embedder that made the shop's vectors.
        dimension: of those vectors.

    Raises:
        ModelError: a file is missing or damaged, or the model was made for another embedder.
    """
    directory = directory or SHIPPED
    meta = _read_meta(directory / META_FILE)
    weights = _read_bytes(directory / WEIGHTS_FILE)
    digest = hashlib.sha256(weights).hexdigest()
    if digest != meta.get("weights_sha256"):
        raise ModelError(
            f"{directory / WEIGHTS_FILE} is not the file that {META_FILE} describes ({digest[:12]}…): train again"
        )
    embedder = meta.get("embedder", {})
    if meta.get("dimension") != dimension:
        raise ModelError(
            f"the matcher in {directory} was trained on embeddings of dimension {meta.get('dimension')}, this shop's "
            f"have {dimension}: run `shopping-assistant train`"
        )
    if embedder.get("fingerprint") != embedder_fingerprint:
        raise ModelError(
            f"the matcher in {directory} was trained with the embedder {embedder.get('name')!r} "
            f"({str(embedder.get('fingerprint'))[:12]}), this shop uses another ({embedder_fingerprint[:12]}): "
            "run `shopping-assistant train`"
        )
    return TwoTowerMatcher(_with_reviews(load(weights)), version_of(digest), meta)


def _with_reviews(tensors: dict[str, NDArray[np.float32]]) -> dict[str, NDArray[np.float32]]:
    """The tensors of a model from before what buyers say was counted, with `OF_REVIEWS` at the end of its head."""
    head = tensors.get("head")
    if head is None or head.shape != (len(HEAD) - len(OF_REVIEWS),):
        return tensors
    free = np.log(np.expm1(list(OF_REVIEWS.values()))).astype(np.float32)
    return {**tensors, "head": np.concatenate([head, free])}


def version_of(weights_sha256: str) -> str:
    """The name of a trained model in logs.

    >>> version_of("0123456789abcdef")
    'two-tower-0123456789ab'
    """
    return f"two-tower-{weights_sha256[:12]}"


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelError(f"no matcher at {path} ({error.strerror}): run `shopping-assistant train`") from error


def _read_meta(path: Path) -> dict[str, Any]:
    try:
        meta = json.loads(_read_bytes(path))
    except ValueError as error:
        raise ModelError(f"{path} is not JSON ({error}): run `shopping-assistant train`") from error
    if not isinstance(meta, dict) or meta.get("format") != FORMAT:
        raise ModelError(f"{path} is not of format {FORMAT}: run `shopping-assistant train` with this version")
    return meta

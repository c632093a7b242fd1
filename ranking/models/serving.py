"""A fitted matcher as the ranker asks it: what would this shopper take up next?

In: a matcher, the items it knows, and a `ShopperProfile`. Out: one score per product, whichever products are asked for.
Knows neither the catalog's database nor the ranker.

A product that came after the training is scored by those that it is most like by its text; the matcher itself is not
changed, so a shopper never waits for that.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ranking.features import PRODUCT
from ranking.interactions import SECONDS_A_DAY, Histories, Items, Stated
from ranking.models.neighbours import nearest
from ranking.models.protocol import Matcher
from ranking.models.saving import load_matcher, read_meta
from ranking.profile import EVENT_WEIGHTS
from ranking.types import Act, ShopperProfile
from retrieval.errors import ModelError
from retrieval.types import Matrix


@dataclass(frozen=True)
class ServedMatcher:
    """A matcher and the items that it scores; safe to share between threads."""

    matcher: Matcher
    items: Items
    version: str
    _rows: dict[str, int] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._rows.update(self.items.rows())

    @classmethod
    def load(cls, folder: Path, items: Items, embedder_fingerprint: str) -> "ServedMatcher":
        """The matcher that was saved in `folder`, over today's items.

        Raises:
            ModelError: it is missing or damaged, or was fitted with another embedder.
        """
        meta = read_meta(folder)
        made_with = meta.get("embedder", {}).get("fingerprint")
        if made_with != embedder_fingerprint:
            raise ModelError(
                f"the matcher in {folder} was fitted with another embedder ({str(made_with)[:12]}) than this shop's "
                f"({embedder_fingerprint[:12]}): run `shopping-assistant train`"
            )
        return cls(load_matcher(folder, items), items, f"{meta['model']}-{meta['tensors_sha256'][:12]}")

    def score(self, profile: ShopperProfile, product_ids: Sequence[str], embeddings: Matrix) -> NDArray[np.float32]:
        """``(n,)``, higher is better; zeros where nothing is known that the matcher could go by.

        Args:
            profile: whose acts, in their order, and stated likes are read.
            product_ids: n products.
            embeddings: ``(n, d)``, theirs.
        """
        rows = np.array([self._rows.get(product_id, -1) for product_id in product_ids], dtype=np.int64)
        asked = self._history(profile)
        if not len(asked.items[0]) and not any(said.tag in self.items.tags for said in asked.stated[0]):
            return np.zeros(len(product_ids), dtype=np.float32)
        if (rows >= 0).all():
            known: NDArray[np.float32] = self.matcher.score(asked, rows)[0]
            return known
        whole = self.matcher.score(asked)[0]
        scores: NDArray[np.float32] = whole[np.maximum(rows, 0)].copy()
        new = np.flatnonzero(rows < 0)
        scores[new] = self._borrowed(whole, np.asarray(embeddings)[new])
        return scores

    def _history(self, profile: ShopperProfile) -> Histories:
        """What was taken up, in order of time, with the products that the shopper said they like; see `_said`."""
        done = [act for act in profile.history if act.weight > 0 and act.product_id in self._rows]
        held = {act.product_id for act in done}
        said = [act for act in _said(profile) if act.product_id in self._rows and act.product_id not in held]
        acts = sorted([*done, *said], key=lambda act: act.time)
        ages = [(acts[-1].time - act.time).total_seconds() / SECONDS_A_DAY for act in acts]
        stated = tuple(
            Stated((preference.attribute, preference.value), preference.weight)
            for preference in profile.stated
            if preference.weight > 0 and preference.attribute != PRODUCT
        )
        return Histories(
            (np.array([self._rows[act.product_id] for act in acts], dtype=np.int64),),
            (np.array(ages, dtype=np.float32),),
            (np.array([act.weight for act in acts], dtype=np.float32),),
            (stated,),
        )

    def _borrowed(self, whole: NDArray[np.float32], embeddings: Matrix) -> NDArray[np.float32]:
        """The mean score of the known products whose texts are nearest; without texts the mean of all."""
        vectors = self.items.vectors
        if vectors is None or not len(vectors):
            return np.full(len(embeddings), whole.mean() if len(whole) else 0.0, dtype=np.float32)
        rows, weights = nearest(embeddings, vectors)
        borrowed: NDArray[np.float32] = (weights * whole[rows]).sum(axis=1)
        return borrowed


def _said(profile: ShopperProfile) -> list[Act]:
    """The products that the shopper said they like as acts: a like of that day, as much of one as it was said to be.

    One without a day counts as said now. A matcher knows products as what was taken up, not as something to be liked.
    """
    now = datetime.now(UTC)
    return [
        Act(stated.value, EVENT_WEIGHTS["like"] * stated.weight, stated.since or now, "like")
        for stated in profile.stated
        if stated.attribute == PRODUCT and stated.weight > 0
    ]

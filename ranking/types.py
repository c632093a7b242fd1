"""The values of the ranking stage.

In: candidates of `retrieval` and a `ShopperProfile`. Out: `RankedProduct`s whose `contributions` add up to their score.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from retrieval.types import Attributes, Product, Variant

EVENT_TYPES = (
    "impression", "click", "view", "add_to_cart", "remove_from_cart", "favorite", "purchase", "refund",
    "like", "dislike", "not_interested", "rating",
)  # fmt: skip
"""What a shopper can do with a product. "impression": it was in a list that they saw; "click": they chose it there;
"view": they looked at its page; "refund" and "remove_from_cart" take a purchase or an addition back; "like", "dislike"
and "not_interested" come from the chat or from buttons; "rating" carries a number."""

MAX_RATING = 5.0


@dataclass(frozen=True, slots=True)
class Event:
    """One act of one shopper, whose id is a pseudonym (`ranking.behavior.pseudonyms`). `time` is UTC.

    `query` is the search that led to it, `list_id` and `position` (from 0) the shown list it happened on, where known.
    `rating` is in [0, 5], higher is better, and belongs to a "rating"; `quantity` is how many were bought, put into the
    cart or given back.
    """

    shopper_id: str
    product_id: str
    type: str
    time: datetime
    session_id: str | None = None
    query: str | None = None
    list_id: str | None = None
    position: int | None = None
    rating: float | None = None
    quantity: int | None = None


@dataclass(frozen=True, slots=True)
class Preference:
    """One thing known about a shopper: `weight` in [-1, 1], negative = dislikes it.

    `source` is the utterance or the event ids.
    """

    attribute: str
    value: str
    weight: float
    source: str


@dataclass(frozen=True, slots=True)
class ShopperProfile:
    """What is known about the shopper, as a value. An empty profile personalises nothing.

    `product_weights`: product id -> how much the shopper's behaviour speaks for it (> 0) or against (< 0),
    decayed by time.
    `price_level`: where in a category's price range they buy, 0 (cheapest) to 1 (dearest), None = unknown.
    `price_level_is_said`: the shopper asked for it in so many words ("cheap"), so it counts several times as much.
    `stated`: likes and dislikes from the chat that are not constraints of the current wish.
    """

    product_weights: Mapping[str, float] = field(default_factory=dict)
    price_level: float | None = None
    stated: tuple[Preference, ...] = ()
    price_level_is_said: bool = False

    @property
    def is_empty(self) -> bool:
        return not self.product_weights and self.price_level is None and not self.stated


@dataclass(frozen=True, slots=True)
class RankedProduct:
    """A product in its final place. `score` is a logit (higher is better) and the sum of `contributions`.

    `variant` is the one that meets the filters; `matched` the wished attribute values that it states. `p_click` and
    `p_purchase` are what the model's calibration makes of the logit before anybody moved a weight; None without one.
    """

    product: Product
    variant: Variant
    score: float
    contributions: Mapping[str, float]
    matched: Attributes = field(default_factory=dict)
    p_click: float | None = None
    p_purchase: float | None = None

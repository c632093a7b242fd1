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
    cart or given back. `recipient`: it was done while looking for something for that person, so it tells nothing of the
    shopper's own taste; None = for the shopper.
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
    recipient: str | None = None


BUDGET = "budget"
"""The attribute of a `Preference` about what the shopper usually spends; its value is an amount in minor units of the
shop's currency, in digits ("5000")."""

AGE_GROUP = "age group"
"""The attribute of a `Preference` about the shopper's age; its value is like "25-34"."""

BODY = ("body height", "body weight", "body chest", "body waist", "body hips", "body foot")
"""The attributes of `Preference`s about the shopper's body; their values are like "172 cm" and "65 kg"."""

NO_TASTE = frozenset({BUDGET, *BODY})
"""Attributes of `Preference`s that are no likes: no product is the better for stating such a value."""


@dataclass(frozen=True, slots=True)
class Preference:
    """One thing known about a shopper: `weight` in [-1, 1], negative = dislikes it.

    `source` is the utterance, or the ids of the events (`ranking.events.act_key`), with spaces between.
    `confidence` in [0, 1] says how sure we are; the weight counts that much of itself. `expires`: from then on it
    doesn't count; None = for good. `inferred`: concluded from behaviour or from an earlier wish, not said as such.
    `since`: when it was said or first seen, where known.
    """

    attribute: str
    value: str
    weight: float
    source: str
    confidence: float = 1.0
    expires: datetime | None = None
    inferred: bool = False
    since: datetime | None = None

    @property
    def key(self) -> str:
        """What names it among the preferences of one shopper: one of each attribute and value.

        >>> Preference("material", "wool", 1.0, "I love wool").key
        'material=wool'
        """
        return f"{self.attribute}={self.value}"


@dataclass(frozen=True, slots=True)
class Act:
    """One act of the shopper that speaks for (`weight` > 0) or against a product, as much as it did that day.

    `type` is one of `EVENT_TYPES`, `event_id` the id of the event where it is one.
    """

    product_id: str
    weight: float
    time: datetime
    type: str = ""
    event_id: str = ""


@dataclass(frozen=True, slots=True)
class ShopperProfile:
    """What is known about the shopper, as a value. An empty profile personalises nothing.

    `product_weights`: long-term interests. Product id -> how much the shopper's behaviour speaks for it (> 0) or
    against (< 0), decayed by time up to `as_of` (None: as they are).
    `price_level`: where in a category's price range they buy, 0 (cheapest) to 1 (dearest), None = unknown.
    `price_level_is_said`: the shopper asked for it in so many words ("cheap"), so it counts several times as much.
    `stated`: likes and dislikes, sizes and the usual budget from the chat that are not constraints of the current wish.
    `history`: what they did in its order, oldest first: the newest acts that weigh anything and were not taken back.
    `session_start`: when the conversation began; acts from then on are short-term interest.
    """

    product_weights: Mapping[str, float] = field(default_factory=dict)
    price_level: float | None = None
    stated: tuple[Preference, ...] = ()
    price_level_is_said: bool = False
    history: tuple[Act, ...] = ()
    as_of: datetime | None = None
    session_start: datetime | None = None

    @property
    def is_empty(self) -> bool:
        return not self.product_weights and self.price_level is None and not self.stated and not self.history

    @property
    def recent(self) -> tuple[Act, ...]:
        """Short-term interest: the acts since the conversation began, oldest first."""
        start = self.session_start
        return () if start is None else tuple(act for act in self.history if act.time >= start)

    @property
    def budget_minor(self) -> int | None:
        """What the shopper says that they usually spend, in minor units of the shop's currency; None = not said."""
        said = [item.value for item in self.stated if item.attribute == BUDGET and item.weight > 0]
        return int(said[-1]) if said and said[-1].isdecimal() else None


@dataclass(frozen=True, slots=True)
class RankedProduct:
    """A product in its final place. `score` is a logit (higher is better) and the sum of `contributions`.

    `variant` is the one that meets the filters; `matched` the wished attribute values that it states. `alternatives`
    are the ids of products outside the list that are the same thing (`ranking.sameness`), best first. `p_click` and
    `p_purchase` are what the model's calibration makes of the logit before anybody moved a weight; None without one.
    """

    product: Product
    variant: Variant
    score: float
    contributions: Mapping[str, float]
    matched: Attributes = field(default_factory=dict)
    alternatives: tuple[str, ...] = ()
    p_click: float | None = None
    p_purchase: float | None = None

"""The values of the conversation. Everything about one shopper is in `Session`, which goes in and comes out.

A `Session` is JSON-serialisable through `assistant.sessions`, so a turn survives a restart.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from assistant.looking.values import PageContext
from assistant.service.types import Handoff, ServiceState
from assistant.sizing.values import BodySaid, SizeAdvice
from ranking.types import Preference, RankedProduct, ShopperProfile
from retrieval.types import Filters, Query

INTENTS = (
    "search", "refine", "compare", "ask_product", "bundle", "feedback", "faq", "order", "handoff",
    "smalltalk", "out_of_scope",
)  # fmt: skip
SENTIMENTS = ("positive", "neutral", "negative")
LANGUAGES = ("en", "zh")


@dataclass(frozen=True, slots=True)
class References:
    """Which shown products a message points at. `ordinals` count from 1, -1 is the last one; `focus` = "it", "this one"
    (the product last spoken of); `product_ids` are resolved by name or by ordinal against the session."""

    ordinals: tuple[int, ...] = ()
    focus: bool = False
    product_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """More (`sign` 1) or less (-1) of an attribute: "weight", "size", "battery", "rating"."""

    attribute: str
    sign: int


VALUED = ("color", "material", "brand")
"""What is held against a product by its value, which another has otherwise."""


@dataclass(frozen=True, slots=True)
class Objection:
    """What is held against a product: too much (`sign` -1: less would do) or too little (1) of "price", "size",
    "weight", "battery" or "rating"; or (0) its "color", "material" or "brand", or that it is "flashy"."""

    matter: str
    sign: int


@dataclass(frozen=True, slots=True)
class Beyond:
    """A condition that a comparison with a shown product made: more or less than that one has."""

    comparison: Comparison
    product_id: str


@dataclass(frozen=True, slots=True)
class ParsedMessage:
    """What one message says, on its own.

    `filters` holds only what this message states (amounts as said, in minor units of the currency as said).
    `dropped` are constraint keys the shopper withdraws ("any color is fine": "color"; "price", "category",
    "brand", "size" …); `lifted` exclusions that are fine again; `replaces` attributes whose old values make way
    ("make it red").
    `move` names the special requests inside an intent: "more", "cheaper", "similar", "undo", "why", "why_not",
    "restart", "remove" (a click on the page: a constraint taken away, a weight moved) or None.
    `query_text` is the wish in the shopper's words without prices and fillers; `semantic_text` the same in English
    where the lexicon knows how. `wants_low_price` says that it calls for something cheap without an amount.
    `unknown_wishes` are recognised wishes that this catalog states nowhere as an attribute.
    `preferences` are what the shopper says of themselves beyond the wish, `other_preferences` of the person bought for
    (`recipient`, as said; `for_self`: nobody else), `usual_price` the amount that they usually spend, as said.
    `comparison` is what it wants more or less of than a product that was shown has.
    `body` is what it says of bodies, and whether it asks for a size.
    `indifferent`: it answers the question just asked with "that doesn't matter".
    `objection` is what a message that judges holds against a product.
    `read_by`: "rules" alone; or "model" (a language model was asked as well, and something of its answer counts),
    "model_unused" (nothing of it does) or "model_failed" (no answer came).
    """

    text: str
    intent: str
    sentiment: str
    language: str
    filters: Filters
    query_text: str = ""
    semantic_text: str = ""
    references: References = field(default_factory=References)
    move: str | None = None
    dropped: tuple[str, ...] = ()
    lifted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    replaces: tuple[str, ...] = ()
    unknown_wishes: tuple[str, ...] = ()
    wants_low_price: bool = False
    preferences: tuple[Preference, ...] = ()
    other_preferences: tuple[Preference, ...] = ()
    usual_price: Filters | None = None
    recipient: str | None = None
    for_self: bool = False
    comparison: Comparison | None = None
    body: BodySaid = field(default_factory=BodySaid)
    indifferent: bool = False
    objection: Objection | None = None
    read_by: str = "rules"


@dataclass(frozen=True, slots=True)
class ShownProduct:
    """A product that this session has been shown. `turn` counts from 1, `position` from 0."""

    product_id: str
    turn: int
    position: int


@dataclass(frozen=True, slots=True)
class Message:
    """One line of the conversation. `role` is "shopper" or "assistant"; `product_ids` the cards under it,
    `variant_ids` the variant that each of them showed, `list_id` the row of that list in the log."""

    role: str
    text: str
    product_ids: tuple[str, ...] = ()
    variant_ids: tuple[str, ...] = ()
    list_id: str | None = None


@dataclass(frozen=True, slots=True)
class Asking:
    """What the current wish was asked about. `question` is what the last reply asked for (an attribute, "price" or
    "category"), `settled` all that this wish was asked about or that the shopper said does not matter; `n_passed`
    counts the questions that they passed over."""

    question: str | None = None
    settled: tuple[str, ...] = ()
    n_passed: int = 0


@dataclass(frozen=True, slots=True)
class Session:
    """One conversation. `filters` and `wish` are the state after the last turn; `previous` the state to undo to.

    `cheaper_than_minor` is a bound in the shop's currency that "anything cheaper?" put on the current wish.
    `beyond` are the comparisons with shown products that the wish has to meet ("lighter than the first").
    `profile` is the shopper's own. While `recipient` is set the wish is for that person (as said): it goes by
    `recipient_profile`, and nothing of it goes to the shopper's own. Without `personalised` no profile counts.
    `events_seen` is the place in the event log up to which the profile has taken in the shopper's events.
    `page` is what the shopper looked at, and had in the cart, when they wrote last.
    `service` is what customer service remembers: what it asked for, and which orders were proven to be the shopper's.
    `weights` are how many times each part of a product's score counts for this shopper, where that is not once.
    """

    id: str
    shopper_id: str
    language: str = "en"
    turn: int = 0
    filters: Filters = field(default_factory=Filters)
    wish: str = ""
    semantic_wish: str = ""
    unknown_wishes: tuple[str, ...] = ()
    shown: tuple[ShownProduct, ...] = ()
    focus_id: str | None = None
    profile: ShopperProfile = field(default_factory=ShopperProfile)
    messages: tuple[Message, ...] = ()
    previous: "Session | None" = None
    cheaper_than_minor: int | None = None
    beyond: tuple[Beyond, ...] = ()
    personalised: bool = True
    recipient: str | None = None
    recipient_profile: ShopperProfile = field(default_factory=ShopperProfile)
    events_seen: int = 0
    page: PageContext = field(default_factory=PageContext)
    asking: Asking = field(default_factory=Asking)
    service: ServiceState = field(default_factory=ServiceState)
    weights: Mapping[str, float] = field(default_factory=dict)

    def last_shown(self) -> tuple[str, ...]:
        """Ids of the newest shown list, best first."""
        if not self.shown:
            return ()
        newest = max(item.turn for item in self.shown)
        return tuple(item.product_id for item in self.shown if item.turn == newest)


@dataclass(frozen=True, slots=True)
class Step:
    """What the dialogue decided to do with a message.

    `action`: "recommend" (retrieve, rank, show), "compare", "ask_product", "faq", "smalltalk", "out_of_scope",
    "order", "handoff", "feedback", "noted" (the message only says what the shopper likes, wears or spends), "bundle",
    "size_advice" (`advice` says which size), "cart" (how the product spoken of, if any, goes with those in the cart),
    "ask_rate" (the budget's currency has no exchange rate), "nothing_to_refer_to". `query` is set where products must
    be found; `product_ids` are the products spoken of. `notes` are facts that the reply must mention, as (kind,
    arguments), e.g. ("converted", {"from": "¥300", "to": "$41.67"}) or ("unstated", {"wish": …}). `profile` is what
    the ranker sees in this turn: the one in force. `answers`: the message answers the question that was asked.
    `for_now` are comparisons that hold for this reply alone.
    """

    action: str
    session: Session
    parsed: ParsedMessage
    query: Query | None = None
    product_ids: tuple[str, ...] = ()
    notes: tuple[tuple[str, Mapping[str, str]], ...] = ()
    profile: ShopperProfile | None = None
    advice: SizeAdvice | None = None
    answers: bool = False
    for_now: tuple[Beyond, ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a product is recommended. `source`: "attribute:feature", "title", "price", "profile:<source>", "review:<id>",
    "reviews:<id>,<id> …", "rating", "relevance". `facts`: what of the text is a fact, under the names of
    `assistant.builtin.brief.PRODUCT_FACTS`."""

    text: str
    source: str
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A ranked product with what the page says about it."""

    ranked: RankedProduct
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to a question. `text` is what the shopper would write; `value` what it asks for, "" for a price;
    `n_products` how many products would then be left; `low_minor` and `high_minor` a price's bounds."""

    text: str
    value: str
    n_products: int
    low_minor: int | None = None
    high_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A question that narrows the wish. `about` is an attribute, "price" or "category"; `gain` by how
    much likelier the next list has what the shopper takes; `indifferent` the answer that it does not
    matter."""

    about: str
    options: tuple[Option, ...]
    gain: float
    indifferent: str


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one message. `session` is the state to pass in next time; `list_id` the shown list's row.

    `n_matched` counts the products that meet the conditions, `n_left` those of them that were not shown yet; `currency`
    is the shop's; `handoff` says where handing the conversation to a person stands, None where it is not spoken of.
    """

    text: str
    language: str
    parsed: ParsedMessage
    session: Session
    products: tuple[Recommendation, ...] = ()
    quick_replies: tuple[str, ...] = ()
    question: Question | None = None
    n_matched: int = 0
    n_left: int = 0
    currency: str = "USD"
    list_id: str | None = None
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    handoff: Handoff | None = None

    def to_dict(self) -> dict[str, Any]:
        """The reply as plain JSON values, in the shape that `ask --json` prints."""
        from assistant.serialize import reply_to_dict

        return reply_to_dict(self)


@dataclass(frozen=True, slots=True)
class ProductsFound:
    """Streamed first: the cards, ready before the text. `language` is the reply's ("" = not stated), `list_id` the
    list's row in the log."""

    products: tuple[Recommendation, ...]
    quick_replies: tuple[str, ...]
    language: str = ""
    list_id: str | None = None


@dataclass(frozen=True, slots=True)
class TextDelta:
    """A piece of the reply's text, to append."""

    text: str


@dataclass(frozen=True, slots=True)
class Finished:
    """Streamed last: the whole reply."""

    reply: Reply


StreamEvent = ProductsFound | TextDelta | Finished

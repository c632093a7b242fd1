"""What happens to the conversation's state: constraints carried, corrected, dropped, undone; what to do next.

In: a session and a parsed message. Out: a `Step` with the new session and, where products must be found, the query
in the shop's currency. Knows no retrieval, no ranking order and no wording of replies.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from assistant.asking import answers, heard_answer
from assistant.beyond import with_beyond
from assistant.conditions import capped, cheaper_than, in_shop_currency, price_of, widened
from assistant.looking.applying import cart_step, on_page
from assistant.objecting import other_size, others_instead
from assistant.parsing.moves import is_in_all
from assistant.parsing.objections import is_of_all, likes_but
from assistant.personal import acting_profile, bought_for, for_whom, noted, with_acting, with_earlier_wish
from assistant.service.types import ServiceState
from assistant.shop_facts import ShopFacts
from assistant.sizing.advising import size_step, with_size_of_wish
from assistant.sizing.noting import with_body
from assistant.state import (
    BEYOND,
    CHEAPER,
    WISH_WORD,
    Constraint,
    constraints,
    merge_wish,
    refined_filters,
    without,
    without_values,
    without_words,
)
from assistant.types import ParsedMessage, Session, Step
from ranking.features import PRODUCT
from ranking.profile import with_feedback
from ranking.types import ShopperProfile
from retrieval.errors import MissingRate
from retrieval.lexicon.matching import fold
from retrieval.types import Filters, Query

__all__ = ["Constraint", "advance", "constraints", "remove_constraint", "with_weights", "without_constraint"]

_WITH_PRODUCTS = frozenset({"search", "refine"})
_NEEDS_PRODUCT = frozenset({"ask_product", "compare"})
_POINTS_AT = frozenset({"ask_product", "compare", "feedback", "bundle"})


def advance(session: Session, parsed: ParsedMessage, shop: ShopFacts, now: datetime | None = None) -> Step:
    """The next state and what to do.

    Only search and refine change the constraints; every other intent leaves them as they were. `Query.filters` holds
    the constraints in the shop's currency, `Session.filters` as the shopper said them. What the message says of the
    shopper goes to the profile, or to that of the person bought for.

    Args:
        session: the state before.
        parsed: the message.
        shop: what must be known of the shop.
        now: when it was said (UTC); None: now.
    """
    now = now or datetime.now(UTC)
    heard = replace(session, language=parsed.language, asking=heard_answer(session.asking, parsed))
    heard = for_whom(heard, parsed)
    if parsed.intent == "search":
        heard = with_earlier_wish(heard, session, now)
    heard, parsed = on_page(heard, parsed, shop)
    heard = with_body(noted(heard, parsed, shop.rates, shop.currency, now), parsed, now)
    step = with_size_of_wish(_advance(heard, session, parsed, shop, now), shop, now)
    return _personal(replace(step, answers=answers(session.asking, parsed)), now)


def _personal(step: Step, now: datetime) -> Step:
    """The step with the profile that the ranker sees: the one that counts, and what this message says of prices."""
    profile = acting_profile(step.session, now)
    if step.parsed.wants_low_price and step.query is not None:
        profile = replace(profile, price_level=0.0, price_level_is_said=True)
    return replace(step, profile=profile)


def _advance(heard: Session, session: Session, parsed: ParsedMessage, shop: ShopFacts, now: datetime) -> Step:
    if (parsed.intent in _POINTS_AT or _only_points(parsed)) and _points_beyond(heard, parsed):
        return Step("nothing_to_refer_to", heard, parsed)
    if parsed.intent in _WITH_PRODUCTS:
        return _find(heard, session, parsed, shop)
    if parsed.intent == "feedback":
        return _feedback(heard, parsed, shop, now)
    step = cart_step(heard, parsed, _asked_about(heard, parsed)) or _size(heard, parsed, shop, now)
    if step is None:
        step = _bundle(heard, parsed, shop) if parsed.intent == "bundle" else _about_products(heard, parsed)
    return step


def _size(heard: Session, parsed: ParsedMessage, shop: ShopFacts, now: datetime) -> Step | None:
    """Which size to take, where that is asked or a body is told."""
    if parsed.intent != "ask_product" or parsed.body.is_empty or parsed.move is not None:
        return None
    return size_step(heard, parsed, shop, _asked_about(heard, parsed), now)


def _only_points(parsed: ParsedMessage) -> bool:
    """Whether a refinement says nothing but which product (show me the fifth)."""
    says_more = parsed.query_text or parsed.move or parsed.comparison or not parsed.filters.is_empty
    return parsed.intent == "refine" and not says_more


def _points_beyond(session: Session, parsed: ParsedMessage) -> bool:
    """Whether the message names a place that the list shown last does not have (the fifth of three)."""
    n_shown = len(session.last_shown())
    return any(not 0 < (place if place > 0 else n_shown + place + 1) <= n_shown for place in parsed.references.ordinals)


def remove_constraint(session: Session, key: str, value: str | None = None) -> Session:
    """The session without one constraint, as when its chip is clicked away.

    Args:
        session: the session.
        key: as in `constraints`: "category", "price", "stock", "sort", "quantity", an attribute ("color"), or an
            excluded one ("not:color"), a comparison ("beyond:size").
        value: which value of an attribute; None = all.
    """
    dropped = key if value is None else f"{key}={value}"
    if key == CHEAPER:
        return replace(session, cheaper_than_minor=None, previous=_memory(session))
    if key.startswith(BEYOND):
        left = tuple(one for one in session.beyond if BEYOND + one.comparison.attribute != key)
        return replace(session, beyond=left, previous=_memory(session))
    filters = without(session.filters, (dropped,))
    wish = without_values(session.wish, _values_gone(session.filters, filters))
    semantic = without_values(session.semantic_wish, _values_gone(session.filters, filters))
    return replace(session, filters=filters, wish=wish, semantic_wish=semantic, previous=_memory(session))


def without_constraint(session: Session, key: str, value: str | None, shop: ShopFacts) -> Step:
    """The step that follows when a constraint's chip is clicked away: the same wish without it."""
    after = remove_constraint(session, key, value)
    parsed = ParsedMessage("", "refine", "neutral", session.language, Filters(), move="remove")
    return _personal(_query_step(after, session, parsed, shop, ()), datetime.now(UTC))


def with_weights(session: Session, weights: Mapping[str, float], shop: ShopFacts) -> Step:
    """The step that follows when the shopper says how much parts of a score count: the same wish in another order."""
    kept = {name: factor for name, factor in {**session.weights, **weights}.items() if factor != 1}
    parsed = ParsedMessage("", "search", "neutral", session.language, Filters(), move="remove")
    step = _query_step(replace(session, weights=kept), session, parsed, shop, ())
    return _personal(replace(step, notes=(*step.notes, ("weighed", {}))), datetime.now(UTC))


def _values_gone(old: Filters, new: Filters) -> dict[str, tuple[str, ...]]:
    gone = {
        name: tuple(value for value in values if value not in new.include.get(name, ()))
        for name, values in old.include.items()
    }
    if old.category and new.category != old.category:
        gone["category"] = (old.category,)
    return {name: values for name, values in gone.items() if values}


def _memory(session: Session) -> Session:
    """The session as something to go back to; what it goes back to itself stays with it.

    What is known of the shopper is no part of it: undoing a wish unlearns nothing.
    """
    empty = ShopperProfile()
    return replace(session, messages=(), shown=(), profile=empty, recipient_profile=empty, service=ServiceState())


def _find(heard: Session, before: Session, parsed: ParsedMessage, shop: ShopFacts) -> Step:
    """Search and refine: the new constraints, and a query for them."""
    if parsed.move == "undo":
        return _undo(heard, before, parsed, shop)
    if parsed.move == "restart" and not parsed.query_text and not parsed.unknown_wishes and parsed.filters.is_empty:
        return Step("smalltalk", replace(_new_wish(heard, parsed), previous=_memory(before)), parsed)
    if parsed.references.ordinals and not parsed.references.product_ids and parsed.move in ("similar", "cheaper"):
        return Step("nothing_to_refer_to", heard, parsed)
    if parsed.intent == "search" and parsed.move == "cheaper":
        # As a new wish, 'cheaper headphones' has nothing to be cheaper than: it calls for cheap ones.
        parsed = replace(parsed, move=None, wants_low_price=True)
    session = _new_wish(heard, parsed) if parsed.intent == "search" else _refined(heard, parsed)
    session = replace(session, previous=_memory(before))
    spoken_of = parsed.references.product_ids if parsed.move in ("similar", "cheaper") else ()
    if not spoken_of and parsed.move in ("similar", "cheaper") and parsed.references.focus:
        spoken_of = before.last_shown()[:1]
    if spoken_of:
        session = replace(session, focus_id=spoken_of[0])
    if (step := other_size(session, parsed, shop, _spoken_of(heard, parsed) or before.last_shown()[:1])) is not None:
        return replace(step, session=heard)
    if parsed.comparison and (anchors := _spoken_of(heard, parsed) or before.last_shown()[:1]):
        session = with_beyond(replace(session, focus_id=anchors[0]), parsed.comparison, anchors[0])
    return _query_step(session, before, parsed, shop, spoken_of)


def _new_wish(heard: Session, parsed: ParsedMessage) -> Session:
    return replace(
        heard,
        filters=parsed.filters,
        wish=parsed.query_text,
        semantic_wish=parsed.semantic_text,
        unknown_wishes=parsed.unknown_wishes,
        focus_id=None,
        cheaper_than_minor=None,
        beyond=(),
    )


def _refined(heard: Session, parsed: ParsedMessage) -> Session:
    filters = refined_filters(heard, parsed)
    gone = _values_gone(heard.filters, filters)
    words = {key.partition("=")[2] for key in parsed.dropped if key.startswith(f"{WISH_WORD}=")}
    wish = merge_wish(without_words(without_values(heard.wish, gone), words), parsed.query_text)
    semantic = merge_wish(without_words(without_values(heard.semantic_wish, gone), words), parsed.semantic_text)
    unknown = tuple(dict.fromkeys((*heard.unknown_wishes, *parsed.unknown_wishes)))
    if parsed.move == "more":
        wish, semantic = heard.wish, heard.semantic_wish
    named = parsed.filters.price_max_minor is not None or parsed.filters.price_min_minor is not None
    cheaper = None if named or "price" in parsed.dropped else heard.cheaper_than_minor
    return replace(
        heard,
        filters=filters,
        wish=wish,
        semantic_wish=semantic,
        unknown_wishes=unknown,
        cheaper_than_minor=cheaper,
    )


def _undo(heard: Session, before: Session, parsed: ParsedMessage, shop: ShopFacts) -> Step:
    """Back to the state before the last change; nothing to go back to leaves it as it is."""
    old = before.previous
    session = heard
    if old is not None:
        session = replace(
            heard,
            filters=old.filters,
            wish=old.wish,
            semantic_wish=old.semantic_wish,
            unknown_wishes=old.unknown_wishes,
            focus_id=old.focus_id,
            cheaper_than_minor=old.cheaper_than_minor,
            beyond=old.beyond,
            previous=old.previous,
        )
        session = bought_for(session, old.recipient)
    return _query_step(session, before, parsed, shop, ())


def _query_step(
    session: Session, before: Session, parsed: ParsedMessage, shop: ShopFacts, spoken_of: Sequence[str]
) -> Step:
    try:
        filters, notes = in_shop_currency(session.filters, shop, session.language)
    except MissingRate:
        note = ("missing_rate", {"from": session.filters.currency or "", "to": shop.currency})
        return Step("ask_rate", session, parsed, notes=(note,))
    products = shop.lookup(tuple(spoken_of)) if spoken_of else {}
    anchor = products.get(spoken_of[0]) if spoken_of else None
    text, semantic = session.wish, session.semantic_wish
    if parsed.move == "cheaper":
        filters, session, cheaper = cheaper_than(filters, session, before, anchor, shop)
        notes += cheaper
    filters = capped(filters, session.cheaper_than_minor, shop.currency)
    if parsed.move == "similar" and anchor is not None:
        text = semantic = anchor.title
        filters = replace(filters, category=filters.category or anchor.category)
    if parsed.unknown_wishes:
        notes += tuple(("unstated", {"wish": wish}) for wish in parsed.unknown_wishes)
    query = Query(text, widened(filters, shop.vocabulary), _not_again(session, parsed, spoken_of), semantic or None)
    return Step("recommend", session, parsed, query, tuple(spoken_of), notes)


def _not_again(session: Session, parsed: ParsedMessage, spoken_of: Sequence[str]) -> frozenset[str]:
    """'Show more' shows nothing twice; 'similar' and 'cheaper' not the product itself; none what is in the cart."""
    if parsed.move == "more":
        seen = filter(None, (session.page.product_id, *session.page.cart))
        return frozenset((*(item.product_id for item in session.shown), *seen))
    return frozenset((*spoken_of, *session.page.cart))


def _feedback(heard: Session, parsed: ParsedMessage, shop: ShopFacts, now: datetime) -> Step:
    """Praise or dislike goes to the profile, for the product named or, failing that, the one last spoken of; where
    something is held against it, others are shown that differ in that."""
    ids = _judged(heard, parsed)
    if not ids and parsed.objection is not None and heard.last_shown():
        return others_instead(heard, parsed, shop, (), now)
    if not ids and (parsed.preferences or parsed.usual_price):
        named = tuple(said.value for said in parsed.preferences if said.attribute == PRODUCT)
        return Step("noted", heard, parsed, product_ids=named)
    if not ids or parsed.sentiment == "neutral":
        return Step("feedback", heard, parsed, product_ids=ids)
    session = replace(heard, focus_id=ids[0] if len(ids) == 1 else heard.focus_id)
    if (step := other_size(session, parsed, shop, ids)) is not None:
        return step
    liked = parsed.sentiment == "positive"
    objects = parsed.objection is not None
    noted_of = () if objects and (liked or len(ids) > 1 or likes_but(fold(parsed.text))) else ids
    for product in shop.lookup(noted_of).values():
        change = partial(with_feedback, product=product, liked=liked, source=parsed.text, now=now)
        session = with_acting(session, change)
    if objects:
        return others_instead(session, parsed, shop, ids, now)
    return Step("feedback", session, parsed, product_ids=ids)


def _judged(heard: Session, parsed: ParsedMessage) -> tuple[str, ...]:
    """The products that a message judges; all that was shown where it objects to all (these are too big)."""
    if parsed.objection is not None and not parsed.references.ordinals:
        if is_of_all(fold(parsed.text)) and heard.last_shown():
            return heard.last_shown()
        spoken_of = (*heard.last_shown(), heard.page.product_id)
        if not parsed.references.product_ids and heard.focus_id in spoken_of:
            return (heard.focus_id,) if heard.focus_id else ()
    return _spoken_of(heard, parsed)


def _bundle(heard: Session, parsed: ParsedMessage, shop: ShopFacts) -> Step:
    """What goes with a product: the words of the wish around it, under the price said; the constraints stay.

    An amount for all of it is what the other things may cost together, once the first is paid ("in_all"); where nothing
    is left of it, that is said ("spent").
    """
    ids = _asked_about(heard, parsed) or heard.last_shown()[:1] or heard.page.cart[-1:]
    session = replace(heard, focus_id=ids[0] if ids else heard.focus_id)
    said = parsed.filters.price_max_minor is not None
    wanted = price_of(parsed.filters if said else heard.filters)
    if not ids:
        # A kit with nothing to start from (an outfit for my dad, no leather): what is said holds for all of it.
        session = _new_wish(session, replace(parsed, filters=replace(parsed.filters, category=None)))
        wanted = session.filters
    try:
        filters, notes = in_shop_currency(wanted, shop, session.language)
    except MissingRate:
        return Step("ask_rate", session, parsed, notes=(("missing_rate", {"to": shop.currency}),))
    products = shop.lookup(ids) if ids else {}
    if said and products and filters.price_max_minor is not None and is_in_all(fold(parsed.text)):
        left = filters.price_max_minor - sum(product.price_minor for product in products.values())
        notes += (("in_all", {"left_minor": str(left)}) if left > 0 else ("spent", {}),)
        filters = Filters()
    titles = " ".join(product.title for product in products.values())
    text, filters = merge_wish(titles, parsed.query_text), widened(filters, shop.vocabulary)
    return Step(
        "bundle", session, parsed, Query(text, filters, frozenset((*ids, *heard.page.cart)), text or None), ids, notes
    )


def _about_products(heard: Session, parsed: ParsedMessage) -> Step:
    """Intents that leave the constraints alone."""
    if parsed.intent not in _NEEDS_PRODUCT:
        return Step(parsed.intent, heard, parsed)
    ids, shown = _asked_about(heard, parsed), heard.last_shown()
    if parsed.intent == "compare" and len(ids) < 2:
        ids = tuple(dict.fromkeys((*ids, *shown)))[: 2 if ids else 3]
    if not ids and parsed.intent == "ask_product" and heard.focus_id in shown:
        # What do people complain about: asked of the product last spoken of.
        ids = (heard.focus_id,) if heard.focus_id else ()
    if not ids:
        return Step("nothing_to_refer_to" if not shown else parsed.intent, heard, parsed)
    session = replace(heard, focus_id=ids[0]) if len(ids) == 1 else heard
    return Step(parsed.intent, session, parsed, product_ids=ids)


def _asked_about(heard: Session, parsed: ParsedMessage) -> tuple[str, ...]:
    """The products spoken of; where none is named, the one whose page it is, or the only one that was shown."""
    spoken, shown = _spoken_of(heard, parsed), heard.last_shown()
    if spoken or parsed.references.ordinals:
        return spoken
    if heard.focus_id is not None and heard.focus_id == heard.page.product_id:
        return (heard.focus_id,)
    return shown if len(shown) == 1 else ()


def _spoken_of(heard: Session, parsed: ParsedMessage) -> tuple[str, ...]:
    if parsed.references.product_ids:
        return parsed.references.product_ids
    if parsed.references.ordinals:
        return ()
    if parsed.references.focus:
        return (heard.focus_id,) if heard.focus_id else heard.last_shown()[:1]
    return ()

"""What a clerk does when something is held against a product: notes it, and shows what differs in that matter.

In: a session, a message with an objection, the products that it is of. Out: the step of the reply. The conditions of
the session stay as they were; what the objection asks for holds for this reply. Knows no ranking and no wording.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from assistant.beyond import measured
from assistant.conditions import capped, filters_in_force
from assistant.personal import EARLIER_WISH_CONFIDENCE, EARLIER_WISH_LASTS, with_acting
from assistant.shop_facts import ShopFacts
from assistant.types import VALUED, Beyond, Comparison, ParsedMessage, Session, Step
from ranking.profile import with_stated
from ranking.types import Preference, ShopperProfile
from retrieval.errors import MissingRate
from retrieval.filters import attributes_of
from retrieval.quantities import quantity_of
from retrieval.types import Filters, Product, Query, Variant

_LIVELY = ("red", "orange", "yellow", "pink", "purple", "gold")
_CALLED = {("weight", -1): "lightweight", ("battery", 1): "long battery life"}
"""A feature that tells of a quantity which the shop doesn't state."""
Note = tuple[str, Mapping[str, str]]


def others_instead(session: Session, parsed: ParsedMessage, shop: ShopFacts, ids: Sequence[str], now: datetime) -> Step:
    """The step that shows others, without what is held against these.

    Its notes hold ("objection", {"how": …}), or ("uncompared", {"attribute": …}) where the shop doesn't state it.

    Args:
        session: with the dislike noted.
        parsed: the message.
        shop: what must be known of the shop.
        ids: the products that it names, or means; none: it goes by the list that was shown last.
        now: when it was said (UTC).
    """
    found = shop.lookup(ids or session.last_shown())
    products = [found[product_id] for product_id in ids or session.last_shown() if product_id in found]
    if parsed.objection is None or not products:
        return Step("feedback", session, parsed, product_ids=tuple(ids))
    try:
        filters = filters_in_force(session, shop)
    except MissingRate:
        return Step("feedback", session, parsed, product_ids=tuple(ids))
    text, semantic, category = session.wish, session.semantic_wish, products[0].category
    if category is not None and filters.category not in (category, products[0].department):
        filters, text, semantic = Filters(category=category), products[0].title, products[0].title
    wish = _Wish(session, filters)
    if parsed.objection.matter == "price":
        wish = _cheaper(wish, products, shop, of_list=not ids)
    else:
        judged = products if ids else products[:1]
        is_valued = parsed.objection.matter in (*VALUED, "flashy")
        wish = (_other_value if is_valued else _beyond)(wish, parsed, judged, shop, now)
    query = Query(text, wish.filters, frozenset((*ids, *session.page.cart)), semantic or None)
    return Step("recommend", wish.session, parsed, query, tuple(ids), wish.notes, for_now=wish.for_now)


def other_size(session: Session, parsed: ParsedMessage, shop: ShopFacts, ids: Sequence[str]) -> Step | None:
    """Where a thing that comes in sizes to wear (m, 42) is too big or too small, or a smaller one is asked for: the
    step that says which there are.

    It is not exchanged for another thing, nor disliked: ("sizes", {"sizes": …}) is its note.
    """
    objected = parsed.objection is not None and parsed.objection.matter == "size"
    compared = parsed.comparison is not None and parsed.comparison.attribute == "size"
    if not (objected or compared) or len(ids) != 1:
        return None
    product = shop.lookup(ids).get(ids[0])
    variants = [variant for variant in product.variants if variant.in_stock] if product else []
    sizes = {size for variant in variants for size in variant.attributes.get("size", ())}
    if len(sizes) < 2 or any((quantity := quantity_of(size)) and quantity.dimension for size in sizes):
        return None
    listed = ", ".join(sorted(sizes, key=_place))
    return Step("feedback", session, parsed, product_ids=tuple(ids), notes=(("sizes", {"sizes": listed}),))


def _place(size: str) -> tuple[float, str]:
    """Where a size stands among others: by its number, or by its letters.

    >>> sorted(["l", "xl", "s", "m", "xs"], key=_place), sorted(["42", "9", "41.5"], key=_place)
    (['xs', 's', 'm', 'l', 'xl'], ['9', '41.5', '42'])
    """
    quantity = quantity_of(size)
    if quantity is not None:
        return quantity.amount, size
    letters = size.strip().lower()
    middle = {"s": -1.0, "m": 0.0, "l": 1.0}.get(letters[-1:], 2.0)
    return middle * (1 + letters.count("x")), size


@dataclass(frozen=True, slots=True)
class _Wish:
    """The wish as it is for this reply."""

    session: Session
    filters: Filters
    notes: tuple[Note, ...] = ()
    for_now: tuple[Beyond, ...] = ()


def _cheaper(wish: _Wish, products: Sequence[Product], shop: ShopFacts, *, of_list: bool) -> _Wish:
    """Below the cheapest of the products; of a list as a whole, below its dearer half."""
    prices = sorted(_seen(wish.session, product).price_minor for product in products)
    limit = (prices[len(prices) // 2] if of_list else prices[0]) - 1
    filters = capped(wish.filters, limit, shop.currency)
    return replace(wish, filters=filters, notes=(("objection", {"how": "price_less"}),))


def _other_value(wish: _Wish, parsed: ParsedMessage, products: Sequence[Product], _: ShopFacts, now: datetime) -> _Wish:
    """Without the colour (material, brand) that they were shown in; for what is flashy, without any lively colour."""
    matter = parsed.objection.matter if parsed.objection else ""
    name = "color" if matter == "flashy" else matter
    said = [item.value for item in parsed.preferences if item.attribute == name and item.weight < 0]
    values = [v for product in products for v in attributes_of(product, _seen(wish.session, product)).get(name, ())]
    gone = tuple(dict.fromkeys(said or values))
    if not gone:
        return replace(wish, notes=(("uncompared", {"attribute": name}),))
    session = _disliking(wish.session, parsed, name, gone, now)
    filters = _without(wish.filters, name, (*gone, *_LIVELY) if matter == "flashy" else gone)
    return replace(wish, session=session, filters=filters, notes=(("objection", {"how": matter}),))


def _beyond(wish: _Wish, parsed: ParsedMessage, products: Sequence[Product], shop: ShopFacts, _: datetime) -> _Wish:
    """With more or less of it than each of them has; by a feature, where none of them states how much."""
    matter, sign = (parsed.objection.matter, parsed.objection.sign) if parsed.objection else ("", 0)
    measurable = [product for product in products if measured(product, matter)]
    feature = _CALLED.get((matter, sign))
    name, values = (feature and shop.vocabulary.values_for("feature", feature)) or ("", ())
    if not measurable and any(value in shop.vocabulary.attributes.get(name, {}) for value in values):
        wanted = tuple(dict.fromkeys((*wish.filters.include.get(name, ()), *values)))
        filters = replace(wish.filters, include={**wish.filters.include, name: wanted})
        return replace(wish, filters=filters, notes=(("objection", {"how": f"{matter}_called"}),))
    for_now = tuple(Beyond(Comparison(matter, sign), product.id) for product in measurable or products[:1])
    how = f"{matter}_{'more' if sign > 0 else 'less'}"
    return replace(wish, notes=(("objection", {"how": how}),), for_now=for_now)


def _seen(session: Session, product: Product) -> Variant:
    """The variant of a product that the shopper saw, as far as that is known."""
    seen = {variant_id for message in session.messages[-2:] for variant_id in message.variant_ids}
    return next((variant for variant in product.variants if variant.id in seen), product.variants[0])


def _disliking(session: Session, parsed: ParsedMessage, name: str, values: Sequence[str], now: datetime) -> Session:
    """The session with a guess in the profile that counts: whoever holds a value against one thing may dislike it."""
    said = {preference.key for preference in parsed.preferences}
    profile = session.recipient_profile if session.recipient else session.profile
    said |= {preference.key for preference in profile.stated if not preference.inferred}
    guesses = [
        Preference(
            name, value, -1.0, parsed.text, EARLIER_WISH_CONFIDENCE, now + EARLIER_WISH_LASTS, inferred=True, since=now
        )
        for value in values
    ]

    def noted(profile: ShopperProfile) -> ShopperProfile:
        for guess in guesses:
            profile = profile if guess.key in said else with_stated(profile, guess)
        return profile

    return with_acting(session, noted)


def _without(filters: Filters, name: str, gone: Sequence[str]) -> Filters:
    """The filters that rule these values out, and no longer ask for them."""
    wanted = tuple(value for value in filters.include.get(name, ()) if value not in gone)
    include = {other: values for other, values in filters.include.items() if other != name}
    exclude = tuple(dict.fromkeys((*filters.exclude.get(name, ()), *gone)))
    return replace(
        filters, include={**include, name: wanted} if wanted else include, exclude={**filters.exclude, name: exclude}
    )

"""The conditions of a conversation as a search takes them: in the shop's currency, and as wide as they are meant.

In: filters as the shopper said them. Out: filters for retrieval, and notes of what was changed for the reply. Knows no
message.
"""

from collections.abc import Mapping
from dataclasses import replace

from assistant.shop_facts import ShopFacts
from assistant.types import Session
from retrieval.money import format_money
from retrieval.types import Filters, Product
from retrieval.vocabulary import Vocabulary

_UNISEX_FOR = frozenset({"men", "women"})
Notes = tuple[tuple[str, Mapping[str, str]], ...]


def filters_in_force(session: Session, shop: ShopFacts) -> Filters:
    """The conditions of the conversation so far, as the next search would take them.

    Raises:
        MissingRate: a price limit is in a currency that the shop has no rate for.
    """
    filters, _ = in_shop_currency(session.filters, shop, session.language)
    return widened(capped(filters, session.cheaper_than_minor, shop.currency), shop.vocabulary)


def in_shop_currency(filters: Filters, shop: ShopFacts, language: str) -> tuple[Filters, Notes]:
    """The filters with amounts converted, and a note that says so."""
    source = filters.currency
    amounts = (filters.price_min_minor, filters.price_max_minor, filters.around_minor)
    if source is None or source == shop.currency or all(amount is None for amount in amounts):
        return replace(filters, currency=shop.currency if any(amounts) else None), ()
    low, high, around = (None if a is None else shop.rates.convert(a, source, shop.currency) for a in amounts)
    said = next(amount for amount in (amounts[2], amounts[1], amounts[0]) if amount is not None)
    meant = next(amount for amount in (around, high, low) if amount is not None)
    note = (
        "converted",
        {
            "from": format_money(said, source, language),
            "to": format_money(meant, shop.currency, language),
            "as_of": shop.rates.as_of.isoformat() if shop.rates.as_of else "",
        },
    )
    converted = replace(filters, price_min_minor=low, price_max_minor=high, around_minor=around, currency=shop.currency)
    return converted, (note,)


def cheaper_than(
    filters: Filters, session: Session, before: Session, anchor: Product | None, shop: ShopFacts
) -> tuple[Filters, Session, Notes]:
    """A price below the product named, kept as a constraint; without one, below the dearest half of what was shown."""
    if anchor is not None:
        limit = anchor.price_minor - 1
        if filters.price_max_minor is None or filters.price_max_minor > limit:
            low = filters.price_min_minor if (filters.price_min_minor or 0) <= limit else None
            bounds = {"price_min_minor": low, "price_max_minor": limit, "around_minor": None, "currency": shop.currency}
            filters = replace(filters, **bounds)  # type: ignore[arg-type]
            session = replace(session, filters=replace(session.filters, **bounds))  # type: ignore[arg-type]
        return filters, session, (("cheaper_than", {"product_id": anchor.id}),)
    shown = sorted(product.price_minor for product in shop.lookup(before.last_shown()).values())
    if not shown:
        return filters, session, ()
    return filters, replace(session, cheaper_than_minor=shown[len(shown) // 2] - 1), ()


def capped(filters: Filters, limit: int | None, currency: str) -> Filters:
    """The filters with no price above `limit`, in the shop's currency."""
    if limit is None or (filters.price_max_minor is not None and filters.price_max_minor <= limit):
        return filters
    low = filters.price_min_minor if (filters.price_min_minor or 0) <= limit else None
    return replace(filters, price_min_minor=low, price_max_minor=limit, around_minor=None, currency=currency)


def widened(filters: Filters, vocabulary: Vocabulary) -> Filters:
    """What is for women or men may also be for both; what states no audience is for everyone in a category of which
    none or few do."""
    wanted = filters.include.get("audience", ())
    if not wanted:
        return filters
    if filters.category and not vocabulary.stated.get((filters.category, "audience")):
        return replace(filters, include={name: v for name, v in filters.include.items() if name != "audience"})
    if filters.category not in vocabulary.categories and (silent := vocabulary.silent_on("audience")):
        filters = replace(filters, unstated_in={**filters.unstated_in, "audience": silent})
    if is_for_anybody(filters.category, vocabulary) and set(wanted) <= _UNISEX_FOR:
        filters = replace(filters, unstated_in={**filters.unstated_in, "audience": (filters.category or "",)})
    if "unisex" in wanted or not set(wanted) & _UNISEX_FOR or "unisex" not in vocabulary.attributes.get("audience", {}):
        return filters
    return replace(filters, include={**filters.include, "audience": (*wanted, "unisex")})


def is_for_anybody(category: str | None, vocabulary: Vocabulary) -> bool:
    """Whether a category's products are mostly for nobody in particular, as snacks are: fewer than half say for whom.

    >>> is_for_anybody("teas", Vocabulary(3, {"teas": 3}, stated={("teas", "audience"): 1}))
    True
    """
    n = vocabulary.categories.get(category or "", 0)
    return 2 * vocabulary.stated.get((category or "", "audience"), 0) < n


def for_same_people(product: Product, other: Product) -> bool:
    """Whether a product may be for whom another is: what goes with a women's jacket is no men's shirt.

    >>> jacket, shirt, tent = (
    ...     Product("p", "", "USD", (), attributes=stated)
    ...     for stated in ({"audience": ("women",)}, {"audience": ("men",)}, {})
    ... )
    >>> for_same_people(shirt, jacket), for_same_people(tent, jacket)
    (False, True)
    """
    mine, theirs = set(product.values("audience")), set(other.values("audience"))
    return not mine or not theirs or "unisex" in mine | theirs or bool(mine & theirs)


def price_of(filters: Filters) -> Filters:
    """The price alone of a wish, for something that is not of it."""
    return Filters(
        price_min_minor=filters.price_min_minor,
        price_max_minor=filters.price_max_minor,
        around_minor=filters.around_minor,
        currency=filters.currency,
    )

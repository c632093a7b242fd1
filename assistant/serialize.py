"""A reply as plain JSON values, in the shape that `ask --json` prints and the documentation promises.

In: a `Reply`. Out: dicts, lists, strings and numbers. Amounts in `filters` are in major units, as said; prices of
products in minor units.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from assistant.types import ParsedMessage, Question, Recommendation, Reply
from ranking.types import Preference
from retrieval.money import to_major
from retrieval.types import Attributes, Filters


def reply_to_dict(reply: Reply) -> dict[str, Any]:
    """The whole reply."""
    return {
        "text": reply.text,
        "language": reply.language,
        "intent": reply.parsed.intent,
        "sentiment": reply.parsed.sentiment,
        "read_by": reply.parsed.read_by,
        "filters": filters_to_dict(reply.session.filters, reply.currency),
        "wish": reply.session.wish,
        "not_stated_here": list(reply.session.unknown_wishes),
        "n_matched": reply.n_matched,
        "products": recommendations_to_dicts(reply.products, reply.language),
        "quick_replies": list(reply.quick_replies),
        "question": _question(reply.question) if reply.question else None,
        "session_id": reply.session.id,
        "list_id": reply.list_id,
        "handoff": {"state": reply.handoff.state, "reference": reply.handoff.reference} if reply.handoff else None,
        "timings_ms": dict(reply.timings_ms),
    }


def recommendations_to_dicts(items: Sequence[Recommendation], language: str) -> list[dict[str, Any]]:
    """Products with what is said of them, best first."""
    return [_recommendation(item, language) for item in items]


def _question(question: Question) -> dict[str, Any]:
    options = [{"text": option.text, "n_products": option.n_products} for option in question.options]
    return {"about": question.about, "options": options}


def parsed_to_dict(parsed: ParsedMessage, filters: Filters, currency: str) -> dict[str, Any]:
    """What a message says, and the conditions in force after it."""
    return {
        "intent": parsed.intent,
        "move": parsed.move,
        "sentiment": parsed.sentiment,
        "language": parsed.language,
        "read_by": parsed.read_by,
        "says": filters_to_dict(parsed.filters, currency),
        "filters": filters_to_dict(filters, currency),
        "query_text": parsed.query_text,
        "semantic_text": parsed.semantic_text,
        "references": {
            "ordinals": list(parsed.references.ordinals),
            "focus": parsed.references.focus,
            "product_ids": list(parsed.references.product_ids),
        },
        "dropped": list(parsed.dropped),
        "not_stated_here": list(parsed.unknown_wishes),
        "says_of_shopper": [_preference_to_dict(item) for item in parsed.preferences],
        "usually_spends": filters_to_dict(parsed.usual_price, currency) if parsed.usual_price else {},
        "for_whom": parsed.recipient,
        "says_of_them": [_preference_to_dict(item) for item in parsed.other_preferences],
    }


def _preference_to_dict(item: Preference) -> dict[str, Any]:
    return {"attribute": item.attribute, "value": item.value, "weight": item.weight}


def filters_to_dict(filters: Filters, currency: str = "USD") -> dict[str, Any]:
    """The conditions that are set; a brand stands on its own.

    Amounts are in major units, of the shop's `currency` where the shopper said none.

    >>> filters_to_dict(Filters(price_max_minor=12050, include={"brand": ("sony",)}))
    {'price_max': 120.5, 'brand': ['sony']}
    """
    plain: dict[str, Any] = {
        "category": filters.category,
        "price_min": _major(filters.price_min_minor, filters.currency or currency),
        "price_max": _major(filters.price_max_minor, filters.currency or currency),
        "around": _major(filters.around_minor, filters.currency or currency),
        "currency": filters.currency,
        "brand": list(filters.include.get("brand", ())),
        "include": _plain({name: values for name, values in filters.include.items() if name != "brand"}),
        "exclude": _plain(filters.exclude),
        "sort": filters.sort,
        "quantity": filters.quantity,
        "in_stock": None if filters.in_stock_only else False,
    }
    return {key: value for key, value in plain.items() if value not in (None, [], {})}


def _recommendation(item: Recommendation, language: str) -> dict[str, Any]:
    product, variant = item.ranked.product, item.ranked.variant
    chances = {"p_click": item.ranked.p_click, "p_purchase": item.ranked.p_purchase}
    attributes: Attributes = {**product.attributes, **variant.attributes}
    return {
        "id": product.id,
        "variant_id": variant.id,
        "title": product.title_in(language),
        "brand": product.brand,
        "category": product.category,
        "price_minor": variant.price_minor,
        "list_price_minor": variant.list_price_minor,
        "currency": product.currency,
        "in_stock": variant.in_stock,
        "rating": product.rating,
        "n_reviews": product.n_reviews,
        "attributes": _plain(attributes),
        "attribute_sources": dict(product.attribute_sources),
        "url": product.url,
        "image": product.image_of(variant),
        "score": round(item.ranked.score, 4),
        "contributions": {name: round(value, 4) for name, value in item.ranked.contributions.items()},
        "alternatives": list(item.ranked.alternatives),
        **{name: round(chance, 4) for name, chance in chances.items() if chance is not None},
        "reasons": [{"text": reason.text, "source": reason.source} for reason in item.reasons],
    }


def _plain(attributes: Mapping[str, tuple[str, ...]]) -> dict[str, list[str]]:
    return {name: list(values) for name, values in attributes.items()}


def _major(amount_minor: int | None, currency: str) -> float | int | None:
    if amount_minor is None:
        return None
    amount = to_major(amount_minor, currency)
    return int(amount) if amount == amount.to_integral_value() else float(amount)

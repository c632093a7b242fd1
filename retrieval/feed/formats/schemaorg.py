"""schema.org products (JSON-LD) as rows with our field names.

In: one Product or ProductGroup node. Out: a `Member`. A group's variants are nested in `hasVariant`, named there by
`@id`, or name the group themselves (`isVariantOf`, `inProductGroupWithID`).
Source: https://schema.org/Product, https://schema.org/ProductGroup; Product variant structured data,
https://developers.google.com/search/docs/appearance/structured-data/product-variants.
"""

from decimal import Decimal
from typing import Any

from retrieval.feed.cells import is_empty, present, to_text
from retrieval.feed.formats.shape import Format, Member, Values, attribute_name, first_stated
from retrieval.feed.mapping import STATED

ATTRIBUTES = ("color", "size", "material", "pattern")
CODES = ("gtin", "gtin8", "gtin12", "gtin13", "gtin14", "mpn", "model")
OLD_PRICES = ("ListPrice", "StrikethroughPrice", "MSRP", "SRP")


def schemaorg_member(node: Values) -> Member:
    """One node.

    >>> schemaorg_member({"sku": "L1", "name": "Lamp", "offers": {"price": 5, "priceCurrency": "USD"}}).values["price"]
    '5 USD'
    """
    nested = [item for item in _list(node.get("hasVariant")) if isinstance(item, dict)]
    whole = [variant for variant in nested if set(variant) - {"@id", "@type"}]
    children = tuple(to_text(item["@id"]) for item in nested if item not in whole and item.get("@id"))
    values = _values(node)
    if whole:
        values["variants"] = [_variant(variant, n, values) for n, variant in enumerate(whole, start=1)]
    group = _group(node)
    own = (node.get("productGroupID"), node.get("@id"), node.get("sku"))
    names = tuple(dict.fromkeys(to_text(name) for name in own if not is_empty(name)))
    is_group = "hasVariant" in node or not is_empty(node.get("productGroupID"))
    return Member(values, names, group, children, is_variant=not (is_group and is_empty(values["price"])))


def schemaorg_currency(values: Values) -> str | None:
    """The currency that a member's offers are in."""
    offers = [values, *values.get("variants", [])]
    return next((to_text(offer["currency"]) for offer in offers if not is_empty(offer.get("currency"))), None)


def _values(node: Values) -> Values:
    offer = _offer(node)
    rating = _one(node.get("aggregateRating"))
    properties = {
        f"property {to_text(item['name'])}": item.get("value")
        for item in _list(node.get("additionalProperty"))
        if isinstance(item, dict) and not is_empty(item.get("name"))
    }
    return {
        "id": first_stated(node, "productGroupID", "sku", "productID", "@id", "url"),
        "title": _name(node.get("name")),
        "description": first_stated(node, "description"),
        "brand": _name(node.get("brand")) or _name(node.get("manufacturer")),
        "category": _name(node.get("category")),
        "image": node.get("image"),
        "url": first_stated(node, "url") or first_stated(offer, "url"),
        "date_added": first_stated(node, "releaseDate"),
        "rating": _stars(rating),
        "n_reviews": first_stated(rating, "reviewCount", "ratingCount"),
        "reviews": _reviews(node),
        STATED: _attributes(node),
        **{code: node[code] for code in CODES if not is_empty(node.get(code))},
        **properties,
        **_prices(offer),
    }


def _variant(node: Values, n: int, group: Values) -> Values:
    """A nested variant as a cell of `variants`: our names, attributes beside them."""
    values = _values(node)
    names = ("price", "list_price", "sale_to", "stock", "image")
    own = first_stated(node, "sku", "productID", "@id", "url") or f"{to_text(group['id'])}-{n}"
    attributes: Values = values[STATED]
    return {"id": own, "currency": values["currency"]} | present({name: values[name] for name in names}) | attributes


def _prices(offer: Values) -> Values:
    """What an offer says, without deciding between the ends of a range."""
    price, old = first_stated(offer, "price"), ""
    currency = first_stated(offer, "priceCurrency")
    for said in _list(offer.get("priceSpecification")):
        if not isinstance(said, dict) or is_empty(said.get("price")):
            continue
        currency = currency or first_stated(said, "priceCurrency")
        if to_text(said.get("priceType") or "").rpartition("/")[2] in OLD_PRICES:
            old = said["price"]
        elif is_empty(price):
            price = said["price"]
    low, high = first_stated(offer, "lowPrice"), first_stated(offer, "highPrice")
    if is_empty(price) and not is_empty(low):
        price = low if is_empty(high) or to_text(high) == to_text(low) else f"{to_text(low)}-{to_text(high)}"
    stock = first_stated(_one(offer.get("inventoryLevel")), "value")
    availability = to_text(offer.get("availability") or "").rpartition("/")[2]
    # With its currency, a price in another than the catalog's cannot pass for one in the catalog's.
    if currency and not is_empty(price):
        price = f"{to_text(price)} {to_text(currency)}"
    return {
        "price": price,
        "list_price": old,
        "sale_to": first_stated(offer, "priceValidUntil") if old else "",
        "currency": currency,
        "stock": stock if availability in ("", "InStock") and not is_empty(stock) else availability,
    }


def _offer(node: Values) -> Values:
    """The offer that stands for a node: the first that states a price."""
    offers: list[Values] = [offer for offer in _list(node.get("offers")) if isinstance(offer, dict)]
    inner = [item for offer in offers for item in _list(offer.get("offers")) if isinstance(item, dict)]
    stated = ("price", "priceSpecification", "lowPrice")
    for offer in (*inner, *offers):
        if any(not is_empty(offer.get(name)) for name in stated):
            return offer
    return next(iter(offers), {})


def _attributes(node: Values) -> dict[str, list[str]]:
    stated = {name: [_name(item) for item in _list(node.get(name))] for name in ATTRIBUTES}
    stated["audience"] = [to_text(item) for item in _list(_one(node.get("audience")).get("suggestedGender"))]
    said = {attribute_name(name): [value for value in values if value] for name, values in stated.items()}
    return {name: values for name, values in said.items() if values}


def _reviews(node: Values) -> list[Values]:
    reviews = [review for review in _list(node.get("review")) if isinstance(review, dict)]
    return [
        present(
            {
                "id": review.get("@id"),
                "title": _name(review.get("name")),
                "text": review.get("reviewBody"),
                "rating": _one(review.get("reviewRating")).get("ratingValue"),
                "language": to_text(review.get("inLanguage") or "")[:2].lower(),
            }
        )
        for review in reviews
    ]


def _stars(rating: Values) -> Any:
    """A rating out of five; one on another scale is put on ours."""
    value, best = first_stated(rating, "ratingValue"), to_text(first_stated(rating, "bestRating") or "5")
    try:
        stated, top = Decimal(to_text(value)), Decimal(best)
        return value if top in (0, 5) else round(stated * 5 / top, 2)
    except ArithmeticError:
        return value


def _group(node: Values) -> str | None:
    """What a node calls the group that it is a variant of."""
    of = _one(node.get("isVariantOf"))
    found = first_stated(of, "productGroupID", "@id") or first_stated(node, "inProductGroupWithID")
    return to_text(found) if not is_empty(found) else None


def _name(value: Any) -> str:
    """The words of a value that may be an object with a name."""
    item = next(iter(_list(value)), "")
    return to_text(item.get("name") or "") if isinstance(item, dict) else to_text(item)


def _one(value: Any) -> Values:
    """The first object in a value."""
    found: Values = next((item for item in _list(value) if isinstance(item, dict)), {})
    return found


def _list(value: Any) -> list[Any]:
    if is_empty(value):
        return []
    return value if isinstance(value, list) else [value]


SCHEMAORG = Format("schemaorg", lambda columns: "@type" in columns, schemaorg_member, currency=schemaorg_currency)

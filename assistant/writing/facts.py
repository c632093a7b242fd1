"""The table of facts that one reply may state.

Comes in: a step, its recommendations and the evidence. Goes out: `Facts`, each amount, name and quotation formatted
for the shopper's language. Knows no writer: the plain writer and a language model fill the same placeholders from it.
"""

import re
from collections.abc import Iterator, Sequence

from assistant.reasons import FEW_LEFT, discount_text, reasons, stated_of, variant_values
from assistant.rendering import Facts
from assistant.types import Reason, Recommendation, Step
from assistant.writing.checks.known import known_of
from assistant.writing.checks.untyped import untyped
from assistant.writing.evidence import Evidence
from assistant.writing.grounding import foreign_matter, normal
from assistant.writing.quotes import quotable
from assistant.writing.versions import shown_variant
from assistant.writing.wording import (
    display,
    display_category,
    fragment,
    limit_money,
    listing,
    mentioned,
    number,
    phrases_for,
    rating_text,
    running_case,
    sizes_listing,
)
from prompts.untrusted import clean
from ranking.types import RankedProduct
from retrieval.money import format_money
from retrieval.text import has_cjk
from retrieval.types import Product, Variant

MAX_SAYINGS = 8
MAX_NAME, MAX_VALUE = 40, 120
"""Characters of an attribute's name and value; what is longer is no property, and no fact of a reply."""
_OWN_NAMES = re.compile(
    r"title|price|availability|list_price|discount|stock|rating|n_reviews|brand|category|matched|reason|quote|says\d*"
)
"""Facts that only code states: an attribute of a feed that is called so does not take their place."""
_SENTENCE_ENDS = re.compile(r"[。！？]|[!?]\s")
_SENTENCE = re.compile(r".+?(?:[.!?]+(?=\s|$)|[。！？]+|$)", re.MULTILINE)


def spoken_of(step: Step, recommendations: Sequence[Recommendation], evidence: Evidence) -> list[Recommendation]:
    """What the reply speaks of, in order: the recommendations, else the products of the evidence with their reasons."""
    if recommendations:
        return list(recommendations)
    return [_recommendation(product, step, evidence) for product in evidence.products]


def _recommendation(product: Product, step: Step, evidence: Evidence) -> Recommendation:
    offer, wished = shown_variant(step.session, product), step.session.filters.include
    met = {
        name: tuple(value for value in values if value in variant_values(product, offer, name))
        for name, values in wished.items()
    }
    ranked = RankedProduct(product, offer, 0.0, {}, {name: values for name, values in met.items() if values})
    reviews, opinions = evidence.reviews.get(product.id, ()), evidence.opinions.get(product.id)
    found = reasons(ranked, step, reviews, step.session.language, opinions)
    return Recommendation(ranked, found)


def product_facts(recommendation: Recommendation, language: str) -> dict[str, str]:
    """The facts of one product by short names ("title", "price" …); what the catalog does not state is missing."""
    product, variant = recommendation.ranked.product, recommendation.ranked.variant
    facts = {
        "title": clean(product.title_in(language)),
        "price": format_money(variant.price_minor, product.currency, language),
        "availability": phrases_for(language).say("stock.yes" if variant.in_stock else "stock.no"),
    }
    if variant.list_price_minor is not None and variant.list_price_minor > variant.price_minor:
        facts["list_price"] = format_money(variant.list_price_minor, product.currency, language)
        facts["discount"] = discount_text(variant)
    if variant.stock is not None:
        facts["stock"] = stock_text(product, variant, language)
    if product.rating is not None:
        facts["rating"] = rating_text(product.rating)
    if product.n_reviews is not None:
        facts["n_reviews"] = number(product.n_reviews, language)
    if product.brand:
        facts["brand"] = clean(product.brand)
    if product.category:
        facts["category"] = display_category(product.category, language)
    facts.update(attribute_facts(product, language))
    facts.update(_reason_facts(recommendation, language))
    return facts


def stock_text(product: Product, variant: Variant, language: str) -> str:
    """Whether the variant is there, and how many are left of the whole product when they are few.

    A stock that is not stated counts as available.
    """
    say = phrases_for(language).say
    if not variant.in_stock:
        return say("stock.no")
    left = n_left(product)
    return say("stock.few", n=str(left)) if left is not None and left <= FEW_LEFT else say("stock.yes")


def variant_text(product: Product, variant: Variant, language: str, *, sized: bool = False) -> str:
    """Which one of the product it is: its colour where the product comes in several, with `sized` its size as well.

    >>> boot = Variant("v", 9900, attributes={"color": ("black",), "size": ("42",)})
    >>> brown = Variant("w", 9900, attributes={"color": ("brown",), "size": ("42",)})
    >>> variant_text(Product("p", "Boot", "USD", (boot, brown)), boot, "en", sized=True)
    'black, size 42'
    """
    parts = []
    if product.comes_in_several("color"):
        parts += [display("color", value, language) for value in variant.attributes.get("color", ())]
    if sized:
        for value in variant.attributes.get("size", ()):
            size = display("size", value, language)
            parts.append(size if " " in value else phrases_for(language).say("variant.size", size=size))
    return ("，" if language == "zh" else ", ").join(parts)


def n_left(product: Product) -> int | None:
    """How many pieces of all variants are left; None where the stock of any is not stated."""
    stocks = [variant.stock for variant in product.variants]
    return None if None in stocks else sum(stock or 0 for stock in stocks)


def attribute_names(product: Product) -> list[str]:
    """The attributes that are stated of the product or a variant of it, in order."""
    names = dict.fromkeys(product.attributes)
    for variant in product.variants:
        names.update(dict.fromkeys(variant.attributes))
    return list(names)


def attribute_text(product: Product, attribute: str, language: str) -> str:
    """All values of one attribute as a list; empty where none is stated."""
    values = product.values(attribute)
    if attribute == "size" and values:
        return sizes_listing(values, language)
    return listing([display(attribute, value, language) for value in values], language) if values else ""


def attribute_facts(product: Product, language: str) -> Iterator[tuple[str, str]]:
    """The attributes of a product by the names of their facts; a sentence in the place of a name or a value is none."""
    for name in attribute_names(product):
        key = re.sub(r"[^a-z0-9]+", "_", name).strip("_")
        text = attribute_text(product, name, language)
        is_short = len(key) <= MAX_NAME and all(_is_value(value) for value in product.values(name))
        if is_short and re.match(r"[a-z]", key) and not _OWN_NAMES.fullmatch(key) and not foreign_matter(text):
            yield key, text


def _is_value(value: str) -> bool:
    return len(value) <= MAX_VALUE and not _SENTENCE_ENDS.search(value)


def _reason_facts(recommendation: Recommendation, language: str) -> Iterator[tuple[str, str]]:
    ranked = recommendation.ranked
    matched = [
        fragment(name, values, language) for name, values in ranked.matched.items() if name != "brand" and values
    ]
    if matched:
        yield "matched", ("，" if language == "zh" else ", ").join(matched)
    plain = [reason for reason in recommendation.reasons if not reason.source.startswith("review:")]
    if plain:
        yield "reason", running_case(plain[0].text)
    quote = quoted_review(recommendation.reasons, language)
    if quote:
        yield "quote", quote


def quoted_review(reasons_given: Sequence[Reason], language: str) -> str | None:
    """The words of the review among the reasons, with their quotation marks; None if in another language."""
    for reason in reasons_given:
        found = re.search("“.+”", reason.text) if reason.source.startswith("review:") else None
        if found and has_cjk(found[0]) == (language == "zh"):
            return found[0]
    return None


def sayings(product: Product, language: str) -> list[str]:
    """What the shop itself says of a product: details, then the sentences of the description, at most `MAX_SAYINGS`.

    Sentences with links, markup, amounts of money, words to the assistant or promises of the shop are left out: what
    holds of every product, its rules say.
    """
    details = [f"{clean(name)}: {clean(value)}" for name, value in product.details.items()]
    text = product.description_in(language)
    said = [*details, *(found[0].strip() for found in _SENTENCE.finditer(text))]
    return [sentence for sentence in said if sentence and quotable(sentence) and not _promises(sentence)][:MAX_SAYINGS]


def _promises(sentence: str) -> bool:
    return untyped(normal(sentence)) in ("policy", "meta")


def facts_of(step: Step, spoken: Sequence[Recommendation], evidence: Evidence, *, with_sayings: bool = False) -> Facts:
    """The facts of a reply: `p1.…` to `pN.…` for the products in order, and those of the wish and the shop.

    Args:
        step: what is answered.
        spoken: the products in the order of their keys.
        evidence: counts, reviews, shop.
        with_sayings: adds `pN.says1` … for the shop's own sentences about a product, in quotation marks.
    """
    language = step.session.language
    values = {"shop": clean(evidence.shop_name), "n_shown": number(len(spoken), language)}
    if step.query is not None:
        values["n_matched"] = number(evidence.n_matched, language)
    filters = step.session.filters
    if filters.price_max_minor is not None:
        values["budget"] = limit_money(filters.price_max_minor, filters.currency or evidence.currency, language)
    claims, known = {}, {}
    for position, recommendation in enumerate(spoken, start=1):
        product, key = recommendation.ranked.product, f"p{position}"
        facts = product_facts(recommendation, language)
        if with_sayings:
            facts.update({f"says{n}": f"“{said}”" for n, said in enumerate(sayings(product, language), start=1)})
        values.update({f"{key}.{name}": text for name, text in facts.items()})
        claims[key] = stated_of(product)
        known[key] = known_of(product, recommendation.ranked.variant, facts.get("category", ""))
    return Facts(values, language, claims, mentioned, known)

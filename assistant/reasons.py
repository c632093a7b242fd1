"""Why a product is recommended: two or three short reasons, each true by construction and with its source.

Comes in: a ranked product, the step it answers and the product's reviews. Goes out: `Reason`s whose text can stand
alone on a card. Knows no language model: every word comes from the catalog, the wish, or a review.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from assistant.types import Reason, Step
from assistant.writing import opinions as said
from assistant.writing.quotes import praise
from assistant.writing.wording import (
    Claims,
    display,
    display_category,
    fragment,
    limit_money,
    listing,
    number,
    phrases_for,
    rating_text,
    sentence_case,
    stated_claims,
)
from ranking.prices import names_budget
from ranking.types import BUDGET, Preference, RankedProduct, ShopperProfile
from retrieval.money import format_money
from retrieval.opinions.store import AspectCount
from retrieval.opinions.summary import ProductOpinions
from retrieval.text import STOP_WORDS, has_cjk, tokens
from retrieval.types import Filters, Product, Review, Variant

MAX_REASONS = 3
GOOD_RATING = 4.0
FEW_LEFT = 5
_WORTH_SAYING = (0.03, 0.5)
"""A saving under this share of the budget is not worth a number; over that one it says more of the budget than of the
price."""
_FACT_OF = {
    "like": "liked",
    "dislike": "disliked",
    "like_other": "liked_other",
    "dislike_other": "disliked_other",
    "size": "own_size",
    "size_other": "met",
}
"""The fact that a preference is told as."""
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9-]{2,}")
_RUN = re.compile(r"[\u4e00-\u9fff]{2,}")


def reasons(
    ranked: RankedProduct,
    step: Step,
    reviews: Sequence[Review] = (),
    language: str = "en",
    opinions: ProductOpinions | None = None,
    praised: Sequence[AspectCount] = (),
) -> tuple[Reason, ...]:
    """At most three reasons: what of the wish it meets, its price, and what buyers or the profile say for it.

    Two of them name different kinds of evidence wherever the catalog has them. Fewer than two only where the catalog
    states neither an attribute wished, a rating, a sale nor a stock.

    Args:
        ranked: the product with the variant and the matched values.
        step: its query gives the budget (in the shop's currency), its session the exclusions, itself the profile (or
            its session, where it has none).
        reviews: of this product; others are ignored.
        language: "en" or "zh".
        opinions: what its reviews were read to say, where they were.
        praised: what the wish asks for and its buyers praise, the most praised first.
    """
    filters = step.query.filters if step.query else step.session.filters
    met = list(_met(ranked, language))
    known = step.session.profile if step.profile is None else step.profile
    whose = "_other" if step.session.recipient else ""
    profile = list(_profile(ranked.product, ranked.variant, known, language, whose))
    price = [*_price(ranked, _limits(step, filters), language), *_usual_price(ranked, filters, known, language)]
    counted = said.wished_reason(praised, language) or (said.reason(opinions, language) if opinions else None)
    buyers = [*([counted] if counted else []), *_buyers(ranked, filters, reviews, language)]
    words = list(_title(ranked.product, step.parsed.query_text, language))
    groups = [met, profile, price, buyers, words]
    chosen = [group[0] for group in groups if group][:MAX_REASONS]
    spare = [reason for group in (buyers, price, met, profile) for reason in group[1:]]
    spare += list(_stock(ranked.variant, language))
    chosen += spare[: max(0, MAX_REASONS - len(chosen))]
    return tuple(replace(reason, text=sentence_case(reason.text)) for reason in chosen)


def variant_values(product: Product, variant: Variant, attribute: str) -> tuple[str, ...]:
    """What is stated of this one variant: its own values, else the product's; the brand is the attribute "brand"."""
    if attribute == "brand":
        return product.values("brand")
    return tuple(variant.attributes.get(attribute, ())) or tuple(product.attributes.get(attribute, ()))


def stated_of(product: Product) -> Claims:
    """All (attribute, value) pairs that the catalog states of the product or any of its variants."""
    names = set(product.attributes) | {name for variant in product.variants for name in variant.attributes}
    return stated_claims({name: product.values(name) for name in (*names, "brand")})


def _met(ranked: RankedProduct, language: str) -> Iterator[Reason]:
    by_source: dict[str, list[str]] = {}
    for attribute, wished in ranked.matched.items():
        stated = variant_values(ranked.product, ranked.variant, attribute)
        values = [value for value in wished if value in stated]
        for where in dict.fromkeys(ranked.product.source_of(attribute, value) for value in values):
            there = [value for value in values if ranked.product.source_of(attribute, value) == where]
            by_source.setdefault(where, []).append(_named(ranked.product, attribute, there, language))
    from_feed = [where for where in by_source if where.startswith("attribute:")]
    if from_feed:
        parts = [part for where in from_feed for part in by_source[where]]
        text = _comma(parts, language)
        yield Reason(text, from_feed[0], {"met": text})
    for where in (name for name in by_source if name not in from_feed):
        what = _comma(by_source[where], language)
        text = phrases_for(language).say(f"source.{where}", what=what)
        yield Reason(text, where, {"met": text})


def _named(product: Product, attribute: str, values: Sequence[str], language: str) -> str:
    return fragment(attribute, [product.brand or ""] if attribute == "brand" else values, language)


def _comma(parts: Iterable[str], language: str) -> str:
    return ("，" if language == "zh" else ", ").join(parts)


def _limits(step: Step, filters: Filters) -> Filters:
    """The conditions without a price limit that the shopper didn't state: one that "anything cheaper?" set."""
    session = step.session
    stated = (session.filters.price_max_minor, session.filters.around_minor)
    bound = session.cheaper_than_minor
    set_by_us = bound is not None and filters.price_max_minor == bound
    pointed_at = any(kind in ("cheaper_than", "objection") for kind, _ in step.notes)
    if set_by_us or pointed_at or all(limit is None for limit in stated):
        return replace(filters, price_max_minor=None, around_minor=None)
    return filters


def _price(ranked: RankedProduct, filters: Filters, language: str) -> Iterator[Reason]:
    say = phrases_for(language).say
    variant, currency = ranked.variant, ranked.product.currency
    old = variant.list_price_minor
    if old is not None and (old - variant.price_minor) * 100 >= old:
        facts = {"list_price": format_money(old, currency, language), "discount": discount_text(variant)}
        yield Reason(say("reason.sale", **facts), "price", facts)
    if filters.currency not in (None, currency):
        return
    low, high = filters.price_min_minor or 0, filters.price_max_minor
    if filters.around_minor is not None:
        if not low <= variant.price_minor <= (high if high is not None else filters.around_minor):
            return
        budget = limit_money(filters.around_minor, currency, language)
        yield Reason(say("reason.near_budget", budget=budget), "price", {"near": budget})
    elif high is not None and low <= variant.price_minor <= high:
        budget = limit_money(high, currency, language)
        left = high - variant.price_minor
        least, most = _WORTH_SAYING
        if left > 0 and least * high <= left <= most * high:
            saving = limit_money(left, currency, language)
            text = say("reason.under_budget", saving=saving, budget=budget)
            yield Reason(text, "price", {"under": saving, "budget": budget})
        else:
            yield Reason(say("reason.within_budget", budget=budget), "price", {"budget": budget})


def _usual_price(ranked: RankedProduct, filters: Filters, profile: ShopperProfile, language: str) -> Iterator[Reason]:
    """That the price is within what the shopper usually spends, where the wish itself names no amount."""
    usual = profile.budget_minor
    if usual is None or names_budget(filters) or ranked.variant.price_minor > usual:
        return
    said = next(item.source for item in reversed(profile.stated) if item.attribute == BUDGET)
    budget = limit_money(usual, ranked.product.currency, language)
    text = phrases_for(language).say("reason.usual_budget", budget=budget)
    yield Reason(text, f"profile:{said}", {"usual": budget})


def discount_text(variant: Variant) -> str:
    """How much of the old price is gone, rounded down to whole per cent.

    >>> discount_text(Variant("v", 9900, 15000))
    '34%'
    """
    old = variant.list_price_minor or variant.price_minor
    return f"{(old - variant.price_minor) * 100 // old}%"


def rating_reason(product: Product, language: str) -> list[Reason]:
    """The rating with the number of reviews, where it is `GOOD_RATING` or better; else nothing."""
    if product.rating is None or product.rating < GOOD_RATING:
        return []
    say, stars = phrases_for(language).say, rating_text(product.rating)
    if product.n_reviews:
        n = number(product.n_reviews, language)
        return [Reason(say("reason.rating", rating=stars, n=n), "rating", {"rating": stars, "n_reviews": n})]
    return [Reason(say("reason.rating_alone", rating=stars), "rating", {"rating": stars})]


def _buyers(ranked: RankedProduct, filters: Filters, reviews: Sequence[Review], language: str) -> list[Reason]:
    """A quotation and the rating; a quotation in the other language comes after the rating."""
    rating = rating_reason(ranked.product, language)
    own = [review for review in reviews if review.product_id == ranked.product.id]
    wished, avoided = stated_claims(ranked.matched), stated_claims(filters.exclude)
    quote = praise(own, wished, avoided, stated_of(ranked.product), language)
    if quote is None:
        return rating
    facts = {"quote": f"“{quote.text}”"} if quote.language == language else {}
    said = Reason(phrases_for(language).say("reason.quote", quote=quote.text), f"review:{quote.review_id}", facts)
    return [said, *rating] if quote.language == language else [*rating, said]


def _profile(
    product: Product, variant: Variant, profile: ShopperProfile, language: str, whose: str
) -> Iterator[Reason]:
    for preference in sorted(profile.stated, key=lambda item: -abs(item.weight)):
        found = _preference(product, variant, preference, language, whose)
        if found is not None:
            move, what = found
            text = phrases_for(language).say(f"reason.{move}", what=what)
            yield Reason(text, f"profile:{preference.source}", {_FACT_OF[move]: what})
    if profile.product_weights.get(product.id, 0.0) > 0 and not whose:
        text = phrases_for(language).say("reason.behaviour")
        yield Reason(text, "profile:events", {"interest": text})


def _preference(
    product: Product, variant: Variant, preference: Preference, language: str, whose: str = ""
) -> tuple[str, str] | None:
    """How it is said, and what the product has of a preference; `whose` is "_other" for one of the person bought for.

    What is only guessed from an earlier wish is no reason: nobody said that they like it.
    """
    if preference.inferred:
        return None
    stated = variant_values(product, variant, preference.attribute)
    if preference.weight > 0 and preference.value in stated:
        what = _named(product, preference.attribute, [preference.value], language)
        return f"{'size' if preference.attribute == 'size' else 'like'}{whose}", what
    # Silence of the feed is no proof of absence: the attribute must be stated, and everything stated be something else.
    everywhere = product.values(preference.attribute)
    if preference.weight < 0 and everywhere and preference.value not in everywhere:
        return f"dislike{whose}", display(preference.attribute, preference.value, language)
    return None


def _title(product: Product, query_text: str, language: str) -> Iterator[Reason]:
    title = product.title_in(language)
    found = _RUN.findall(query_text) if has_cjk(query_text) else []
    found += [word for word in _WORD.findall(query_text) if word.lower() not in STOP_WORDS]
    inside = [word for word in dict.fromkeys(found) if re.search(_whole(word), title, re.IGNORECASE)]
    # What all products of the kind are called tells nothing of one of them.
    kind = {*tokens(product.category or ""), *tokens(display_category(product.category or "", language))}
    if any(not set(tokens(word)) <= kind for word in inside):
        words = listing(inside, "zh") if language == "zh" else " ".join(inside)
        yield Reason(phrases_for(language).say("reason.title", words=words), "title", {"words": f"“{words}”"})


def _whole(word: str) -> str:
    return re.escape(word) if has_cjk(word) else rf"\b{re.escape(word)}\b"


def _stock(variant: Variant, language: str) -> Iterator[Reason]:
    if variant.stock is not None and variant.stock > FEW_LEFT:
        text = phrases_for(language).say("reason.stock")
        yield Reason(text, "stock", {"available": text})

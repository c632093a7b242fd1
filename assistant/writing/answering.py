"""What the plain writer answers to a question about a product.

Comes in: a turn whose evidence holds the product, its fields and reviews. Goes out: sentences that quote the shop or a
buyer, or say that the shop doesn't state it. Guesses nothing.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from assistant.parsing.moves import is_question
from assistant.reasons import variant_values
from assistant.types import Recommendation
from assistant.writing import offering, opinions
from assistant.writing.facts import (
    attribute_names,
    attribute_text,
    product_facts,
    quoted_review,
    sayings,
    spoken_of,
)
from assistant.writing.plain import Turn
from assistant.writing.purpose import purpose
from assistant.writing.quotes import about, criticism, praise
from assistant.writing.versions import asked_sizes, versions
from assistant.writing.wording import (
    attribute_name,
    display,
    display_category,
    joined,
    limit_money,
    listing,
    mentioned,
    quoted,
    running_case,
    sentence_case,
    unit_of,
)
from prompts.untrusted import clean
from retrieval.lexicon.matching import fold, tokenize
from retrieval.text import has_cjk, tokens
from retrieval.types import Attributes, Filters, Product, Review

_ASKED = ("feature", "color", "material", "season", "audience", "condition")
_TOPICS = (
    "price",
    "stock",
    "reviews",
    "size",
    "color",
    "material",
    "brand",
    "audience",
    "season",
    "condition",
    "feature",
)
_BEHIND = {
    **dict.fromkeys(("relevance", "query_match"), "words"),
    **dict.fromkeys(("profile_match", "taste", "brand_fit", "stated_like", "stated_dislike"), "taste"),
    **{"price_fit": "price", "size_fit": "size", "audience_fit": "audience", "quality": "rating"},
    **dict.fromkeys(("opinions", "aspect_fit"), "opinions"),
    **{"popularity": "popularity", "novelty": "novelty", "stock": "stock"},
}
"""Lines of the ledger -> how they are spoken of."""
_EXCLUSIVE = ("color", "size", "material")


def answer(turn: Turn) -> Iterator[str]:
    """The reply to a question about the product spoken of."""
    spoken = spoken_of(turn.step, turn.recommendations, turn.evidence)
    if not spoken:
        yield turn.say("answer.which")
        return
    for recommendation in spoken[:2]:
        yield from _about(turn, recommendation)


def _about(turn: Turn, recommendation: Recommendation) -> Iterator[str]:
    question, product = turn.step.parsed.text, recommendation.ranked.product
    topic, claims = topic_of(turn, question), asked_values(turn, product)
    if turn.step.parsed.move == "why":
        yield from _why(turn, recommendation)
    elif turn.step.parsed.move == "why_not":
        yield _why_not(turn, product)
    elif topic in ("price", "stock"):
        yield from _offered(turn, product, topic, claims)
    elif claims:
        yield from _listed(turn, product, claims)
    elif topic:
        yield from _topic(turn, recommendation, topic)
    elif not is_question(tokenize(question), fold(question)):
        yield from _introduction(turn, recommendation)
    elif (said := purpose(turn, product)) is not None:
        yield said
    else:
        yield from _from_the_shop(turn, product)


def asked_values(turn: Turn, product: Product) -> Attributes:
    """The attribute values that the question asks for, e.g. {"feature": ("waterproof",), "size": ("m",)}."""
    asked: dict[str, tuple[str, ...]] = dict(turn.step.parsed.filters.include)
    for attribute, value in () if asked else sorted(mentioned(turn.step.parsed.text, _ASKED)):
        asked[attribute] = (*asked.get(attribute, ()), value)
    sizes = asked_sizes(product, turn.step.parsed.text)
    return {**asked, "size": sizes} if sizes else asked


def topic_of(turn: Turn, question: str) -> str | None:
    """What the question is about: "price", "stock", "reviews", an attribute, "about", or None."""
    folded = unicodedata.normalize("NFKC", question).lower()
    for topic in (*_TOPICS, "about"):
        words = turn.phrases.words(f"topic.{topic}")
        if any(word in folded if has_cjk(word) else re.search(rf"\b{re.escape(word)}\b", folded) for word in words):
            return topic
    return None


def _topic(turn: Turn, recommendation: Recommendation, topic: str) -> Iterator[str]:
    product = recommendation.ranked.product
    if topic == "reviews":
        yield from _reviews(turn, recommendation)
    elif topic == "about":
        yield from _introduction(turn, recommendation)
    else:
        yield from _lists(turn, product, topic)


def _title(turn: Turn, product: Product) -> str:
    return clean(product.title_in(turn.language))


def _offered(turn: Turn, product: Product, topic: str, claims: Attributes) -> Iterator[str]:
    """Price or stock of the versions meant; where the product isn't listed as asked, that is said instead."""
    features = {name: values for name, values in claims.items() if name == "feature"}
    unmet = {name: tuple(v for v in values if v not in product.values(name)) for name, values in claims.items()}
    if any(unmet.values()):
        yield from _listed(turn, product, {name: values for name, values in unmet.items() if values})
        return
    if features:
        yield from _listed(turn, product, features)
    meant = versions(turn.step.session, product, claims)
    if not meant:
        yield _not_together(turn, product, claims)
        return
    yield offering.price(turn, product, meant) if topic == "price" else offering.stock(turn, product, meant)


def _listed(turn: Turn, product: Product, claims: Attributes) -> Iterator[str]:
    """Whether the product has what the question names; with a word about stock where that version is gone."""
    pairs = [(name, value) for name, values in claims.items() for value in values][:2]
    for attribute, value in pairs:
        yield from _has(turn, product, attribute, value)
    if not all(value in product.values(name) for name, value in pairs):
        return
    if not any(product.comes_in_several(name) for name, _ in pairs):
        return
    meant = versions(turn.step.session, product, claims)
    if not meant:
        yield _not_together(turn, product, claims)
    elif not any(variant.in_stock for variant in meant):
        yield turn.say("answer.gone")


def _not_together(turn: Turn, product: Product, claims: Attributes) -> str:
    shown = [display(name, value, turn.language) for name, values in claims.items() for value in values]
    return turn.say("answer.not_together", title=_title(turn, product), values=listing(shown, turn.language))


def _reviews(turn: Turn, recommendation: Recommendation) -> Iterator[str]:
    product, facts = recommendation.ranked.product, product_facts(recommendation, turn.language)
    title, found = _title(turn, product), list(_reviews_of(turn, product))
    if "rating" in facts and "n_reviews" in facts:
        yield turn.say("answer.rating", title=title, rating=facts["rating"], n=facts["n_reviews"])
    elif "rating" in facts:
        yield turn.say("answer.rating_alone", title=title, rating=facts["rating"])
    elif not found:
        yield turn.say("answer.no_reviews", title=title)
    else:
        yield turn.say("answer.rating_none", title=title)
    known = opinions.said_of(turn, product)
    if known is None or not known.aspects:
        yield from _voices(turn, found)
    else:
        yield from list(opinions.on_aspect(turn, product, known)) or opinions.summary(turn, known)


def _voices(turn: Turn, found: Sequence[Review]) -> Iterator[str]:
    """A sentence of a content and one of a discontent buyer, where nothing could be counted."""
    none: frozenset[tuple[str, str]] = frozenset()
    pro, con = praise(found, none, none, none, turn.language), criticism(found, turn.language)
    if pro:
        yield turn.say("answer.pro", quote=pro.text)
    if con:
        yield turn.say("answer.con" if pro else "answer.con_only", quote=con.text)


def _reviews_of(turn: Turn, product: Product) -> Iterator[Review]:
    return (review for review in turn.evidence.reviews.get(product.id, ()) if review.product_id == product.id)


def _has(turn: Turn, product: Product, attribute: str, value: str) -> Iterator[str]:
    title, stated = _title(turn, product), product.values(attribute)
    asked = display(attribute, value, turn.language)
    noun = "_with" if attribute == "feature" and value in turn.phrases.words("with.features") else ""
    if value in stated:
        # "3 seats" is a measure, no size that something comes in.
        yield _confirmed(turn, title, "other" if unit_of(attribute, value) else attribute, asked, noun)
        where = product.source_of(attribute, value)
        if where in ("title", "description"):
            yield turn.say(f"answer.per_{where}")
        return
    if attribute == "size" and not stated:
        yield turn.say("answer.unsure_name", title=title, name=attribute_name("size", turn.language))
    elif stated and attribute in _EXCLUSIVE:
        yield from _lists(turn, product, attribute)
        yield turn.say("answer.not_among", asked=sentence_case(asked))
    else:
        yield turn.say(f"answer.unsure{noun}", title=title, asked=asked)
    quote = about(list(_reviews_of(turn, product)), (attribute, value), turn.language)
    if quote:
        yield turn.say("answer.mentioned", quote=quote.text)


def _confirmed(turn: Turn, title: str, attribute: str, asked: str, noun: str) -> str:
    """A yes, or a plain statement where the question used other words, which may have meant the opposite ("heavy?")."""
    if attribute == "feature" and asked.lower() not in turn.step.parsed.text.lower():
        return turn.say(f"answer.listed{noun}", title=title, values=asked)
    move = f"answer.has_{attribute}{noun}"
    return turn.say(move if move in turn.phrases.variants else "answer.has_other", title=title, values=asked)


def _lists(turn: Turn, product: Product, attribute: str) -> Iterator[str]:
    title = _title(turn, product)
    shown = (product.brand or "") if attribute == "brand" else attribute_text(product, attribute, turn.language)
    if not shown:
        yield from _from_the_shop(turn, product, attribute_name(attribute, turn.language))
    elif f"answer.lists_{attribute}" in turn.phrases.variants:
        yield turn.say(f"answer.lists_{attribute}", title=title, values=shown)
    else:
        name = attribute_name(attribute, turn.language)
        yield turn.say("answer.lists_other", title=title, name=name, values=shown)


def _introduction(turn: Turn, recommendation: Recommendation) -> Iterator[str]:
    product = recommendation.ranked.product
    said = sayings(product, turn.language)
    yield offering.price(turn, product, [recommendation.ranked.variant])
    if said:
        sentence = ("" if turn.language == "zh" else " ").join(said[:2])
        yield turn.say("answer.description_it", sentence=sentence)
    yield from list(_reviews(turn, recommendation))[1:]


def _from_the_shop(turn: Turn, product: Product, name: str | None = None) -> Iterator[str]:
    """The detail or the sentence of the description that shares most words with the question, or an honest no."""
    title = _title(turn, product)
    asked = _words(turn.step.parsed.text) - _words(title)
    for detail, value in product.details.items():
        if asked & _words(detail):
            yield turn.say("answer.detail", title=title, name=clean(detail), value=quoted(value))
            return
    for attribute in attribute_names(product):
        if asked & _words(f"{attribute} {attribute_name(attribute, turn.language)}"):
            yield from _lists(turn, product, attribute)
            return
    scored = [
        (len(asked & _words(sentence)), -n, sentence) for n, sentence in enumerate(sayings(product, turn.language))
    ]
    best = max(scored, default=(0, 0, ""))
    if best[0] >= (2 if has_cjk(best[2]) else 1):
        yield turn.say("answer.description", title=title, sentence=best[2])
    elif name is not None:
        yield turn.say("answer.unsure_name", title=title, name=name)
    else:
        yield turn.say("answer.unknown", title=title)


def _words(text: str) -> frozenset[str]:
    return frozenset(word for word in tokens(text) if len(word) > 2 or (len(word) == 2 and has_cjk(word)))


def _why(turn: Turn, recommendation: Recommendation) -> Iterator[str]:
    title = _title(turn, recommendation.ranked.product)
    plain = [reason for reason in recommendation.reasons if not reason.source.startswith("review:")]
    why = joined([running_case(reason.text) for reason in plain], turn.language)
    yield turn.say("answer.why", title=title, why=why) if why else turn.say("answer.why_bare", title=title)
    quote = quoted_review(recommendation.reasons, turn.language)
    if quote:
        yield turn.say("answer.pro", quote=quote[1:-1])


def _why_not(turn: Turn, product: Product) -> str:
    title = _title(turn, product)
    failed = list(_failures(turn, product, turn.step.session.filters))
    if failed:
        return turn.say("answer.why_not", title=title, why=joined(failed, turn.language))
    if turn.step.session.last_shown()[:1] == (product.id,):
        return turn.say("answer.why_not_first", title=title)
    lacks = dict.fromkeys(
        turn.say(f"answer.behind_{_BEHIND[name]}") for name in turn.evidence.behind if name in _BEHIND
    )
    if lacks:
        move = "answer.why_not_only" if len(lacks) == 1 else "answer.why_not_behind"
        return turn.say(move, title=title, on=joined(list(lacks), turn.language))
    return turn.say("answer.why_not_fits", title=title)


def _failures(turn: Turn, product: Product, filters: Filters) -> Iterator[str]:
    offer, language = product.offer, turn.language
    category = filters.category
    if category and category not in (product.category, product.department) and product.category:
        yield turn.say("answer.fails_category", value=display_category(product.category, language))
    yield from _price_failures(turn, product, filters)
    if filters.in_stock_only and not product.in_stock:
        yield turn.say("answer.fails_stock")
    for name, values in filters.include.items():
        stated = product.values(name)
        wrong = [value for value in values if value not in stated]
        if wrong and (name == "feature" or len(wrong) == len(values)):
            shown = listing([display(name, value, language) for value in wrong], language)
            yield turn.say("answer.fails_value", value=shown)
    for name, values in filters.exclude.items():
        hit = [display(name, value, language) for value in values if value in variant_values(product, offer, name)]
        if hit:
            yield turn.say("answer.fails_excluded", value=listing(hit, language))


def _price_failures(turn: Turn, product: Product, filters: Filters) -> Iterator[str]:
    if filters.currency not in (None, product.currency):
        return
    price = limit_money(product.price_minor, product.currency, turn.language)
    for limit, fails, move in (
        (filters.price_max_minor, product.price_minor > (filters.price_max_minor or 0), "fails_max"),
        (filters.price_min_minor, product.price_minor < (filters.price_min_minor or 0), "fails_min"),
    ):
        if limit is not None and fails:
            yield turn.say(f"answer.{move}", price=price, limit=limit_money(limit, product.currency, turn.language))

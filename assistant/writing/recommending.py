"""What the plain writer says when products are shown, or when none is left to show.

Comes in: a turn. Goes out: sentences; every shown product is named exactly once. Knows no other move.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from assistant.reasons import rating_reason
from assistant.types import Reason, Recommendation
from assistant.writing import relaxing
from assistant.writing.facts import product_facts, quoted_review
from assistant.writing.grounding import foreign_matter
from assistant.writing.plain import Turn, is_absent, notes, unseen_words
from assistant.writing.wishes import wish_phrase
from assistant.writing.wording import (
    display_category,
    joined,
    number,
    running_case,
)
from prompts.untrusted import clean
from retrieval.money import format_money
from retrieval.types import SORTS, Attributes, Filters

_OTHERS_ORDER = ("profile", "reviews", "price", "rating", "kept", "attribute", "title", "description", "relevance")
"""Sources of reasons; "kept" is that the price is within a limit, which is true of every product shown."""


def recommend(turn: Turn, *, with_notes: bool = True) -> Iterator[str]:
    """The reply to a wish: what was found, the first pick and why, then the others in a line each."""
    shown = turn.recommendations
    objects = turn.step.parsed.objection is not None
    if with_notes:
        yield from notes(turn, len(shown), ("weighed", "converted", "objection"))
    if not shown:
        yield from nothing_left(turn) if not objects else ()
        return
    if is_absent(turn):
        yield from notes(turn, len(shown), ("uncompared", "unstated", "unseen"))
        yield from lines(turn, shown)
        return
    if not objects:
        yield _opening(turn)
    yield from in_all(turn)
    if with_notes:
        yield from notes(turn, len(shown), ("uncompared", "unseen", "unstated"))
    yield from _lead(turn, shown[0])
    if len(shown) > 1:
        yield turn.say("recommend.others" if len(shown) > 2 else "recommend.other_single")
        yield from lines(turn, shown[1:])


def lines(turn: Turn, recommendations: Sequence[Recommendation]) -> Iterator[str]:
    """One line for each product: name, price, and what sets it apart."""
    said: set[str] = set()
    for recommendation in recommendations:
        facts = product_facts(recommendation, turn.language)
        price = _price(turn, recommendation, facts)
        why = _short_reason(recommendation, said)
        if why is None:
            yield turn.say("recommend.item_bare", title=facts["title"], price=price)
        else:
            said.add(why.text)
            yield turn.say("recommend.item", title=facts["title"], price=price, why=running_case(why.text))


def missing(turn: Turn, recommendations: Sequence[Recommendation]) -> Iterator[str]:
    """The products that another writer was given and did not name."""
    if recommendations:
        yield turn.say("recommend.missing")
        yield from lines(turn, recommendations)


def _price(turn: Turn, recommendation: Recommendation, facts: dict[str, str]) -> str:
    stock = facts.get("stock", facts["availability"])
    if recommendation.ranked.variant.in_stock and stock == facts["availability"]:
        return facts["price"]
    return turn.say("recommend.price_and_stock", price=facts["price"], stock=stock)


def _short_reason(recommendation: Recommendation, said: set[str]) -> Reason | None:
    """The reason that tells most beside the others: not one that was just given, nor what all of them meet."""
    reasons = telling(recommendation)
    fresh = [reason for reason in reasons if reason.text not in said]
    return next(iter(fresh or reasons), None)


def telling(recommendation: Recommendation) -> list[Reason]:
    """The reasons to give in a line about a further product, what tells most first."""
    reasons = [reason for reason in recommendation.reasons if not reason.source.startswith(("review:", "stock"))]
    return sorted(reasons, key=lambda reason: _OTHERS_ORDER.index(_kind_of(reason)))


def _kind_of(reason: Reason) -> str:
    return "kept" if reason.facts.keys() == {"budget"} else reason.source.partition(":")[0]


def _opening(turn: Turn) -> str:
    move, count = turn.step.parsed.move, turn.evidence.n_matched
    if turn.step.action == "bundle":
        return turn.say("recommend.bundle" if len(turn.recommendations) > 1 else "recommend.bundle_one")
    one = "_one" if len(turn.recommendations) == 1 else ""
    if move in ("more", "cheaper", "similar", "undo"):
        return turn.say(f"recommend.{move}" if move == "undo" else f"recommend.{move}{one}")
    filters = turn.step.session.filters
    if filters.category is None or count < len(turn.recommendations):
        free = wish(turn)
        return turn.say(f"recommend.open_free{one}", wish=free) if free else turn.say(f"recommend.open_bare{one}")
    if count == 1:
        return turn.say("recommend.open_one", wish=wish(turn))
    kind = "narrowed" if turn.step.parsed.intent == "refine" else "open_many"
    if count == len(turn.recommendations) and kind == "open_many":
        kind = "open_all"
    return turn.say(f"recommend.{kind}", n=number(count, turn.language), wish=wish(turn, counted=True))


def in_all(turn: Turn) -> Iterator[str]:
    """What a set comes to with the thing it was chosen for, where an amount was said for all of it."""
    said = {kind for kind, _ in turn.step.notes}
    if turn.step.action != "bundle" or not turn.evidence.products or not said & {"in_all", "spent"}:
        return
    own, currency = turn.evidence.products, turn.evidence.currency
    titles = joined([clean(product.title_in(turn.language)) for product in own], turn.language)
    if "spent" in said:
        spent = format_money(sum(product.price_minor for product in own), currency, turn.language)
        yield turn.say("recommend.bundle_spent", title=titles, spent=spent)
        return
    whole = sum(product.price_minor for product in own)
    whole += sum(item.ranked.variant.price_minor for item in turn.recommendations)
    yield turn.say("recommend.bundle_in_all", title=titles, total=format_money(whole, currency, turn.language))


def _asked_for(turn: Turn) -> Filters:
    """The conditions the products were held to, as they are said.

    The bound that "anything cheaper?" set is one of them; whom they are for is not, where the shop states that of none
    of the kind, or of few.
    """
    session, query = turn.step.session, turn.step.query
    filters = replace(session.filters, include=_spelled(turn, session.filters.include))
    filters = replace(filters, exclude=_spelled(turn, session.filters.exclude))
    if query is None:
        return filters
    if session.cheaper_than_minor is not None and query.filters.price_max_minor == session.cheaper_than_minor:
        held = query.filters
        low, high = held.price_min_minor, held.price_max_minor
        filters = replace(filters, price_min_minor=low, price_max_minor=high, around_minor=None, currency=held.currency)
    for_anybody = filters.category in query.filters.unstated_in.get("audience", ())
    if "audience" not in filters.include or ("audience" in query.filters.include and not for_anybody):
        return filters
    return replace(filters, include={name: v for name, v in filters.include.items() if name != "audience"})


def _spelled(turn: Turn, attributes: Attributes) -> Attributes:
    """The values with brands as the catalog spells them."""
    if "brand" not in attributes:
        return attributes
    return {**attributes, "brand": tuple(turn.evidence.brands.get(brand, brand) for brand in attributes["brand"])}


def _is_department(turn: Turn, category: str | None) -> bool:
    """Whether the shop files products of several kinds under the name, so that it is no word for one of them."""
    shown = [item.ranked.product for item in turn.recommendations]
    by_shop = bool(shown) and all(category == product.department != product.category for product in shown)
    return category is not None and (by_shop or category in turn.phrases.words("department.names"))


def wish(turn: Turn, *, shown: bool = True, counted: bool = False) -> str:
    """The wish in the shopper's language; empty where there is nothing to say of it. `counted`: after a number."""
    session = turn.step.session
    filters = _asked_for(turn)
    words = session.wish or turn.step.parsed.query_text
    words = "" if foreign_matter(words) else words
    if not words.strip() and _says_nothing(filters):
        return ""
    noun = None
    if filters.category and _is_department(turn, filters.category):
        noun = turn.say("wish.department", department=display_category(filters.category, turn.language))
    currency = turn.evidence.currency
    return wish_phrase(filters, words, currency, turn.language, shown=shown, noun=noun, counted=counted)


def _says_nothing(filters: Filters) -> bool:
    limits = (filters.price_min_minor, filters.price_max_minor, filters.around_minor)
    return not (filters.category or filters.include or filters.exclude) and all(limit is None for limit in limits)


def _lead(turn: Turn, recommendation: Recommendation) -> Iterator[str]:
    facts = product_facts(recommendation, turn.language)
    sort = turn.step.session.filters.sort
    # Among further products the first is the cheapest (best rated …) of the rest, not of all.
    move = f"lead_{sort}" if sort in SORTS and turn.step.parsed.move != "more" else "lead"
    if len(turn.recommendations) == 1 and turn.evidence.n_matched == 1 and turn.step.parsed.move is None:
        move = "only"
    plain = beyond_the_wish(turn, recommendation)
    why = joined([running_case(reason.text) for reason in plain], turn.language)
    title, price = facts["title"], _price(turn, recommendation, facts)
    if why:
        yield turn.say(f"recommend.{move}", title=title, price=price, why=why)
    else:
        yield turn.say(f"recommend.{move}_bare", title=title, price=price)
    quote = quoted_review(recommendation.reasons, turn.language)
    if quote:
        yield turn.say("recommend.quote", quote=quote[1:-1])


def beyond_the_wish(turn: Turn, recommendation: Recommendation) -> list[Reason]:
    """The reasons to say aloud: without the quotation, and without what the opening has just named."""
    plain = [reason for reason in recommendation.reasons if not reason.source.startswith("review:")]
    named = turn.step.session.filters.category is not None and turn.step.parsed.move is None
    told = [reason for reason in plain if not (named and reason.source.startswith("attribute:"))]
    if len(told) < 2 and all(reason.source != "rating" for reason in told):
        told += rating_reason(recommendation.ranked.product, turn.language)
    return told or plain


def nothing_left(turn: Turn) -> Iterator[str]:
    """Nothing matches, or nothing more: the smallest steps that would open something; or the shop carries none."""
    if is_absent(turn):
        yield turn.say("nothing.absent", words=unseen_words(turn))
        return
    if turn.step.action == "bundle" and turn.evidence.products:
        titles = joined([clean(product.title_in(turn.language)) for product in turn.evidence.products], turn.language)
        yield turn.say("nothing.bundle", title=titles)
        return
    kind = "no_more" if turn.step.parsed.move == "more" else "open"
    phrase = wish(turn, shown=False)
    yield turn.say(f"nothing.{kind}", wish=phrase) if phrase else turn.say(f"nothing.{kind}_bare")
    yield relaxing.sentence(turn) or turn.say("nothing.ask")

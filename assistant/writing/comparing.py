"""What the plain writer says when two to four products are compared.

Comes in: a turn. Goes out: lines: the products, then price, rating and the attributes that differ, then a judgement
that follows from them. Knows no taste: where nothing differs it says so.
"""

from collections.abc import Iterator, Sequence

from assistant.beyond import measured
from assistant.parsing.comparatives import asked_comparison
from assistant.types import Comparison, Recommendation
from assistant.writing import opinions
from assistant.writing.facts import attribute_names, attribute_text, product_facts, spoken_of, stock_text
from assistant.writing.plain import Turn
from assistant.writing.wording import attribute_name, fragment
from retrieval.lexicon.matching import fold
from retrieval.money import format_money
from retrieval.types import Product

MAX_COMPARED = 4
MAX_DIFFERENCES = 6


def compare(turn: Turn) -> Iterator[str]:
    """The reply to a comparison, attribute by attribute."""
    spoken = spoken_of(turn.step, turn.recommendations, turn.evidence)[:MAX_COMPARED]
    if len(spoken) < 2:
        yield turn.say("compare.too_few")
        return
    yield turn.say("compare.open")
    yield from names(turn, spoken)
    yield from rows(turn, spoken)
    asked = asked_comparison(fold(turn.step.parsed.text))
    if asked is not None:
        yield _asked(turn, spoken, asked)
        return
    yield _judgement(turn, spoken)


def asks_for_one(turn: Turn) -> bool:
    """Whether the comparison is of one attribute: "which of them is lighter?"."""
    return asked_comparison(fold(turn.step.parsed.text)) is not None


def names(turn: Turn, spoken: Sequence[Recommendation]) -> Iterator[str]:
    """The products by number."""
    for ordinal, recommendation in enumerate(spoken, start=1):
        title = product_facts(recommendation, turn.language)["title"]
        yield turn.say("compare.item", ordinal=str(ordinal), title=title)


def tops(turn: Turn, spoken: Sequence[Recommendation]) -> dict[int, str]:
    """What of the compared is the cheapest, or the best rated: place from 0 -> in words."""
    cheapest, rated = _winners(spoken)
    several = "two" if len(spoken) == 2 else "many"
    if cheapest is not None and cheapest == rated:
        return {cheapest: turn.say(f"top.both_of_{several}")}
    found = {} if cheapest is None else {cheapest: turn.say(f"top.price_of_{several}")}
    return found if rated is None else {**found, rated: turn.say(f"top.rating_of_{several}")}


def _asked(turn: Turn, spoken: Sequence[Recommendation], asked: Comparison) -> str:
    """Which has most (or least) of what was asked for, by what the shop states of all that are compared."""
    stated = [measured(recommendation.ranked.product, asked.attribute) for recommendation in spoken]
    if not all(stated) or len({amounts[0].dimension for amounts in stated}) > 1:
        return turn.say(f"note.uncompared_{asked.attribute}")
    best = [max(asked.sign * one.amount for one in amounts) for amounts in stated]
    firsts = [place for place, amount in enumerate(best, start=1) if amount == max(best)]
    move = f"compare.most_{asked.attribute}" if asked.sign > 0 else f"compare.least_{asked.attribute}"
    if len(firsts) > 1:
        return turn.say("compare.draw")
    return turn.say(move, ordinal=str(firsts[0]))


def rows(turn: Turn, spoken: Sequence[Recommendation]) -> Iterator[str]:
    """The rows of the comparison, without the products' names."""
    facts = [product_facts(recommendation, turn.language) for recommendation in spoken]
    between = _between(turn, len(spoken))
    yield _price_row(turn, spoken, [fact["price"] for fact in facts])
    if any("rating" in fact for fact in facts):
        no_rating = turn.say("compare.no_rating")
        shown = [
            f"{fact['rating']} ({fact['n_reviews']})" if "n_reviews" in fact else fact["rating"]
            for fact in ({"rating": no_rating, **fact} for fact in facts)
        ]
        yield turn.say("compare.rating", values=between.join(shown))
    products = [recommendation.ranked.product for recommendation in spoken]
    yield from opinions.rows(turn, products)
    yield from _attribute_rows(turn, products)
    stocks = [
        stock_text(recommendation.ranked.product, recommendation.ranked.variant, turn.language)
        for recommendation in spoken
    ]
    if len(set(stocks)) > 1:
        yield turn.say("compare.stock", values=between.join(stocks))


def _between(turn: Turn, n: int) -> str:
    return turn.say("compare.between" if n == 2 else "compare.between_many")


def _price_row(turn: Turn, spoken: Sequence[Recommendation], prices: Sequence[str]) -> str:
    amounts = [recommendation.ranked.variant.price_minor for recommendation in spoken]
    if len(set(amounts)) == 1:
        return turn.say("compare.price_same", value=prices[0])
    if len(spoken) == 2:
        currency = spoken[0].ranked.product.currency
        saving = format_money(abs(amounts[0] - amounts[1]), currency, turn.language)
        cheaper = str(1 + amounts.index(min(amounts)))
        return turn.say("compare.price_two", first=prices[0], second=prices[1], cheaper=cheaper, saving=saving)
    return turn.say("compare.price", values=_between(turn, len(spoken)).join(prices))


def _attribute_rows(turn: Turn, products: Sequence[Product]) -> Iterator[str]:
    language = turn.language
    names = list(dict.fromkeys(name for product in products for name in attribute_names(product)))
    differing, same = [], []
    for name in names:
        values = [frozenset(product.values(name)) for product in products]
        if len(set(values)) > 1:
            differing.append(name)
        elif name != "feature":
            same.append(fragment(name, products[0].values(name), language))
    for name in differing[:MAX_DIFFERENCES]:
        yield _row(turn, name, products)
    shared = set(products[0].values("feature")).intersection(*(product.values("feature") for product in products))
    if shared and "feature" not in differing:
        same.append(
            fragment("feature", [value for value in products[0].values("feature") if value in shared], language)
        )
    if same:
        yield turn.say("compare.same", values=("；" if language == "zh" else "; ").join(same))


def _row(turn: Turn, name: str, products: Sequence[Product]) -> str:
    unstated = turn.say("compare.unstated")
    shown = [attribute_text(product, name, turn.language) or unstated for product in products]
    title = attribute_name(name, turn.language)
    label = title[:1].upper() + title[1:]
    return turn.say("compare.attribute", name=label, values=_between(turn, len(products)).join(shown))


def _winners(spoken: Sequence[Recommendation]) -> tuple[int | None, int | None]:
    """The places of the one cheapest and the one best rated; None where several are or not all are rated."""
    amounts = [recommendation.ranked.variant.price_minor for recommendation in spoken]
    ratings = [recommendation.ranked.product.rating for recommendation in spoken]
    known = [rating for rating in ratings if rating is not None]
    return _only_best([-amount for amount in amounts]), _only_best(known) if len(known) == len(ratings) else None


def _judgement(turn: Turn, spoken: Sequence[Recommendation]) -> str:
    cheapest, rated = _winners(spoken)
    if cheapest is not None and cheapest == rated:
        return turn.say("compare.close_both", best=str(cheapest + 1))
    if cheapest is not None and rated is not None:
        return turn.say("compare.close_split", cheaper=str(cheapest + 1), rated=str(rated + 1))
    if cheapest is not None:
        return turn.say("compare.close_cheaper", cheaper=str(cheapest + 1))
    return turn.say("compare.close_equal")


def _only_best(scores: Sequence[float]) -> int | None:
    """Where the one highest score is; None when it is shared."""
    best = max(scores)
    return scores.index(best) if sum(score == best for score in scores) == 1 else None

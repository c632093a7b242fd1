"""What the plain writer says when two to four products are compared.

Comes in: a turn. Goes out: the lines of a table in Markdown (a column a product; price, rating, reviews and the
attributes that differ), what all have in common, then a judgement that follows from them. Knows no taste: where nothing
differs it says so.
"""

from collections.abc import Iterator, Mapping, Sequence

from assistant.beyond import measured
from assistant.parsing.comparatives import asked_comparison
from assistant.types import Comparison, Recommendation
from assistant.writing import opinions
from assistant.writing.facts import attribute_names, attribute_text, product_facts, spoken_of, stock_text
from assistant.writing.plain import Turn
from assistant.writing.tables import table_line, table_rule
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
    yield from table(turn, spoken)
    asked = asked_comparison(fold(turn.step.parsed.text))
    if asked is not None:
        yield _asked(turn, spoken, asked)
        return
    if len(spoken) == 2:
        yield from _saving(turn, spoken)
    yield _judgement(turn, spoken)


def asks_for_one(turn: Turn) -> bool:
    """Whether the comparison is of one attribute: "which of them is lighter?"."""
    return asked_comparison(fold(turn.step.parsed.text)) is not None


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


def table(turn: Turn, spoken: Sequence[Recommendation]) -> Iterator[str]:
    """The comparison as lines: a table in Markdown, then what all have in common."""
    facts = [product_facts(recommendation, turn.language) for recommendation in spoken]
    products = [recommendation.ranked.product for recommendation in spoken]
    yield table_line(["", *(f"{place}. {fact['title']}" for place, fact in enumerate(facts, start=1))])
    yield table_rule(1 + len(spoken))
    yield table_line([turn.say("compare.price"), *(fact["price"] for fact in facts)])
    if any("rating" in fact for fact in facts):
        yield table_line([turn.say("compare.rating"), *(_rating(turn, fact) for fact in facts)])
    for label, cells in opinions.rows(turn, products):
        yield table_line([label, *cells])
    differing, same = _told_apart(products)
    for name in differing[:MAX_DIFFERENCES]:
        yield _attribute_line(turn, name, products)
    stocks = [
        stock_text(recommendation.ranked.product, recommendation.ranked.variant, turn.language)
        for recommendation in spoken
    ]
    if len(set(stocks)) > 1:
        yield table_line([turn.say("compare.stock"), *stocks])
    if same:
        values = [fragment(name, shared, turn.language) for name, shared in same.items()]
        yield turn.say("compare.same", values=("；" if turn.language == "zh" else "; ").join(values))


def _rating(turn: Turn, facts: Mapping[str, str]) -> str:
    rating = facts.get("rating", turn.say("compare.no_rating"))
    return f"{rating} ({facts['n_reviews']})" if "n_reviews" in facts else rating


def _told_apart(products: Sequence[Product]) -> tuple[list[str], dict[str, list[str]]]:
    """The attributes that differ, and those that all have in common with their values; of features a part can be both,
    and counts as differing."""
    differing: list[str] = []
    same: dict[str, list[str]] = {}
    for name in dict.fromkeys(name for product in products for name in attribute_names(product)):
        if len({frozenset(product.values(name)) for product in products}) > 1:
            differing.append(name)
        else:
            same[name] = list(products[0].values(name))
    return differing, {**{name: values for name, values in same.items() if name != "feature"}, **_only(same, "feature")}


def _only(values: Mapping[str, list[str]], name: str) -> dict[str, list[str]]:
    return {name: values[name]} if values.get(name) else {}


def _attribute_line(turn: Turn, name: str, products: Sequence[Product]) -> str:
    unstated = turn.say("compare.unstated")
    shown = [attribute_text(product, name, turn.language) or unstated for product in products]
    title = attribute_name(name, turn.language)
    return table_line([title[:1].upper() + title[1:], *shown])


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


def _saving(turn: Turn, spoken: Sequence[Recommendation]) -> Iterator[str]:
    """By how much the cheaper one of two is cheaper."""
    amounts = [recommendation.ranked.variant.price_minor for recommendation in spoken]
    if amounts[0] != amounts[1]:
        saving = format_money(abs(amounts[0] - amounts[1]), spoken[0].ranked.product.currency, turn.language)
        yield turn.say("compare.saving", cheaper=str(1 + amounts.index(min(amounts))), saving=saving)


def _only_best(scores: Sequence[float]) -> int | None:
    """Where the one highest score is; None when it is shared."""
    best = max(scores)
    return scores.index(best) if sum(score == best for score in scores) == 1 else None

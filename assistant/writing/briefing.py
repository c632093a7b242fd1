"""What the built-in language model is told about one turn, and the facts that fill its placeholders.

Comes in: a turn. Goes out: a `Brief` of names, and the `Facts` that code puts in their place; None where the plain
writer does it better (rules and orders are quoted, answers stand in the catalog). What is told of a product are its
reasons, in the ranker's order, and for each but the first what sets it apart. Knows no model.
"""

from collections.abc import Callable, Mapping, Sequence

from assistant.builtin.brief import GROUPS, MAX_PRODUCTS, Brief
from assistant.reasons import stated_of, variant_values
from assistant.rendering import Facts
from assistant.types import Reason, Recommendation
from assistant.writing import comparing, questions, recommending, relaxing, serving, talking
from assistant.writing.facts import product_facts, spoken_of
from assistant.writing.plain import Turn, is_absent, join
from assistant.writing.wording import Claims, fragment, limit_money, mentioned, number
from prompts.untrusted import clean
from retrieval.types import SORTS, Product

MAX_LEAD_REASONS = 3
_WORTH_SAYING = (0.1, 1.0)
"""By what share of the first one's price another's must differ to be spoken of."""
_FEW = 4
"""More products than these are a list."""
_DULL = {"words", "available"}
"""Said only where there is nothing else to say."""
_SETS_APART = ("color", "material", "feature")
_PERSONAL = {"liked", "disliked", "own_size"}
_SHOWN_AFTER = ("more", "cheaper", "similar", "undo")
"""Moves that go on from what was shown."""

_OF_SEVERAL = ("search_free", "more", "cheaper", "similar", "bundle", "objection")
"""Moves whose openings speak of several products, as the model learnt them; of one the plain writer's do not."""

Told = tuple[Brief, Facts]
_Values = dict[str, str]


def briefed(turn: Turn, voice: str = "warm") -> Told | None:
    """The brief of the turn's reply with its facts; None where there is nothing to phrase freely."""
    tell = _TELL.get(turn.step.action)
    found = tell(turn) if tell else None
    if found is None:
        return None
    move, shared, products = found
    shared = {**shared, **_endings(turn)}
    values = dict(shared)
    for place, facts in enumerate(products, start=1):
        values |= {f"p{place}.{name}": text for name, text in facts.items()}
    told = tuple(map(tuple, products))
    tone = "sorry" if "offer" in shared and turn.step.parsed.sentiment == "negative" else "calm"
    length = "short" if move in _SHOWN_AFTER or len(products) > _FEW else "full"
    brief = Brief(turn.language, move, tuple(shared), told, voice, length, tone)
    return brief, Facts(values, turn.language, _claims(turn, len(products)), mentioned)


def _claims(turn: Turn, n_products: int) -> dict[str, Claims]:
    """What the catalog states of each product that the brief speaks of."""
    spoken = spoken_of(turn.step, turn.recommendations, turn.evidence)[:n_products]
    return {f"p{place}": stated_of(item.ranked.product) for place, item in enumerate(spoken, start=1)}


def _endings(turn: Turn) -> _Values:
    ending = {"question": questions.sentence(turn), "offer": serving.offer(turn)}
    said = {name: "".join(join(sentences, turn.language)) for name, sentences in ending.items()}
    return {name: text for name, text in said.items() if text}


_Found = tuple[str, _Values, Sequence[_Values]]


def _recommendation(turn: Turn) -> _Found | None:
    if not turn.recommendations:
        return _nothing(turn)
    if is_absent(turn) or len(turn.recommendations) > MAX_PRODUCTS or turn.step.parsed.move in ("why", "why_not"):
        return None
    move, shared = _move(turn)
    # What all of them meet is said once, in the opening.
    said_already = "wish" in shared and turn.step.session.filters.category is not None
    if len(turn.recommendations) == 1 and move in _OF_SEVERAL:
        return None
    return move, shared, _products(turn, {"met"} if said_already else set())


def _move(turn: Turn) -> tuple[str, _Values]:
    """What the reply does, and what it may say of the wish."""
    parsed = turn.step.parsed
    if parsed.objection is not None:
        return "objection", {}
    if turn.step.action == "bundle":
        return "bundle", {}
    return (parsed.move, {}) if parsed.move in _SHOWN_AFTER else _search(turn)


def _search(turn: Turn) -> tuple[str, _Values]:
    count, n_shown = turn.evidence.n_matched, len(turn.recommendations)
    wish = recommending.wish(turn)
    if turn.step.session.filters.category is None or count < n_shown or not wish:
        return "search_free", {"wish": wish} if wish else {}
    if count == 1:
        return "search_one", {"wish": wish}
    told = {"wish": recommending.wish(turn, counted=True), "n_matched": number(count, turn.language)}
    if turn.step.parsed.intent == "refine":
        return "refine", told
    return ("search_all" if count == n_shown else "search_many"), told


def _products(turn: Turn, said: set[str]) -> list[_Values]:
    """What is told of each product, in the order in which it is to be said, but for what was `said` before."""
    shown = turn.recommendations
    found = []
    for place, item in enumerate(shown):
        facts = product_facts(item, turn.language)
        told = {"title": facts["title"], "price": facts["price"]}
        told |= _lead(turn, item) if place == 0 else _apart(turn, item, said)
        if not item.ranked.variant.in_stock or facts.get("stock", "") not in ("", facts["availability"]):
            told["stock"] = facts.get("stock", facts["availability"])
        if place == 0:
            told |= _told(turn, [reason for reason in item.reasons if "quote" in reason.facts], 1)
        said.update(told.values(), told.keys() & {"less", "more"})
        found.append(told)
    return found


def _lead(turn: Turn, item: Recommendation) -> _Values:
    sort = turn.step.session.filters.sort
    is_top = sort in SORTS and turn.step.parsed.move != "more" and turn.step.action != "bundle"
    top = {"top": turn.say(f"top.{sort}")} if is_top else {}
    return {**top, **_told(turn, recommending.beyond_the_wish(turn, item), MAX_LEAD_REASONS)}


def _apart(turn: Turn, item: Recommendation, said: set[str]) -> _Values:
    """The reason that was not given yet, and what the product has otherwise than the first; that opens a sentence, and
    ends a line of a list."""
    reasons = [reason for reason in recommending.telling(item) if not said & {*reason.facts, *reason.facts.values()}]
    told = _told(turn, reasons, 1)
    first = turn.recommendations[0]
    if item.ranked.product.category != first.ranked.product.category or turn.step.action == "bundle":
        return told
    apart = _price_gap(turn, item, first)
    if not apart or said & apart.keys():
        differs = _differs(turn, item, first)
        apart = {"differs": differs} if differs else {}
    return {**apart, **told} if len(turn.recommendations) <= _FEW else {**told, **apart}


def _price_gap(turn: Turn, item: Recommendation, first: Recommendation) -> _Values:
    """By how much it costs less or more than the first, where that is worth a word."""
    own, lead = item.ranked, first.ranked
    gap = own.variant.price_minor - lead.variant.price_minor
    low, high = (share * lead.variant.price_minor for share in _WORTH_SAYING)
    if not low <= abs(gap) <= high or own.product.currency != lead.product.currency:
        return {}
    return {"less" if gap < 0 else "more": limit_money(abs(gap), own.product.currency, turn.language)}


def _differs(turn: Turn, item: Recommendation, first: Recommendation) -> str:
    """The first attribute that both state and differently, as the product's own value; empty where there is none."""
    for name in _SETS_APART:
        if name == "color" and not _is_chosen_by_color(item.ranked.product, first.ranked.product):
            continue
        own = variant_values(item.ranked.product, item.ranked.variant, name)
        other = variant_values(first.ranked.product, first.ranked.variant, name)
        fresh = [value for value in own if value not in other]
        if other and fresh and not set(fresh) & set(item.ranked.matched.get(name, ())):
            return fragment(name, fresh[:2], turn.language)
    return ""


def _is_chosen_by_color(*products: Product) -> bool:
    """Whether things of a kind are chosen by their colour: any comes in several, which no hotel and no tea does."""
    return any(product.comes_in_several("color") for product in products)


def _told(turn: Turn, reasons: Sequence[Reason], limit: int) -> _Values:
    """The facts of the first reasons, as far as they are told together and none is told twice."""
    told: _Values = {}
    left = limit
    telling = [reason for reason in reasons if reason.facts and not reason.facts.keys() & _DULL]
    for reason in telling or reasons:
        if left and reason.facts and not told.keys() & reason.facts.keys() and tuple(reason.facts) in GROUPS.values():
            told |= {name: clean(text) for name, text in reason.facts.items()}
            left -= 1
    if "rating" in told:
        told["rating"] = turn.say("top.out_of", rating=told["rating"])
    return told


def _nothing(turn: Turn) -> _Found | None:
    if is_absent(turn) or turn.step.action == "bundle" or turn.step.parsed.objection is not None:
        return None
    wish = recommending.wish(turn, shown=False)
    steps = relaxing.steps(turn)
    shared = ({"wish": wish} if wish else {}) | ({"steps": steps} if steps else {})
    return ("no_more" if turn.step.parsed.move == "more" else "nothing"), shared, ()


def _comparison(turn: Turn) -> _Found | None:
    """The table is code's, what speaks for each the model's; a question about one attribute is code's alone."""
    spoken = spoken_of(turn.step, turn.recommendations, turn.evidence)[: comparing.MAX_COMPARED]
    if len(spoken) < 2 or comparing.asks_for_one(turn) or turn.step.parsed.move == "why_not":
        return None
    table = "\n".join(comparing.table(turn, spoken))
    tops = comparing.tops(turn, spoken)
    found = []
    for place, item in enumerate(spoken):
        personal = [reason for reason in item.reasons if reason.facts.keys() & _PERSONAL]
        top = {"top": tops[place]} if place in tops else {}
        found.append({"title": product_facts(item, turn.language)["title"], **top, **_told(turn, personal, 2)})
    return "compare", {"table": table}, found


def _feedback(turn: Turn) -> _Found | None:
    sentiment, product = turn.step.parsed.sentiment, next(iter(turn.evidence.products), None)
    if sentiment == "neutral" or any(kind == "sizes" for kind, _ in turn.step.notes):
        return None
    if product is None:
        return ("missed", {}, ()) if sentiment == "negative" else None
    title = clean(product.title_in(turn.language))
    return ("liked" if sentiment == "positive" else "disliked"), {}, ({"title": title},)


def _smalltalk(turn: Turn) -> _Found:
    kind = talking.kind_of_smalltalk(turn)
    move = {"other": "listening"}.get(kind, kind)
    return move, {"shop": clean(turn.evidence.shop_name)} if move == "who" else {}, ()


_TELL: Mapping[str, Callable[[Turn], _Found | None]] = {
    "recommend": _recommendation,
    "bundle": _recommendation,
    "compare": _comparison,
    "feedback": _feedback,
    "smalltalk": _smalltalk,
    "out_of_scope": lambda _: ("refuse", {}, ()),
}

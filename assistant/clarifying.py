"""Which question to ask beside the products shown, if one is worth the shopper's turn.

In: a step, what was found for it, the shop. Out: a `Question` with answers that the parser understands and how many
products each leaves, or None. Knows neither the parser's words nor the writer's: it has each answer worded, read back
and counted as the shopper's next message would be, and offers none that would do anything else.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise

import numpy as np
from numpy.typing import NDArray

from assistant.dialogue import advance
from assistant.live import Moment
from assistant.types import Option, Question, Session, Step
from assistant.writing import questions
from ranking.questions import Chances, expected_gain
from ranking.ranker import Ranker
from ranking.types import BUDGET, ShopperProfile
from retrieval.facets import round_bounds
from retrieval.filters import attributes_of, passing_variants
from retrieval.types import Candidate, Filters, Query, Retrieved

PRICE, CATEGORY, AUDIENCE = "price", "category", "audience"

MIN_GAIN = 0.05
"""A question is asked where one shopper in twenty would see a turn earlier what they take."""

HAS_ANSWER: Mapping[str, float] = {CATEGORY: 0.9, AUDIENCE: 0.9, "size": 0.8, PRICE: 0.7, "brand": 0.3}
"""The share of shoppers who are taken to have a wish where a question goes; `OTHERS_HAVE` of any other attribute. Our
assumption: no log tells it."""

OTHERS_HAVE = 0.5
N_WEIGHED = 100
"""So many candidates, the likeliest ones, decide what to ask."""

N_PRICES = 3
N_OPTIONS = 3
N_TRIED = 6
"""So many answers are read back at most, to find `N_OPTIONS` that are understood."""

MAX_PASSED = 2
"""Who passed over so many questions of a wish is asked no further."""

_FRESH = (None, "more", "restart")
"""The moves whose lists a question may go with: others go by a product or back."""

_BOTH, _ADULTS = "unisex", ("men", "women")
"""What is for both is left by either."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Answer:
    """What one answer asks for, and which candidates it leaves."""

    value: str
    leaves: Mask
    low_minor: int | None = None
    high_minor: int | None = None


def clarify(step: Step, retrieved: Retrieved, n_shown: int, ranker: Ranker, now: Moment) -> Question | None:
    """The question whose answer is expected to help most, where that is worth a turn.

    Args:
        step: what the dialogue decided.
        retrieved: the candidates.
        n_shown: how many of them are shown; where that is all, there is nothing to ask.
        ranker: tells which of them the shopper would take.
        now: the shop.
    """
    query = step.query
    if query is None or not _may_ask(step, query) or retrieved.n_matched <= n_shown:
        return None
    profile = step.profile or ShopperProfile()
    chances = ranker.chances(query, retrieved, profile)
    order = np.argsort(-chances, kind="stable")[:N_WEIGHED]
    candidates = [retrieved.candidates[row] for row in order]
    weighed = chances[order] / chances[order].sum()
    possible = {
        about: answers for about, answers in _answers(candidates, query, profile).items() if not _known(step, about)
    }
    likeliest = {about: _likeliest(about, answers, weighed) for about, answers in possible.items()}
    gains = {about: _gain(about, weighed, answers[:N_OPTIONS], n_shown) for about, answers in likeliest.items()}
    for about in sorted(gains, key=lambda about: (-gains[about], about)):
        if gains[about] < MIN_GAIN:
            return None
        options = _options(step.session, query, about, likeliest[about], now)
        if len(options) >= 2:
            return Question(about, options, gains[about], questions.indifferent(step.session))
    return None


def _may_ask(step: Step, query: Query) -> bool:
    """Whether this is a wish that a question fits: not one for an order by price, or for more than something shown."""
    fresh = step.action == "recommend" and step.parsed.move in _FRESH and step.parsed.objection is None
    plain = query.filters.sort is None and not step.session.beyond
    return fresh and plain and step.session.asking.n_passed < MAX_PASSED


def _known(step: Step, about: str) -> bool:
    """Whether the shopper has said it: in this wish, of themselves, or that it does not matter."""
    session, parsed = step.session, step.parsed
    if about in session.asking.settled or session.filters.include.get(about):
        return True
    if about != PRICE:
        return False
    filters = session.filters
    bounds = (filters.price_min_minor, filters.price_max_minor, session.cheaper_than_minor)
    stated = step.profile.stated if step.profile else ()
    usual = any(item.attribute == BUDGET and item.weight > 0 for item in stated)
    return any(bound is not None for bound in bounds) or parsed.wants_low_price or usual


def _gain(about: str, chances: Chances, answers: Sequence[_Answer], n_shown: int) -> float:
    """By the answers that would be offered alone: of further ones nobody can tell whether a shopper thinks of them."""
    return expected_gain(chances, [answer.leaves for answer in answers], HAS_ANSWER.get(about, OTHERS_HAVE), n_shown)


def _answers(candidates: Sequence[Candidate], query: Query, profile: ShopperProfile) -> Mapping[str, Sequence[_Answer]]:
    """What could be asked about, with the answers; not what the profile knows, nor what the shopper dislikes."""
    leaves: defaultdict[str, dict[str, Mask]] = defaultdict(dict)
    for row, values in enumerate(_values(candidate, query.filters) for candidate in candidates):
        for about, value in values:
            leaves[about].setdefault(value, np.zeros(len(candidates), dtype=np.bool_))[row] = True
    both = leaves[AUDIENCE].pop(_BOTH, np.zeros(len(candidates), dtype=np.bool_))
    leaves[AUDIENCE] |= {who: mask | both for who, mask in leaves[AUDIENCE].items() if who in _ADULTS}
    liked = {(item.attribute, item.value) for item in profile.stated if item.weight > 0}
    disliked = {(item.attribute, item.value) for item in profile.stated if item.weight < 0}
    found: dict[str, Sequence[_Answer]] = {}
    for about, masks in leaves.items():
        if not any((about, value) in liked for value in masks):
            found[about] = [_Answer(value, mask) for value, mask in masks.items() if (about, value) not in disliked]
    return {**found, PRICE: _prices(candidates)}


def _values(candidate: Candidate, filters: Filters) -> set[tuple[str, str]]:
    """What holds for one of its variants that meet the wish; its category where the wish leaves that open."""
    product = candidate.product
    values: set[tuple[str, str]] = set()
    for variant in passing_variants(product, filters):
        for name, stated in attributes_of(product, variant).items():
            if name not in (CATEGORY, "department"):
                values.update((name, value) for value in stated)
    if product.category and product.category != filters.category:
        values.add((CATEGORY, product.category))
    return values


def _prices(candidates: Sequence[Candidate]) -> list[_Answer]:
    """Round ranges of about as many products each, bounds included."""
    prices = np.array([candidate.variant.price_minor for candidate in candidates], dtype=np.int64)
    bounds = [None, *round_bounds(prices, N_PRICES), None]
    answers = []
    for low, high in pairwise(bounds):
        inside = (prices >= (low or 0)) & (prices <= (prices.max() if high is None else high))
        answers.append(_Answer("", inside, low, high))
    return answers


def _likeliest(about: str, answers: Sequence[_Answer], chances: Chances) -> Sequence[_Answer]:
    """The answers, likeliest first; prices in their order."""
    if about == PRICE:
        return answers
    return sorted(answers, key=lambda answer: (-float(chances @ answer.leaves), answer.value))


def _options(session: Session, query: Query, about: str, answers: Sequence[_Answer], now: Moment) -> tuple[Option, ...]:
    """The first answers that are understood as meant and leave some of the products, but not all."""
    asked = replace(session, turn=session.turn + 1, asking=replace(session.asking, question=about))
    n_now = now.search.count(query.filters)
    options = (_option(asked, about, answer, now) for answer in answers[:N_TRIED])
    narrowing = (option for option in options if option is not None and 0 < option.n_products < n_now)
    return tuple(islice(narrowing, N_OPTIONS))


def _option(asked: Session, about: str, answer: _Answer, now: Moment) -> Option | None:
    """One answer as the shopper would write it, with what it leaves; None where that would do anything else."""
    text = questions.answer(asked, about, answer.value, answer.low_minor, answer.high_minor, now.facts.currency)
    after = advance(asked, now.parser.parse(text, asked), now.facts)
    if after.query is None or not _same(after.session, _with(asked.filters, about, answer)):
        return None
    n_products = now.search.count(after.query.filters)
    return Option(text, answer.value, n_products, answer.low_minor, answer.high_minor)


def _with(filters: Filters, about: str, answer: _Answer) -> Filters:
    if about == PRICE:
        return replace(filters, price_min_minor=answer.low_minor, price_max_minor=answer.high_minor)
    if about == CATEGORY:
        return replace(filters, category=answer.value)
    return replace(filters, include={**filters.include, about: (*filters.include.get(about, ()), answer.value)})


def _same(session: Session, wanted: Filters) -> bool:
    """Whether the conditions are those wanted; amounts are in the shop's currency on both sides."""
    return replace(session.filters, currency=None) == replace(wanted, currency=None)

"""Which question to ask beside the products shown, if one is worth the shopper's turn.

In: a step, what was found for it, the shop. Out: a `Question` with answers that the parser understands and how many
products each leaves, or None. Knows neither the parser's words nor the writer's: it has each answer worded, read back
and counted as the shopper's next message would be, and offers none that would do anything else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice

import numpy as np

from assistant.dialogue import advance
from assistant.live import Moment
from assistant.narrowing import AUDIENCE, CATEGORY, PRICE, Answer, possible_answers
from assistant.types import Option, Question, Session, Step
from assistant.writing import questions
from ranking.questions import Chances, expected_gain
from ranking.ranker import Judged, Ranker
from ranking.types import BUDGET, ShopperProfile
from retrieval.types import Filters, Query

MIN_GAIN = 0.05
"""A question is asked where one shopper in twenty would see a turn earlier what they take."""

HAS_ANSWER: Mapping[str, float] = {CATEGORY: 0.9, AUDIENCE: 0.9, "size": 0.8, PRICE: 0.7, "brand": 0.3}
"""The share of shoppers who are taken to have a wish where a question goes; `OTHERS_HAVE` of any other attribute. Our
assumption: no log tells it."""

OTHERS_HAVE = 0.5
N_WEIGHED = 100
"""So many candidates, the likeliest ones, decide what to ask."""

N_OPTIONS = 3
N_TRIED = 6
"""So many answers are read back at most, to find `N_OPTIONS` that are understood."""

MAX_PASSED = 2
"""Who passed over so many questions of a wish is asked no further."""

_FRESH = (None, "more", "restart")
"""The moves whose lists a question may go with: others go by a product or back."""


def clarify(step: Step, judged: Judged, n_shown: int, ranker: Ranker, now: Moment) -> Question | None:
    """The question whose answer is expected to help most, where that is worth a turn.

    Args:
        step: what the dialogue decided.
        judged: the candidates.
        n_shown: how many of them are shown; where that is all, there is nothing to ask.
        ranker: tells which of them the shopper would take.
        now: the shop.
    """
    query = step.query
    if query is None or not _may_ask(step, query) or judged.n_matched <= n_shown:
        return None
    chances, arrived = ranker.chances(judged), judged.arrived
    order = np.argsort(-chances, kind="stable")[:N_WEIGHED]
    weighed = chances[order] / chances[order].sum()
    profile = step.profile or ShopperProfile()
    likeliest = possible_answers(
        [arrived[row] for row in order], weighed, query.filters, profile, lambda about: _known(step, about)
    )
    gains = _gains(likeliest, weighed, n_shown)
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


def _gains(answers: Mapping[str, Sequence[Answer]], chances: Chances, n_shown: int) -> Mapping[str, float]:
    """By the answers that would be offered alone: of further ones nobody can tell whether a shopper thinks of them."""
    leaves = np.zeros((len(answers), N_OPTIONS, len(chances)), dtype=np.bool_)
    for row, offered in enumerate(answers.values()):
        for place, answer in enumerate(offered[:N_OPTIONS]):
            leaves[row, place] = answer.leaves
    has_answer = np.array([HAS_ANSWER.get(about, OTHERS_HAVE) for about in answers])
    return dict(zip(answers, expected_gain(chances, leaves, has_answer, n_shown).tolist(), strict=True))


def _options(session: Session, query: Query, about: str, answers: Sequence[Answer], now: Moment) -> tuple[Option, ...]:
    """The first answers that are understood as meant and leave some of the products, but not all."""
    asked = replace(session, turn=session.turn + 1, asking=replace(session.asking, question=about))
    n_now = now.search.count(query.filters)
    options = (_option(asked, about, answer, now) for answer in answers[:N_TRIED])
    narrowing = (option for option in options if option is not None and 0 < option.n_products < n_now)
    return tuple(islice(narrowing, N_OPTIONS))


def _option(asked: Session, about: str, answer: Answer, now: Moment) -> Option | None:
    """One answer as the shopper would write it, with what it leaves; None where that would do anything else."""
    text = questions.answer(asked, about, answer.value, answer.low_minor, answer.high_minor, now.facts.currency)
    after = advance(asked, now.parser.parse(text, asked), now.facts)
    if after.query is None or not _same(after.session, _with(asked.filters, about, answer)):
        return None
    n_products = now.search.count(after.query.filters)
    return Option(text, answer.value, n_products, answer.low_minor, answer.high_minor)


def _with(filters: Filters, about: str, answer: Answer) -> Filters:
    if about == PRICE:
        return replace(filters, price_min_minor=answer.low_minor, price_max_minor=answer.high_minor)
    if about == CATEGORY:
        return replace(filters, category=answer.value)
    return replace(filters, include={**filters.include, about: (*filters.include.get(about, ()), answer.value)})


def _same(session: Session, wanted: Filters) -> bool:
    """Whether the conditions are those wanted; amounts are in the shop's currency on both sides."""
    return replace(session.filters, currency=None) == replace(wanted, currency=None)

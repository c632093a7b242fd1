"""Whether simulated shoppers find what suits them: `python -m benchmarks.dialogue [--dialogues 500] [--seed 0]`, with
`--json` as JSON, with `--show N` after N dialogues that went wrong.

In: the demo shop, made anew in a temporary directory. Out: a row for the assistant as it serves, and for the same
assistant without questions, without a profile, and without either. `satisfied` is the share of shoppers who were shown
a product that satisfies them within `TURNS` messages, `low` and `high` its 95 % Wilson interval; so for those who look
for something of a category, a department, with a feature, for somebody. `mean_turns` is how many messages it took (who
was never satisfied counts as `TURNS` + 1), `violations` how many shown products broke what the shopper had said,
`asked_again` how many questions asked for what they had answered before, `gain` how much larger the share is than in
the last row, with the 95 % interval of the paired difference.

The shoppers are those of `benchmarks.personas`: hard conditions, a taste, and no product in mind. They open with the
kind of thing and about half of their conditions. Then, reply by reply, whoever sees nothing that satisfies answers the
question asked, if any, truthfully, in their own words or by a quick reply; one without an answer says which condition
two of the shown products break, or what of them they dislike; now and then names what they like; else says that it does
not matter, or where nothing was asked, asks for more. One who has seen all that is left gives way on what was a liking,
no condition. Half of those with a size told it in an earlier visit, half told what they like best, and all have acts in
other kinds of things on record; none of that counts without a profile.
"""

import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from assistant.app import ShoppingAssistant
from assistant.types import Question, Reply, Session
from benchmarks.persona_words import Voice, n_phrasings
from benchmarks.personas import SCOPES, Condition, Crowd, Hard, Persona
from benchmarks.report import print_report
from ranking.types import Event
from retrieval.filters import attributes_of
from retrieval.types import Product

TURNS = 4
P_TOLD_AT_ONCE, P_CLICKS, P_NAMES_LIKING = 0.5, 0.5, 0.25
LIKES, DISLIKES = 1.0, -1.0
"""From so far from indifference on a value is named."""

LEAD = 1.0
"""A favourite is asked for when it is so far before the next."""

N_BREAKING, N_DISLIKED = 2, 3
OURS, WITHOUT = "as it serves", "without questions and profile"
SYSTEMS: Mapping[str, tuple[bool, bool]] = {
    OURS: (True, True),
    "without questions": (False, True),
    "without profile": (True, False),
    WITHOUT: (False, False),
}
"""Whether it asks, and whether a profile counts."""

Z = 1.959964


@dataclass(slots=True)
class Shopper:
    """One persona in one dialogue: what it has told, what it said does not matter, and what of it it could give up."""

    persona: Persona
    voice: Voice
    rng: np.random.Generator
    told: Hard = field(default_factory=Hard)
    settled: set[str] = field(default_factory=set)
    likings: list[Condition] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Course:
    """How a dialogue went. `turns`: the messages until satisfied, None = never."""

    turns: int | None
    violations: int
    asked_again: int
    questions: int
    misread: int
    messages: tuple[str, ...] = ()


def main(
    dialogues: Annotated[int, typer.Option(help="How many shoppers.", min=2)] = 500,
    seed: Annotated[int, typer.Option(help="Of everything drawn by chance.")] = 0,
    show: Annotated[int, typer.Option(help="Print so many dialogues that went wrong.")] = 0,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Let every shopper talk to both."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder, ShoppingAssistant.open(Path(folder) / "shop") as assistant:
        crowd = Crowd(list(assistant.shop.catalog.products()), seed)
        personas = [crowd.persona(number) for number in range(dialogues)]
        record_acts(assistant, personas)
        courses = {}
        for system, (asks, personal) in SYSTEMS.items():
            assistant.asks = asks
            courses[system] = [converse(assistant, crowd, one, seed, personal=personal) for one in personas]
    rows = [row(system, each, personas) for system, each in courses.items()]
    rows[0] |= paired(courses[OURS], courses[WITHOUT])
    for number, course in enumerate(courses[OURS]):
        if show and (course.turns is None or course.violations or course.asked_again):
            show -= 1
            print(personas[number].hard, *course.messages, sep="\n  ")
    data = {"dialogues": dialogues, "seed": seed, "products": len(crowd.products),
            **{f"phrasings_{language}": n_phrasings(language) for language in ("en", "zh")}}  # fmt: skip
    print_report("dialogue", data, OURS, rows, time.perf_counter() - began, json_)


def record_acts(assistant: ShoppingAssistant, personas: Sequence[Persona]) -> None:
    """Put what the personas took up before into the log, over the last month."""
    now = datetime.now(UTC)
    assistant.shop.event_log.add(
        Event(assistant.pseudonym(_id(persona)), product_id, "purchase", now - timedelta(days=3 * (place + 1)))
        for persona in personas
        for place, product_id in enumerate(persona.acts)
    )


def converse(assistant: ShoppingAssistant, crowd: Crowd, persona: Persona, seed: int, *, personal: bool) -> Course:
    """One dialogue."""
    rng = np.random.default_rng([seed, persona.number, 1])
    shopper = Shopper(persona, Voice(persona.language, rng), rng)
    session = assistant.new_session(persona.language, _id(persona))
    if not personal:
        session = assistant.personalise(session, on=False)
    for said in earlier_visit(shopper):
        session = assistant.respond(said, session).session
    message, messages = opening(shopper), []
    violations = asked_again = questions = misread = 0
    for turn in range(1, TURNS + 1):
        reply = assistant.respond(message, session)
        session = reply.session
        shown = [item.ranked.product for item in reply.products]
        broken = n_broken(shopper.told, reply)
        violations += broken
        misread += not is_understood(shopper.told, session)
        if reply.question is not None:
            questions += 1
            asked_again += knew(shopper, reply.question)
        messages.append(f"{message} -> {len(shown)} of {reply.n_matched}, {broken} broken, asks {_about(reply)}")
        if any(product.id in persona.best for product in shown):
            return Course(turn, violations, asked_again, questions, misread, tuple(messages))
        message = answer(shopper, crowd, reply, shown)
    return Course(None, violations, asked_again, questions, misread, tuple(messages))


def earlier_visit(shopper: Shopper) -> list[str]:
    """What half of the shoppers said of themselves before: their size, and what they like best."""
    persona, said = shopper.persona, []
    if persona.own_size_said:
        said.append(shopper.voice.say("own_size", persona.size() or ""))
    if persona.liking_said is not None:
        said.append(shopper.voice.say("own_liking", shopper.voice.word(persona.liking_said)))
    return said


def n_broken(told: Hard, reply: Reply) -> int:
    """How many of the cards show what breaks something that the shopper said, or what is sold out."""
    cards = [item.ranked for item in reply.products]
    return sum(not (told.holds(card.product, card.variant) and card.variant.in_stock) for card in cards)


def is_understood(told: Hard, session: Session) -> bool:
    """Whether all that was said is among the conditions in force."""
    filters = session.filters
    there = all(value in filters.include.get(name, ()) or value == filters.category for name, value in told.wanted)
    places = {value for name, value in told.wanted if name in ("category", "department")}
    narrower = len(places) > 1 and filters.category in places
    there = there or (narrower and all(v in filters.include.get(n, ()) for n, v in told.wanted if v not in places))
    refused = all(value in filters.exclude.get(name, ()) for name, value in told.refused)
    bounds = (filters.price_min_minor, filters.price_max_minor) == (told.price_min_minor, told.price_max_minor)
    return there and refused and bounds


def knew(shopper: Shopper, question: Question) -> bool:
    """Whether the shopper has answered this already: in this wish, or of themselves."""
    about = question.about
    told = {name for name, _ in shopper.told.wanted if name != "feature"} - {"department"}
    if shopper.told.price_max_minor is not None or shopper.told.price_min_minor is not None:
        told.add("price")
    size = shopper.persona.size()
    own = about == "size" and shopper.persona.own_size_said and any(option.value == size for option in question.options)
    return about in told or about in shopper.settled or own


def opening(shopper: Shopper) -> str:
    """The first message: the scope, and about half of the conditions."""
    persona, clauses = shopper.persona, []
    shopper.told = Hard((persona.scope,), for_everyone=persona.hard.for_everyone)
    for condition in persona.hard.wanted:
        skip = condition == persona.scope or (condition[0] == "size" and persona.own_size_said)
        if not skip and shopper.rng.random() < P_TOLD_AT_ONCE:
            clauses.append((condition[0], shopper.voice.word(condition)))
            _tell(shopper, condition)
    for condition in persona.hard.refused:
        if shopper.rng.random() < P_TOLD_AT_ONCE:
            clauses.append(("not", shopper.voice.word(condition)))
            shopper.told = replace(shopper.told, refused=(*shopper.told.refused, condition))
    if persona.hard.price_max_minor is not None and shopper.rng.random() < P_TOLD_AT_ONCE:
        clauses.append(("max", shopper.voice.amount(persona.hard.price_max_minor)))
        shopper.told = replace(shopper.told, price_max_minor=persona.hard.price_max_minor)
    return shopper.voice.opening(persona.scope, clauses)


def answer(shopper: Shopper, crowd: Crowd, reply: Reply, shown: Sequence[Product]) -> str:
    """The next message to a reply that shows nothing satisfying; a liking that left nothing else to see is given up."""
    if reply.n_left == 0 and shopper.likings:
        return _give_way(shopper)
    question = reply.question
    said = _answer_question(shopper, crowd, question) if question is not None else None
    said = said or _critique(shopper, reply) or _liking(shopper, shown)
    if said is not None or question is None:
        return said or shopper.voice.say("more")
    shopper.settled.add(question.about)
    return question.indifferent if shopper.rng.random() < P_CLICKS else shopper.voice.say("indifferent")


def _answer_question(shopper: Shopper, crowd: Crowd, question: Question) -> str | None:
    """Truthfully: the condition or the liking; None where the shopper has neither."""
    about, persona, voice = question.about, shopper.persona, shopper.voice
    if about == "price":
        return _answer_price(shopper, crowd, question)
    meant = _meant(shopper, crowd, question)
    if meant is None:
        return None
    if meant not in persona.hard.wanted:
        shopper.likings.append(meant)
    _tell(shopper, meant)
    click = next((option.text for option in question.options if option.value == meant[1]), None)
    if click is not None and shopper.rng.random() < P_CLICKS:
        return click
    return voice.say(f"answer_{about}", voice.word(meant))


def _meant(shopper: Shopper, crowd: Crowd, question: Question) -> Condition | None:
    """What the shopper would have: a condition, else what they like most of what they can think of, else of what is
    offered."""
    about, persona = question.about, shopper.persona
    hard = [one for one in persona.hard.wanted if one[0] == about and one not in shopper.told.wanted]
    if hard:
        return hard[0]
    known = {(about, value) for p in crowd.products if Hard((persona.scope,)).holds(p, p.offer) for value in
             ((p.category or "",) if about == "category" else p.values(about))}  # fmt: skip
    known -= {*persona.hard.refused, *shopper.told.wanted}
    offered = {(about, option.value) for option in question.options} & known
    return _favourite(persona, known) or _favourite(persona, offered)


def _favourite(persona: Persona, values: set[Condition]) -> Condition | None:
    """The value that stands out; who likes two about as well is not the one to rule one out."""
    ranked = sorted(values, key=lambda value: (-persona.leaning(value), value))
    leanings = [persona.leaning(value) for value in ranked]
    stands_out = leanings and leanings[0] >= LIKES and (len(leanings) == 1 or leanings[0] - leanings[1] >= LEAD)
    return ranked[0] if stands_out else None


def _answer_price(shopper: Shopper, crowd: Crowd, question: Question) -> str | None:
    """The budget, or the range offered that holds the price level they like, which is one of a kind of thing alone."""
    persona, voice = shopper.persona, shopper.voice
    budget = persona.hard.price_max_minor
    if budget is not None:
        shopper.told = replace(shopper.told, price_max_minor=budget)
        return voice.say("answer_price", voice.price_range(None, budget))
    one_kind = any(name == "category" for name, _ in shopper.told.wanted)
    if "price" not in persona.taste.firm or not one_kind:
        return None
    prices = [p.price_minor for p in crowd.products if shopper.told.holds(p, p.offer)]
    liked = float(np.quantile(prices, persona.taste.price_level)) if prices else 0.0
    option = min(question.options, key=lambda one: _distance(liked, one.low_minor, one.high_minor))
    shopper.told = replace(shopper.told, price_min_minor=option.low_minor, price_max_minor=option.high_minor)
    shopper.likings.append(("price", ""))
    if shopper.rng.random() < P_CLICKS:
        return option.text
    return voice.say("answer_price", voice.price_range(option.low_minor, option.high_minor))


def _distance(price: float, low: int | None, high: int | None) -> float:
    return max((low or 0) - price, price - (high if high is not None else price), 0.0)


def _critique(shopper: Shopper, reply: Reply) -> str | None:
    """What two of the cards break of the hard conditions, told before or not; else what most of them share that the
    shopper dislikes."""
    hard, voice = shopper.persona.hard, shopper.voice
    cards = [item.ranked for item in reply.products]

    def breaking(condition: Hard) -> int:
        return sum(not condition.holds(card.product, card.variant) for card in cards)

    if hard.price_max_minor is not None and breaking(Hard(price_max_minor=hard.price_max_minor)) >= N_BREAKING:
        shopper.told = replace(shopper.told, price_max_minor=hard.price_max_minor)
        return voice.say("say_max", voice.amount(hard.price_max_minor))
    for condition in hard.wanted:
        own = condition[0] == "size" and shopper.persona.own_size_said
        fits = own and all(condition[1] in card.product.values("size") for card in cards)
        if (
            condition != shopper.persona.scope
            and not fits
            and breaking(Hard((condition,), for_everyone=hard.for_everyone)) >= N_BREAKING
        ):
            _tell(shopper, condition)
            return voice.say(f"say_{condition[0]}", voice.word(condition))
    seen = {(kind, value) for card in cards for kind, values in attributes_of(card.product, card.variant).items()
            if kind in ("color", "material") for value in values}  # fmt: skip
    disliked = {condition for condition in seen if shopper.persona.leaning(condition) <= DISLIKES}
    for condition in sorted({*hard.refused, *disliked}):
        enough = N_BREAKING if condition in hard.refused else N_DISLIKED
        if condition not in shopper.told.wanted and breaking(Hard(refused=(condition,))) >= enough:
            shopper.told = replace(shopper.told, refused=tuple(dict.fromkeys((*shopper.told.refused, condition))))
            return voice.say("say_not", voice.word(condition))
    return None


def _liking(shopper: Shopper, shown: Sequence[Product]) -> str | None:
    """Now and then what they like best of what they see."""
    if shopper.rng.random() >= P_NAMES_LIKING:
        return None
    told = {name for name, _ in shopper.told.wanted} | shopper.settled
    seen = {(kind, value) for kind in ("color", "feature") for p in shown for value in p.values(kind)}
    liked = [one for one in sorted(seen) if shopper.persona.leaning(one) >= LIKES and one[0] not in told]
    if not liked:
        return None
    best = max(liked, key=shopper.persona.leaning)
    shopper.likings.append(best)
    _tell(shopper, best)
    return shopper.voice.say(f"say_{best[0]}", shopper.voice.word(best))


def _give_way(shopper: Shopper) -> str:
    """The last liking that was told is no longer asked for."""
    kind, value = shopper.likings.pop()
    if kind == "price":
        shopper.told = replace(shopper.told, price_min_minor=None, price_max_minor=None)
    else:
        shopper.told = replace(shopper.told, wanted=tuple(c for c in shopper.told.wanted if c != (kind, value)))
    shopper.settled.add(kind)
    name = shopper.voice.word((kind, value)) if kind == "feature" else shopper.voice.name(kind)
    return shopper.voice.say("give_up", name)


def _tell(shopper: Shopper, condition: Condition) -> None:
    shopper.told = replace(shopper.told, wanted=tuple(dict.fromkeys((*shopper.told.wanted, condition))))


def _id(persona: Persona) -> str:
    return f"benchmark-{persona.number}"


def _about(reply: Reply) -> str:
    return "nothing" if reply.question is None else reply.question.about


def row(system: str, courses: Sequence[Course], personas: Sequence[Persona]) -> dict[str, Any]:
    """The figures of one system."""
    by_scope = {kind: [c.turns is not None for c, p in zip(courses, personas, strict=True) if p.scope[0] == kind]
                for kind in SCOPES}  # fmt: skip
    n = len(courses)
    satisfied = sum(course.turns is not None for course in courses)
    low, high = wilson(satisfied, n)
    return {
        "system": system,
        "satisfied": round(satisfied / n, 3),
        "low": round(low, 3),
        "high": round(high, 3),
        **{f"within_{k}": round(sum((c.turns or TURNS + 1) <= k for c in courses) / n, 3) for k in range(1, TURNS)},
        **{f"satisfied_{kind}": round(float(np.mean(each)), 3) for kind, each in by_scope.items() if each},
        "mean_turns": round(float(np.mean([course.turns or TURNS + 1 for course in courses])), 2),
        "violations": sum(course.violations for course in courses),
        "asked_again": sum(course.asked_again for course in courses),
        "questions": round(sum(course.questions for course in courses) / n, 2),
        "misread_messages": sum(course.misread for course in courses),
    }


def paired(ours: Sequence[Course], others: Sequence[Course]) -> dict[str, float]:
    """How much more of the shoppers are satisfied, with the 95 % interval of the mean of the paired differences."""
    gains = np.array([(a.turns is not None) - (b.turns is not None) for a, b in zip(ours, others, strict=True)], float)
    half = Z * float(gains.std(ddof=1)) / np.sqrt(len(gains))
    mean = float(gains.mean())
    return {"gain": round(mean, 3), "gain_low": round(mean - half, 3), "gain_high": round(mean + half, 3)}


def wilson(k: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share. Source: Wilson 1927.

    >>> [round(bound, 3) for bound in wilson(9, 10)]
    [0.596, 0.982]
    """
    share = k / n
    middle = (share + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z * np.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n)
    return float(middle - half), float(middle + half)


if __name__ == "__main__":
    typer.run(main)

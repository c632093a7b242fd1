"""Whether simulated shoppers find what suits them: `python -m benchmarks.dialogue [--dialogues 500] [--seed 0]`, with
`--json` as JSON, with `--show N` after N dialogues that went wrong.

In: the demo shop, made anew in a temporary directory, or a copy of a shop of your own (`--shop DIR`; where its catalog
has neither categories nor departments, with `--wishes FILE`, a kind of thing a line). Out: a row for the assistant as
it serves, and for the same assistant without what it read in reviews, without questions, without a profile, and
without the last two. `satisfied` is the share
of shoppers who were shown a product that satisfies them within `TURNS` messages, `low` and `high` its 95 % Wilson
interval; so for those who look for something of a category, a department, with a feature, for somebody. `mean_turns` is
how many messages it took (who was never satisfied counts as `TURNS` + 1), `regret` by how much what suited them best of
what was shown is worse than the best there is (mean; nothing suitable shown counts as the worst there is), `violations`
how many shown products broke what the shopper had said, `asked_again` how many questions asked for what they had
answered before, `answered` the share of the questions that they had an answer to, `gain` how much larger the share is
than in the last row, with the 95 % interval of the paired difference.

The shoppers are those of `benchmarks.personas`: hard conditions, a taste, and no product in mind. They open with the
kind of thing and about half of their conditions. Then, reply by reply, whoever sees nothing that satisfies answers the
question asked, if any, truthfully, in their own words or by a quick reply; one without an answer says which condition
two of the shown products break, or what of them they dislike; now and then names what they like; else says that it does
not matter, or where nothing was asked, asks for more. One who has seen all that is left gives way on what was a liking,
no condition. Half of those with a size told it in an earlier visit, half told what they like best, and all have acts in
other kinds of things on record; none of that counts without a profile.

Satisfied is who sees what is at most `--margin` worse than the best; 0: the very best alone.
"""

import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from assistant.app import ShoppingAssistant
from assistant.types import Question, Reply, Session
from benchmarks.courses import TURNS, Course, paired, row
from benchmarks.persona_words import Voice, n_phrasings
from benchmarks.personas import MARGIN, WORDS, Condition, Crowd, Hard, Persona
from benchmarks.report import print_report
from ranking.types import Event
from retrieval.filters import attributes_of
from retrieval.types import Product

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

UNREAD = "without reviews"
"""As it serves, but before it has read what buyers praise and complain about."""


@dataclass(slots=True)
class Shopper:
    """One persona in one dialogue: what it has told, what it said does not matter, what of it it could give up, and
    which questions it replied to, with an answer or without."""

    persona: Persona
    voice: Voice
    rng: np.random.Generator
    told: Hard = field(default_factory=Hard)
    settled: set[str] = field(default_factory=set)
    likings: list[Condition] = field(default_factory=list)
    heard: list[tuple[str, bool]] = field(default_factory=list)


def main(
    dialogues: Annotated[int, typer.Option(help="How many shoppers.", min=2)] = 500,
    seed: Annotated[int, typer.Option(help="Of everything drawn by chance.")] = 0,
    show: Annotated[int, typer.Option(help="Print so many dialogues that went wrong.")] = 0,
    shop: Annotated[Path | None, typer.Option(help="A shop directory; it is copied. Default: the demo shop.")] = None,
    wishes: Annotated[Path | None, typer.Option(help="Kinds of things, one a line.")] = None,
    margin: Annotated[float, typer.Option(help="What is so much worse than the best satisfies.", min=0)] = MARGIN,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Let every shopper talk to both."""
    began = time.perf_counter()
    said = [line.strip() for line in wishes.read_text("utf-8").splitlines() if line.strip()] if wishes else []
    with tempfile.TemporaryDirectory() as folder, ShoppingAssistant.open(_copied(shop, Path(folder))) as assistant:
        crowd = Crowd(list(assistant.shop.catalog.products()), seed, [x for x in said if x[0] != "#"], margin)
        personas = [crowd.persona(number) for number in range(dialogues)]
        record_acts(assistant, personas)
        unread = [converse(assistant, crowd, one, seed, personal=True) for one in personas]
        assistant.shop.reviews.read()
        courses = {}
        for system, (asks, personal) in SYSTEMS.items():
            assistant.asks = asks
            courses[system] = [converse(assistant, crowd, one, seed, personal=personal) for one in personas]
            courses.setdefault(UNREAD, unread)
    rows = [row(system, each, personas) for system, each in courses.items()]
    rows[0] |= paired(courses[OURS], courses[WITHOUT])
    for number, course in enumerate(courses[OURS]):
        if show and (course.turns is None or course.violations or course.asked_again):
            show -= 1
            print(personas[number].hard, *course.messages, sep="\n  ")
    data = {"dialogues": dialogues, "seed": seed, "products": len(crowd.products), "margin": margin,
            **{f"phrasings_{language}": n_phrasings(language) for language in ("en", "zh")}}  # fmt: skip
    print_report("dialogue", data, OURS, rows, time.perf_counter() - began, json_)


def _copied(shop: Path | None, folder: Path) -> Path:
    """Where the benchmark may write: a copy of the shop, or an empty place, which becomes the demo shop."""
    place = folder / "shop"
    if shop is not None:
        shutil.copytree(shop, place, ignore=shutil.ignore_patterns("shop.lock", "owner.json"))
    return place


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
    shopper = Shopper(persona, Voice(persona.language, rng, assistant.facts.currency), rng)
    session = assistant.new_session(persona.language, _id(persona))
    if not personal:
        session = assistant.personalise(session, on=False)
    for said in earlier_visit(shopper):
        session = assistant.respond(said, session).session
    message, messages = opening(shopper), []
    violations = asked_again = questions = misread = 0
    regret = max(persona.regrets.values())
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
        regret = min([regret, *(persona.regrets.get(product.id, regret) for product in shown)])
        satisfied = any(product.id in persona.best for product in shown)
        if satisfied or turn == TURNS:
            found = turn if satisfied else None
            heard = tuple(shopper.heard)
            return Course(found, violations, asked_again, questions, misread, tuple(messages), heard, regret)
        message = answer(shopper, crowd, reply, shown)
    raise AssertionError("the last turn ends the dialogue")


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
    # A kind of thing in words is no condition: what else those words may mean is the shop's to find.
    told = () if persona.scope[0] == WORDS else (persona.scope,)
    shopper.told = Hard(told, for_everyone=persona.hard.for_everyone)
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
    said = None
    if question is not None:
        said = _answer_question(shopper, crowd, question)
        shopper.heard.append((question.about, said is not None))
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
    known = {(about, value) for p in crowd.inside(persona.scope) for value in
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
    one_kind = persona.scope[0] == WORDS or any(name == "category" for name, _ in shopper.told.wanted)
    if "price" not in persona.taste.firm or not one_kind:
        return None
    prices = [p.price_minor for p in crowd.inside(persona.scope) if shopper.told.holds(p, p.offer)]
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
    """The last liking that was told is no longer asked for. "Any colour is fine" takes back what was refused of it too:
    who still can't stand one says so when it is shown."""
    kind, value = shopper.likings.pop()
    if kind == "price":
        shopper.told = replace(shopper.told, price_min_minor=None, price_max_minor=None)
    else:
        wanted = tuple(c for c in shopper.told.wanted if c != (kind, value))
        kept = shopper.told.refused if kind == "feature" else tuple(c for c in shopper.told.refused if c[0] != kind)
        shopper.told = replace(shopper.told, wanted=wanted, refused=kept)
    shopper.settled.add(kind)
    name = shopper.voice.word((kind, value)) if kind == "feature" else shopper.voice.name(kind)
    return shopper.voice.say("give_up", name)


def _tell(shopper: Shopper, condition: Condition) -> None:
    shopper.told = replace(shopper.told, wanted=tuple(dict.fromkeys((*shopper.told.wanted, condition))))


def _id(persona: Persona) -> str:
    return f"benchmark-{persona.number}"


def _about(reply: Reply) -> str:
    return "nothing" if reply.question is None else reply.question.about


if __name__ == "__main__":
    typer.run(main)

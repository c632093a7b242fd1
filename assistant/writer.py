"""From what was decided and found to the reply's text, as a stream.

Comes in: a step of the dialogue, ranked products with their reasons, and evidence. Goes out: pieces of text in the
shopper's language, every fact filled in by code. Knows no session store, no index and no provider: a language model is
anything that streams text, and whatever goes wrong with it, the plain writer completes the reply.
"""

import logging
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from itertools import chain
from typing import Protocol

from assistant.builtin.brief import RECOMMENDING, Brief
from assistant.house import House
from assistant.rendering import Facts, Renderer
from assistant.types import Recommendation, Step
from assistant.writing import (
    answering,
    cart,
    comparing,
    prompting,
    questions,
    recommending,
    relaxing,
    serving,
    sizing,
    talking,
)
from assistant.writing.briefing import briefed
from assistant.writing.evidence import Evidence
from assistant.writing.facts import facts_of, spoken_of
from assistant.writing.plain import Turn, is_absent, join, notes, turn_of
from assistant.writing.quick import follow_ups
from retrieval.errors import LanguageModelError, TokensSpent
from retrieval.relaxation import Relaxation

__all__ = ["Evidence", "Relaxation", "TextModel", "Writer", "quick_replies"]

log = logging.getLogger(__name__)

_PLAIN: Mapping[str, Callable[[Turn], Iterator[str]]] = {
    "recommend": lambda turn: chain(recommending.recommend(turn), sizing.note(turn)),
    "bundle": recommending.recommend,
    "compare": comparing.compare,
    "ask_product": answering.answer,
    "faq": talking.faq,
    "order": talking.order,
    "handoff": talking.handoff,
    "feedback": talking.feedback,
    "noted": talking.noted,
    "size_advice": sizing.advise,
    "cart": cart.answer,
    "smalltalk": talking.smalltalk,
    "out_of_scope": talking.out_of_scope,
    "ask_rate": talking.ask_rate,
    "nothing_to_refer_to": talking.nothing_to_refer_to,
}


class TextModel(Protocol):
    """A language model that is asked once."""

    def stream(self, system: str, user: str) -> Generator[str, None, None]:
        """Answer the two messages piece by piece; every failure is a `LanguageModelError`."""
        ...


class BriefModel(Protocol):
    """What the writer needs of the built-in language model."""

    def stream(self, system: str, user: str, seed: str = "") -> Generator[str, None, None]:
        """As `TextModel.stream`, of a brief; another seed may word the same brief otherwise."""
        ...


class SessionModel(Protocol):
    """What the writer needs of a language model that is asked over a network; `assistant.llm.LanguageModel` is one."""

    def stream(self, system: str, user: str, session_id: str = "") -> Generator[str, None, None]:
        """As `TextModel.stream`, at the expense of the session; `TokensSpent` where that has nothing left."""
        ...

    def hang_up(self, session_id: str) -> None:
        """Let the session's answers under way end where they are."""
        ...


class Writer:
    """Writes replies: with a configured language model, else with the built-in one, else by the plain writer's phrases.

    Each completes what the one before it left out. Holds nothing about any shopper.
    """

    def __init__(
        self,
        llm: SessionModel | None = None,
        builtin: Callable[[], BriefModel] | None = None,
        voice: str = "warm",
        house: House | None = None,
        served: SessionModel | None = None,
    ) -> None:
        """`builtin` opens the built-in model when it is first wanted, `served` is that model where somebody else serves
        it and is asked instead; `voice` is how either sounds. `house` is what the merchant tells a configured one."""
        self._llm = llm
        self._house = house
        self._builtin = builtin
        self._served = served
        self._voice = voice

    def write(self, step: Step, recommendations: Sequence[Recommendation], evidence: Evidence) -> Iterator[str]:
        """The reply to one message; the pieces joined are its text, which is never empty.

        Args:
            step: what the dialogue decided; `step.session.language` is the reply's language.
            recommendations: the products shown, best first. Each is named in the reply.
            evidence: counts, relaxations, reviews, policies, products spoken of, and what to ask at the end.
        """
        turn = turn_of(step, recommendations, evidence)
        if self._llm is not None and _worth_a_model(turn):
            yield from self._with_model(self._llm, turn)
        else:
            yield from self._own(turn)

    def hang_up(self, session_id: str) -> None:
        """Wait for no more of what a language model writes to the session, whose shopper has left."""
        for model in (self._llm, self._served):
            if model is not None:
                model.hang_up(session_id)

    def _own(self, turn: Turn) -> Iterator[str]:
        """The whole reply without a configured model: the built-in one's, where there is something to phrase."""
        told = self._brief(turn)
        if told is None:
            yield from join(chain(_PLAIN[turn.step.action](turn), _endings(turn)), turn.language)
            return
        said = False
        for piece in join(_preface(turn), turn.language):
            yield piece
            said = True
        yield from self._by_builtin(told, turn, said=said)

    def _brief(self, turn: Turn) -> tuple[Brief, Facts] | None:
        """What the built-in model is told, with what stands behind the names; None where it has nothing to phrase, or
        is not wanted."""
        return briefed(turn, self._voice) if self._builtin is not None or self._served is not None else None

    def _drafted(self, brief: Brief, turn: Turn) -> Generator[str, None, None]:
        if self._served is not None:
            yield from self._served.stream("", brief.text(), turn.step.session.id)
        elif self._builtin is not None:
            yield from self._builtin().stream("", brief.text(), turn.seed)

    def _by_builtin(self, told: tuple[Brief, Facts], turn: Turn, *, said: bool) -> Iterator[str]:
        """The built-in model's reply after what was `said` before it, to the end."""
        brief, facts = told
        renderer = Renderer(facts)
        for piece in _rendered(self._drafted(brief, turn), renderer):
            yield (_gap(turn) if said else "") + piece
            said = False
        yield from _after(join(_left_out(turn, brief, renderer), turn.language), began=renderer.n_kept > 0 or said)

    def _with_model(self, llm: SessionModel, turn: Turn) -> Iterator[str]:
        """The model's reply through the renderer, between what must be said in any case; where nothing of it can be
        shown, the built-in model's."""
        said_before = False
        for piece in join(_preface(turn), turn.language):
            yield piece
            said_before = True
        spoken = spoken_of(turn.step, turn.recommendations, turn.evidence)
        answering_question = turn.step.action == "ask_product"
        facts = facts_of(turn.step, spoken, turn.evidence, with_sayings=answering_question)
        messages = prompting.messages(turn, facts, self._house)
        renderer = Renderer(facts, only_grounded=answering_question, told=prompting.told(turn, facts, messages[0]))
        for piece in _rendered(llm.stream(*messages, turn.step.session.id), renderer):
            yield (_gap(turn) if said_before else "") + piece
            said_before = False
        if renderer.dropped:
            why = "; ".join(sorted({dropped.why for dropped in renderer.dropped}))
            log.info("dropped %d sentences: %s", len(renderer.dropped), why)
        brief = self._brief(turn) if renderer.n_kept == 0 else None
        if brief is not None:
            yield from self._by_builtin(brief, turn, said=said_before)
            return
        rest = chain(_completion(turn, spoken, renderer), sizing.note(turn))
        yield from _after(join(rest, turn.language), began=renderer.n_kept > 0 or said_before)
        yield from _after(join(_endings(turn), turn.language), began=True)


def quick_replies(step: Step, evidence: Evidence, recommendations: Sequence[Recommendation]) -> tuple[str, ...]:
    """Up to four follow-ups in the shopper's language that the parser understands, the most useful first."""
    return follow_ups(turn_of(step, recommendations, evidence))


def _worth_a_model(turn: Turn) -> bool:
    """Products to speak of. Rules, orders and "nothing found" are quoted or counted, which code does better; so are the
    price and the stock of the very version that a question means, what buyers say, and what comes closest to what is
    not sold here."""
    if is_absent(turn):
        return False
    if turn.step.action not in prompting.PROMPT_OF or turn.step.parsed.move == "why_not":
        return False
    if turn.step.action == "ask_product" and answering.topic_of(turn, turn.step.parsed.text) in (
        "price",
        "stock",
        "reviews",
    ):
        return False
    n_spoken = len(spoken_of(turn.step, turn.recommendations, turn.evidence))
    return n_spoken >= (2 if turn.step.action == "compare" else 1)


def _preface(turn: Turn) -> Iterator[str]:
    """What must be said before products, whoever writes."""
    n_shown = len(turn.recommendations)
    if turn.step.action == "recommend" and n_shown:
        yield from notes(turn, n_shown)
    elif turn.step.action in ("recommend", "bundle"):
        yield from notes(turn, n_shown, ("weighed", "converted", "objection"))


def _endings(turn: Turn) -> Iterator[str]:
    return chain(questions.sentence(turn), serving.offer(turn))


def _gap(turn: Turn) -> str:
    return "" if turn.language == "zh" else " "


def _rendered(pieces: Generator[str, None, None], renderer: Renderer) -> Iterator[str]:
    """What a model writes, as far as it comes; a failure ends it and is logged once, and the plain writer goes on."""
    try:
        # What has been shown in full, or was left, needs no more of the answer.
        with closing(pieces):
            yield from renderer.stream(pieces)
    except TokensSpent:
        return
    except LanguageModelError as error:
        log.warning("%s; the plain writer completes the reply", error)


def _left_out(turn: Turn, brief: Brief, renderer: Renderer) -> Iterator[str]:
    """What must be said and is not: all of it where nothing could be shown, else products, and how the reply ends."""
    if renderer.n_kept == 0:
        yield from chain(_whole(turn), _endings(turn))
        return
    shown = turn.recommendations if brief.move in RECOMMENDING else ()
    unnamed = [item for n, item in enumerate(shown, start=1) if f"p{n}.title" not in renderer.used]
    yield from recommending.missing(turn, unnamed)
    if turn.step.action == "bundle" and shown:
        yield from recommending.in_all(turn)
    if turn.step.action == "recommend":
        yield from sizing.note(turn)
    if brief.move == "compare" and "table" not in renderer.used:
        yield from comparing.compare(turn)
    if "steps" in brief.shared and "steps" not in renderer.used:
        yield relaxing.sentence(turn)
    if not {"question", "offer"} & set(brief.shared) <= renderer.used:
        yield from _endings(turn)


def _after(pieces: Iterator[str], *, began: bool) -> Iterator[str]:
    for position, piece in enumerate(pieces):
        if position == 0 and began:
            yield "\n"
        yield piece


def _completion(turn: Turn, spoken: Sequence[Recommendation], renderer: Renderer) -> Iterator[str]:
    """What the model left out: the whole reply when nothing of it could be shown, else the products it did not name."""
    if renderer.n_kept == 0 or not _names_a_product(renderer):
        return _whole(turn)
    unnamed = [item for n, item in enumerate(spoken, start=1) if f"p{n}.title" not in renderer.used]
    if not unnamed or turn.step.action == "ask_product":
        return iter(())
    return _whole(turn) if turn.step.action == "compare" else recommending.missing(turn, unnamed)


def _names_a_product(renderer: Renderer) -> bool:
    return any(name.startswith("p") and "." in name for name in renderer.used)


def _whole(turn: Turn) -> Iterator[str]:
    """The plain reply without the notes, which were said before the model began."""
    if turn.step.action == "recommend":
        return recommending.recommend(turn, with_notes=False)
    return _PLAIN[turn.step.action](turn)

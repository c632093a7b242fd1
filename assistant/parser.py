"""What one message says: intent, sentiment, language, constraints and references.

In: the message and the session (for what was shown and what 'again' and 'too' refer to). Out: a `ParsedMessage`; the
session is not changed. Rules over the catalog's own vocabulary and the lexicon; deterministic. Knows neither retrieval
nor reply.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from assistant.parsing.about_me import has_wish
from assistant.parsing.answers import is_indifferent
from assistant.parsing.cart import speaks_of_cart
from assistant.parsing.choosing import Heard, IntentChooser
from assistant.parsing.data import load_grammar
from assistant.parsing.doubts import Doubts, doubts_of
from assistant.parsing.followups import asks_for_more, intent_on_page, page_in_hand
from assistant.parsing.hearing import heard_in
from assistant.parsing.hints import NO_HINTS, Gloss, Hints, SpanHint, glossed
from assistant.parsing.language import frame_language
from assistant.parsing.moves import wants_low_price
from assistant.parsing.objections import judges_for, likes_but, objection_of
from assistant.parsing.persons import PRONOUNS
from assistant.parsing.preferences import Said
from assistant.parsing.reader import Reader
from assistant.parsing.reading import Reading, is_idle
from assistant.parsing.senses import Item
from assistant.parsing.sentiment import read_sentiment
from assistant.parsing.slots import Slots
from assistant.parsing.stances import is_mild, states_taste
from assistant.parsing.topic import canonical_category, is_new_wish
from assistant.parsing.wording import bare_wish, english_text
from assistant.sizing.values import BodySaid
from assistant.state import STOCK
from assistant.types import Objection, ParsedMessage, References, Session
from retrieval.lexicon.matching import fold
from retrieval.types import Attributes, Filters, Product
from retrieval.vocabulary import Vocabulary

MAX_CHARACTERS = 2000
"""What is longer is cut: no wish needs it, and the time of a turn stays bounded."""

_ONE = re.compile(
    r"(?:^|[,.;!?]\s*|\b(?:after|need|want|get|find|buy|for)\s)(?:an?|some|any|another|two|three|a pair of)"
    r"\s(?:[a-z'-]+\s){0,3}$|[买要找来换求寻][一二两三四几]?[个双件条台只部套顶把款][\u4e00-\u9fff]{0,4}$"
)
_LIKING = re.compile(
    r"\b(?:love|like|likes|loves|enjoy|adore|prefer|hate|fan|favou?rite|into|crazy|obsessed|sucker|dislike|wear|wears|lovers?|person|junkie|addict)\b|喜欢|爱|讨厌|偏好|控|迷"
)
_NOT_OF_PRODUCTS = frozenset({"out_of_scope", "smalltalk", "order", "faq", "wish"})
_STATE_INTENTS = frozenset({"search", "refine", "bundle"})


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What a message is for and how it sounds; whether it only states what the shopper is like, and what it holds
    against a product."""

    intent: str
    sentiment: str
    states_only: bool
    objection: Objection | None


class Parser:
    """Parses messages for one catalog.

    Args:
        vocabulary: what the catalog says of itself.
        lookup: gives the products of ids; ids that no longer exist may be missing.
        currency: the shop's currency, in whose minor units bare numbers are counted.
        titles: `title_key` of a title -> the product's id, for products that are liked by name.
        chooser: chooses the intent; None = by the rules and the classifier that ships.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        lookup: Callable[[Sequence[str]], Mapping[str, Product]],
        currency: str = "USD",
        titles: Mapping[str, str] | None = None,
        chooser: IntentChooser | None = None,
    ) -> None:
        self.vocabulary = vocabulary
        self._currency = currency
        self._reader = Reader(vocabulary, lookup, currency, titles or {})
        self._chooser = IntentChooser.of_shop() if chooser is None else chooser

    def parse(self, message: str, session: Session, hints: Hints = NO_HINTS) -> ParsedMessage:
        """What `message` says on its own, read against `session`.

        Args:
            message: what the shopper wrote.
            session: the conversation before.
            hints: what somebody else found in the message, checked (`assistant.second_reading`).
        """
        text = message[:MAX_CHARACTERS]
        if session.asking.question and is_indifferent(fold(text), session.asking.question):
            return _passing_on(message, session)
        reading = self._reader.read(text, session, hints)
        about, verdict = reading.said, self._judge(text, reading, session, hints.intent)
        if verdict.intent in _STATE_INTENTS:
            parsed = self._with_state(message, reading, session, verdict, hints.glosses)
        else:
            parsed = _beside_state(message, reading, verdict)
        return replace(
            parsed,
            language=frame_language(reading.folded, session.language),
            preferences=tuple(replace(item, source=message) for item in about.own),
            other_preferences=tuple(replace(item, source=message) for item in about.other),
            usual_price=Slots().filters(reading.usual, self._currency) if about.usual_price else None,
            recipient=_recipient(about, reading.folded, session),
            for_self=about.for_self,
            body=_body_said(reading),
            objection=verdict.objection,
        )

    def _judge(self, text: str, reading: Reading, session: Session, hinted: str | None) -> "_Verdict":
        """What the message is for, and how it sounds."""
        about, folded = reading.said, reading.folded
        only = about.only and not _wants_one(folded, self._reader.senses.read(text)[1])
        states_only = only and (is_idle(session) or _leaves_the_topic(about, session))
        if states_only and self._names_more(reading):
            states_only = not self._chooser.is_wish(text)
        intent = "feedback" if states_only else self._intent(text, reading, session, hinted)
        if intent in ("search", "refine") and _states_unknown_taste(reading, session):
            intent = "feedback"
        if session.shown and judges_for(intent, folded, asks=reading.asks):
            intent = "feedback"
        said = read_sentiment(reading.tokens, intent, refuses=bool(reading.slots.exclude))
        judges = intent == "feedback" and (said != "positive" or likes_but(folded))
        objection = objection_of(folded, reading.references, about.own) if judges else None
        holds_against = objection is not None and said != "positive"
        sentiment = "negative" if holds_against else self._chooser.sentiment(text, said, intent)
        return _Verdict(intent, sentiment, states_only, objection)

    def _with_state(
        self,
        message: str,
        reading: Reading,
        session: Session,
        verdict: "_Verdict",
        glosses: Sequence[Gloss],
    ) -> ParsedMessage:
        slots, intent = reading.slots, verdict.intent
        filters = replace(slots.filters(reading.price, self._currency), in_stock_only=not reading.sold_out)
        if intent == "search":
            filters = replace(filters, exclude=_without_topic(filters.exclude, session))
        wish = reading.wish
        if not wish and intent == "search" and filters.is_empty and reading.move is None:
            wish = bare_wish(message, reading.items)
        return ParsedMessage(
            text=message,
            intent=intent,
            sentiment=verdict.sentiment,
            language="",
            filters=filters,
            query_text=wish,
            semantic_text=english_text(glossed(wish, glosses)),
            references=reading.references,
            move=reading.move if reading.move not in ("why", "why_not") else None,
            dropped=(*slots.dropped, *reading.refused_words),
            lifted=slots.lifted,
            replaces=(*slots.replaces, *((STOCK,) if reading.sold_out is False else ())),
            unknown_wishes=slots.unknown,
            wants_low_price=wants_low_price(reading.tokens),
            comparison=reading.comparison,
        )

    def items(self, message: str, hints: Sequence[SpanHint] = ()) -> list[Item]:
        """The items of `message` with their polarity, the hinted meanings among them."""
        return self._reader.items(message[:MAX_CHARACTERS], hints)

    def hear(self, message: str, session: Session) -> Heard:
        """`message` as its intent is chosen by it."""
        text = message[:MAX_CHARACTERS]
        return heard_in(text, self._reader.read(text, session), session)

    def doubts(self, message: str, session: Session) -> Doubts:
        """What of `message` is not surely understood."""
        text = message[:MAX_CHARACTERS]
        reading = self._reader.read(text, session)
        choice = self._chooser.weigh(heard_in(text, reading, session))
        return doubts_of(reading, choice, self.vocabulary)

    def _names_more(self, reading: Reading) -> bool:
        """Whether one of the shop's kinds of things is named, and what it should or should not be like."""
        slots, kinds = reading.slots, reading.head.values if reading.head else ()
        named = any(not self.vocabulary.is_everything(kind) for kind in kinds)
        return named and bool(slots.include or slots.exclude)

    def _intent(self, text: str, reading: Reading, session: Session, hinted: str | None = None) -> str:
        intent = hinted or self._chooser.choose(heard_in(text, reading, session))
        if reading.body.measures and reading.head and not reading.asks and not reading.body.asks:
            # A thing beside a body, and no question: a dress for my wife, she is 165 cm.
            intent = "wish" if intent == "ask_product" else intent
        if page_in_hand(session) is not None:
            intent = intent_on_page(reading, intent)
        if intent == "ask_product" and reading.move == "similar" and asks_for_more(reading.folded):
            intent = "wish"
        if session.page.cart and intent in _NOT_OF_PRODUCTS and speaks_of_cart(reading.folded):
            return "ask_product"
        if intent != "wish":
            return intent
        current = canonical_category(session)
        return "search" if is_new_wish(reading, session, current) else "refine"


def _beside_state(message: str, reading: Reading, verdict: _Verdict) -> ParsedMessage:
    """A message that leaves the conditions as they are."""
    return ParsedMessage(
        text=message,
        intent=verdict.intent,
        sentiment=verdict.sentiment,
        language="",
        filters=Filters(),
        query_text=reading.wish,
        semantic_text=english_text(reading.wish),
        references=References() if verdict.states_only else reading.references,
        move=reading.move if reading.move in ("why", "why_not") else None,
    )


def _without_topic(exclude: Attributes, session: Session) -> Attributes:
    """What a new wish refuses, but for the topic that it leaves (no more tents, a backpack)."""
    left = {
        name: tuple(value for value in values if value != session.filters.category) for name, values in exclude.items()
    }
    return {name: values for name, values in left.items() if values}


def _passing_on(message: str, session: Session) -> ParsedMessage:
    """That the question asked does not matter: the wish stays as it is, and goes on to what was not shown yet."""
    language = frame_language(fold(message), session.language)
    return ParsedMessage(message, "refine", "neutral", language, Filters(), move="more", indifferent=True)


def _states_unknown_taste(reading: Reading, session: Session) -> bool:
    """Whether a message says nothing but what the shopper likes, of what the catalog does not know: its words are no
    wish. What is disliked, or preferred, beside a wish is taken for a part of it."""
    slots, text = reading.slots, reading.folded
    known = any(sense.values for item in reading.items for sense in item.senses if sense.kind != "name")
    said = slots.sort or slots.quantity or slots.dropped or slots.lifted or slots.unknown or reading.move
    if known or said or reading.asks or not reading.price.is_empty or reading.references.ordinals or has_wish(text):
        return False
    likes = states_taste(text)
    return likes is not None and (likes or is_idle(session)) and not is_mild(text)


def _wants_one(text: str, items: Sequence[Item]) -> bool:
    """Whether a thing of a kind is asked for (a silk shirt for my wife), with no word of liking beside it."""
    kinds = [item for item in items if item.of("category")]
    return any(_ONE.search(text[: item.start]) for item in kinds) and _LIKING.search(text) is None


def _recipient(said: Said, text: str, session: Session) -> str | None:
    """Whom the thing is for; the one before where the message only points ("for him too")."""
    points = said.recipient in PRONOUNS or any(phrase in text for phrase in load_grammar()["carry"]["same_person"])
    return session.recipient if points and session.recipient else said.recipient


def _body_said(reading: Reading) -> BodySaid:
    """What the message says of bodies, with the category and the audience that it names beside them."""
    named = reading.head if reading.head and reading.head.kind == "category" else None
    head = next(iter(named.values), named.value) if named else None
    audience = next(iter(reading.slots.include.get("audience", ())), None) or reading.body.audience
    body = BodySaid(reading.body.measures, reading.body.asks)
    return body if body.is_empty else replace(body, category=head, audience=audience)


def _leaves_the_topic(said: Said, session: Session) -> bool:
    """Whether what is said of the shopper is of another category than the wish ("I love tea", beside jackets)."""
    named = {item.value for item in said.own if item.attribute == "category"}
    return bool(named) and session.filters.category not in named

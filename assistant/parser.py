"""What one message says: intent, sentiment, language, constraints and references.

In: the message and the session (for what was shown and what 'again' and 'too' refer to). Out: a `ParsedMessage`; the
session is not changed. Rules over the catalog's own vocabulary and the lexicon; deterministic. Knows neither retrieval
nor reply.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from assistant.beyond import measured
from assistant.parsing.about_me import has_wish
from assistant.parsing.answers import is_indifferent
from assistant.parsing.body import read_body
from assistant.parsing.cart import speaks_of_cart
from assistant.parsing.choosing import Heard, IntentChooser, carried_places, named_places, names_catalog
from assistant.parsing.codes import model_spans
from assistant.parsing.comparatives import ComparisonSaid, find_comparison
from assistant.parsing.corrections import changed_quantity, corrected, corrected_values, is_new_limit, raised
from assistant.parsing.currencies import with_codes
from assistant.parsing.data import load_grammar
from assistant.parsing.doubts import Doubts, doubts_of
from assistant.parsing.followups import asks_for_more, intent_on_page, page_in_hand
from assistant.parsing.heads import head_category, settle_loose_words, settle_relatives
from assistant.parsing.hints import NO_HINTS, Gloss, Hints, SpanHint, glossed, with_hints
from assistant.parsing.intent import speaks_of_products
from assistant.parsing.language import frame_language
from assistant.parsing.measures import (
    Size,
    Span,
    find_ages,
    find_quantity,
    find_sizes,
    speaks_of_body,
)
from assistant.parsing.money import PriceSaid, find_price
from assistant.parsing.moves import MoveSaid, find_move, is_question, wants_low_price
from assistant.parsing.objections import judges_for, likes_but, objection_of
from assistant.parsing.persons import PRONOUNS
from assistant.parsing.polarity import assign_polarity, settle_refusals
from assistant.parsing.preferences import Said, ValueIndex, blanked, read_preferences
from assistant.parsing.reading import Reading, observe
from assistant.parsing.references import find_references
from assistant.parsing.senses import Item, Sense, SenseIndex
from assistant.parsing.sentiment import read_sentiment
from assistant.parsing.slots import Slots, collect_slots
from assistant.parsing.stances import is_mild, states_taste
from assistant.parsing.stock import find_stock
from assistant.parsing.topic import canonical_category, is_new_wish, same_topic_categories
from assistant.parsing.wording import bare_wish, english_text, is_all_said, wish_text
from assistant.sizing.values import BodySaid
from assistant.state import STOCK
from assistant.types import ParsedMessage, References, Session
from retrieval.lexicon.matching import fold
from retrieval.types import Attributes, Filters, Product
from retrieval.vocabulary import Vocabulary

MAX_CHARACTERS = 2000
"""What is longer is cut: no wish needs it, and the time of a turn stays bounded."""

_SPACED = re.compile(r"(?<=[\u3400-\u9fff])\s(?=[\u3400-\u9fff])")
"""Where Chinese is written with spaces they part what is said, as commas do."""

_ONE = re.compile(
    r"(?:^|[,.;!?]\s*|\b(?:after|need|want|get|find|buy|for)\s)(?:an?|some|any|another|two|three|a pair of)"
    r"\s(?:[a-z'-]+\s){0,3}$|[买要找来换求寻][一二两三四几]?[个双件条台只部套顶把款][\u4e00-\u9fff]{0,4}$"
)
_LIKING = re.compile(
    r"\b(?:love|like|likes|loves|enjoy|adore|prefer|hate|fan|favou?rite|into|crazy|obsessed|sucker|dislike|wear|wears|lovers?|person|junkie|addict)\b|喜欢|爱|讨厌|偏好|控|迷"
)
_RECENT_PRODUCTS = 20
_NOT_OF_PRODUCTS = frozenset({"out_of_scope", "smalltalk", "order", "faq", "wish"})
_STATE_INTENTS = frozenset({"search", "refine", "bundle"})


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
        self._values = ValueIndex(vocabulary, titles or {})
        self._lookup = lookup
        self._currency = currency
        self._senses = SenseIndex(vocabulary)
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
        reading = self._read(text, session, hints)
        about = reading.said
        only = about.only and not _wants_one(reading.folded, self._senses.read(text)[1])
        states_only = only and (_is_idle(session) or _leaves_the_topic(about, session))
        intent = "feedback" if states_only else self._intent(text, reading, session, hints.intent)
        if intent in ("search", "refine") and _states_unknown_taste(reading, session):
            intent = "feedback"
        if session.shown and judges_for(intent, reading.folded, asks=reading.asks):
            intent = "feedback"
        refuses = bool(reading.slots.exclude)
        sentiment = read_sentiment(reading.tokens, intent, refuses=refuses)
        judges = intent == "feedback" and (sentiment != "positive" or likes_but(reading.folded))
        objection = objection_of(reading.folded, reading.references, about.own) if judges else None
        sentiment = "negative" if objection and sentiment == "neutral" else sentiment
        language = frame_language(reading.folded, session.language)
        if intent in _STATE_INTENTS:
            parsed = self._with_state(message, reading, session, intent, sentiment, language, hints.glosses)
        else:
            parsed = ParsedMessage(
                text=message,
                intent=intent,
                sentiment=sentiment,
                language=language,
                filters=Filters(),
                query_text=reading.wish,
                semantic_text=english_text(reading.wish),
                references=References() if states_only else reading.references,
                move=reading.move if reading.move in ("why", "why_not") else None,
            )
        return replace(
            parsed,
            preferences=tuple(replace(item, source=message) for item in about.own),
            other_preferences=tuple(replace(item, source=message) for item in about.other),
            usual_price=Slots().filters(reading.usual, self._currency) if about.usual_price else None,
            recipient=_recipient(about, reading.folded, session),
            for_self=about.for_self,
            body=_body_said(reading),
            objection=objection,
        )

    def _with_state(
        self,
        message: str,
        reading: Reading,
        session: Session,
        intent: str,
        sentiment: str,
        language: str,
        glosses: Sequence[Gloss],
    ) -> ParsedMessage:
        slots = reading.slots
        filters = replace(slots.filters(reading.price, self._currency), in_stock_only=not reading.sold_out)
        if intent == "search":
            filters = replace(filters, exclude=_without_topic(filters.exclude, session))
        wish = reading.wish
        if not wish and intent == "search" and filters.is_empty and reading.move is None:
            wish = bare_wish(message, reading.items)
        return ParsedMessage(
            text=message,
            intent=intent,
            sentiment=sentiment,
            language=language,
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

    def _read(self, text: str, session: Session, hints: Hints = NO_HINTS) -> Reading:
        text = _SPACED.sub(",", text)
        folded = fold(text)
        tokens, items = self._senses.read(text)
        items = with_hints(items, hints.spans, text)
        stock = find_stock(folded)
        items = [item for item in items if not any(start < item.end and item.start < end for start, end in stock.spans)]
        asks = is_question(tokens, folded)
        items = corrected_values(settle_refusals(assign_polarity(items, asks=asks)), folded)
        unsettled = items
        items = settle_loose_words(settle_relatives(items, folded), canonical_category(session))
        speaks_of = asks or speaks_of_products(tokens, items)
        references, spans = self._references(folded, items, session, speaks_of)
        compared = self._compared(folded, references, session)
        items = [item for item in items if not _inside(item, (*spans, *compared.spans))]
        head = self._senses.known_as(head_category(items, folded))
        known = self._known(head, session)
        ages = find_ages(folded)
        models = model_spans(folded)
        body = read_body(folded)
        taken = [*(age.span for age in ages), *spans, *stock.spans, *compared.spans, *body.spans]
        named = find_sizes(folded, known, [*taken, *models])
        named = [size for size in named if not is_new_limit(size, folded, session.filters)]
        sizes = corrected(named, folded)
        taken += [size.span for size in named]
        price = usual = self._price(with_codes(text, folded), (*taken, *models), session)
        said = read_preferences(folded, items, unsettled, sizes, ages, price, self._values, spans)
        if said.spans:
            folded = blanked(folded, said.spans)
            text = blanked(text, said.spans) if len(text) == len(folded) else text
            items = [item for item in items if not _inside(item, said.spans)]
            price = self._price(with_codes(text, folded), (*taken, *models), session)
            head = self._senses.known_as(head_category(items, folded))
            known = self._known(head, session)
        taken += price.spans
        quantity, counted = _quantity(folded, items, taken, price, session)
        taken += counted
        items = [item for item in items if not _inside(item, [size.span for size in sizes])]
        items = [item for item in items if not _begins_in(item, price.spans)]
        slots = collect_slots(items, folded, head, known, sizes, ages, quantity, session, self.vocabulary)
        move = _move(find_move(tokens, items, price.spans), slots, price)
        wish = self._wish(text, wish_text(text, folded, items, [*taken, *move.restarts]), sizes)
        return Reading(
            folded, tuple(tokens), tuple(items), head, slots, price, references, move.name, asks, wish,
            stock.sold_out, said, usual, compared.comparison, body,
        )  # fmt: skip

    def _wish(self, text: str, words: str, sizes: Sequence[Size]) -> str:
        """The words of the wish; where the catalog states no sizes, a measure is no condition but one of them."""
        if "size" in self.vocabulary.attributes:
            return words
        return " ".join(filter(None, [words, *(text[slice(*size.span)] for size in sizes)]))

    def _references(
        self, folded: str, items: Sequence[Item], session: Session, speaks_of: bool
    ) -> tuple[References, tuple[tuple[int, int], ...]]:
        recent = list(dict.fromkeys(item.product_id for item in reversed(session.shown)))[:_RECENT_PRODUCTS]
        products = self._lookup(recent) if recent else {}
        return find_references(folded, items, session, products, speaks_of=speaks_of)

    def _price(self, folded: str, taken: tuple[tuple[int, int], ...], session: Session) -> PriceSaid:
        filters = session.filters
        has_price = filters.price_min_minor is not None or filters.price_max_minor is not None
        said = find_price(folded, taken, expects_price=has_price)
        return raised(folded, said, filters, self._currency)

    def _known(self, head: Sense | None, session: Session) -> frozenset[str]:
        """The category spoken of and its department, as sizes go by them; on a product's page, the product's."""
        page = page_in_hand(session)
        product = self._lookup((page,)).get(page) if page is not None and _is_idle(session) else None
        return same_topic_categories(head, session, product.category if product else None)

    def _compared(self, folded: str, references: References, session: Session) -> ComparisonSaid:
        """A comparison with something shown, or with what the page's product states; with nothing of that, or with two
        of them named, there is none to go by."""
        said, page = find_comparison(folded), page_in_hand(session)
        if len(references.product_ids) > 1 or said.comparison is None or not (session.shown or page):
            return ComparisonSaid()
        if session.shown or page is None:
            return said
        product = self._lookup((page,)).get(page)
        return said if product and measured(product, said.comparison.attribute) else ComparisonSaid()

    def hear(self, message: str, session: Session) -> Heard:
        """`message` as its intent is chosen by it."""
        text = message[:MAX_CHARACTERS]
        return _heard(text, self._read(text, session), session)

    def doubts(self, message: str, session: Session) -> Doubts:
        """What of `message` is not surely understood."""
        text = message[:MAX_CHARACTERS]
        reading = self._read(text, session)
        choice = self._chooser.weigh(_heard(text, reading, session))
        return doubts_of(reading, choice, self.vocabulary)

    def items(self, message: str, hints: Sequence[SpanHint] = ()) -> list[Item]:
        """The items of `message` with their polarity, the hinted meanings among them."""
        text = _SPACED.sub(",", message[:MAX_CHARACTERS])
        tokens, items = self._senses.read(text)
        return settle_refusals(assign_polarity(with_hints(items, hints, text), asks=is_question(tokens, fold(text))))

    def _intent(self, text: str, reading: Reading, session: Session, hinted: str | None = None) -> str:
        intent = hinted or self._chooser.choose(_heard(text, reading, session))
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


def _heard(text: str, reading: Reading, session: Session) -> Heard:
    observations = observe(reading, session)
    if reading.body.measures or speaks_of_body(reading.folded):
        observations = observations | {"body_measures"}
    references = reading.references
    points_at = (session.shown and references.ordinals) or (session.focus_id and references.focus)
    return Heard(
        text,
        reading.tokens,
        observations,
        carried_places(reading.items),
        named_places(reading.items),
        names_catalog(reading.items) or bool(points_at),
        _is_settled(reading, session),
        _says_only_names(reading),
    )


def _is_settled(reading: Reading, session: Session) -> bool:
    """Whether no classifier needs to be asked: the message moves on from what was shown, adds to or changes a wish that
    there is, asks for a size or tells of a body, or states a taste."""
    slots = reading.slots
    changed = (reading.refused_words, slots.dropped, slots.lifted, slots.exclude, slots.include, slots.sort)
    changes = any(changed) or not reading.price.is_empty
    references = reading.references
    points_at = references.ordinals or (references.product_ids and not references.focus)
    goes_on = reading.move is not None or reading.comparison is not None or (changes and not points_at)
    told = bool(reading.body.measures) or reading.body.asks or states_taste(reading.folded) is not None
    return told or reading.move in ("similar", "cheaper") or (goes_on and not _is_idle(session))


def _says_only_names(reading: Reading) -> bool:
    """Whether the words of the wish all name a kind of thing that the shop sells, or what it should be like."""
    kinds = (sense for item in reading.items for sense in item.of("category", "department"))
    return any(sense.values for sense in kinds) and is_all_said(reading.tokens, reading.items)


def _quantity(
    folded: str, items: Sequence[Item], taken: Sequence[Span], price: PriceSaid, session: Session
) -> tuple[int | None, tuple[Span, ...]]:
    """How many pieces are wanted, said now or changed from what was said before, and where."""
    values = [(item.start, item.end) for item in items if item.attributes]
    quantity, counted = find_quantity(folded, items, [*taken, *values])
    if quantity is None and session.filters.quantity:
        quantity = changed_quantity(folded, price.spans)
    return quantity, counted


def _move(said: MoveSaid, slots: Slots, price: PriceSaid) -> MoveSaid:
    """The move; 'forget that bit' beside a condition speaks of the condition, and takes nothing else back."""
    says_more = slots.include or slots.dropped or slots.exclude or not price.is_empty
    return replace(said, name=None) if said.name == "undo" and says_more else said


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


def _is_idle(session: Session) -> bool:
    """Whether the session has no wish that a message could add to."""
    return session.filters.is_empty and not session.wish


def _states_unknown_taste(reading: Reading, session: Session) -> bool:
    """Whether a message says nothing but what the shopper likes, of what the catalog does not know: its words are no
    wish. What is disliked, or preferred, beside a wish is taken for a part of it."""
    slots, text = reading.slots, reading.folded
    known = any(sense.values for item in reading.items for sense in item.senses if sense.kind != "name")
    said = slots.sort or slots.quantity or slots.dropped or slots.lifted or slots.unknown or reading.move
    if known or said or reading.asks or not reading.price.is_empty or reading.references.ordinals or has_wish(text):
        return False
    likes = states_taste(text)
    return likes is not None and (likes or _is_idle(session)) and not is_mild(text)


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


def _begins_in(item: Item, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether it begins in one of these: nothing golden is meant by 30美金的."""
    return any(start <= item.start < end for start, end in spans)


def _inside(item: Item, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start <= item.start and item.end <= end for start, end in spans)

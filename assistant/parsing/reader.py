"""What stands in one message: things, numbers, persons, references, each by its rule and none read twice.

In: the message and the session. Out: a `Reading`. Knows the words of one catalog, not what the message is for.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from assistant.beyond import measured
from assistant.parsing.body import read_body
from assistant.parsing.codes import model_spans
from assistant.parsing.comparatives import ComparisonSaid, find_comparison
from assistant.parsing.corrections import changed_quantity, corrected, corrected_values, is_new_limit, raised
from assistant.parsing.currencies import with_codes
from assistant.parsing.followups import page_in_hand
from assistant.parsing.heads import head_category, is_aside, settle_loose_words, settle_relatives
from assistant.parsing.hints import NO_HINTS, Hints, SpanHint, with_hints
from assistant.parsing.intent import speaks_of_products
from assistant.parsing.measures import Size, Span, find_ages, find_quantity, find_sizes
from assistant.parsing.money import PriceSaid, find_price
from assistant.parsing.moves import MoveSaid, find_move, is_question
from assistant.parsing.polarity import assign_polarity, settle_refusals
from assistant.parsing.preferences import ValueIndex, blanked, read_preferences
from assistant.parsing.reading import Reading, is_idle
from assistant.parsing.references import find_references
from assistant.parsing.senses import Item, Sense, SenseIndex
from assistant.parsing.slots import Slots, collect_slots
from assistant.parsing.stock import find_stock
from assistant.parsing.topic import canonical_category, same_topic_categories
from assistant.parsing.wording import wish_text
from assistant.types import References, Session
from retrieval.lexicon.matching import fold
from retrieval.types import Product
from retrieval.vocabulary import Vocabulary

_SPACED = re.compile(r"(?<=[\u3400-\u9fff])\s(?=[\u3400-\u9fff])")
"""Where Chinese is written with spaces they part what is said, as commas do."""

_RECENT_PRODUCTS = 20


class Reader:
    """Reads messages by the words of one catalog.

    Args:
        vocabulary: what the catalog says of itself.
        lookup: gives the products of ids; ids that no longer exist may be missing.
        currency: the shop's currency.
        titles: `title_key` of a title -> the product's id.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        lookup: Callable[[Sequence[str]], Mapping[str, Product]],
        currency: str,
        titles: Mapping[str, str],
    ) -> None:
        self.vocabulary = vocabulary
        self.senses = SenseIndex(vocabulary)
        self._values = ValueIndex(vocabulary, titles)
        self._lookup = lookup
        self._currency = currency

    def read(self, text: str, session: Session, hints: Hints = NO_HINTS) -> Reading:
        """What stands in `text`, read against `session`; `hints`: what somebody else found in it, checked."""
        text = _SPACED.sub(",", text)
        folded = fold(text)
        tokens, items = self.senses.read(text)
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
        if session.shown:
            items = [item for item in items if not _is_pointed_at(item, spans, folded)]
        head = self.senses.known_as(head_category(items, folded))
        if head is not None and not is_idle(session) and is_aside(head, items, folded):
            head = None
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
            head = self.senses.known_as(head_category(items, folded))
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
        product = self._lookup((page,)).get(page) if page is not None and is_idle(session) else None
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

    def items(self, text: str, hints: Sequence[SpanHint] = ()) -> list[Item]:
        """The items of `text` with their polarity, the hinted meanings among them."""
        text = _SPACED.sub(",", text)
        tokens, items = self.senses.read(text)
        return settle_refusals(assign_polarity(with_hints(items, hints, text), asks=is_question(tokens, fold(text))))


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
    says_more = slots.include or slots.dropped or slots.exclude or slots.lifted or not price.is_empty
    return replace(said, name=None) if said.name == "undo" and says_more else said


def _is_pointed_at(item: Item, spans: Sequence[Span], text: str) -> bool:
    """Whether it only says what is pointed at (the second bottle): no other kind of thing is asked for by it."""
    plain = not item.attributes and bool(item.of("category", "department"))
    return plain and any(0 <= item.start - end <= 1 and not text[end : item.start].strip() for _, end in spans)


def _begins_in(item: Item, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether it begins in one of these: nothing golden is meant by 30美金的."""
    return any(start <= item.start < end for start, end in spans)


def _inside(item: Item, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start <= item.start and item.end <= end for start, end in spans)

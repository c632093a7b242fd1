"""What a page means for a message: whom "this" points at, which category a wish is of, what is in the cart already.

In: a session, a `PageContext`, a parsed message, and what must be known of the shop. Out: the session and the message
with what the page adds. Knows neither ranking nor wording.
"""

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from assistant.looking.values import PageContext
from assistant.parsing.cart import speaks_of_cart
from assistant.parsing.moves import is_question
from assistant.types import ParsedMessage, Session, Step
from assistant.writing.mentions import names, terms
from retrieval.lexicon import load_lexicon
from retrieval.lexicon.matching import fold, tokenize
from retrieval.types import Filters, Product
from retrieval.vocabulary import Vocabulary

log = logging.getLogger(__name__)

MAX_COMPARED = 4
"""Products that are compared at once."""

_WISHES = frozenset({"search", "refine"})
_STARTS_FROM_PRODUCT = frozenset({"similar", "cheaper"})
_NO_WISH_OF_ITS_OWN = frozenset({"undo", "restart", "remove"})
_OF_ONE_PRODUCT = frozenset({"size", "color"})
_OF_ANY_PRODUCT = re.compile(r"(?<![a-z])(?:anything|something|some|ones|others?|any)(?![a-z])|别的|其他|哪款")


class PageFacts(Protocol):
    """What must be known of a shop; `assistant.shop_facts.ShopFacts` is one."""

    @property
    def vocabulary(self) -> Vocabulary: ...
    @property
    def lookup(self) -> Callable[[Sequence[str]], Mapping[str, Product]]: ...


def looked_at(session: Session, context: PageContext | None, shop: PageFacts) -> Session:
    """The session of a shopper who is on that page now.

    A product whose page is new becomes what "this" and "it" point at, until something else is shown or spoken of.

    Args:
        session: as the last turn left it.
        context: the page and the cart of this message; None: the caller doesn't say, so nothing is taken for known.
        shop: unknown products and categories are left out, and logged.
    """
    page = _known(context, shop) if context is not None else PageContext()
    is_new = page.product_id is not None and page.product_id != session.page.product_id
    return replace(session, page=page, focus_id=page.product_id if is_new else session.focus_id)


def _known(context: PageContext, shop: PageFacts) -> PageContext:
    ids = tuple(filter(None, (context.product_id, *context.cart)))
    found = shop.lookup(ids) if ids else {}
    unknown = [item for item in ids if item not in found]
    category = category_named(context.category, shop.vocabulary) if context.category else None
    if context.category and category is None:
        unknown.append(context.category)
    if unknown:
        log.warning("the page speaks of what the catalog does not hold, which is left out: %r", unknown[:5])
    product_id = context.product_id if context.product_id in found else None
    return PageContext(product_id, category, tuple(item for item in context.cart if item in found))


def category_named(name: str, vocabulary: Vocabulary) -> str | None:
    """The catalog's category or department of that name, in its spelling; by other names, as the lexicon has them.

    >>> category_named("登山靴", Vocabulary(9, {"hiking boots": 9}))
    'hiking boots'
    """
    for known in (vocabulary.categories, vocabulary.departments):
        spelled = next((own for own in known if fold(own) == fold(name)), None)
        if spelled is not None:
            return spelled
    lexicon = load_lexicon()
    category, department = lexicon.canonical("category", name), lexicon.canonical("department", name)
    return (vocabulary.category_for(category) if category else None) or (
        vocabulary.department_for(department) if department else None
    )


def on_page(session: Session, parsed: ParsedMessage, shop: PageFacts) -> tuple[Session, ParsedMessage]:
    """The session and the message, with the category of the page for a wish that names none.

    The category becomes a condition as if it had been said: it is shown, and can be taken away. The wish of the
    conversation goes before the page, except that "like this" and "cheaper than this" on the page of another kind of
    thing begin anew.
    """
    if parsed.intent not in _WISHES or parsed.filters.category or parsed.move in _NO_WISH_OF_ITS_OWN:
        return session, parsed
    product = _product(session, shop)
    starts_here = _starts_here(session, parsed)
    if starts_here:
        pointed = replace(parsed.references, focus=True, product_ids=(session.page.product_id or "",))
        parsed = replace(parsed, references=pointed)
    if product is not None and starts_here and session.filters.category not in (None, product.category):
        session = replace(
            session, filters=Filters(), wish="", semantic_wish="", unknown_wishes=(), cheaper_than_minor=None, beyond=()
        )
    if not session.filters.is_empty or session.wish:
        return session, parsed
    if not starts_here and names(terms(parsed.query_text, parsed.filters)):
        return session, parsed
    if _asks_of_version(session, parsed):
        return session, replace(parsed, intent="ask_product")
    category = session.page.category if not starts_here else None
    category = category or (product.category if product is not None else None)
    return session, replace(parsed, filters=replace(parsed.filters, category=category))


def _starts_here(session: Session, parsed: ParsedMessage) -> bool:
    """Whether "similar", "cheaper" or "smaller" is said of the page's product: by "this", or as spoken of last."""
    page, said = session.page.product_id, parsed.references
    if page is None or (parsed.move not in _STARTS_FROM_PRODUCT and parsed.comparison is None):
        return False
    return said.product_ids[:1] == (page,) or (not said.product_ids and not said.ordinals and session.focus_id == page)


def _asks_of_version(session: Session, parsed: ParsedMessage) -> bool:
    """Whether a question for a size or a colour (有43码吗) is about the product whose page it is, no wish for any."""
    said, text = parsed.filters, fold(parsed.text)
    if session.page.product_id is None or session.focus_id != session.page.product_id or parsed.move:
        return False
    is_bare = bool(said.include) and said == Filters(include=said.include) and set(said.include) <= _OF_ONE_PRODUCT
    return is_bare and is_question(tokenize(parsed.text), text) and _OF_ANY_PRODUCT.search(text) is None


def _product(session: Session, shop: PageFacts) -> Product | None:
    page = session.page
    return shop.lookup((page.product_id,)).get(page.product_id) if page.product_id else None


def cart_step(session: Session, parsed: ParsedMessage, spoken_of: Sequence[str]) -> Step | None:
    """The step that answers how a product goes with the cart, or what is in it; None where nothing is."""
    cart = session.page.cart
    if not cart or parsed.intent in _WISHES or not speaks_of_cart(fold(parsed.text)):
        return None
    product = [item for item in spoken_of if item not in cart][:1]
    if parsed.intent == "compare" and len(spoken := (*product, *cart)[:MAX_COMPARED]) > 1:
        return Step("compare", session, parsed, product_ids=spoken)
    return Step("cart", session, parsed, product_ids=(*product, *cart))

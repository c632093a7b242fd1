"""Collects what a reply may speak of: reviews, policies, the products spoken of, and what relaxing would open.

In: a `Step` and the ids that will be shown. Out: `Evidence`. Knows where facts are stored, not how they are worded.
"""

from collections.abc import Mapping, Sequence

from assistant.live import Moment
from assistant.opinions import opinions_on
from assistant.policies.search import find_policies
from assistant.types import Step
from assistant.writing.evidence import Evidence
from assistant.writing.mentions import Text, names, particulars, terms
from assistant.writing.wished import clauses_of
from retrieval.answerability.model import shipped
from retrieval.relaxation import Relaxation, relaxations
from retrieval.types import Filters, Policy, Product, Query, Review

N_REVIEWS = 10
N_POLICIES = 2
_MOVES_OFF_THE_WISH = frozenset({"more", "similar", "cheaper", "undo"})


def collect(step: Step, shown: Sequence[str], n_matched: int, now: Moment, fit: float | None = None) -> Evidence:
    """The evidence for one step.

    Args:
        step: what the dialogue decided.
        shown: the ranked products' ids.
        n_matched: how many met the filters.
        now: the shop.
        fit: the probability that it carries something that fits (see `Retrieved.fit`).
    """
    language = step.session.language
    shop = now.shop
    known = shop.catalog.get_many(step.product_ids)
    spoken_of = tuple(known[product_id] for product_id in step.product_ids if product_id in known)
    name = shop.settings.name
    is_wish = step.query is not None and step.action != "bundle" and step.parsed.objection is None
    relaxed = _relaxations(step, now) if is_wish and n_matched == 0 else ()
    absent = is_absent(step, fit) and not relaxed
    return Evidence(
        shop_name=name.get(language, next(iter(name.values()))),
        currency=now.facts.currency,
        n_matched=n_matched,
        relaxations=relaxed,
        reviews=_reviews([*shown, *step.product_ids], now),
        policies=tuple(_policies(step, now)),
        products=spoken_of,
        starters=now.starters(language),
        brands=_brands(step, now),
        unseen=_absent(step) if absent else _unseen(step, shown, now),
        absent=absent,
        opinions=opinions_on(step, spoken_of, shop.catalog),
    )


def _reviews(ids: Sequence[str], now: Moment) -> Mapping[str, Sequence[Review]]:
    return {product_id: now.shop.catalog.reviews_of(product_id, N_REVIEWS) for product_id in dict.fromkeys(ids)}


def _policies(step: Step, now: Moment) -> Sequence[Policy]:
    if step.action not in ("faq", "order", "handoff"):
        return ()
    rules = now.shop.catalog.policies()
    return find_policies(step.parsed.text, rules, step.session.language, now.search.embedder, N_POLICIES)


def is_absent(step: Step, fit: float | None) -> bool:
    """Whether the shop most likely carries nothing that fits the wish.

    Where the wish names a category that the shop has, or goes on from products that were shown, it does carry some; and
    of words that everybody uses of anything ("something cosy") nobody can tell.
    """
    if fit is None or step.query is None or step.query.filters.category is not None:
        return False
    is_wish = step.action == "recommend" and step.parsed.move not in _MOVES_OFF_THE_WISH
    return is_wish and fit < shipped().threshold and bool(_absent(step))


def _absent(step: Step) -> tuple[str, ...]:
    """What of the wish the shop could lack: the words that name a thing."""
    query = step.query or Query("")
    named = [term.said for term in names(terms(query.text, query.filters))]
    clauses = clauses_of(step.parsed.text)
    # What else the message says is not what the shop was asked for: "do you sell kayaks? mine sank".
    asked = next((clause for clause in clauses if any(word.lower() in clause for word in named)), None)
    return tuple(word for word in named if asked is None or word.lower() in asked)


def _relaxations(step: Step, now: Moment) -> tuple[Relaxation, ...]:
    """The smallest steps to something, of what was asked for and not shown yet."""
    query = step.query or Query("")
    wished = () if query.filters.category else terms(query.text, query.filters)
    words = " ".join(term.said for term in wished)

    def fits(product: Product) -> bool:
        text = Text.of(product)
        return all(text.holds(term) for term in wished)

    return relaxations(now.search, query, now.facts.currency, words, fits)


def _unseen(step: Step, shown: Sequence[str], now: Moment) -> tuple[str, ...]:
    """The words of the wish that no shown product mentions."""
    query = step.query
    if query is None or not shown or step.action != "recommend" or step.parsed.move in _MOVES_OFF_THE_WISH:
        return ()
    texts = [Text.of(product) for product in now.shop.catalog.get_many(shown).values()]
    if query.filters.category:
        wished = particulars(step.parsed.text, query.text, query.filters)
        return tuple(term.said for term in wished if not any(text.holds(term) for text in texts))
    wished = terms(query.text, query.filters)
    named = names(wished)
    if not named or any(text.holds(term) for term in named for text in texts):
        return ()
    return tuple(term.said for term in wished if not any(text.holds(term) for text in texts))


def _brands(step: Step, now: Moment) -> Mapping[str, str]:
    """How the catalog spells the brands that the conditions name."""
    spelled = {}
    filters = step.session.filters
    for brand in (*filters.include.get("brand", ()), *filters.exclude.get("brand", ())):
        of_brand = Query("", Filters(include={"brand": (brand,)}, in_stock_only=False))
        for candidate in now.search.retrieve(of_brand, 1).candidates:
            spelled[brand] = candidate.product.brand or brand
    return spelled

"""Whose size, of what, by which chart: what the dialogue does with a message about a body or a size.

In: a session, a parsed message, and what must be known of the shop. Out: a `Step` with the advice. Knows no wording.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from assistant.parsing.senses import category_departments
from assistant.sizing.advice import advise
from assistant.sizing.charts import SizeChart, SizeCharts
from assistant.sizing.noting import is_own, known_body, with_size
from assistant.sizing.values import BodyMeasure, SizeAdvice
from assistant.types import ParsedMessage, Session, Step
from ranking.personal import sizes_in_stock
from retrieval.facets import Facets
from retrieval.types import Filters, Product
from retrieval.vocabulary import Vocabulary

_WISHES = frozenset({"search", "refine"})


class SizingFacts(Protocol):
    """What must be known of a shop; `assistant.shop_facts.ShopFacts` is one."""

    @property
    def size_charts(self) -> SizeCharts: ...
    @property
    def vocabulary(self) -> Vocabulary: ...
    @property
    def lookup(self) -> Callable[[Sequence[str]], Mapping[str, Product]]: ...
    @property
    def facets(self) -> Callable[[Filters], Facets]: ...


@dataclass(frozen=True, slots=True)
class _Matter:
    """What a size is wanted of: a product, or a category; and for whom."""

    product: Product | None
    category: str | None
    department: str | None
    audience: str | None


def size_step(
    session: Session, parsed: ParsedMessage, shop: SizingFacts, ids: Sequence[str], now: datetime
) -> Step | None:
    """The step that answers which size to take; None where the message must be answered otherwise.

    Args:
        session: the measures that the message states are noted in it already.
        parsed: a message that asks for a size or states measures.
        shop: what must be known of it.
        ids: the products spoken of.
        now: when it was said.
    """
    product = next(iter(shop.lookup(tuple(ids[:1])).values()), None) if ids else None
    advice = _advice(session, parsed, shop, product)
    if advice is None:
        return None
    session = with_size(session, advice, parsed.text, now)
    if product is not None:
        session = replace(session, focus_id=product.id)
    return Step("size_advice", session, parsed, product_ids=tuple(ids[:1]) if product else (), advice=advice)


def with_size_of_wish(step: Step, shop: SizingFacts, now: datetime) -> Step:
    """A wish beside which a body was described: the size by the chart is noted, and said with the products."""
    parsed = step.parsed
    if parsed.intent not in _WISHES or step.query is None or not parsed.body.measures:
        return step
    advice = _advice(step.session, parsed, shop, None)
    if advice is None or advice.verdict not in ("fits", "between") or advice.category is None:
        return step
    return replace(step, session=with_size(step.session, advice, parsed.text, now), advice=advice)


def _advice(session: Session, parsed: ParsedMessage, shop: SizingFacts, product: Product | None) -> SizeAdvice | None:
    own, measures, is_known = _body(session, parsed)
    matter = _matter(session, parsed, shop, product, own)
    chart = _chart(matter, shop.size_charts, measures, parsed)
    if chart is None:
        if not parsed.body.measures or not (matter.product or matter.category):
            return None
        verdict = SizeAdvice("no_chart", used=tuple(measures.values()))
    else:
        verdict = advise(chart, measures, *_sizes(matter, chart, shop))
    if verdict.verdict in ("no_chart", "untold") and not parsed.body.asks:
        # "I'm 190 cm tall, is this sofa long enough?" is no question for a size.
        return None
    return replace(
        verdict,
        category=matter.category if chart is None or _is_of(chart, matter, shop.size_charts) else None,
        product_id=matter.product.id if matter.product else None,
        is_known=is_known,
        own=own,
    )


def _body(session: Session, parsed: ParsedMessage) -> tuple[bool, dict[str, BodyMeasure], bool]:
    """Whether it is about the shopper, the body's measures by kind, and whether all were known before.

    What the message says goes before what the profile holds.
    """
    said = parsed.body.measures
    mine = [measure for measure in said if is_own(measure, session, parsed)]
    theirs = [measure for measure in said if measure not in mine]
    own = not theirs if said else not (session.recipient or parsed.recipient or parsed.other_preferences)
    profile = session.profile if own else session.recipient_profile
    known = known_body(profile) if session.personalised and (own or session.recipient) else {}
    told = {measure.kind: measure for measure in (mine if own else theirs)}
    return own, {**known, **told}, bool(known) and not told


def _matter(session: Session, parsed: ParsedMessage, shop: SizingFacts, product: Product | None, own: bool) -> _Matter:
    wanted = parsed.filters.include.get("audience") or session.filters.include.get("audience", ())
    profile = session.profile if own else session.recipient_profile
    stated = [item.value for item in profile.stated if item.attribute == "audience" and item.weight > 0]
    said = parsed.body.audience or next(iter([*wanted, *stated[-1:]]), None)
    if product is not None and parsed.body.category in (None, product.category):
        meant = product.values("audience")
        audience = meant[0] if len(meant) == 1 else said if not meant or said in meant else None
        return _Matter(product, product.category, product.department, audience)
    category = parsed.body.category or parsed.filters.category or session.filters.category or _shown(session, shop)
    return _Matter(None, category, _department(category), said or _only_audience(category, shop))


def _shown(session: Session, shop: SizingFacts) -> str | None:
    """The category that all products shown last are of."""
    categories = {product.category for product in shop.lookup(session.last_shown()).values()}
    return categories.pop() if len(categories) == 1 else None


def _only_audience(category: str | None, shop: SizingFacts) -> str | None:
    """Whom all of a category is for, what is for children left aside: dresses are women's."""
    if category is None:
        return None
    facets = shop.facets(Filters(category=category, in_stock_only=False))
    grown_up = [found.value for found in facets.attributes.get("audience", ()) if found.value != "kids"]
    return grown_up[0] if len(grown_up) == 1 else None


def _department(category: str | None) -> str | None:
    return category_departments().get(category) if category else None


def _chart(
    matter: _Matter, charts: SizeCharts, measures: Mapping[str, BodyMeasure], parsed: ParsedMessage
) -> SizeChart | None:
    """The chart of the product or category; for measures that it doesn't go by, one that does.

    Somebody who tells the length of their feet among jackets speaks of shoes.
    """
    brand = matter.product.brand if matter.product else None
    chart = charts.for_product(matter.category, matter.department, brand, matter.audience)
    told = [measure.kind for measure in parsed.body.measures]
    if matter.product is None and told and (chart is None or not set(told) & set(chart.kinds)):
        is_about_clothes = matter.category is None or chart is not None or parsed.body.asks or "foot" in told
        if not is_about_clothes or (chart is None and parsed.body.category is not None):
            return None
        return charts.for_measures(told, matter.audience) or chart
    return chart if chart is None or matter.product is None or matter.product.values("size") else None


def _sizes(matter: _Matter, chart: SizeChart, shop: SizingFacts) -> tuple[Sequence[str], Collection[str]]:
    """The sizes that the product or the category is listed in, and those of them in stock."""
    if matter.product is not None:
        listed = matter.product.values("size")
        in_stock = sizes_in_stock(matter.product)
        return listed, [size for size in listed if size.lower() in in_stock]
    audience = {"audience": (matter.audience, "unisex")} if matter.audience else {}
    known = {name: values for name, values in audience.items() if name in shop.vocabulary.attributes}
    of_kind = Filters(category=matter.category if _is_of(chart, matter, shop.size_charts) else None, include=known)
    return _listed(shop.facets(replace(of_kind, in_stock_only=False))), _listed(shop.facets(of_kind))


def _is_of(chart: SizeChart, matter: _Matter, charts: SizeCharts) -> bool:
    """Whether the chart is for the thing at hand; it is not for feet that were measured among jackets."""
    brand = matter.product.brand if matter.product else None
    return charts.for_product(matter.category, matter.department, brand, matter.audience) == chart


def _listed(facets: Facets) -> tuple[str, ...]:
    return tuple(found.value for found in facets.attributes.get("size", ()))

"""A body against a chart: which size, between which, or none.

In: a `SizeChart`, measures, and the sizes that can be bought. Out: a `SizeAdvice`. Knows no session and no wording.
"""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

from assistant.parsing.measures import same_size
from assistant.sizing.charts import SizeChart, SizeRow
from assistant.sizing.values import Beyond, BodyMeasure, SizeAdvice, SizeOffer
from retrieval.lexicon.matching import fold

EDGE = Decimal("0.1")
"""Within so much of a size's width from its edge, a body is between two sizes."""


def advise(
    chart: SizeChart, measures: Mapping[str, BodyMeasure], listed: Sequence[str] | None, in_stock: Collection[str]
) -> SizeAdvice:
    """What the chart says of a body, and which of those sizes can be had.

    Every measure that the chart goes by counts alike. Where they disagree, or lie at the edge of a size, the larger one
    that is in stock is advised: what is too tight can't be worn.

    Args:
        chart: for the product or its category.
        measures: of the body, by kind.
        listed: the sizes that the product or category is listed in; None: not known, so that nothing can be advised.
        in_stock: those of them that can be had now.

    >>> from assistant.sizing.charts import SizeRow
    >>> rows = [SizeRow("41", {"foot": (Decimal("25.2"), Decimal("25.9"))}),
    ...         SizeRow("42", {"foot": (Decimal("25.9"), Decimal("26.6"))})]
    >>> foot = {"foot": BodyMeasure("foot", Decimal("26.2"))}
    >>> advice = advise(SizeChart({"en": "shoes"}, ("shoes",), tuple(rows)), foot, ["41", "42"], {"42"})
    >>> advice.verdict, advice.advised.size
    ('fits', '42')
    """
    used = tuple(measures[kind] for kind in chart.kinds if kind in measures)
    if not used:
        return SizeAdvice("untold", chart.name, needs=chart.kinds)
    for measure in used:
        low, high = chart.rows[0].fits[measure.kind][0], chart.rows[-1].fits[measure.kind][1]
        if not low <= measure.amount < high:
            return SizeAdvice("beyond", chart.name, used, beyond=Beyond(measure, low, high), needs=chart.kinds)
    low_row, high_row = _rows(chart, used)
    verdict = ("fits", "between")[high_row - low_row] if high_row - low_row < 2 else "apart"
    ends = (low_row, high_row) if verdict == "apart" else range(low_row, high_row + 1)
    offers = tuple(_offer(chart.rows[place], listed or (), in_stock) for place in ends)
    advised = next((offer for offer in reversed(offers) if offer.in_stock), None)
    known = any(_listed_as(row, listed or ()) for row in chart.rows)
    others = tuple(listed) if listed and not known else ()
    return SizeAdvice(verdict, chart.name, used, offers, advised, needs=chart.kinds, other_sizes=others)


def _rows(chart: SizeChart, used: Sequence[BodyMeasure]) -> tuple[int, int]:
    """The first and the last place of the rows that the measures point at.

    Where all can be met by fewer rows, it is those: a height at the edge of two sizes and a weight within one make that
    one.
    """
    spans = [_span(chart, measure) for measure in used]
    low, high = max(first for first, _ in spans), min(last for _, last in spans)
    return (low, high) if low <= high else (high, low)


def _span(chart: SizeChart, measure: BodyMeasure) -> tuple[int, int]:
    """The rows that one measure within the chart points at: one, or two next to each other."""
    ranges = [row.fits[measure.kind] for row in chart.rows]
    place = max(n for n, (low, _) in enumerate(ranges) if low <= measure.amount)
    low, high = ranges[place]
    margin = EDGE * (high - low)
    if measure.amount >= high - margin and place + 1 < len(ranges):
        return place, place + 1
    if measure.amount < low + margin and place > 0:
        return place - 1, place
    return place, place


def _offer(row: SizeRow, listed: Sequence[str], in_stock: Collection[str]) -> SizeOffer:
    as_listed = _listed_as(row, listed)
    others = tuple(f"{system} {size}" for system, size in row.also.items())
    return SizeOffer(row.size, as_listed, as_listed is not None and as_listed in in_stock, others)


def _listed_as(row: SizeRow, listed: Sequence[str]) -> str | None:
    names = row.names
    exact = (size for size in listed if fold(size) in names)
    return next(exact, None) or next((size for size in listed if same_size(row.size, size)), None)

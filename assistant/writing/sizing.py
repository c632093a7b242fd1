"""What is said of sizes: which one a chart gives for a body, whether it can be had, or why none can be named.

Comes in: a turn whose step holds a `SizeAdvice`. Goes out: sentences; the measures are the shopper's, the sizes the
chart's and the catalog's, and the chart is named. Knows no chart.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from assistant.sizing.values import KINDS, BodyMeasure, SizeAdvice, SizeOffer
from assistant.writing.plain import Turn
from assistant.writing.wording import display, display_category, listing, sizes_listing
from prompts.untrusted import clean
from retrieval.types import Product

_MAX_SIZES = 14


def advise(turn: Turn) -> Iterator[str]:
    """The answer to which size to take."""
    advice = turn.step.advice
    if advice is None:
        return
    if advice.is_known and advice.used:
        own = "size_advice.known" if advice.own else "size_advice.known_other"
        yield turn.say(own, measures=_measures(turn, advice.used))
    if advice.verdict == "no_chart":
        yield turn.say("size_advice.no_chart", what=_what(turn, advice))
    elif advice.verdict == "untold":
        needs = listing([turn.say(f"size_advice.need_{kind}") for kind in advice.needs[:2]], turn.language)
        move = "size_advice.untold" if advice.own else "size_advice.untold_other"
        yield turn.say(move, needs=needs, chart=_chart(turn, advice))
    elif advice.beyond is not None:
        yield _beyond(turn, advice)
    else:
        yield from _sized(turn, advice)
    if advice.own and turn.step.parsed.body.measures and turn.step.session.personalised:
        yield turn.say("size_advice.noted")


def note(turn: Turn) -> Iterator[str]:
    """What a chart says of a body that was described beside a wish."""
    advice = turn.step.advice
    if advice is not None and turn.step.query is not None and advice.offers:
        yield _verdict(turn, advice, "size_advice.note", "size_advice.note_between")


def _sized(turn: Turn, advice: SizeAdvice) -> Iterator[str]:
    yield _verdict(turn, advice, "size_advice.fits", f"size_advice.{advice.verdict}")
    if len(advice.offers) == 1 and advice.offers[0].others:
        yield turn.say("size_advice.same_as", others=listing(advice.offers[0].others, turn.language))
    product = next(iter(turn.evidence.products), None)
    if product is None:
        yield from _in_category(turn, advice)
    elif advice.other_sizes:
        yield turn.say("size_advice.other_sizes", title=_title(turn, product), sizes=_listed(turn, product))
    else:
        yield from _of_product(turn, advice, product)


def _verdict(turn: Turn, advice: SizeAdvice, one: str, several: str) -> str:
    about = {"chart": _chart(turn, advice), "measures": _measures(turn, advice.used)}
    if len(advice.offers) == 1:
        return turn.say(one, size=_size(turn, advice.offers[0]), **about)
    small, large = advice.offers[0], advice.offers[-1]
    return turn.say(several, small=_size(turn, small), large=_size(turn, large), **about)


def _of_product(turn: Turn, advice: SizeAdvice, product: Product) -> Iterator[str]:
    """Whether the product can be had in the size; of two, which one to take, and which is missing."""
    title, advised = _title(turn, product), advice.advised
    if advised is not None:
        move = "size_advice.in_stock" if len(advice.offers) == 1 else "size_advice.take"
        yield turn.say(move, title=title, size=_size(turn, advised))
    for offer in advice.offers:
        if offer.listed is None and advised is None:
            yield turn.say("size_advice.not_listed", title=title, size=_size(turn, offer), sizes=_listed(turn, product))
        elif offer.listed is not None and not offer.in_stock:
            yield turn.say("size_advice.sold_out", title=title, size=_size(turn, offer))


def _in_category(turn: Turn, advice: SizeAdvice) -> Iterator[str]:
    """Whether the category, or the shop, has the sizes at all."""
    offer = advice.advised or advice.offers[-1]
    has, size = ("has" if offer.in_stock else "lacks"), _size(turn, offer)
    if advice.category:
        category = display_category(advice.category, turn.language)
        yield turn.say(f"size_advice.category_{has}", category=category, size=size)
    else:
        yield turn.say(f"size_advice.shop_{has}", size=size)


def _beyond(turn: Turn, advice: SizeAdvice) -> str:
    beyond = advice.beyond
    assert beyond is not None, "only called for a measure outside of the chart"
    kind = beyond.measure.kind
    return turn.say(
        "size_advice.beyond",
        chart=_chart(turn, advice),
        what=turn.say(f"names.body_{kind}"),
        low=_amount(kind, beyond.low, turn),
        high=_amount(kind, beyond.high, turn),
        amount=_amount(kind, beyond.measure.amount, turn),
    )


def _what(turn: Turn, advice: SizeAdvice) -> str:
    product = next(iter(turn.evidence.products), None)
    return _title(turn, product) if product else display_category(advice.category or "", turn.language)


def _chart(turn: Turn, advice: SizeAdvice) -> str:
    return clean(advice.chart.get(turn.language, advice.chart.get("en", "")))


def _measures(turn: Turn, measures: Sequence[BodyMeasure]) -> str:
    return listing(
        [
            turn.say(f"size_advice.{one.kind}", amount=_amount(one.kind, one.amount, turn))
            for one in sorted(measures, key=lambda one: list(KINDS).index(one.kind))
        ],
        turn.language,
    )


def _amount(kind: str, amount: Decimal, turn: Turn) -> str:
    return display("size", BodyMeasure(kind, amount.quantize(Decimal("0.1"))).text, turn.language)


def _size(turn: Turn, offer: SizeOffer) -> str:
    return display("size", offer.listed or offer.size, turn.language)


def _listed(turn: Turn, product: Product) -> str:
    return sizes_listing(product.values("size")[:_MAX_SIZES], turn.language)


def _title(turn: Turn, product: Product) -> str:
    return clean(product.title_in(turn.language))

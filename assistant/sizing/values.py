"""The values of size advice.

In: nothing. Out: frozen dataclasses. Knows no chart and no product.

Lengths are centimetres, weights kilograms.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

KINDS: Mapping[str, tuple[str, Decimal, Decimal]] = {
    "height": ("cm", Decimal(45), Decimal(240)),
    "weight": ("kg", Decimal("2.5"), Decimal(300)),
    "chest": ("cm", Decimal(35), Decimal(180)),
    "waist": ("cm", Decimal(35), Decimal(180)),
    "hips": ("cm", Decimal(35), Decimal(200)),
    "foot": ("cm", Decimal(8), Decimal(36)),
}
"""What is measured of a body -> (unit, least, most): what lies outside is no body's measure."""


@dataclass(frozen=True, slots=True)
class BodyMeasure:
    """One measure of a body. `kind` is one of `KINDS`, `amount` in its unit.

    `own`: True of the shopper, False of somebody else, None where the message does not say of whom.
    """

    kind: str
    amount: Decimal
    own: bool | None = None

    @property
    def text(self) -> str:
        """The amount with its unit.

        >>> BodyMeasure("height", Decimal("172.0")).text
        '172 cm'
        """
        return f"{format(self.amount.normalize(), 'f')} {KINDS[self.kind][0]}"


@dataclass(frozen=True, slots=True)
class BodySaid:
    """What a message says of bodies and sizes. `asks`: it asks which size to take.

    `category` and `audience` ("women", "men", "kids") are those it names, in the catalog's and our spelling.
    """

    measures: tuple[BodyMeasure, ...] = ()
    asks: bool = False
    category: str | None = None
    audience: str | None = None

    @property
    def is_empty(self) -> bool:
        return not self.measures and not self.asks


@dataclass(frozen=True, slots=True)
class SizeOffer:
    """One size of a chart beside what can be bought. `listed`: as the catalog spells it, None = it lists no such size.

    `others` are the same size in other systems ("UK 8").
    """

    size: str
    listed: str | None
    in_stock: bool
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Beyond:
    """A measure that no size of a chart is made for; the chart reaches from `low` to `high`, in the measure's unit."""

    measure: BodyMeasure
    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class SizeAdvice:
    """What a chart says of a body.

    `verdict`: "fits" (one size), "between" (two neighbours, or measures that point at neighbours), "apart" (measures
    that point at sizes further apart), "beyond" (a measure is outside of the chart), "untold" (no measure that the
    chart goes by is known), or "no_chart". `offers` are the sizes that the measures point at, smallest first; `advised`
    is the one to take, None where it is not listed or sold out. `chart` is its name by language, `needs` what it goes
    by. `other_sizes`: the product is listed in sizes, none of which the chart knows. `is_known`: the measures were
    known from before. `own`: it is about the shopper.
    """

    verdict: str
    chart: Mapping[str, str] = field(default_factory=dict)
    used: tuple[BodyMeasure, ...] = ()
    offers: tuple[SizeOffer, ...] = ()
    advised: SizeOffer | None = None
    beyond: Beyond | None = None
    needs: tuple[str, ...] = ()
    other_sizes: tuple[str, ...] = ()
    category: str | None = None
    product_id: str | None = None
    is_known: bool = False
    own: bool = True

"""What an attribute's value measures: "1.2 kg" is a mass, "40 l" a volume, "4 persons" a number of persons.

In: a value as a catalog states it. Out: a `Quantity`, comparable with others of its dimension. Knows no attribute.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pint import UnitRegistry

_VALUE = re.compile(r"\s*(?P<number>\d+(?:[.,]\d+)?)\s*(?P<unit>[^\W\d_]*)\s*")
_CHINESE_UNITS = {
    **{"公斤": "kg", "千克": "kg", "克": "g", "斤": "jin", "升": "l", "公升": "l", "毫升": "ml", "米": "m"},
    **{"厘米": "cm", "公分": "cm", "毫米": "mm", "寸": "inch", "英寸": "inch", "瓦": "watt"},
    **{"小时": "hour", "分钟": "minute", "天": "day", "毫安": "mAh", "毫安时": "mAh"},
}
_GRAMS_A_JIN = 500


@dataclass(frozen=True, slots=True)
class Quantity:
    """`amount` in the base unit of `dimension`: "[mass]" in kg, "[length] ** 3" in m³, "persons" in persons."""

    dimension: str
    amount: float


@lru_cache(maxsize=4096)
def quantity_of(value: str) -> Quantity | None:
    """What a value measures; None for one that is no number with or without a unit.

    Units that are no physical ones count as themselves.

    >>> quantity_of("500 ml") == quantity_of("0.5 l"), quantity_of("4 persons"), quantity_of("red")
    (True, Quantity(dimension='persons', amount=4.0), None)
    """
    found = _VALUE.fullmatch(value.casefold())
    if found is None:
        return None
    amount, unit = float(found["number"].replace(",", ".")), found["unit"]
    unit = _CHINESE_UNITS.get(unit, unit)
    if unit == "jin":
        amount, unit = amount * _GRAMS_A_JIN, "g"
    return _in_base_units(amount, unit)


def _in_base_units(amount: float, unit: str) -> Quantity:
    names = (unit, unit.upper(), unit.rstrip("s"), "mAh" if unit == "mah" else unit)
    known = next((name for name in names if name and name in _units()), None)
    if known is None:
        return Quantity(unit, amount)
    base = _units().Quantity(amount, known).to_base_units()
    return Quantity(f"{base.dimensionality}", float(f"{base.magnitude:.12g}"))


@lru_cache
def _units() -> "UnitRegistry[float]":
    """Pint's units; loaded when something is measured first, since that takes a quarter of a second."""
    from pint import UnitRegistry

    return UnitRegistry()

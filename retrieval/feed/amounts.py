"""Reading amounts of money and counts out of feed cells: exactly, or not at all.

In: a cell (text, int, Decimal) and the mapping's currency and unit. Out: integer minor units. Raises `ValueError` with
a reason wherever the cell could mean two things, since a misread price is worse than a missing product.
"""

import re
import unicodedata
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from babel.numbers import get_currency_symbol

from retrieval.feed.readers.records import MAX_DIGITS
from retrieval.money import minor_exponent

MAX_MINOR = 10**12
"""The highest price taken, in minor units."""

FLOAT_NOISE = Decimal("0.000001")
"""How far a JSON number may lie from a whole minor unit and still be that unit written by a floating-point program."""

PLAIN = re.compile(r"[0-9]+(\.[0-9]+)?")
GROUPED = re.compile(r"[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]+)?")
AROUND_NUMBER = re.compile(r"([^0-9.,+-]*)(.*?)([^0-9.,+-]*)", re.DOTALL)
ALSO_WRITTEN = {"CNY": ("元", "块", "RMB", "人民币"), "USD": ("美元",), "JPY": ("円", "日元"), "EUR": ("欧元",)}


def parse_price(value: object, currency: str, unit: Literal["major", "minor"]) -> int:
    """A price cell in minor units of `currency`.

    >>> parse_price("$1,299.00", "USD", "major"), parse_price(1999, "USD", "minor")
    (129900, 1999)

    Raises:
        ValueError: the cell is no amount in this currency and unit, or could be read in two ways.
    """
    text = isinstance(value, str)
    number = parse_number(_without_currency(str(value), currency) if text and unit == "major" else value)
    places = 0 if unit == "minor" else minor_exponent(currency)
    highest = Decimal(MAX_MINOR).scaleb(-places)
    if not 0 <= number <= highest:
        raise ValueError(f"must lie between 0 and {highest:f}")
    exact = round(number, places)
    decimals = -int(number.as_tuple().exponent)
    if (text and decimals > places) or abs(number - exact) > FLOAT_NOISE:
        wanted = (
            f"{currency} has {places} decimals" if unit == "major" else 'price_unit is "minor", so it must be whole'
        )
        raise ValueError(f"has {decimals} decimals, but {wanted}")
    return int(exact.scaleb(places))


def parse_number(value: object) -> Decimal:
    """A number cell, exactly: digits with a decimal point, thousands in groups of three after commas.

    >>> parse_number("1,299.5")
    Decimal('1299.5')

    Raises:
        ValueError: the cell is no such number ("19,99", "1.299,00", "1e3", "10-20", True).
    """
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        number = Decimal(str(value))
        if not number.is_finite():
            raise ValueError("is not a finite number")
        return number
    text = _normal(value) if isinstance(value, str) else ""
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    if not PLAIN.fullmatch(digits) and not GROUPED.fullmatch(digits):
        raise ValueError("is not a number such as 1299, 1299.00 or 1,299.00")
    return Decimal(sign + digits.replace(",", ""))


def _normal(given: str) -> str:
    text = given.strip()
    if len(text) > MAX_DIGITS:
        raise ValueError(f"has {len(text):,} characters, more than the {MAX_DIGITS} of any number")
    return unicodedata.normalize("NFKC", text).strip()


def _without_currency(text: str, currency: str) -> str:
    clean = _normal(text)
    match = AROUND_NUMBER.fullmatch(clean)
    if match is None or not match[2]:
        return clean
    for said in (match[1].strip(), match[3].strip()):
        if said and said.upper() not in _signs(currency):
            raise ValueError(f"says {said!r}, which is not how an amount in {currency} is written")
    return match[2]


@lru_cache
def _signs(currency: str) -> frozenset[str]:
    symbols = {get_currency_symbol(currency, locale) for locale in ("en_US", "zh_CN")}
    written = {
        unicodedata.normalize("NFKC", sign).upper() for sign in (*symbols, *ALSO_WRITTEN.get(currency, ()), currency)
    }
    return frozenset(written | ({"¥"} if currency in ("CNY", "JPY") else set()))

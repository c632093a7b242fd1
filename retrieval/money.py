"""Amounts of money: integer minor units plus an ISO 4217 currency, dated exchange rates, and how a locale writes them.

Knows no product and no shopper. Numbers of two currencies are never compared: they are converted first or refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from functools import lru_cache

from babel.numbers import format_currency, get_currency_precision

from retrieval.errors import MissingRate

LOCALES = {"en": "en_US", "zh": "zh_CN"}


@lru_cache
def minor_exponent(currency: str) -> int:
    """How many decimals a currency has (ISO 4217, by Babel).

    >>> minor_exponent("USD"), minor_exponent("JPY")
    (2, 0)
    """
    return int(get_currency_precision(currency))


def to_minor(amount: Decimal, currency: str) -> int:
    """An amount in major units as integer minor units, halves rounded up.

    >>> to_minor(Decimal("19.99"), "USD")
    1999
    """
    return int(amount.scaleb(minor_exponent(currency)).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def to_major(amount_minor: int, currency: str) -> Decimal:
    """Minor units back to major.

    >>> to_major(1999, "USD")
    Decimal('19.99')
    """
    return Decimal(amount_minor).scaleb(-minor_exponent(currency))


@lru_cache(maxsize=4096)
def format_money(amount_minor: int, currency: str, language: str = "en") -> str:
    """An amount as a shopper of that language reads it.

    >>> format_money(1999, "USD"), format_money(30000, "CNY", "zh")
    ('$19.99', '¥300.00')
    """
    return str(format_currency(to_major(amount_minor, currency), currency, locale=LOCALES.get(language, "en_US")))


@dataclass(frozen=True, slots=True)
class ExchangeRates:
    """Dated rates: one unit of `base` is worth `rates[currency]` units of that currency."""

    base: str
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    as_of: date | None = None

    def convert(self, amount_minor: int, source: str, target: str) -> int:
        """`amount_minor` of `source` in minor units of `target`, rounded half to even.

        >>> rates = ExchangeRates("USD", {"CNY": Decimal("7.2")})
        >>> rates.convert(30000, "CNY", "USD")
        4167

        Raises:
            MissingRate: no rate joins the two currencies.
        """
        if source == target:
            return amount_minor
        major = to_major(amount_minor, source) / self._per_base(source) * self._per_base(target)
        return int(major.scaleb(minor_exponent(target)).quantize(Decimal(1), rounding=ROUND_HALF_EVEN))

    def _per_base(self, currency: str) -> Decimal:
        if currency == self.base:
            return Decimal(1)
        if currency not in self.rates:
            raise MissingRate(
                f"no exchange rate between {self.base} and {currency}: "
                f"add {currency} under [exchange_rates] in shop.toml"
            )
        return self.rates[currency]

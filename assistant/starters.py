"""First messages that this very shop can answer, made from its catalog.

In: the catalog's products. Out: a few short wishes per language. Knows how things are called, not how they are found.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from statistics import median_low

from assistant.writing.wording import display, phrases_for
from retrieval.money import format_money, minor_exponent
from retrieval.types import Product

N_STARTERS = 4


def starters(products: Iterable[Product], language: str) -> tuple[str, ...]:
    """Up to four first messages: a category with a price that half of its products meet, or else a brand.

    One category a department, so that they show how wide the shop is; those with the most products in stock first.
    """
    prices: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    brands: Counter[str] = Counter()
    currency = ""
    for product in products:
        currency = product.currency
        if product.in_stock and product.category:
            prices[product.department or product.category, product.category].append(product.price_minor)
        if product.in_stock and product.brand:
            brands[product.brand] += 1
    phrases = phrases_for(language)
    wishes: dict[str, str] = {}
    for (department, category), found in sorted(prices.items(), key=lambda item: (-len(item[1]), item[0])):
        price = format_money(_rounded(median_low(found), currency), currency, language).removesuffix(".00")
        name = display("category", category, language)
        wishes.setdefault(department, phrases.say("starter.category", category=name, price=price))
    if not wishes:
        wishes = {name: phrases.say("starter.brand", brand=name) for name, _ in brands.most_common(N_STARTERS)}
    return tuple(wishes.values())[:N_STARTERS]


def _rounded(price_minor: int, currency: str) -> int:
    """The next amount that a person would say.

    >>> _rounded(8737, "USD"), _rounded(1203, "USD")
    (9000, 1300)
    """
    unit: int = 10 ** minor_exponent(currency)
    step = unit
    while step * 20 <= price_minor:
        step *= 10
    return -(-price_minor // step) * step

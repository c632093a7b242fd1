"""What a message changes of numbers said before: make that 15, 再加五十, 2 litres, no wait, 3.

In: folded text, and what was said. Out: the number of pieces, the limit, or the sizes that count. Knows no message
before but by its conditions.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from assistant.parsing.measures import NUMBER, Size, Span, value_of
from assistant.parsing.money import PriceSaid
from assistant.parsing.numbers import find_numbers
from assistant.parsing.senses import Item
from retrieval.money import to_major
from retrieval.types import ALL_NEEDED, Filters

_TAKEN_BACK = re.compile(
    r"\b(?:no wait|wait|sorry|i mean|i meant|meant|actually|scratch that|make that|or rather|or no|oops|let'?s say)\b"
    r"|不对|说错|不是|哦不|应该是|改成"
)
_VALUE_TAKEN_BACK = re.compile(
    r"\b(?:no wait|wait no|wait|sorry|i mean|i meant|actually|scratch that|make that|or rather|oops)\b"
    r"|\bon second thought\b|\bscrap that\b|不对|说错|哦不|应该是|[?？]不是|想想还是|算了"
)
_CHANGED = re.compile(
    r"(?:\b(?:make (?:it|that|them)|change (?:it|that) to|need|want|i'll take|get me)|改成|改为|换成|要|来)\s?"
    rf"{NUMBER}\s?(?:of (?:them|those|these)|pcs|pieces|个|件|双|条|只|套|瓶|包|盒)?"
    r"(?=\s*(?:$|[.!,?。]|please|instead|actually|then|吧|好了))"
)
_AMOUNT = (
    r"(?P<amount>[\d.]+|[一二两三四五六七八九十百千]+|[a-z]+(?:[\s-][a-z]+)?)\s?(?:块|元|dollars|bucks|usd|刀)?"
    r"(?=\s*(?:$|[.,!。吧的]|more|to the|on top|off))"
)
_ENOUGH = re.compile(
    rf"(?<![\d.]){NUMBER}\s?(?:of (?:them|those|these)|pcs|pieces|个|件|双|条|只|套|瓶|包|盒)?\s?"
    r"(?:will do|is enough|are enough|is plenty|would do|就够了?|够了|就行了?|就好)(?![a-z])"
)
_BY = tuple(
    (sign, re.compile(words + _AMOUNT))
    for sign, words in (
        (1, r"(?:再|多|还能|可以再?|最多再)(?:加|添|多花)"),
        (1, r"\b(?:by another|another|add|(?:raise|increase|up|bump) (?:it |the budget |that )?(?:up )?by)\s\$?"),
        (-1, r"(?:再|要)(?:减|少|降|便宜)"),
        (-1, r"\b(?:lower|reduce|cut|drop) (?:it |the budget |that )?by\s\$?"),
        (-1, r"\b(?:knock|take)\s\$?"),
    )
)
"""How a limit said before is raised or lowered: the sign, and the words with the amount."""

_SET_TO = re.compile(r"(?:make (?:it|that)|change (?:it|that) to|改成|改到|换成)\s*(?:an?\s)?$")


def corrected(sizes: Sequence[Size], text: str) -> list[Size]:
    """The sizes without those that the shopper takes back: 2 l? no wait, 3 l."""
    kept: list[Size] = []
    for size in sizes:
        if kept and kept[-1].unit == size.unit and _TAKEN_BACK.search(text[kept[-1].span[1] : size.span[0]]):
            kept.pop()
        kept.append(size)
    return kept


def corrected_values(items: Sequence[Item], text: str) -> list[Item]:
    """The items, a colour or the like that the shopper takes back no longer needed: black, wait no, navy."""
    kept = list(items)
    named = [i for i, item in enumerate(items) if item.attributes - ALL_NEEDED and item.polarity == "wanted"]
    for before, after in pairwise(named):
        same = items[before].attributes & items[after].attributes - ALL_NEEDED
        if same and _VALUE_TAKEN_BACK.search(text[items[before].end : items[after].start]):
            kept[before] = replace(items[before], polarity="unneeded")
    return kept


def changed_quantity(text: str, taken: Sequence[Span] = ()) -> int | None:
    """How many pieces are wanted now, where a number of pieces was said before: make that 15, 改成三个吧.

    >>> changed_quantity("please make that 15"), changed_quantity("make it 80 dollars")
    (15, None)
    """
    found = _ENOUGH.search(text) or _CHANGED.search(text)
    if found is None or any(start < found.end() and found.start() < end for start, end in taken):
        return None
    amount = value_of(found["number"])
    return int(amount) if amount is not None and amount == int(amount) and 0 < amount < 1000 else None


def is_new_limit(size: Size, text: str, before: Filters) -> bool:
    """Whether a bare number is the price after all: make it 35, of a wish with a limit and no size.

    Args:
        size: the size that it was taken for.
        text: folded text.
        before: the conditions so far.
    """
    has_limit = before.price_max_minor is not None and "size" not in before.include
    return size.unit == "shoe" and has_limit and _SET_TO.search(text[: size.span[0]]) is not None


def raised(text: str, said: PriceSaid, before: Filters, currency: str) -> PriceSaid:
    """The price after a limit said before was raised or lowered by some: 再加五十, knock 20 off.

    Args:
        text: folded text.
        said: what the message says by itself.
        before: the conditions so far.
        currency: of the shop, in which bare amounts are.
    """
    if before.price_max_minor is None:
        return said
    for sign, pattern in _BY:
        found = pattern.search(text)
        number = next(iter(find_numbers(found["amount"])), None) if found else None
        if found is not None and number is not None:
            unit = before.currency or currency
            limit = to_major(before.price_max_minor, unit) + sign * number.low
            return PriceSaid(maximum=max(limit, Decimal(1)), currency=before.currency, spans=(found.span(),))
    return said

"""What a message says about the price: amounts, ranges, 'under', 以内, 'around', and in which currency.

In: folded text. Out: one `PriceSaid` in major units as meant, and where it stood. Numbers that are no price (SPF 50,
16GB, sizes, ages, order numbers, what a friend paid) are left alone. Knows no shop currency and no session.
"""

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from assistant.parsing.currencies import alternatives, currency_patterns
from assistant.parsing.data import load_grammar
from assistant.parsing.numbers import Number, find_numbers

Span = tuple[int, int]

_RANGE_OPENING = re.compile(r"(?:between|from|range|range of|介于|在)\s*$")
_MOST = 10**9
"""More than this is no price in any currency."""
_NEGATED = re.compile(
    r"(?:\b(?:nothing|not|no|never|don't|doesn't|won't|can't|cannot|wouldn't|shouldn't|mustn't|without)\b[a-z\s']*|[不别勿莫][^,。;]{0,4})$"
)
"""A negation that goes on up to the comparison: nothing that costs more than, 不想花超过."""
_SHORT = 24
"""Characters of a message in which a bare number can be an answer to the price."""


@dataclass(frozen=True, slots=True)
class PriceSaid:
    """Bounds in major units; `around` the amount said with 左右 or 'about'; `currency` as said, None = not said.
    `spans` are the places in the text that said it."""

    minimum: Decimal | None = None
    maximum: Decimal | None = None
    around: Decimal | None = None
    currency: str | None = None
    spans: tuple[Span, ...] = ()

    @property
    def is_empty(self) -> bool:
        return self.minimum is None and self.maximum is None and self.around is None


@dataclass(frozen=True, slots=True)
class _Amount:
    """A number with what stands around it. `evidence`: 2 = a currency or price word, 1 = only a comparison."""

    low: Decimal
    high: Decimal
    kind: str
    currency: str | None
    evidence: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Patterns:
    unit_after: re.Pattern[str]
    not_price_before: re.Pattern[str]
    before: tuple[tuple[str, bool, re.Pattern[str]], ...]
    after: tuple[tuple[str, bool, re.Pattern[str]], ...]
    context: re.Pattern[str]
    story: re.Pattern[str]
    joiner: re.Pattern[str]


def find_price(text: str, taken: tuple[Span, ...] = (), *, expects_price: bool = False) -> PriceSaid:
    """The price that folded `text` asks for.

    Args:
        text: folded text.
        taken: places that are already something else (a size, an age).
        expects_price: whether a bare number would be a price here ("make it 80" when a budget is known).

    >>> said = find_price("三百块以内的跑步鞋")
    >>> said.maximum, said.currency
    (Decimal('300'), 'CNY')
    """
    numbers = [number for number in find_numbers(text) if not any(_overlap(number, span) for span in taken)]
    amounts = []
    position = 0
    while position < len(numbers):
        amount, used = _read(text, numbers, position, expects_price)
        if amount is not None:
            amounts.append(amount)
        position += used
    return _combine(amounts)


def _overlap(number: Number, span: Span) -> bool:
    return number.start < span[1] and span[0] < number.end


def _read(text: str, numbers: list[Number], position: int, expects_price: bool) -> tuple[_Amount | None, int]:
    """The amount at `position`, and how many numbers it used (two for a range)."""
    number = numbers[position]
    if position + 1 < len(numbers):
        joined = _read_range(text, number, numbers[position + 1])
        if joined is not None:
            return joined, 2
    return _read_single(text, number, expects_price), 1


def _read_range(text: str, first: Number, second: Number) -> _Amount | None:
    patterns = _patterns()
    left_end, left_currency = _currency_after(text, first.end)
    joiner = patterns.joiner.match(text, left_end)
    if joiner is None or not _joins(text, first, second, joiner):
        return None
    start, opening = _currency_before(text, first.start)
    end, right_currency = _currency_after(text, second.end)
    inner = currency_patterns().before.search(text[joiner.end() : second.start])
    currency = left_currency or right_currency or opening or (_currency(inner) if inner else None)
    low, high = _scaled(first, second), second.high
    if high > _MOST:
        return None
    bare = low >= 10 and high >= 20 and low < high and not _after_noun(text, end)
    introduced = _RANGE_OPENING.search(text[:start]) or patterns.context.search(text)
    if low > high or not (currency or introduced or bare) or (not currency and _tells_a_story(text, first.start)):
        return None
    return _Amount(low, high, "range", currency, 2, start, end)


def _joins(text: str, first: Number, second: Number, joiner: re.Match[str]) -> bool:
    """Whether two numbers with `joiner` between them are one range of amounts."""
    gap = text[joiner.end() : second.start].strip()
    if gap and currency_patterns().before.match(gap) is None:
        return False
    if _is_no_price(text, second, second.end) or _attached(text, _currency_before(text, first.start)[0]):
        return False
    before = text[: _currency_before(text, first.start)[0]]
    return joiner["word"] not in ("and", "和", "&") or _RANGE_OPENING.search(before) is not None


def _after_noun(text: str, end: int) -> bool:
    """Whether a Latin word follows that a bare range could be counting ("10-20 nights")."""
    return re.match(r"\s*(?!(?:or|and|for|but|please|max|tops|with|in|if)\b)[a-z]{3,}", text[end:]) is not None


def _scaled(first: Number, second: Number) -> Decimal:
    if first.scale == 1 and second.scale > 1 and first.low < 10 and first.low < second.high / second.scale:
        return first.low * second.scale
    return first.low


def _read_single(text: str, number: Number, expects_price: bool) -> _Amount | None:
    patterns = _patterns()
    start, currency = _currency_before(text, number.start)
    end, after_currency = _currency_after(text, number.end)
    currency = after_currency or currency
    is_named = (not number.is_word and _attached(text, start)) or (currency is None and _is_no_price(text, number, end))
    if is_named or not 0 < number.high <= _MOST:
        return None
    kind, strong, start, end = _comparison(text, start, end)
    if kind == "maximum" and not strong and number.low != number.high:
        kind, strong = "range", True
    if kind == "minimum" and _NEGATED.search(text[max(0, start - 32) : start]):
        kind = "maximum"
    priced = currency is not None or patterns.context.search(text[max(0, start - 14) : number.start]) is not None
    if kind is None:
        kind, strong = ("range", True) if number.low != number.high else ("maximum", False)
        if number.low != number.high and number.low >= 100:
            priced = True
        if not (priced or (expects_price and number.low >= 5 and len(text) <= _SHORT)):
            return None
    if not (priced or strong or (expects_price and number.low >= 5)):
        return None
    if _tells_a_story(text, number.start):
        return None
    if currency is None and number.is_word and number.high < 10:
        return None
    low, high = (number.low, number.high)
    if re.match(r"[来把](?=[块元])", text[number.end :]) and number.scale >= 10:
        kind = "around"
    if re.match(r"多|几", text[number.end :]) and number.scale >= 10:
        kind, high = "range", number.low + number.scale
    return _Amount(low, high, kind, currency, 2 if priced else 1, start, end)


def _attached(text: str, start: int) -> bool:
    """Whether the number is the tail of a name: WH-1000, SPF 50, iPhone 15, 第3."""
    return re.search(r"[a-z]$|[a-z]-$|[.\d]$", text[:start]) is not None and not re.search(
        r"(?:usd|cny|rmb|eur|gbp|us|under|below|over|max|about|around)$", text[:start]
    )


def _is_no_price(text: str, number: Number, end: int) -> bool:
    patterns = _patterns()
    if patterns.not_price_before.search(text[max(0, number.start - 16) : number.start]):
        return True
    return patterns.unit_after.match(text, number.end) is not None


def _currency_before(text: str, start: int) -> tuple[int, str | None]:
    found = currency_patterns().before.search(text[max(0, start - 8) : start])
    if found is None:
        return start, None
    return start - len(found.group()), _currency(found)


def _currency_after(text: str, end: int) -> tuple[int, str | None]:
    found = currency_patterns().after.match(text, end)
    return (found.end(), _currency(found)) if found else (end, None)


def _currency(found: re.Match[str]) -> str:
    return currency_patterns().codes[found["currency"]]


def _comparison(text: str, start: int, end: int) -> tuple[str | None, bool, int, int]:
    """The comparison around an amount: (kind or None, whether it alone makes a price, start, end with its words)."""
    patterns = _patterns()
    window = text[max(0, start - 40) : start]
    offset = max(0, start - 40)
    for kind, strong, pattern in patterns.after:
        found = pattern.match(text, end)
        if found:
            before = [(p.search(window), said) for k, said, p in patterns.before if k == kind and p.search(window)]
            opening = before[0][0] if before else None
            is_strong = strong or any(said for _, said in before)
            return kind, is_strong, offset + opening.start() if opening else start, found.end()
    for kind, strong, pattern in patterns.before:
        found = pattern.search(window)
        if found:
            return kind, strong, offset + found.start(), end
    return None, False, start, end


def _tells_a_story(text: str, start: int) -> bool:
    """Whether the clause around `start` tells what somebody else paid or asks."""
    breaks = [found.end() for found in re.finditer(r"[,.;!?。,;!?]|\bbut\b|\bso\b|但|可是|所以", text[:start])]
    clause_end = re.search(r"[,;!?。]|\.\s|\bbut\b|但|可是", text[start:])
    clause = text[breaks[-1] if breaks else 0 : start + clause_end.start() if clause_end else len(text)]
    return _patterns().story.search(clause) is not None


def _combine(amounts: list[_Amount]) -> PriceSaid:
    """One price out of all amounts: later words win over earlier, a currency or price word over a mere comparison."""
    if any(amount.evidence == 2 for amount in amounts):
        amounts = [amount for amount in amounts if amount.evidence == 2 or amount.kind in ("minimum", "maximum")]
    said = PriceSaid()
    for amount in amounts:
        spans = (*said.spans, (amount.start, amount.end))
        said = replace(said, currency=amount.currency or said.currency, spans=spans)
        if amount.kind == "range":
            said = replace(said, minimum=amount.low, maximum=amount.high, around=None)
        elif amount.kind == "around":
            said = replace(said, minimum=None, maximum=None, around=(amount.low + amount.high) / 2)
        elif amount.kind == "minimum":
            said = replace(said, minimum=amount.low, around=None)
        else:
            said = replace(said, maximum=amount.high, around=None)
    if said.minimum is not None and said.maximum is not None and said.minimum > said.maximum:
        kind = amounts[-1].kind
        said = replace(said, minimum=None) if kind == "maximum" else replace(said, maximum=None)
    return said


@lru_cache
def _patterns() -> _Patterns:
    table = load_grammar()["money"]
    compare = table["comparisons"]
    return _Patterns(
        unit_after=re.compile(
            rf"[\s-]?(?:{alternatives(table['units'])})(?![a-z])|\s?[%°\"'′″]|(?![kw](?![a-z]))(?!ish|or|and|max|to|bucks|dollars)[a-z]"
        ),
        not_price_before=re.compile(rf"(?:{alternatives(table['not_price_before'])})\s*(?:[:#是为]|is|no|number)*\s*$"),
        before=tuple(_compiled(compare, "before")),
        after=tuple(_compiled(compare, "after")),
        context=re.compile(rf"(?:{alternatives(table['context'])})"),
        story=re.compile(rf"(?:{alternatives(table['story'])})"),
        joiner=re.compile(r"\s*(?P<word>-|~|–|—|to|到|至|and|和|&|—|or)\s*"),
    )


def _compiled(table: list[dict[str, object]], where: str) -> list[tuple[str, bool, re.Pattern[str]]]:
    filler = (
        r"(?:\s|:|=|的|是|为|在|the|a|of|is|was|be|at|to|about|my|us|price|only|just|like|say|maybe"
        r"|价格|价位|大概|人民币|rmb|usd|\$|¥)*"
    )
    compiled = []
    for entry in table:
        if entry["where"] == where:
            words = alternatives(entry["words"])  # type: ignore[arg-type]
            source = rf"(?:{words}){filler}$" if where == "before" else _after_source(words, str(entry["kind"]))
            compiled.append((str(entry["kind"]), bool(entry.get("strong", True)), re.compile(source)))
    return compiled


def _after_source(words: str, kind: str) -> str:
    joint = "" if kind == "minimum" else r"|[,-]\s*"
    return rf"\s*(?:的|钱{joint})?(?:{words})(?!\s*\d)"

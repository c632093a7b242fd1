"""Sizes, quantities and ages: numbers with a unit that is no money.

In: folded text, and what is known of the category. Out: sizes in the form that the catalog uses ("1.7 l", "42", "m"),
how many pieces are wanted, the age of a child. Knows no session.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from assistant.parsing.currencies import currency_patterns
from assistant.parsing.data import load_grammar
from assistant.parsing.numbers import find_numbers, parse_chinese, parse_english
from assistant.parsing.senses import Item

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Size:
    """A size as said: `amount` with `unit` ("l", "ml", "inch", "seats", "persons", "shoe"), or a `letter`."""

    unit: str
    amount: Decimal | None
    letter: str
    span: Span

    def text(self) -> str:
        """In the form that feeds use.

        >>> Size("l", Decimal("1.70"), "", (0, 5)).text()
        '1.7 l'
        """
        if self.letter or self.amount is None:
            return self.letter
        number = format(self.amount.normalize(), "f")
        return number if self.unit == "shoe" else f"{number} {self.unit}"


@dataclass(frozen=True, slots=True)
class Age:
    """An age in years, and where it stood."""

    years: Decimal
    span: Span


NUMBER = (
    r"(?P<number>\d+(?:\.\d+)?|half|半|[一二两三四五六七八九十百]{1,5}"
    r"|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:[\s-](?:one|two|three|four|five|six|seven|eight|nine))?"
    r"|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen"
    r"|eighteen|nineteen)"
)
_WHOLE = r"(?:an?|one|1|一)\s?(?:whole|full|entire|整)\s"
_AGE = re.compile(
    rf"(?<![\d.]){NUMBER}[\s-]?(?:(?:years?|yrs?)[\s-]?olds?|y/?o\b|个?半?岁)"
    rf"|(?<![a-z])(?:aged?|turning|turns|age of)\s(?P<later>\d{{1,2}})(?!\d)"
)
_SHOE = re.compile(
    r"(?:(?:尺码|鞋码|码数|eu|eur|size|sizes|sz|穿)\s*(?:is|are|eu|eur|是|为|:|=|a|an|in|码|no\.?)*\s*)(?P<before>\d{2}(?:\.5)?|\d{1,2}(?:\.5)?)(?!\d|\s?(?:cm|kg|l\b|厘米|公斤|岁|元|块|寸|inch))"
    r"|(?<![\d.])(?P<after>\d{2}(?:\.5)?)\s?(?:码|号(?!线|楼))"
)
_TAKEN_SHOE = re.compile(
    r"(?:\b(?:in|takes?|wears?|need|want|is|make (?:it|that)|change (?:it|that) to|prefer|switch to|actually|try)"
    r"\s(?:an?\s|eu\s)?"
    r"|(?:要|换|换成|改成|改|来双|拿)\s?)(?P<bare>1[6-9]|[2-4]\d)(?P<half>\.5)?(?!\d|\.\d|\s?(?:%|块|元|刀|dollars|bucks|usd|以内|以下"
    r"|左右|l\b|升|cm|岁|°|inch|days?|nights?|hours?|people|pairs?|双|个|件))"
)
_LISTED_BEFORE = re.compile(
    r"(?:^|[,.;。!?]|\b(?:wo)?men(?:'?s)?\s|\bkids?(?:'?s)?\s|\blad(?:ies|y)(?:'?s)?\s|[\u4e00-\u9fff]\s?)\s*$"
)
_LISTED_AFTER = re.compile(r"\s*(?:[,.;]|$|[\u4e00-\u9fff])")
_BARE_SHOE = re.compile(
    r"(?<![\d.$¥€£])(?P<bare>3[5-9]|4[0-6])(?![\d.]|\s?(?:%|块|元|刀|dollars|bucks|usd|以内|以下|左右|l\b|升|cm|岁|°))"
)
_BODY = re.compile(
    r"\d{2,3}(?:\.\d)?\s?(?:cm|厘米|公分|kg|公斤|斤|lbs?|pounds)\b|\d{2,3}(?:cm|kg|斤|厘米|公分|公斤)|1米\d"
)


def find_ages(text: str) -> list[Age]:
    """Ages in folded text.

    >>> [str(age.years) for age in find_ages("my 6-year-old, 八岁")]
    ['6', '8']
    """
    ages = []
    for found in _AGE.finditer(text):
        years = value_of(found["number"] or found["later"])
        if years is not None:
            ages.append(Age(years, found.span()))
    return ages


def speaks_of_body(text: str) -> bool:
    """Whether folded text gives a height, weight or foot length.

    >>> speaks_of_body("i'm 172cm and 65kg")
    True
    """
    return _BODY.search(text) is not None


def find_sizes(text: str, categories: Iterable[str], taken: Sequence[Span] = ()) -> list[Size]:
    """Sizes in folded text.

    Args:
        text: folded text.
        categories: the category spoken of and its department, as far as known; 'for four' and 'large' depend on it.
        taken: places that are already something else.

    >>> [size.text() for size in find_sizes("a 40-litre backpack", ["backpacks"])]
    ['40 l']
    """
    known = frozenset(categories)
    found = [*_unit_sizes(text, known), *_shoe_sizes(text, known), *_letter_sizes(text, known)]
    return [size for size in found if not any(size.span[0] < end and start < size.span[1] for start, end in taken)]


def same_size(said: str, stated: str) -> bool:
    """Whether two sizes are equal, over units.

    >>> same_size("500 ml", "0.5 l"), same_size("42", "42.0"), same_size("m", "l")
    (True, True, False)
    """
    return _comparable(said) == _comparable(stated)


def _comparable(text: str) -> tuple[str, str]:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([a-z\"]*)", text.strip().lower())
    if found is None:
        return ("", text.strip().lower())
    number, unit = Decimal(found[1]), _unit_names().get(found[2], found[2])
    if unit in load_grammar()["sizes"]["in_liters"]:
        return ("l", str((number * Decimal(load_grammar()["sizes"]["in_liters"][unit])).normalize()))
    return (unit, str(number.normalize()))


def value_of(text: str) -> Decimal | None:
    """The value of a number as shoppers write it: 3, three, 三, half.

    >>> value_of("twenty-five"), value_of("半")
    (Decimal('25'), Decimal('0.5'))
    """
    if text in ("half", "半"):
        return Decimal("0.5")
    if text[0].isdigit():
        return Decimal(text)
    if text.isascii():
        return parse_english(text)
    parsed = parse_chinese(text)
    return parsed[0] if parsed else None


@lru_cache
def _unit_names() -> dict[str, str]:
    return {word: unit for unit, words in load_grammar()["sizes"]["units"].items() for word in words}


@lru_cache
def _unit_pattern() -> re.Pattern[str]:
    words = "|".join(re.escape(word) for word in sorted(_unit_names(), key=len, reverse=True))
    return re.compile(
        rf"(?<![\d.a-z$¥])(?:(?P<whole>{_WHOLE})|{NUMBER}(?:\s?-\s?|\s?an?\s|\s)?)(?P<unit>{words})(?:(?<=[\u3400-\u9fff])|(?![a-z]))"
        r"(?:(?P<half>半)|(?P<tenth>[一二两三四五六七八九])(?=的|$|[,。!?]))?"
    )


def _unit_sizes(text: str, known: frozenset[str]) -> Iterable[Size]:
    table = load_grammar()["sizes"]
    for found in _unit_pattern().finditer(text):
        unit = _unit_names()[found["unit"]]
        amount = Decimal(1) if found["whole"] else value_of(found["number"])
        if amount is None:
            continue
        amount += Decimal("0.5") if found["half"] else Decimal(0)
        amount += (value_of(found["tenth"]) or Decimal(0)) / 10 if found["tenth"] else Decimal(0)
        if unit == "persons" and known & {*table["seat_categories"]}:
            unit = "seats"
        if unit == "seats" and known & {*table["person_categories"]}:
            unit = "persons"
        if unit == "persons" and not known & {*table["person_categories"], *table["seat_categories"]}:
            continue
        if unit == "seats" and not known & {*table["seat_categories"]}:
            continue
        yield Size(unit, amount, "", found.span())
    yield from _people(text, known)


def _people(text: str, known: frozenset[str]) -> Iterable[Size]:
    """双人帐篷, a tent for four, a sofa that seats three."""
    table = load_grammar()["sizes"]
    unit = "seats" if known & {*table["seat_categories"]} else "persons"
    if not known & {*table["seat_categories"], *table["person_categories"]}:
        return
    for number, words in table["person_words"].items():
        for word in words:
            start = text.find(word)
            if start >= 0:
                yield Size(unit, Decimal(number), "", (start, start + len(word)))
    pattern = rf"(?:for|seats?|sleeps?|fits?|seating|sleeping|坐|睡|住)\s?(?:up to\s|下)?{NUMBER}"
    pattern += r"(?![\w.$%]|\s?(?:year|dollars|bucks|块|元|岁|l\b|inch|days|nights|hours))"
    for found in re.finditer(pattern, text):
        amount = value_of(found["number"])
        if _goes_on_as_amount(text, found.end()):
            continue
        if amount is not None and amount <= 12 and amount == int(amount):
            yield Size(unit, amount, "", found.span())


def _goes_on_as_amount(text: str, end: int) -> bool:
    """Whether a number that ends at `end` is one of money: for 2 million, for 5 francs."""
    scaled = re.match(r"\s?(?:million|thousand|hundred|grand|k)(?![a-z])", text[end:])
    return scaled is not None or currency_patterns().after.match(text, end) is not None


def _shoe_sizes(text: str, known: frozenset[str]) -> Iterable[Size]:
    table = load_grammar()["sizes"]
    wears = known & {*table["shoe_categories"]}
    for found in _SHOE.finditer(text):
        amount = Decimal(found["before"] or found["after"])
        if wears or 34 <= amount <= 48 or found.group().startswith(("size", "尺码", "鞋码")):
            yield Size("shoe", amount, "", found.span())
            return
    taken = _TAKEN_SHOE.search(text) if wears else None
    if taken:
        yield Size("shoe", Decimal(taken["bare"] + (taken["half"] or "")), "", taken.span("bare"))
        return
    bare = _BARE_SHOE.search(text)
    if bare and wears and not _unit_pattern().match(text, bare.start()):
        before = re.search(
            r"(?:under|below|over|above|than|max|around|about|预算|least|most|to|-|between|超过|[<>=])\s*\$?$",
            text[: bare.start()],
        )
        if before is None and re.match(
            r"\s*(?:$|[,.!?。,的in]|please|for|and|if|吧|有|呢|可以|either|instead|then|也|都|码|too|also|防|男|女|透|宽|轻|软|黑|白|灰|红|蓝|棕|不|缓|足|跑|wide|narrow|in|leather|suede|mesh|black|white|grey|gray|brown|blue|red|waterproof|or)",
            text[bare.end() :],
        ):
            yield Size("shoe", Decimal(bare["bare"]), "", bare.span())


@lru_cache
def _letter_names() -> dict[str, str]:
    return {word: letter for letter, words in load_grammar()["sizes"]["letters"].items() for word in words}


@lru_cache
def _letter_pattern() -> re.Pattern[str]:
    words = "|".join(re.escape(word) for word in sorted(_letter_names(), key=len, reverse=True))
    return re.compile(
        r"(?<![a-z0-9'])(?P<lead>(?:size|sz|meant|make it|make that|尺码|码数|in an?|in|an?|wears?|穿|i'm an?"
        r"|to an?|to)"
        rf"\s?(?:is|:|是|an?|size)?\s?)?(?P<letter>{words})"
        rf"(?P<tail>[\s-]?(?:size|sized|码|号))?(?![a-z0-9'])"
    )


def _letter_sizes(text: str, known: frozenset[str]) -> Iterable[Size]:
    clothes = bool(known & {*load_grammar()["sizes"]["letter_categories"]})
    for found in _letter_pattern().finditer(text):
        word = found["letter"]
        said_size = bool(found["tail"]) or (found["lead"] or "").startswith(("size", "sz", "尺码", "码数", "穿"))
        alone = text.strip(" .!?。") == word
        certain = word.startswith(("x", "2x", "3x", "double", "extra")) or not word.isascii()
        short = word in ("s", "m", "l")
        listed = clothes and _LISTED_BEFORE.search(text[: found.start()]) and _LISTED_AFTER.match(text[found.end() :])
        if short and (found["lead"] or "").endswith("a"):
            # The "as" of "as a gift" is no size.
            continue
        if certain or said_size or alone or listed or (clothes and (not short or found["lead"])):
            if not word.isascii() and not clothes and word.endswith("号") and known:
                continue
            yield Size("letter", None, _letter_names()[word], found.span())


def find_quantity(text: str, items: Sequence[Item], taken: Sequence[Span]) -> tuple[int | None, tuple[Span, ...]]:
    """How many pieces are wanted, and where it was said; persons, seats, nights and options are no pieces."""
    table = load_grammar()["quantity"]
    for number, words in table["words"].items():
        for word in words:
            found = re.search(rf"(?<![a-z]){re.escape(word)}(?![a-z])", text) if word in text else None
            if found:
                return int(number), (found.span(),)
    for number in find_numbers(text):
        span = (number.start, number.end)
        is_whole = number.low == int(number.low) and "." not in text[slice(*span)]
        if number.low != number.high or not 1 < number.low < 1000 or not is_whole:
            continue
        if any(start < span[1] and span[0] < end for start, end in taken) or _is_no_count(text, span[0], table):
            continue
        end = _counted(text, span[1], items, table)
        if end is not None:
            return int(number.low), ((span[0], end),)
    return None, ()


def _is_no_count(text: str, start: int, table: dict[str, list[str]]) -> bool:
    before = text[:start].rstrip()
    return (
        any(before.endswith(word) for word in table["not_before"])
        or re.search(r"[a-z\d.$¥#-]$", text[:start]) is not None
    )


@lru_cache
def _measure() -> re.Pattern[str]:
    """A unit of measure, or letters joined to the number: 128 GB, 12 volt and 123A count no pieces."""
    return re.compile(rf"-?[a-z]|\s*(?:{'|'.join(load_grammar()['quantity']['measures'])})(?![a-z])")


def _counted(text: str, end: int, items: Sequence[Item], table: dict[str, list[str]]) -> int | None:
    """The end of what a number at `end` counts, or None when it counts no pieces."""
    rest = text[end:].lstrip()
    offset = len(text) - len(rest)
    for word in sorted((*table["english"], *table["chinese"]), key=len, reverse=True):
        if rest.startswith(word) and not (word.isascii() and rest[len(word) : len(word) + 1].isalpha()):
            after = rest[len(word) :].lstrip()
            return None if any(after.startswith(no) for no in table["not_after"]) else offset + len(word)
    return None if _measure().match(text, end) else _counted_category(text, end, items)


def _counted_category(text: str, end: int, items: Sequence[Item]) -> int | None:
    """`end` when a number there counts things of a category that is named next (2 red tents)."""
    for item in items:
        if item.start >= end:
            if item.of("category", "department"):
                plain = text[end : item.start].strip()
                return end if item.norm.isascii() and len(plain.split()) <= 3 else None
            if not (item.attributes or item.norm.isalpha()):
                return None
            if item.cues() or item.of("name") or item.norm in ("person", "man", "seat", "people"):
                return None
    return None

"""Numbers as people write them: 1,299.50, 1.5k, 1.5万, 一万二, 一百五, 两三百, two hundred and fifty.

In: text already folded by `retrieval.lexicon.matching.fold`. Out: values with their place. Knows no unit, no currency.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

_ZH_DIGITS = {
    "零": 0,
    "〇": 0,
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
_ZH_UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
_SCALES = {**{unit: value for unit, value in _ZH_UNITS.items() if unit != "十"}, "k": 1000, "w": 10_000}
_SCALES |= {"grand": 1000, "thousand": 1000, "hundred": 100, "million": 1_000_000}
_EN_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_EN = {word: value for value, word in enumerate(_EN_SMALL)}
_EN |= {word: 10 * n for n, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)}
_EN_SCALES = {"hundred": 100, "thousand": 1000, "grand": 1000, "million": 1_000_000}

_EN_WORD = "|".join(sorted([*_EN, *_EN_SCALES], key=len, reverse=True))
_ARABIC = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_NUMBER = re.compile(
    rf"(?P<arabic>{_ARABIC})(?:\s?(?P<scale>grand|million|thousand|hundred|[kw](?![a-z0-9])|[百千万亿])(?P<tail>\d(?!\d))?)?"
    rf"|(?P<zh>[零〇一二两三四五六七八九十百千万亿]+)"
    rf"|(?<![a-z])(?P<en>(?:(?:a|{_EN_WORD})[\s-]+)?(?:couple(?:\s+of)?\s+)?(?:{_EN_WORD})(?:[\s-]+(?:and\s+)?(?:{_EN_WORD}))*)(?![a-z])"
)
_ONE_OF = re.compile(r"[个位双件条台只部套瓶晚天次人张间]")
_ZH_BETWEEN = re.compile(r"([一二两三四五六七八九])([二两三四五六七八九])([十百千万]+)")


@dataclass(frozen=True, slots=True)
class Number:
    """A value at `text[start:end]`. `high` differs from `low` for 两三百. `is_word` = written in letters or characters;
    `scale` what a bare number before it in a range is multiplied by (the 百 in 3到5百)."""

    low: Decimal
    high: Decimal
    start: int
    end: int
    is_word: bool = False
    scale: int = 1


def find_numbers(text: str) -> Iterator[Number]:
    """All numbers of folded `text`, from the left.

    >>> [int(number.low) for number in find_numbers("一万二 1.5k 1,299 一百五 two hundred and fifty")]
    [12000, 1500, 1299, 150, 250]
    """
    for found in _NUMBER.finditer(text):
        number = _read(found)
        if number is not None:
            yield number


def _read(found: re.Match[str]) -> Number | None:
    start, end = found.span()
    if found["arabic"]:
        scale = _SCALES[found["scale"]] if found["scale"] else 1
        value = Decimal(found["arabic"].replace(",", "")) * scale
        if found["tail"]:
            value += int(found["tail"]) * scale // 10
        return Number(value, value, start, end, scale=scale)
    if found["zh"]:
        said = found["zh"]
        if said[-1] == "一" and said[-2:-1] in _ZH_UNITS and _ONE_OF.match(found.string, end):
            # 两百一个人: two hundred each, not 210.
            said, end = said[:-1], end - 1
        values = parse_chinese(said)
        if values is None or (said in "百千万亿" and found.string[end : end + 1] not in "元块来把"):
            return None
        return Number(*values, start, end, True, _ZH_UNITS.get(said[-1], 1))
    value = parse_english(found["en"])
    return Number(value, value, start, end, True)


def parse_chinese(text: str) -> tuple[Decimal, Decimal] | None:
    """The value of Chinese numerals as (low, high), which differ only for the likes of 两三百; None for no number.

    >>> parse_chinese("三百五"), parse_chinese("两三百"), parse_chinese("百千")
    ((Decimal('350'), Decimal('350')), (Decimal('200'), Decimal('300')), None)
    """
    between = _ZH_BETWEEN.fullmatch(text)
    if between:
        unit = 1
        for char in between[3]:
            unit *= _ZH_UNITS[char]
        return Decimal(_ZH_DIGITS[between[1]] * unit), Decimal(_ZH_DIGITS[between[2]] * unit)
    value = _chinese_value(text)
    return None if value is None else (Decimal(value), Decimal(value))


def _chinese_value(text: str) -> int | None:
    if all(char in _ZH_DIGITS for char in text):
        return int("".join(str(_ZH_DIGITS[char]) for char in text))
    if text[0] in "百千万亿" and len(text) > 1:
        return None
    total = section = 0
    digit: int | None = None
    last_unit = 1
    after_zero = False
    for char in text:
        if char in _ZH_DIGITS:
            if digit:
                return None
            digit = _ZH_DIGITS[char]
            after_zero = after_zero or digit == 0
            continue
        unit = _ZH_UNITS[char]
        if unit >= 10_000:
            total, section = (total + section + (digit or 0)) * unit, 0
        else:
            section += (1 if digit is None else digit) * unit
        digit, last_unit, after_zero = None, unit, False
    tail = 0 if digit is None else digit * (1 if after_zero else max(1, last_unit // 10))
    return total + section + tail


def parse_english(text: str) -> Decimal:
    """The value of English number words.

    >>> parse_english("twenty-five"), parse_english("two hundred and fifty")
    (Decimal('25'), Decimal('250'))
    """
    words = [word for word in re.split(r"[\s-]+", text) if word not in ("and", "of")]
    total = 0
    current: int | None = None
    for word in words:
        if word == "a":
            current = 1
        elif word == "couple":
            current = 2
        elif word in _EN_SCALES:
            scale = _EN_SCALES[word]
            total, current = (
                (total + (current or 1) * scale, None) if scale >= 1000 else (total, (current or 1) * scale)
            )
        else:
            current = (current or 0) + _EN[word]
    return Decimal(total + (current or 0))

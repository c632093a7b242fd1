"""The body that a message speaks of: height, weight, feet, chest, waist, hips; and whether it asks which size to take.

In: folded text. Out: `BodyRead` with the measures in centimetres and kilograms, whose they are, and where they stood.
Knows no session, no catalog and no chart.

A number with a unit is a body's only where something says so: a word for what is measured ("chest", 身高), a person
before it ("I'm 172 cm"), a question for the size, or a height beside a weight. A sofa of 180 cm is none.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from assistant.parsing.data import load_body, load_preferences
from assistant.parsing.numbers import parse_chinese
from assistant.sizing.values import KINDS, BodyMeasure
from retrieval.lexicon import load_lexicon

Span = tuple[int, int]

PER_UNIT: Mapping[str, Decimal] = {
    "cm": Decimal(1), "mm": Decimal("0.1"), "m": Decimal(100), "inch": Decimal("2.54"), "chi": Decimal(100) / 3,
    "kg": Decimal(1), "jin": Decimal("0.5"), "lb": Decimal("0.45359237"), "stone": Decimal("6.35029318"),
}  # fmt: skip
"""One of a unit in centimetres or kilograms."""

_LIKELY_BMI = Decimal(22)
_NUMBER = r"(?:\d{1,3}(?:\.\d{1,2})?|[一二两三四五六七八九十百]{1,6})"
_JOINS = (
    r"(?:\s|is|are|was|of|about|around|approx\.?|roughly|measures?|size|length|长|是|为|大概|大约|约|差不多|有|:|,|=)*"
)
_FEET = re.compile(
    r"(?<![\d.$])(?P<feet>[3-7])\s?(?:'(?!')|ft\.?|foot|feet)\s?(?P<inches>1[01]|\d)?(?![\d.])"
    r"\s?(?:\"|''|inches|inch|in\b)?"
)
_METRES = re.compile(
    r"(?<![\d.])(?P<whole>[12]|[一二两])\s?(?:m|米)\s?(?P<rest>\d{1,2}|[零〇一二三四五六七八九]{1,2})"
    r"(?![\d.a-z]|个|层|床|的?[床桌])"
)
_CHI = re.compile(r"(?P<whole>[一二两三四]|[1-4])尺(?P<rest>[一二三四五六七八九1-9])")
_DECIMAL_METRES = re.compile(r"(?<![\d.])(?P<number>[012]\.\d{1,2})\s?(?:m|米|meters?|metres?)(?![a-z])")
_NOT_WHICH = r"(?!(?:is|are|about|if|in|of|does|has|have|other|and|or)(?![a-z]))"
_WHICH_SIZE = re.compile(
    rf"(?<![a-z])(?:which|what)(?! size (?:is|are)(?![a-z]))(?: {_NOT_WHICH}[a-z']+){{0,3}} size(?![a-z])"
)
_KIND_SPAN = 12
"""So many characters may stand between a measure's word and what it follows, as "172 cm tall"."""


@dataclass(frozen=True, slots=True)
class BodyRead:
    """What was read. `spans` are the places of the measures, with the words that name them; `audience` that of the
    relative named last ("women" for a wife)."""

    measures: tuple[BodyMeasure, ...] = ()
    asks: bool = False
    spans: tuple[Span, ...] = ()
    audience: str | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    """A number at `span`; `kind` None = its unit alone tells (a length or a weight).

    `is_feet`: said in feet; `is_sure`: what is measured is named by a word for bodies only.
    """

    kind: str | None
    unit: str
    amount: Decimal
    span: Span
    is_feet: bool = False
    is_sure: bool = False


def read_body(text: str) -> BodyRead:
    """The body measures in folded text, each kind once for the shopper and once for somebody else.

    >>> [(m.kind, m.text, m.own) for m in read_body("i'm 172 cm and 65 kg, which size?").measures]
    [('height', '172 cm', True), ('weight', '65 kg', True)]
    >>> [m.text for m in read_body("身高172体重130斤穿多大").measures], read_body("a sofa 180 cm wide").measures
    (['172 cm', '65 kg'], ())
    """
    asks = asks_for_size(text)
    found = _apart([*_special(text), *_named(text), *_bare(text)])
    people = _people(text)
    if not asks and not _is_pair(found):
        found = [one for one in found if one.is_sure or _said_of(one, people, text)]
    measures: dict[tuple[str, bool], BodyMeasure] = {}
    spans = []
    is_imperial = any(one.is_feet for one in found)
    height = next((_in_metric(one) for one in found if _kind_of(one) == "height"), None)
    for one in found:
        kind = _kind_of(one)
        amount = _in_metric(one) if one.unit else _unstated(kind, one.amount, height, is_imperial)
        if amount is None or not _is_bodily(kind, amount):
            continue
        own = _whose(one.span[0], people)
        measures.setdefault((kind, own is not False), BodyMeasure(kind, round(amount, 1), own))
        spans.append((_word_before(text, one.span[0]), one.span[1]))
    order = list(KINDS)
    read = tuple(sorted(measures.values(), key=lambda measure: order.index(measure.kind)))
    return BodyRead(read, asks, tuple(spans), _audience(text) if read or asks else None)


def asks_for_size(text: str) -> bool:
    """Whether folded text asks which size to take.

    >>> asks_for_size("which size should i take?"), asks_for_size("what sizes are there?"), asks_for_size("我穿多大码")
    (True, False, True)
    """
    table = load_body()
    if any(phrase in text for phrase in table["not_asks"]):
        return False
    if _WHICH_SIZE.search(text) or any(ask in text for ask in table["asks_zh"]):
        return True
    return _words(tuple(table["asks_en"])).search(text) is not None


def _special(text: str) -> Iterator[_Found]:
    """Heights in feet and inches or in metres, and waists in the Chinese foot."""
    for match in _FEET.finditer(text):
        inches = Decimal(match["feet"]) * 12 + Decimal(match["inches"] or 0)
        if match["inches"] or "'" in match[0] or re.match(r"\s?tall", text[match.end() :]):
            yield _Found("height", "inch", inches, match.span(), is_feet=True)
    for match in _METRES.finditer(text):
        whole, rest = _value(match["whole"]), _value(match["rest"])
        if whole is not None and rest is not None:
            yield _Found("height", "cm", whole * 100 + rest * (10 if len(match["rest"]) == 1 else 1), match.span())
    for match in _pair().finditer(text):
        if match["unit"] or asks_for_size(text):
            yield _Found("height", "cm", Decimal(match["height"]), match.span("height"))
            yield _Found("weight", _unit_name(match["unit"] or ""), Decimal(match["weight"]), match.span("weight"))
    for match in _DECIMAL_METRES.finditer(text):
        yield _Found(None, "m", Decimal(match["number"]), match.span())
    for match in _CHI.finditer(text):
        whole, rest = _value(match["whole"]), _value(match["rest"])
        if whole is not None and rest is not None:
            yield _Found(
                _kind_before(text, match.start()) or "waist", "chi", whole + rest / 10, match.span(), is_sure=True
            )


def _named(text: str) -> Iterator[_Found]:
    """Numbers next to a word for what they measure; the unit may be left out where the word stands before."""
    for kind, words in load_body()["kinds"].items():
        for match in _before_number(tuple(words)).finditer(text):
            amount, unit = _value(match["number"]), _unit_name(match["unit"] or "")
            if amount is not None and _goes_with(kind, unit):
                yield _Found(kind, unit, amount, match.span(), is_sure=match["word"] not in load_body()["weak"])
        for match in _after_number(tuple(words)).finditer(text):
            amount, unit = _value(match["number"]), _unit_name(match["unit"])
            if amount is not None and unit and _goes_with(kind, unit):
                yield _Found(kind, unit, amount, match.span(), is_sure=match["word"] not in load_body()["weak"])


def _bare(text: str) -> Iterator[_Found]:
    """Numbers with a unit of length or weight."""
    for match in _with_unit().finditer(text):
        amount = _value(match["number"])
        if amount is not None:
            yield _Found(None, _unit_name(match["unit"]), amount, match.span())


def _apart(found: Iterable[_Found]) -> list[_Found]:
    """Those that came first where several hold the same place, in order of place."""
    kept: list[_Found] = []
    for one in found:
        if not any(one.span[0] < other.span[1] and other.span[0] < one.span[1] for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda one: one.span)


def _is_pair(found: Sequence[_Found]) -> bool:
    """Whether a height stands beside a weight (172cm 65kg)."""
    kinds = {_kind_of(one) for one in found if _is_bodily(_kind_of(one), _in_metric(one) if one.unit else one.amount)}
    return {"height", "weight"} <= kinds


def _kind_of(found: _Found) -> str:
    return found.kind or ("weight" if found.unit in load_body()["weights"] else "height")


def _in_metric(found: _Found) -> Decimal:
    return found.amount * PER_UNIT.get(found.unit, Decimal(1))


def _unstated(kind: str, amount: Decimal, height: Decimal | None, is_imperial: bool) -> Decimal | None:
    """The amount of a number without a unit; None where nothing tells.

    Weights are those that make a likely body: of kilograms, jin and (beside a height in feet) pounds.
    """
    if kind == "weight":
        per_unit = [PER_UNIT["lb"]] if is_imperial else [PER_UNIT["kg"], PER_UNIT["jin"]]
        if height is None:
            return amount * (per_unit[-1] if amount > 100 else per_unit[0])
        metres = height / 100
        return min((amount * per for per in per_unit), key=lambda kg: abs(kg / metres**2 - _LIKELY_BMI))
    if kind == "foot" and 100 <= amount <= 360:
        return amount / 10
    if kind == "foot" and not 15 <= amount <= 36:
        # A bare number beside feet is a shoe size, or anything.
        return None
    return amount * 100 if kind == "height" and amount < 3 else amount


def _is_bodily(kind: str, amount: Decimal) -> bool:
    _, least, most = KINDS[kind]
    return least <= amount <= most


def _goes_with(kind: str, unit: str) -> bool:
    if not unit:
        return True
    return (unit in load_body()["weights"]) == (kind == "weight")


def _value(text: str) -> Decimal | None:
    if text[0].isascii():
        try:
            return Decimal(text)
        except InvalidOperation:
            return None
    parsed = parse_chinese(text)
    return parsed[0] if parsed and parsed[0] == parsed[1] else None


def _people(text: str) -> list[tuple[int, int, bool]]:
    """(start, end, whether it is the shopper) of the words for persons, in order."""
    table = load_body()
    found = []
    for own, english, chinese in (
        (True, tuple(table["own_en"]), table["own_zh"]),
        (False, (*table["other_en"], *_relatives("en")), (*table["other_zh"], *_relatives("zh"))),
    ):
        found += [(match.start(), match.end(), own) for match in _words(english).finditer(text)]
        for word in (word for word in chinese if word in text):
            found += [(match.start(), match.end(), own) for match in re.finditer(re.escape(word), text)]
    return sorted(found)


def _audience(text: str) -> str | None:
    """The audience of the relative that is named last."""
    english, chinese = _audiences()
    found = [(match.start(), english[match[0]]) for match in _words(tuple(english)).finditer(text)]
    found += [(text.rfind(word), audience) for word, audience in chinese.items() if word in text]
    return max(found)[1] if found else None


@lru_cache
def _audiences() -> tuple[Mapping[str, str], Mapping[str, str]]:
    """English and Chinese words for relatives, with their audience."""
    known = {surface: concept.value for concept in load_lexicon().relatives for surface in concept.surfaces}
    return (
        {word: audience for word, audience in known.items() if word.isascii()},
        {word: audience for word, audience in known.items() if not word.isascii()},
    )


@lru_cache
def _relatives(language: str) -> tuple[str, ...]:
    """What people are called that a thing may be for."""
    known = [surface for concept in load_lexicon().relatives for surface in concept.surfaces]
    listed = [*known, *load_preferences()["recipient"][language]]
    return tuple(dict.fromkeys(word for word in listed if word.isascii() == (language == "en")))


def _whose(place: int, people: Sequence[tuple[int, int, bool]]) -> bool | None:
    """Of whom what stands at a place is said: the last person named before it."""
    return next((own for start, _, own in reversed(people) if start <= place), None)


def _said_of(found: _Found, people: Sequence[tuple[int, int, bool]], text: str) -> bool:
    """Whether a number with a unit is said right of a person ("I'm 172 cm", 我175厘米), or goes on from what is."""
    last = next((end for start, end, _ in reversed(people) if end <= found.span[0]), None)
    if last is None:
        return False
    between = re.sub(_NUMBER, "", text[last : found.span[0]])
    return (
        re.fullmatch(rf"(?:{_unit_words()}|{_JOINS}|and|&|和|、|,|/|身|高|重|今年|is|am|are|tall|'s|'m|\s)*", between)
        is not None
    )


def _word_before(text: str, place: int) -> int:
    """Where the word for what is measured begins, if one stands right before a place."""
    found = _trailing_word().search(text, 0, place)
    return found.start() if found else place


@lru_cache
def _trailing_word() -> re.Pattern[str]:
    words = _any(word for words in load_body()["kinds"].values() for word in words)
    return re.compile(rf"(?:(?<![a-z])|(?<=[^\x00-\x7f]))(?:{words}){_JOINS}$")


def _kind_before(text: str, place: int) -> str | None:
    before = text[max(0, place - _KIND_SPAN) : place]
    hits = [(before.rfind(word), kind) for kind, words in load_body()["kinds"].items() for word in words]
    best = max(hits)
    return best[1] if best[0] >= 0 else None


@lru_cache
def _words(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?<![a-z'])(?:{_any(words)})(?![a-z])")


def _any(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


@lru_cache
def _units() -> Mapping[str, str]:
    tables = (load_body()["lengths"], load_body()["weights"])
    return {word: unit for table in tables for unit, words in table.items() for word in words}


def _unit_name(word: str) -> str:
    return _units().get(word, "")


@lru_cache
def _unit_words() -> str:
    return f"(?:{_any(_units())})(?![a-z])"


@lru_cache
def _pair() -> re.Pattern[str]:
    """175/70, 我170，60kg."""
    return re.compile(
        rf"(?<![\d.$¥])(?P<height>1[3-9]\d|20\d)\s?(?:/|,|、|和|and|\s)\s?(?P<weight>\d{{2,3}})(?![\d.%])\s?(?P<unit>(?:{_any(_weights())})(?![a-z]))?"
    )


@lru_cache
def _weights() -> tuple[str, ...]:
    return tuple(word for words in load_body()["weights"].values() for word in words)


@lru_cache
def _before_number(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(
        rf"(?:(?<![a-z])|(?<=[^\x00-\x7f]))(?P<word>{_any(words)}){_JOINS}"
        rf"(?P<number>{_NUMBER})(?![\d.%])\s?(?P<unit>{_unit_words()})?"
    )


@lru_cache
def _after_number(words: tuple[str, ...]) -> re.Pattern[str]:
    between = "(?:in |long |around the |round the )?"
    return re.compile(
        rf"(?<![\d.$])(?P<number>{_NUMBER})\s?(?P<unit>{_unit_words()})\s{between}(?P<word>{_any(words)})(?![a-z])"
    )


@lru_cache
def _with_unit() -> re.Pattern[str]:
    return re.compile(rf"(?<![\d.$¥€£]){_NUMBER.replace('(?:', '(?P<number>', 1)}\s?-?(?P<unit>{_unit_words()})")

"""How things are called: attribute values, categories, lists, amounts and ratings in the shopper's language.

Comes in: canonical values and amounts. Goes out: fragments of sentences. Knows the lexicon and the phrases, no
product and no session.
"""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import lru_cache

from babel.numbers import format_decimal

from prompts import Phrases, load_phrases
from prompts.untrusted import clean
from retrieval.lexicon import Concept, load_lexicon
from retrieval.lexicon.matching import SurfaceIndex, tokenize
from retrieval.money import LOCALES, format_money
from retrieval.text import has_cjk
from retrieval.types import Attributes

Claims = frozenset[tuple[str, str]]
"""(attribute, value) pairs."""

SHOWN_LIMIT = 60
_UNITS = {
    "l": "升",
    "ml": "毫升",
    "inch": "英寸",
    "seats": "座",
    "persons": "人",
    "cm": "厘米",
    "kg": "公斤",
    "g": "克",
}
_CLAIMED = ("feature", "material", "color")


def phrases_for(language: str) -> Phrases:
    """The plain writer's phrases in `language`, English where there are none."""
    return load_phrases(language if language in LOCALES else "en")


@lru_cache
def _chinese() -> dict[tuple[str | None, str], str]:
    shown: dict[tuple[str | None, str], str] = {}
    for concept in load_lexicon().concepts:
        surface = next((surface for surface in concept.surfaces if has_cjk(surface)), None)
        if surface:
            shown.setdefault((_key(concept), concept.value.lower()), surface)
    return shown


def _key(concept: Concept) -> str | None:
    return concept.attribute if concept.kind == "attribute" else concept.kind


def display(attribute: str, value: str, language: str) -> str:
    """A value of an attribute, a "category", "department" or "brand" as a shopper of the language reads it.

    >>> display("feature", "waterproof", "zh"), display("color", "grey", "en"), display("size", "xl", "en")
    ('防水', 'grey', 'XL')
    """
    if attribute == "audience" and value == "unisex":
        return phrases_for(language).say("attribute.unisex")
    if language == "zh" and attribute != "brand" and (attribute, value.lower()) in _chinese():
        shown = _chinese()[(attribute, value.lower())]
        return shown.removesuffix("款") if attribute == "audience" else shown
    if attribute == "brand":
        return _brand(value)
    if attribute == "size":
        return _size(value, language)
    shown = value.replace("spf ", "SPF ").replace("usb", "USB")
    return shown if shown.isprintable() else clean(shown)


def _brand(value: str) -> str:
    """A brand with capitals where it has none; what cannot be spoken is an abbreviation.

    >>> _brand("tarnock"), _brand("hp"), _brand("iRobot")
    ('Tarnock', 'HP', 'iRobot')
    """
    if not value.islower():
        return value
    return value.title() if re.search(r"[aeiouy]", value) else value.upper()


def _size(value: str, language: str) -> str:
    if re.fullmatch(r"x*[sl]|m", value):
        return value.upper()
    amount, _, unit = value.partition(" ")
    return amount + _UNITS[unit] if language == "zh" and unit in _UNITS else value


def unit_of(attribute: str, value: str) -> str:
    """The unit of a size that is a measure, and so no size that something is in; empty for all others.

    >>> unit_of("size", "2 seats"), unit_of("size", "42"), unit_of("color", "dark blue")
    ('seats', '', '')
    """
    return value.partition(" ")[2] if attribute == "size" else ""


def sizes_listing(values: Sequence[str], language: str) -> str:
    """Sizes in a row, whole numbers that follow each other as a range.

    >>> sizes_listing(["37", "38", "39", "40"], "en"), sizes_listing(["s", "m"], "en"), sizes_listing(["2 seats"], "zh")
    ('37 to 40', 'S and M', '2座')
    """
    if len(values) > 2 and all(value.isdecimal() for value in values):
        numbers = sorted(int(value) for value in values)
        if numbers[-1] - numbers[0] == len(numbers) - 1:
            return f"{numbers[0]}{'到' if language == 'zh' else ' to '}{numbers[-1]}"
    return listing([_size(value, language) for value in values], language)


def listing(items: Sequence[str], language: str) -> str:
    """Things in a row.

    >>> listing(["a", "b", "c"], "en"), listing(["防水", "透气"], "zh")
    ('a, b and c', '防水、透气')
    """
    if language == "zh":
        return "、".join(items)
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def joined(fragments: Sequence[str], language: str) -> str:
    """Fragments that may hold "and" themselves, in a row.

    >>> joined(["light and dry", "rated 4", "in grey"], "en")
    'light and dry, rated 4, and in grey'
    """
    if language == "zh" or len(fragments) < 2:
        return "，".join(fragments)
    last = " and " if len(fragments) == 2 and " and " not in "".join(fragments) else ", and "
    return ", ".join(fragments[:-1]) + last + fragments[-1]


def fragment(attribute: str, values: Sequence[str], language: str) -> str:
    """Values of one attribute as a fragment that can follow "it is …".

    >>> fragment("feature", ["waterproof", "wide fit"], "en"), fragment("color", ["grey"], "zh")
    ('waterproof, with wide fit', '灰色款')
    """
    phrases = phrases_for(language)
    if attribute == "feature":
        noun = [value for value in values if value in phrases.words("with.features")]
        rest = [value for value in values if value not in noun]
        parts = [_fragment("feature", rest, language), _fragment("feature_with", noun, language)]
        return ("，" if language == "zh" else ", ").join(part for part in parts if part)
    if attribute == "size" and any(" " in value for value in values):
        # "2 seats" is a measure, no size that something is in.
        return listing([display(attribute, value, language) for value in values], language)
    if f"attribute.{attribute}" not in phrases.variants:
        shown = listing([display(attribute, value, language) for value in values], language)
        return phrases.say("attribute.other", name=attribute_name(attribute, language), values=shown)
    return _fragment(attribute, values, language)


def _fragment(move: str, values: Sequence[str], language: str) -> str:
    if not values:
        return ""
    attribute = "feature" if move == "feature_with" else move
    shown = listing([display(attribute, value, language) for value in values], language)
    return phrases_for(language).say(f"attribute.{move}", values=shown)


def attribute_name(attribute: str, language: str) -> str:
    """The attribute itself.

    >>> attribute_name("color", "zh"), attribute_name("heel_height", "en")
    ('颜色', 'heel height')
    """
    phrases = phrases_for(language)
    move = f"names.{attribute}"
    return phrases.say(move) if move in phrases.variants else attribute.replace("_", " ")


def limit_money(amount_minor: int, currency: str, language: str) -> str:
    """A limit that somebody named, without empty decimals.

    >>> limit_money(12000, "USD", "en"), limit_money(1999, "USD", "en")
    ('$120', '$19.99')
    """
    return re.sub(r"[.]0+$", "", format_money(amount_minor, currency, language))


def rating_text(rating: float) -> str:
    """Stars with at most one decimal.

    >>> rating_text(4.0), rating_text(4.56)
    ('4', '4.6')
    """
    return f"{rating:.1f}".removesuffix(".0")


def number(count: int, language: str) -> str:
    """A count with the separators of the language.

    >>> number(19406, "en")
    '19,406'
    """
    return str(format_decimal(Decimal(count), locale=LOCALES.get(language, "en_US")))


def quoted(text: str) -> str:
    """Words of somebody else on one line, inner double quotes made single, cut at `SHOWN_LIMIT`."""
    flat = clean(text)
    return flat if len(flat) <= SHOWN_LIMIT else flat[: SHOWN_LIMIT - 1].rstrip() + "…"


def sentence_case(fragment_text: str) -> str:
    """The first letter in upper case.

    >>> sentence_case("down from $9")
    'Down from $9'
    """
    return fragment_text[:1].upper() + fragment_text[1:]


def running_case(text: str) -> str:
    """A fragment for the middle of a sentence: the first letter in lower case unless it is an abbreviation.

    >>> running_case("In grey"), running_case("SPF 50")
    ('in grey', 'SPF 50')
    """
    if has_cjk(text):
        return text
    return text[:1].lower() + text[1:] if text[1:2].islower() or text[1:2] == " " else text


def display_category(category: str, language: str) -> str:
    """A category or department.

    >>> display_category("hiking boots", "zh"), display_category("electronics", "en")
    ('登山靴', 'electronics')
    """
    shown = display("category", category, language)
    return shown if shown != category else display("department", category, language)


@lru_cache
def _claim_index() -> SurfaceIndex[tuple[str, str]]:
    index: SurfaceIndex[tuple[str, str]] = SurfaceIndex()
    for concept in load_lexicon().concepts:
        if concept.kind == "attribute" and concept.attribute is not None:
            for surface in concept.surfaces:
                if not (has_cjk(surface) and len(surface) == 1):
                    index.add(surface, (concept.attribute, concept.value))
    return index


def mentioned(text: str, attributes: Iterable[str] = _CLAIMED) -> frozenset[tuple[str, str]]:
    """The (attribute, value) pairs that a text speaks of, for or against; only of the named attributes.

    >>> sorted(mentioned("Kept me dry: truly waterproof, in grey."))
    [('color', 'grey'), ('feature', 'waterproof')]
    """
    wanted = frozenset(attributes)
    found = (claim for match in _claim_index().find_all(tokenize(text)) for claim in match.payloads)
    return frozenset(claim for claim in found if claim[0] in wanted)


def stated_claims(attributes: Attributes) -> frozenset[tuple[str, str]]:
    """Attributes as (attribute, value) pairs.

    >>> sorted(stated_claims({"color": ("red",)}))
    [('color', 'red')]
    """
    return frozenset((name, value) for name, values in attributes.items() for value in values)

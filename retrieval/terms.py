"""What a product's texts are cut into for lexical search, field by field.

In: a product, or a string. Out: terms, and what a title says the product is. Knows no index.

Beside its words, a text has a term for each measure in one spelling ("1,7 litre", "1.7L" and "1700 ml" are `1.7l`) and
one for each model number without its joints ("LC-51C" is `lc51c`).
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from retrieval.lexicon.data import load_table
from retrieval.text import has_cjk, stem, tokens
from retrieval.types import Product

FIELDS = ("title", "brand", "attributes", "details", "description")
"""Where words stand; "brand" holds the category and the department too."""

_NUMBER = r"(?<![a-z0-9_.,])(\d+(?:[.,]\d+)*)"
_MODEL = re.compile(r"(?<![a-z0-9_-])[a-z0-9]+(?:[-/.][a-z0-9]+)+(?![a-z0-9_-])")
_TITLE_PART = re.compile(r"[^\W\d_][^\W\d_'’]*|[^\s]")
_PART_ENDS = frozenset(",;(|")
_MAX_MODEL = 30


@dataclass(frozen=True, slots=True)
class DocumentTerms:
    """What is searched of one product: its terms with their counts, by field in the order of `FIELDS`.

    `heads` are those words of the title that may name the thing itself; `is_accessory`: the title says it is made for
    another thing.
    """

    fields: tuple[Mapping[str, int], ...]
    heads: frozenset[str]
    is_accessory: bool


@dataclass(frozen=True, slots=True)
class Measure:
    """A number with its unit in a text: the `term` it is searched as, and where it stood."""

    term: str
    start: int
    end: int


def document_terms(product: Product) -> DocumentTerms:
    """What is searched of a product, in every language that speaks of it."""
    titles = [product.title, *(other.title for other in product.translations.values())]
    texts: dict[str, list[str | None]] = {
        "title": [*titles],
        "brand": [product.brand, product.category, product.department],
        "attributes": [
            value
            for attributes in (product.attributes, *(variant.attributes for variant in product.variants))
            for values in attributes.values()
            for value in values
        ],
        "details": [*product.details.values()],
        "description": [product.description, *(other.description for other in product.translations.values())],
    }
    fields = tuple(Counter(terms("\n".join(filter(None, texts[name])))) for name in FIELDS)
    heads = frozenset().union(*(title_heads(title) for title in titles))
    return DocumentTerms(fields, heads, any(is_accessory(title) for title in titles))


def terms(text: str) -> list[str]:
    """The words of a text, its measures and its model numbers.

    >>> terms("Kettle 1,7 litre, KX-17")
    ['kettl', '1', '7', 'litr', 'kx', '17', '1.7l', 'kx17']
    """
    folded = fold(text)
    return [*tokens(folded), *(measure.term for measure in measures(folded)), *_models(folded)]


def fold(text: str) -> str:
    """Lower case, in the plain form of full-width and composed characters."""
    return unicodedata.normalize("NFKC", text).lower()


def measures(folded: str) -> Iterator[Measure]:
    """The numbers with units in a folded text.

    >>> [measure.term for measure in measures("500 ml bottle, 15.6-inch, 1,024 mb, 2 tb")]
    ['0.5l', '15.6in', '1.024gb', '2000gb']
    """
    for match in _measure_pattern().finditer(folded):
        unit, factor = _units()[match.group(2)]
        value = _value(match.group(1)) * factor
        yield Measure(f"{value:.6g}{unit}", match.start(), match.end())


def _value(number: str) -> float:
    """A number as feeds write it; a comma before exactly three digits parts thousands."""
    plain = re.sub(r",(?=\d{3}(?:\D|$))", "", number).replace(",", ".")
    whole, _, fraction = plain.partition(".")
    return float(f"{whole[:15]}.{fraction.replace('.', '')[:9] or '0'}")


def _models(folded: str) -> Iterator[str]:
    for match in _MODEL.finditer(folded):
        joined = re.sub(r"[^a-z0-9]", "", match.group())
        if len(joined) <= _MAX_MODEL and re.search(r"\d", joined) and re.search(r"[a-z]", joined):
            yield stem(joined)


def title_heads(title: str) -> frozenset[str]:
    """The words of a title that may name the thing itself: none that an accessory's name follows, or after "for".

    >>> sorted(title_heads("Tough laptop sleeve for notebooks")), sorted(title_heads("Gaming laptop, 16 inch"))
    (['sleev'], ['game', 'inch', 'laptop'])
    """
    words = _TITLE_PART.findall(fold(title))
    return frozenset(
        stem(word)
        for place, word in enumerate(words)
        if word[0].isalpha() and not has_cjk(word) and _is_head(words, place)
    )


def _is_head(words: list[str], place: int) -> bool:
    accessories, makes_for = accessory_words()
    if words[place] in makes_for or _comes_after_for(words[:place], makes_for):
        return False
    for after in words[place + 1 : place + 3]:
        if not after[0].isalpha() or after in makes_for:
            return True
        if after in accessories:
            return False
    return True


def _comes_after_for(before: list[str], makes_for: frozenset[str]) -> bool:
    for word in reversed(before):
        if word in makes_for:
            return True
        if word in _PART_ENDS:
            return False
    return False


def is_accessory(title: str) -> bool:
    """Whether a title says that the product is made for another thing, or is a part of one.

    >>> [is_accessory(title) for title in ("Laptop sleeve 15.6", "Laptop with charger", "手机保护套 透明", "登山靴")]
    [True, False, True, False]
    """
    accessories, makes_for = accessory_words()
    for word in _TITLE_PART.findall(fold(title)):
        if word in makes_for:
            break
        if word in accessories:
            return True
    return ends_in_accessory(title)


def ends_in_accessory(text: str) -> bool:
    """Whether one of a text's Chinese runs ends in an accessory's name."""
    return _accessory_endings().search(text) is not None


@lru_cache
def accessory_words() -> tuple[frozenset[str], frozenset[str]]:
    """What is made for other things, and the words that name what a product is for."""
    table = load_table("accessories.toml")
    return frozenset(table["words"].split()), frozenset(table["for"])


@lru_cache
def _accessory_endings() -> re.Pattern[str]:
    endings = "|".join(map(re.escape, load_table("accessories.toml")["endings"]))
    return re.compile(f"(?:{endings})(?![\u3400-\u9fff])")


@lru_cache
def _units() -> Mapping[str, tuple[str, float]]:
    return {
        fold(spelling): (unit, float(factor))
        for unit, spellings in load_table("units.toml").items()
        for spelling, factor in spellings.items()
    }


@lru_cache
def _measure_pattern() -> re.Pattern[str]:
    spellings = "|".join(sorted(map(re.escape, _units()), key=len, reverse=True))
    return re.compile(rf"{_NUMBER}[\s-]?({spellings})(?![a-z])")

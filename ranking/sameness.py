"""Which candidates are the same thing: one product listed twice, or in several colours, sizes and packs.

In: products with the variant and embedding at hand, and the `Query`. Out: for each one the first before it that is the
same thing. Knows no scores and decides nothing about what is shown.

Same brand and category, and titles that are equal once colour, size and pack are taken out, or equal but for the
spelling of a word, with embeddings next to each other. Other numbers are model numbers and have to be equal. What the
wish speaks of is never taken out, and two things that differ in it are not the same.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from retrieval.lexicon import load_lexicon
from retrieval.text import STOP_WORDS, has_cjk, tokens
from retrieval.types import Attributes, Product, Query, Variant, Vector

COLOR, SIZE, PACK = "color", "size", "pack"
NEAR = 0.9
"""From this cosine on the embeddings of two products with the same words, spelt otherwise, are next to each other."""

ALIKE = 90.0
"""From this share of letters on (per cent, rapidfuzz's ratio) two words that begin alike are spellings of one."""

SIZES = frozenset("xs xl xxl xxxl small medium large".split())
SIZE_SYSTEMS = frozenset("size eu uk us".split())
SHADES = frozenset("light dark bright deep matte matt jet".split())
FURTHER_COLORS = ("gray", "cyan", "magenta", "transparent", "multicolor", "multicolour")

# What a model code is made of is no size (FAN-0044L, f/2.8L, 5G, 802.11g). No inches, millimetres, bytes or watts:
# those mostly tell models apart (screens, lenses, memory).
_NUMBER = r"(?<![\w/.,-])\d+(?:[.,]\d+)?"
_SIZE = re.compile(
    rf"(?:{_NUMBER}[ -]?(?:kg|ml|cl|l|cm|m|ft|feet|oz|lbs?|met(?:er|re)s?|lit(?:er|re)s?)|(?<![\w/.,-])\d{{2,}} ?gr?)\b"
)
# A letter alone is a size where it is set off; Model S is a name.
_LETTER_SIZE = re.compile(r"(?:[,(/|] ?| - |\bsize )[sml](?= ?(?:$|[,)/|]))")
_PACK = re.compile(rf"{_NUMBER}[ -]?(?:packs?|pcs?|pc\(s\)|pieces?|pk|sheets|count|ct)(?!\w)|\bpack of \d+\b")
_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")
_ZH_SIZE = re.compile(r"特大号|加大号|大号|中号|小号|均码|\d+(?:\.\d+)?(?:码|厘米|米|毫升|升|千克|公斤|克|斤)")
_ZH_PACK = re.compile(r"[\d一二两三四五六七八九十]+[只个件支双条盒包瓶片张]装")

Title = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Thing:
    """A product as it would be shown. `embedding` is ``(d,)``, unit length."""

    product: Product
    variant: Variant
    embedding: Vector


class Sameness:
    """Tells for one query which things are the same."""

    def __init__(self, query: Query) -> None:
        self._wished = query.filters.include
        self._words = frozenset(_words(query.text)) - STOP_WORDS
        self._chinese = frozenset(word for word in tokens(query.text) if has_cjk(word))
        named = {*query.filters.include, *query.filters.exclude}
        self._kept = frozenset(stripped(query.text)[1] | ({COLOR, SIZE, PACK} & named))

    def firsts(self, things: Sequence[Thing], n_needed: int | None = None) -> list[int]:
        """For each thing the row of the first one before it that is the same, or its own row.

        It is compared with firsts only, so that a chain of small differences doesn't make one thing of all.

        Args:
            things: best first.
            n_needed: after so many firsts nobody asks any more what is the same as a later one; None: all are told.
        """
        makers: set[tuple[str, str | None]] = set()
        n_firsts = 0
        by_title: dict[tuple[object, ...], list[int]] = {}
        by_shape: dict[tuple[object, ...], list[int]] = {}
        titles: dict[int, Title] = {}
        found: list[int] = []
        for row, thing in enumerate(things):
            product = thing.product
            maker = ((product.brand or "").casefold(), product.category)
            is_open = n_needed is None or n_firsts < n_needed
            if not is_open and maker not in makers:
                found.append(row)
                continue
            title = self._title(product)
            equal = by_title.setdefault((*maker, title), [])
            alike = by_shape.setdefault((*maker, _shape(title)), [])
            first = next((other for other in equal if self._agree(things[other], thing)), None)
            if first is None:
                near = (other for other in alike if _spelt_alike(titles[other], title))
                first = next((o for o in near if _near(things[o], thing) and self._agree(things[o], thing)), None)
            found.append(row if first is None else first)
            if first is None and is_open:
                equal.append(row)
                alike.append(row)
                titles[row] = title
                makers.add(maker)
                n_firsts += 1
        return found

    def _title(self, product: Product) -> Title:
        return title_of(product.title, product.brand or "", self._kept, _has_color(product))

    def _agree(self, one: Thing, other: Thing) -> bool:
        """Whether two things don't differ in what the shopper asked for."""
        return _met(one, self._wished) == _met(other, self._wished) and self._named(one) == self._named(other)

    def _named(self, thing: Thing) -> frozenset[str]:
        """The words of the wish that a thing's title, description and attributes say."""
        if not self._words:
            return frozenset()
        text = " ".join(_texts(thing)).casefold()
        return self._words.intersection(_words(text)) | {pair for pair in self._chinese if pair in text}


@lru_cache(maxsize=20_000)
def title_of(title: str, brand: str, kept: frozenset[str], has_color: bool) -> Title:
    """The words that say what a thing is: without its brand in front, colour, size and pack; all, where none is left.

    Args:
        title: as the feed has it.
        brand: the product's, or "".
        kept: what is not taken out, of "color", "size" and "pack".
        has_color: whether the product states a colour; one that doesn't has colour words as a part of its name (red
            wine).

    >>> title_of("ACT UTP Cat5E 1.0m cable, Yellow", "ACT", frozenset(), True)
    ('utp', 'cat', '5', 'e', 'cable')
    >>> title_of("Acme red wine", "Acme", frozenset(), False)
    ('red', 'wine')
    """
    words = stripped(title, kept if has_color else kept | {COLOR})[0]
    maker = _words(brand)
    if maker and words[: len(maker)] == maker:
        words = words[len(maker) :]
    return words or _words(title)


def stripped(text: str, kept: frozenset[str] = frozenset()) -> tuple[Title, set[str]]:
    """The words of a text, lower case, without colour, size and pack, and which of these there were.

    >>> stripped("T-Shirt 3-Pack, dark blue, XL")[0], sorted(stripped("T-Shirt 3-Pack, dark blue, XL")[1])
    (('t', 'shirt'), ['color', 'pack', 'size'])
    """
    kinds: set[str] = set()
    text = text.casefold()
    patterns = [(SIZE, _LETTER_SIZE)]
    if any(letter.isdigit() for letter in text):
        patterns += [(SIZE, _SIZE), (PACK, _PACK)]
    if has_cjk(text):
        patterns += [(SIZE, _ZH_SIZE), (PACK, _ZH_PACK), (COLOR, _zh_colors())]
    for kind, pattern in patterns:
        if kind not in kept:
            text, n = pattern.subn(" ", text)
            kinds |= {kind} if n else set()
    words, place, left = _words(text), 0, []
    while place < len(words):
        named, n = _variant_words(words, place)
        if named is None or named in kept:
            left.append(words[place])
            place += 1
        else:
            kinds.add(named)
            place += n
    return tuple(left), kinds


def _variant_words(words: Title, place: int) -> tuple[str | None, int]:
    """Which kind of variant the words from `place` on name, and how many words do."""
    word, after = words[place], words[place + 1] if place + 1 < len(words) else ""
    if word in _colors():
        return COLOR, 1
    if word in SHADES and after in _colors():
        return COLOR, 2
    if word in SIZES:
        return SIZE, 1
    if word in SIZE_SYSTEMS and (after[:1].isdigit() or (word == "size" and after in SIZES)):
        return SIZE, 2
    return None, 1


@lru_cache
def _colors() -> frozenset[str]:
    surfaces = (word for concept in load_lexicon().concepts if concept.attribute == COLOR for word in concept.surfaces)
    return frozenset((*FURTHER_COLORS, *(word for word in surfaces if word.isascii() and word.isalpha())))


@lru_cache
def _zh_colors() -> re.Pattern[str]:
    """The Chinese colours that end in the word for colour; shorter ones are a part of too many names (红茶)."""
    surfaces = {word for concept in load_lexicon().concepts if concept.attribute == COLOR for word in concept.surfaces}
    longest_first = sorted((word for word in surfaces if word.endswith("色")), key=lambda word: (-len(word), word))
    return re.compile("|".join(map(re.escape, longest_first)))


def _words(text: str) -> Title:
    return tuple(_TOKEN.findall(text.casefold()))


def _has_color(product: Product) -> bool:
    return COLOR in product.attributes or any(COLOR in variant.attributes for variant in product.variants)


@lru_cache(maxsize=20_000)
def _shape(title: Title) -> Title:
    """What two spellings of a title share: the numbers, and how each word begins."""
    return tuple(word if word[0].isdigit() else word[0] for word in title)


def _spelt_alike(one: Title, other: Title) -> bool:
    """Whether two titles of one shape have the same words, give or take a letter: color and colour, pad and pads."""
    return all(
        a == b or b in (f"{a}s", a.removesuffix("s")) or fuzz.ratio(a, b) >= ALIKE
        for a, b in zip(one, other, strict=True)
    )


def _near(one: Thing, other: Thing) -> bool:
    return float(one.embedding @ other.embedding) >= NEAR


def _met(thing: Thing, wished: Attributes) -> list[tuple[str, ...]]:
    """The wished values that the product or this variant states, an entry per wished attribute."""
    return [
        tuple(
            value
            for value in values
            if value in thing.product.attributes.get(name, ()) or value in thing.variant.attributes.get(name, ())
        )
        for name, values in wished.items()
    ]


def _texts(thing: Thing) -> Iterator[str]:
    yield thing.product.title
    yield thing.product.description
    for attributes in (thing.product.attributes, thing.variant.attributes):
        for values in attributes.values():
            yield from values

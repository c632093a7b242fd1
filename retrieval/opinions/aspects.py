"""Finds what a sentence of a review speaks of: comfort, battery, taste, or a value that the catalog states.

In: a sentence, and the product it is about. Out: aspects with the place of the words for them. Knows no polarity.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Protocol

from retrieval.lexicon import load_lexicon
from retrieval.lexicon.matching import SurfaceIndex, Token, tokenize
from retrieval.types import Product

VOCABULARY_FILE = "aspects.toml"
UNSPOKEN = frozenset({"size", "audience", "brand", "season", "condition", "color"})
"""Attributes whose values tell which product it is, not how it is."""

_SENTENCE = re.compile(r".+?(?:[.!?]+[\"'”’)]*(?=\s|$)|[。！？]+[”’」）]*|$)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Aspect:
    """`name` is one of the vocabulary's, or a value of the catalog's `attribute`."""

    name: str
    attribute: str | None = None


@dataclass(frozen=True, slots=True)
class Spoken:
    """An aspect, and the characters of the sentence that name it."""

    aspect: Aspect
    start: int
    end: int


class Mentioned(Protocol):
    """A sentence, and the characters of it that name an aspect."""

    @property
    def sentence(self) -> str: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


def sentences(text: str) -> Iterator[str]:
    """The sentences of a review, exactly as they stand in it.

    >>> list(sentences("Warm. Slow to dry! 很舒服。掉色"))
    ['Warm.', 'Slow to dry!', '很舒服。', '掉色']
    """
    for found in _SENTENCE.finditer(text):
        if sentence := found[0].strip():
            yield sentence


def find(sentence: str, product: Product | None = None) -> tuple[Spoken, ...]:
    """The aspects that a sentence names, each once, in the order of their first words.

    Args:
        sentence: of a review, in either language.
        product: what the review is about; the values that the catalog states of it are aspects too.

    >>> [spoken.aspect.name for spoken in find("Comfortable boots, but the sizing runs large.")]
    ['comfort', 'fit']
    """
    tokens = tokenize(sentence)
    kind = f"{product.category or ''} {product.department or ''}".lower().strip() if product else ""
    found: dict[Aspect, Spoken] = {}
    for spoken in sorted([*_matches(vocabulary(), tokens), *_stated(product, tokens)], key=lambda item: item.start):
        overlaps = any(spoken.start < other.end and other.start < spoken.end for other in found.values())
        if not overlaps and _applies(spoken.aspect, kind):
            found.setdefault(spoken.aspect, spoken)
    return tuple(found.values())


def _applies(aspect: Aspect, kind: str) -> bool:
    """Whether a product of this category and department can have the aspect; where neither is known, it can."""
    kinds = load_vocabulary()[aspect.name].get("kinds", ()) if aspect.attribute is None else ()
    return not kind or not kinds or any(word in kind for word in kinds)


def _matches(index: SurfaceIndex[Aspect], tokens: list[Token]) -> Iterator[Spoken]:
    for match in index.find_all(tokens):
        yield Spoken(match.payloads[0], tokens[match.first].start, tokens[match.last - 1].end)


def _stated(product: Product | None, tokens: list[Token]) -> Iterator[Spoken]:
    """The product's own attribute values among the words; what the vocabulary knows as well comes from there."""
    if product is None:
        return
    index: SurfaceIndex[Aspect] = SurfaceIndex()
    for attribute, values in product.attributes.items():
        for value in values if attribute not in UNSPOKEN else ():
            for surface in (value, *_surfaces().get((attribute, value), ())):
                index.add(surface, Aspect(value, attribute))
    yield from _matches(index, tokens)


@lru_cache
def vocabulary() -> SurfaceIndex[Aspect]:
    """The words of `aspects.toml`, read once."""
    index: SurfaceIndex[Aspect] = SurfaceIndex()
    for name, surfaces in load_vocabulary().items():
        for surface in (*surfaces["en"], *surfaces["zh"]):
            index.add(surface, Aspect(name))
    return index


@lru_cache
def load_vocabulary() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Aspect -> language -> the words for it."""
    text = resources.files("retrieval.opinions").joinpath(VOCABULARY_FILE).read_text(encoding="utf-8")
    return tomllib.loads(text)


@lru_cache
def _surfaces() -> Mapping[tuple[str, str], tuple[str, ...]]:
    return {
        (concept.attribute, concept.value): concept.surfaces
        for concept in load_lexicon().concepts
        if concept.attribute is not None
    }

"""The bilingual alias lexicon: what shoppers call categories, departments, attribute values and brands.

In: the TOML files beside this module. Out: concepts with their surfaces, translations, and attributes read off a
product's text. Knows no catalog: what a shop really sells is `retrieval.vocabulary`'s matter.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from retrieval.lexicon.data import load_table
from retrieval.lexicon.matching import Match, SurfaceIndex, Token, norms, tokenize
from retrieval.types import Attributes

__all__ = ["Concept", "Lexicon", "derive_attributes", "load_lexicon"]

_TITLE_ATTRIBUTES = ("color", "material", "audience")
_TITLE_AND_DESCRIPTION_ATTRIBUTES = ("feature",)
_GUARD_TOKENS = 3
_CONTRACTIONS = {"won't": "will not", "can't": "cannot", "n't": " not"}


@dataclass(frozen=True, slots=True)
class Concept:
    """One meaning and its surfaces. `kind`: "category", "department", "attribute" or "brand"; `attribute` is the
    attribute's name where the kind is "attribute"; `value` the canonical value, lower-case English."""

    kind: str
    attribute: str | None
    value: str
    surfaces: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All concepts. `relatives` are people who set an audience only when they are bought for; `names` shield the words
    inside them (green card: no colour); `glossary` gives the English of further Chinese words."""

    concepts: tuple[Concept, ...]
    relatives: tuple[Concept, ...]
    names: tuple[str, ...]
    glossary: Mapping[str, str]
    _english: SurfaceIndex[str] = field(repr=False, compare=False)

    def translate(self, text: str) -> str:
        """The English words for what is recognised of `text`, English words kept, in the order of the text.

        >>> load_lexicon().translate("黑色的跑步鞋 for rain")
        'black running shoes for rain'
        """
        words = (english for _, english in self.pieces(text))
        return " ".join(dict.fromkeys(word for word in words if word))

    def pieces(self, text: str) -> Iterator[tuple[str, str]]:
        """Words and numbers of `text` as said, each with its English; "" for a stretch of Chinese that is not known.

        >>> list(load_lexicon().pieces("黑色猫爬架 XL"))
        [('黑色', 'black'), ('猫爬架', ''), ('XL', 'XL')]
        """
        tokens = tokenize(text)
        unknown: list[Token] = []
        position = 0
        while position < len(tokens):
            token = tokens[position]
            match = self._english.longest(tokens, position) if token.is_cjk or _begins_mixed(tokens, position) else None
            last = match.last if match else position + 1
            said = text[token.start : tokens[last - 1].end]
            goes_on = token.is_cjk and unknown and unknown[-1].end == token.start
            if unknown and (match is not None or not goes_on):
                yield text[unknown[0].start : unknown[-1].end], ""
                unknown = []
            if match is not None:
                yield said, match.payloads[0]
            elif token.is_cjk:
                unknown.append(token)
            elif token.kind in ("word", "number"):
                yield said, said
            position = last
        if unknown:
            yield text[unknown[0].start : unknown[-1].end], ""

    def canonical(self, kind: str, spelling: str, attribute: str | None = None) -> str | None:
        """The canonical value that a catalog's own spelling means, or None.

        >>> load_lexicon().canonical("attribute", "Anthracite", "color")
        'grey'
        """
        return _canonical_values().get((kind, attribute, norms(spelling)))


def _begins_mixed(tokens: Sequence[Token], position: int) -> bool:
    following = position + 1
    return following < len(tokens) and tokens[following].is_cjk


@lru_cache
def load_lexicon() -> Lexicon:
    """The lexicon that ships with the package, read once."""
    concepts = tuple(_read_concepts())
    names = load_table("names.toml")
    glossary = load_table("glossary.toml")
    english: SurfaceIndex[str] = SurfaceIndex()
    for chinese, translation in glossary.items():
        english.add(chinese, translation)
    for name in names["zh"]:
        english.add(name, "")
    for concept in concepts:
        for surface in concept.surfaces:
            if not surface.isascii():
                english.add(surface, concept.value)
    return Lexicon(concepts, tuple(_read_relatives()), (*names["en"], *names["zh"]), glossary, english)


def _read_concepts() -> Iterator[Concept]:
    for kind, file in (("category", "categories.toml"), ("department", "departments.toml")):
        for value, entry in load_table(file).items():
            yield Concept(kind, None, value, _surfaces(value, entry))
    for attribute, values in load_table("attributes.toml").items():
        for value, entry in values.items():
            yield Concept("attribute", attribute, value, _surfaces(value, entry))
    for brand, surfaces in load_table("brands.toml").items():
        yield Concept("brand", None, brand, tuple(surfaces))


def _read_relatives() -> Iterator[Concept]:
    for value, entry in load_table("relatives.toml").items():
        yield Concept("attribute", "audience", value, (*entry["en"], *entry["zh"]))


def _surfaces(value: str, entry: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """All surfaces; the canonical value is one of them unless it is too common a word (`bare = false`)."""
    own = (value,) if entry.get("bare", True) else ()
    said = (*own, *entry["en"], *entry["zh"])
    return tuple(dict.fromkeys((*said, *(_spelt_out(surface) for surface in said))))


def _spelt_out(surface: str) -> str:
    """Without contractions: doesn't leak -> does not leak."""
    for contraction, words in _CONTRACTIONS.items():
        surface = surface.replace(contraction, words)
    return surface


@lru_cache
def _canonical_values() -> Mapping[tuple[str, str | None, tuple[str, ...]], str]:
    return {
        (concept.kind, concept.attribute, norms(surface)): concept.value
        for concept in reversed(load_lexicon().concepts)
        for surface in (concept.value, *concept.surfaces)
    }


def derive_attributes(
    title: str, description: str, stated: Attributes, shared: Attributes | None = None
) -> tuple[Attributes, dict[str, str]]:
    """Attributes that a product's text shows and its feed does not state.

    Colour, material and audience are read off the title; features off the title, the description and the shop's own
    attributes ("connectivity: wireless"). An attribute of which the feed states any value is left alone. "Not
    waterproof" and "faux leather" state nothing.

    Args:
        title: the product's title, Chinese or English.
        description: its description, may be empty.
        stated: what the feed says of the product or any of its variants.
        shared: what the feed says of all its variants, where features may be read; None: all of `stated`.

    Returns:
        The stated attributes with the derived ones added, and the source of each derived "attribute=value": "title",
        "description" or "attribute:NAME".

    >>> derive_attributes("Grey waterproof boots", "", {})
    ({'color': ('grey',), 'feature': ('waterproof',)}, {'color=grey': 'title', 'feature=waterproof': 'title'})
    """
    found = dict(stated)
    sources: dict[str, str] = {}
    for attribute, value, source in _shown(title, description, stated if shared is None else shared):
        if not stated.get(attribute) and f"{attribute}={value}" not in sources:
            found[attribute] = (*found.get(attribute, ()), value)
            sources[f"{attribute}={value}"] = source
    return found, sources


def _shown(title: str, description: str, shared: Attributes) -> Iterator[tuple[str, str, str]]:
    """Every (attribute, value, source) that a product's words show."""
    in_title = _read(title)
    for attribute in (*_TITLE_ATTRIBUTES, *_TITLE_AND_DESCRIPTION_ATTRIBUTES):
        yield from ((attribute, value, "title") for value in in_title.get(attribute, ()))
    in_description = _read(description) if description else {}
    for attribute in _TITLE_AND_DESCRIPTION_ATTRIBUTES:
        yield from ((attribute, value, "description") for value in in_description.get(attribute, ()))
        for name, values in shared.items():
            canonical = (load_lexicon().canonical("attribute", value, attribute) for value in values)
            yield from ((attribute, value, f"attribute:{name}") for value in canonical if value)


@lru_cache
def _readable() -> SurfaceIndex[tuple[str, str] | None]:
    """What may be read off a product's text: (attribute, value), or None for a name that shields its words."""
    loose = {norms(surface) for surface in load_table("loose.toml")["surfaces"]}
    index: SurfaceIndex[tuple[str, str] | None] = SurfaceIndex()
    for concept in load_lexicon().concepts:
        if concept.attribute in (*_TITLE_ATTRIBUTES, *_TITLE_AND_DESCRIPTION_ATTRIBUTES):
            for surface in concept.surfaces:
                if norms(surface) not in loose:
                    index.add(surface, (concept.attribute, concept.value))
    for name in _shielding_names():
        index.add(name, None)
    return index


def _shielding_names() -> Iterator[str]:
    """Names, and categories with a colour or material word in them (green tea, leather shoes stay what they are)."""
    yield from load_lexicon().names
    food = load_table("categories.toml")
    for category in ("teas", "coffee beans", "snacks", "wine"):
        yield from (*food[category]["en"], *food[category]["zh"])


def _read(text: str) -> dict[str, dict[str, None]]:
    tokens = tokenize(text)
    found: dict[str, dict[str, None]] = {}
    for match in _readable().find_all(tokens):
        if _is_refused(tokens, match):
            continue
        for payload in match.payloads:
            if payload is not None and None not in match.payloads:
                found.setdefault(payload[0], {})[payload[1]] = None
    return found


@lru_cache
def _refusing_words() -> tuple[frozenset[str], frozenset[str]]:
    table = load_table("loose.toml")
    return frozenset(table["refused_before"]), frozenset(table["refused_after"])


def _is_refused(tokens: Sequence[Token], match: Match[tuple[str, str] | None]) -> bool:
    before, after = _refusing_words()
    for token in reversed(tokens[max(0, match.first - _GUARD_TOKENS) : match.first]):
        if token.kind == "punctuation":
            break
        if token.norm in before:
            return True
    return match.last < len(tokens) and tokens[match.last].norm in after

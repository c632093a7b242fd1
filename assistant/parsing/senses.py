"""Every word that the parser knows, in one trie: names of the lexicon and the catalog, and the words of grammar.

In: a `Vocabulary`. Out: a `SenseIndex` that turns a message's tokens into items. Knows nothing of what a message means.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from assistant.parsing.codes import join_codes
from assistant.parsing.data import load_grammar
from assistant.parsing.homophones import respelt
from retrieval.lexicon import Concept, load_lexicon
from retrieval.lexicon.data import load_table
from retrieval.lexicon.matching import SurfaceIndex, Token, norms, tokenize
from retrieval.types import ALL_NEEDED
from retrieval.vocabulary import Vocabulary, ordinary_words

_FUZZY_LETTERS = 5
_LONG_WORD = 8
_POLARITY_CUES = (
    "exclude", "exclude_next", "exclude_back", "exclude_those",
    "unneeded", "unneeded_back", "skip", "lift", "lift_back", "accept", "add", "break", "break_hard",
    "besides", "besides_closed_by", "determiners", "connectors",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sense:
    """One thing that a surface may mean.

    `kind`: "category", "department", "attribute", "brand", "relative", "name" (shields its words), "cue", "key", "bare"
    (the name of a department that is too common a word to be wished for, but can be refused), or "defect" (refused, it
    asks for the feature `value`; anywhere else it is a word).
    `name`: the attribute, or the cue's or key's name. `value`: the canonical value. `values`: how the catalog spells
    it; empty where the catalog has no such thing (then the word stays a word).
    """

    kind: str
    name: str
    value: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """A stretch of the message: a known surface with its senses, or one unknown token (no senses).

    `norm` is its first token, `said` the whole stretch as written.
    """

    senses: tuple[Sense, ...]
    first: int
    last: int
    start: int
    end: int
    norm: str = ""
    said: str = ""
    polarity: str = "wanted"
    added: bool = False

    def cues(self) -> frozenset[str]:
        """Names of the cues that this item may be."""
        return frozenset(sense.name for sense in self.senses if sense.kind == "cue")

    def of(self, *kinds: str) -> tuple[Sense, ...]:
        """The senses of these kinds."""
        return tuple(sense for sense in self.senses if sense.kind in kinds)

    @property
    def is_mention(self) -> bool:
        return any(sense.kind in ("category", "department", "attribute", "brand", "relative") for sense in self.senses)

    @property
    def attributes(self) -> frozenset[str]:
        """Names of the attributes that it may give a value of ("brand" included)."""
        return frozenset(sense.name for sense in self.of("attribute", "brand", "relative"))


@dataclass(slots=True)
class SenseIndex:
    """The trie over one catalog's and the lexicon's surfaces; misspelt words are put right first."""

    vocabulary: Vocabulary
    _index: SurfaceIndex[Sense] = field(default_factory=SurfaceIndex)
    _words: set[str] = field(default_factory=set)
    _known: set[str] = field(default_factory=set)
    _choices: tuple[str, ...] = ()
    _corrections: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        own = self._add_own()
        for surface, sense in self._lexicon_senses():
            if (norms(surface), sense.name) not in own:
                self._put(surface, sense)
        for surface, sense in (*_grammar_senses(), *self._defects()):
            self._index.add(surface, sense)
            self._known.update(norms(surface))
        self._known |= self._words | ordinary_words()
        self._choices = tuple(sorted(word for word in self._words if len(word) >= _FUZZY_LETTERS and word.isascii()))

    def read(self, text: str) -> tuple[list[Token], list[Item]]:
        """The tokens of `text` with typing errors put right, and its items in order."""
        single = [self._corrected(token) for token in tokenize(text)]
        if any(token.is_cjk for token in single):
            sure = [item for item in self._items(single) if item.is_mention or item.of("name", "key")]
            single = respelt(single, {place for item in sure for place in range(item.first, item.last)})
        known = [
            (item.first, item.last, bool(item.is_mention or item.of("key", "name"))) for item in self._items(single)
        ]
        tokens = join_codes(single, text, known)
        return tokens, [replace(item, said=text[item.start : item.end]) for item in self._items(tokens)]

    def _items(self, tokens: Sequence[Token]) -> list[Item]:
        items: list[Item] = []
        position = 0
        while position < len(tokens):
            match = self._index.longest(tokens, position)
            last = match.last if match else position + 1
            senses = match.payloads if match else ()
            place = (tokens[position].start, tokens[last - 1].end)
            items.append(Item(senses, position, last, *place, norm=tokens[position].norm))
            position = last
        return items

    def known_as(self, head: Sense | None) -> Sense | None:
        """The head in this catalog's spelling."""
        if head is None or head.kind != "category":
            return head
        name = self.vocabulary.category_for(head.value)
        return replace(head, values=(name,)) if name else head

    def _corrected(self, token: Token) -> Token:
        word = token.norm
        if token.kind != "word" or len(word) < _FUZZY_LETTERS or word in self._known or not word.isascii():
            return token
        if word not in self._corrections:
            self._corrections[word] = self._closest(word)
            if len(self._corrections) > 50_000:
                self._corrections.clear()
                return token
        return replace(token, norm=self._corrections[word])

    def _closest(self, word: str) -> str:
        allowed = 2 if len(word) >= _LONG_WORD else 1
        found = process.extract(word, self._choices, scorer=OSA.distance, score_cutoff=allowed, limit=5)
        return next((choice for choice, _, _ in found if is_slip(word, choice)), word)

    def _put(self, surface: str, sense: Sense) -> None:
        self._index.add(surface, sense)
        self._words.update(word for word in norms(surface) if word not in ordinary_words())

    def _add_own(self) -> set[tuple[tuple[str, ...], str]]:
        """The catalog's own words. Returns what they already say, so that the lexicon does not say it again."""
        own = set()
        bare = {norms(word) for word in load_grammar()["departments"]["bare"]}
        for surface, name in self.vocabulary.own_categories():
            if norms(surface) not in bare and load_lexicon().canonical("category", surface) is None:
                kind = "category" if name in self.vocabulary.categories else "department"
                self._put(surface, Sense(kind, kind, name, (name,)))
        for surface, attribute, value in self.vocabulary.own_values():
            if any(load_lexicon().canonical("attribute", surface, name) for name in ALL_NEEDED):
                continue
            if load_lexicon().canonical("category", surface) is None:
                sense = Sense("attribute", attribute, value, self._same(attribute, value))
                for said in (surface, *_chinese_for(surface)):
                    self._put(said, sense)
                    own.add((norms(said), attribute))
        for brand in self.vocabulary.brands:
            words = norms(brand)
            if words and not all(word in ordinary_words() or len(word) < 2 for word in words):
                self._put(brand, Sense("brand", "brand", brand, (brand,)))
                own.add((words, "brand"))
        return own

    def _same(self, attribute: str, value: str) -> tuple[str, ...]:
        """All the catalog's spellings when its own value is the canonical one; else only itself."""
        if load_lexicon().canonical("attribute", value, attribute) == value:
            stated = self.vocabulary.values_for(attribute, value)
            if stated is not None and stated[0] == attribute:
                return stated[1]
        return (value,)

    def _lexicon_senses(self) -> Iterator[tuple[str, Sense]]:
        lexicon = load_lexicon()
        bare = {norms(word) for word in load_grammar()["departments"]["bare"]}
        for concept in lexicon.concepts:
            sense = self._sense(concept)
            for surface in concept.surfaces:
                is_bare = concept.kind == "department" and norms(surface) in bare
                yield surface, replace(sense, kind="bare") if is_bare else sense
                if is_bare and surface.isascii():
                    yield from ((f"{surface} {goods}", sense) for goods in load_grammar()["departments"]["goods"])
        for concept in lexicon.relatives:
            for surface in concept.surfaces:
                yield surface, replace(self._sense(concept), kind="relative")
        for word in load_grammar()["ages"]["school"]:
            yield word, Sense("attribute", "audience", "kids", self._values("audience", "kids")[1])
        for name in lexicon.names:
            yield name, Sense("name", "name")

    def _defects(self) -> Iterator[tuple[str, Sense]]:
        for feature, surfaces in load_grammar()["defects"].items():
            attribute, values = self._values("feature", feature)
            for surface in surfaces:
                yield surface, Sense("defect", attribute, feature, values)

    def _sense(self, concept: Concept) -> Sense:
        if concept.kind == "category":
            name = self.vocabulary.category_for(concept.value)
            return Sense("category", "category", concept.value, (name,) if name else ())
        if concept.kind == "department":
            name = self.vocabulary.department_for(concept.value)
            return Sense("department", "department", concept.value, (name,) if name else ())
        if concept.kind == "brand":
            return Sense("brand", "brand", concept.value, self._brand(concept))
        attribute, values = self._values(concept.attribute or "", concept.value)
        return Sense("attribute", attribute, concept.value, values)

    def _brand(self, concept: Concept) -> tuple[str, ...]:
        spellings = {norms(surface) for surface in concept.surfaces}
        own = tuple(brand for brand in self.vocabulary.brands if norms(brand) in spellings)
        # A brand that the shop doesn't carry but its texts speak of ("for Apple iPhone") is a word to search for.
        if not own and self.vocabulary.mentions(concept.value):
            return ()
        return own or (concept.value,)

    def _values(self, attribute: str, canonical: str) -> tuple[str, tuple[str, ...]]:
        return self.vocabulary.values_for(attribute, canonical) or (attribute, ())


@lru_cache
def _chinese_words() -> Mapping[str, tuple[str, ...]]:
    """English -> the Chinese words of the glossary that mean just that."""
    found: dict[str, tuple[str, ...]] = {}
    for chinese, english in load_lexicon().glossary.items():
        found[english] = (*found.get(english, ()), chinese)
    return found


def _chinese_for(value: str) -> tuple[str, ...]:
    return tuple(word for word in _chinese_words().get(value, ()) if len(word) > 1)


def is_slip(word: str, meant: str) -> bool:
    """Whether `word` is `meant` with a letter left out or swapped, or with other or doubled vowels and consonants.

    >>> is_slip("wolo", "wool"), is_slip("hoped", "hyped")
    (True, False)
    """
    if word[0] != meant[0]:
        return False
    if len(word) == len(meant) and sorted(word) == sorted(meant):
        return True
    if len(word) == len(meant) - 1 and any(word == meant[:i] + meant[i + 1 :] for i in range(len(meant))):
        return True
    return len(word) > _FUZZY_LETTERS and _skeleton(word) == _skeleton(meant)


def _skeleton(word: str) -> str:
    consonants = [letter for letter in word if letter not in "aeiouy"]
    return "".join(letter for i, letter in enumerate(consonants) if i == 0 or letter != consonants[i - 1])


def _grammar_senses() -> Iterator[tuple[str, Sense]]:
    grammar = load_grammar()
    for name in _POLARITY_CUES:
        for surface in grammar["polarity"][name]:
            yield surface, Sense("cue", name)
    for surface in grammar["polarity"]["shield"]:
        yield surface, Sense("name", "shield")
    for name, surfaces in grammar["keys"].items():
        kind = "cue" if name in ("any", "any_closed_by") else "key"
        for surface in surfaces:
            yield surface, Sense(kind, name)
    for sort, surfaces in grammar["moves"]["sort"].items():
        for surface in surfaces:
            yield surface, Sense("key", "sort", sort)


def category_departments() -> Mapping[str, str]:
    """Lexicon category -> its department."""
    return {name: entry["department"] for name, entry in load_table("categories.toml").items()}


@lru_cache
def first_chinese(category: str) -> str:
    """The lexicon's plainest Chinese name of a category or department; "" where it has none."""
    concept = next((c for c in load_lexicon().concepts if c.value == category and c.attribute is None), None)
    return next((surface for surface in concept.surfaces if not surface.isascii()), "") if concept else ""

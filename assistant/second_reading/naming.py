"""Whether words of a message name a value of the catalog: by the catalog's spelling or the lexicon's, or by a slip.

In: an attribute and a value as somebody claims them, and tokens of a message. Out: the `Sense`, and the tokens that
name it. Knows no model and no polarity.
"""

from collections.abc import Container, Iterable, Sequence
from functools import lru_cache

from rapidfuzz.distance import OSA

from assistant.parsing.data import load_fillers
from assistant.parsing.senses import Sense
from retrieval.lexicon import load_lexicon
from retrieval.lexicon.matching import Token, fold, norms
from retrieval.vocabulary import Vocabulary, ordinary_words

ALIKE = 0.8
"""How alike (OSA, in [0, 1]) a word that nobody knows must be to a name, to be a slip of it."""
_SLIP_LETTERS = 6
_MIN_LETTERS, _MIN_CHARACTERS = 3, 2
_SAYS_NOTHING = frozenset(
    "yes no true false none other others unknown all any standard default various mixed"
    " 其他 其它 普通 标准 默认 所有".split()
)
_NOT_CLAIMED = frozenset({"size", "price", "quantity", "sort", "word"})
"""Numbers and their like are the grammar's matter."""


def sense_of(attribute: str, value: str, vocabulary: Vocabulary) -> Sense | None:
    """The value of the catalog that is meant, if the catalog has it and it can be a condition at all."""
    name, said = fold(attribute).strip(), fold(value).strip()
    if name in _NOT_CLAIMED or not _says_something(said):
        return None
    if name in ("category", "department"):
        hard = {own for _, own in vocabulary.own_categories()}
        counts = vocabulary.categories if name == "category" else vocabulary.departments
        own = _own_spelling(said, counts)
        meant = load_lexicon().canonical(name, own) if own else None
        return Sense(name, name, meant or own, (own,)) if own in hard else None
    if name == "brand":
        own = _own_spelling(said, vocabulary.brands)
        return Sense("brand", "brand", own, (own,)) if own else None
    own = _own_spelling(said, vocabulary.attributes.get(name, {}))
    if not own:
        return None
    meant = load_lexicon().canonical("attribute", own, name)
    stated = vocabulary.values_for(name, meant) if meant else None
    values = stated[1] if stated and stated[0] == name else (own,)
    return Sense("attribute", name, meant or own, values)


def place_named(sense: Sense, tokens: Sequence[Token], unread: Container[str]) -> tuple[int, int] | None:
    """The tokens, first to last (exclusive), that name the value; a word that is `unread` may do so with a slip.

    >>> from retrieval.lexicon.matching import tokenize
    >>> brand = Sense("brand", "brand", "north ridge", ("north ridge",))
    >>> place_named(brand, tokenize("anything by North-Ridge?"), ()), place_named(brand, tokenize("a ridge"), ())
    ((2, 4), None)
    """
    surfaces = sorted(surfaces_of(sense), key=len, reverse=True)
    said = [token.norm for token in tokens]
    for surface in surfaces:
        for n in {len(surface), 1, 2}:
            for first in range(len(said) - n + 1):
                if said[first : first + n] == list(surface) or _is_joined(said[first : first + n], surface):
                    return first, first + n
    for place, word in enumerate(said):
        if word in unread and any(len(surface) == 1 and _is_slip(word, surface[0]) for surface in surfaces):
            return place, place + 1
    return None


@lru_cache(maxsize=512)
def surfaces_of(sense: Sense) -> frozenset[tuple[str, ...]]:
    """All that the value is called, as token norms."""
    called = {norms(name) for name in (sense.value, *sense.values)}
    for concept in load_lexicon().concepts:
        is_same = concept.kind == sense.kind and (concept.attribute in (None, sense.name))
        if is_same and concept.value == sense.value:
            called.update(norms(surface) for surface in concept.surfaces)
    called.update(norms(chinese) for chinese, english in load_lexicon().glossary.items() if english == sense.value)
    return frozenset(surface for surface in called if surface and _says_something(" ".join(surface)))


def is_of_catalog(words: str, vocabulary: Vocabulary) -> bool:
    """Whether all words are English ones that the catalog's own texts say."""
    said = norms(words)
    return bool(said) and all(word.isascii() and word.isalpha() and vocabulary.words.get(word, 0) > 0 for word in said)


def is_ordinary(words: str) -> bool:
    """Whether all words are too common to name anything by themselves.

    >>> is_ordinary("Next"), is_ordinary("leather")
    (True, False)
    """
    return all(word in ordinary_words() or word in load_fillers()[0] for word in norms(words))


def _own_spelling(said: str, spellings: Iterable[str]) -> str:
    return next((own for own in spellings if fold(own) == said), "")


def _says_something(name: str) -> bool:
    if name in _SAYS_NOTHING or name in load_fillers()[0]:
        return False
    letters = sum(char.isalpha() and char.isascii() for char in name)
    return letters >= _MIN_LETTERS or sum(char >= "\u3400" for char in name) >= _MIN_CHARACTERS


def _is_joined(said: Sequence[str], surface: Sequence[str]) -> bool:
    """Whether both are the same letters, parted otherwise (rain coat, raincoat)."""
    return len(said) != len(surface) and all(word.isascii() for word in said) and "".join(said) == "".join(surface)


def _is_slip(word: str, meant: str) -> bool:
    long = min(len(word), len(meant)) >= _SLIP_LETTERS and word.isascii() and meant.isascii()
    return long and word[0] == meant[0] and OSA.normalized_similarity(word, meant) >= ALIKE

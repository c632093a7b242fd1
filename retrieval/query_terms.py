"""What a query's words look for in the lexical index: each word with what else may stand for it.

In: the words of a wish, and which terms the catalog has. Out: `QueryTerms`. Knows no product, no filter and no score.

A word the catalog does not have is read as what earlier shoppers meant by it, as the compound's parts, as the word it
is a misspelling of, or as what the lexicon knows to mean the same. A measure is looked for as such and as its words;
neighbours also as one word ("head set", "LC 51C").
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from rapidfuzz.distance import OSA

from retrieval.lexical import ONCE_IN_TITLE, LexicalIndex, LexicalOverlay, TitleUse
from retrieval.lexicon import load_lexicon
from retrieval.lexicon.matching import norms
from retrieval.terms import accessory_words, ends_in_accessory, fold, measures
from retrieval.text import STOP_WORDS, has_cjk, stem, tokens

Alternative = tuple[tuple[str, ...], float]
"""Terms that must all be there, and how much that is worth, in (0, 1]."""

Synonyms = Mapping[str, Sequence[str]]
"""Stems of shoppers' words -> stems of the catalog's words for the same (see `ranking.synonyms`)."""

NO_SYNONYMS: Synonyms = MappingProxyType({})

MEASURE_APART = 0.6
"""What a measure's number and unit are worth where they stand in a text but not as that measure."""

CHARACTER = 0.3
"""What a single character of a longer Chinese word is worth; the pairs say more."""

SPLIT, CORRECTED, MEANT = 0.9, 0.8, 0.8
"""What the parts of a compound, the right spelling and another word for the same are worth."""

SELDOM_HEAD = 0.3
"""A word that so seldom names the thing itself in the catalog's titles is looked for by its other names as well."""

MIN_CORRECTED, MIN_PART, MIN_KNOWN = 4, 3, 2
MAX_MEANT, MAX_JOINED = 6, 3

_WORD = re.compile(r"[^\W_]+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class QueryTerms:
    """A query as the lexical index is asked: of each of its parts the alternatives that may stand for it.

    `head_share`, in [0, 1], is how often the query's chief word names the thing itself in the catalog's titles (1
    where that cannot be told): where it mostly stands before other words ("laptop sleeve"), finding it says little.
    `asks_accessory`: the wish is for something that is made for another thing. `unknown` are words that nothing in
    the catalog could be found for. `full_score`: what a product scores whose title says all of it once.
    """

    slots: tuple[tuple[Alternative, ...], ...] = ()
    head_share: float = 1.0
    asks_accessory: bool = False
    unknown: tuple[str, ...] = ()
    full_score: float = 0.0


class QueryReader:
    """Reads queries for one index and the texts beside it. Safe to share between threads."""

    def __init__(self, index: LexicalIndex, overlay: LexicalOverlay, synonyms: Synonyms = NO_SYNONYMS) -> None:
        self._index = index
        self._overlay = overlay
        self._synonyms = synonyms

    def read(self, text: str, translated: str | None = None) -> QueryTerms:
        """What `text` looks for.

        Args:
            text: the words of a wish, in any language.
            translated: the same in English, which is used for what the catalog does not have otherwise.
        """
        folded = fold(text)
        slots, unknown = self._slots(folded)
        if translated and fold(translated) != folded and (unknown or not slots):
            english, unknown = self._slots(fold(translated))
            slots = [*slots, *(slot for slot in english if slot not in slots)]
        chief = chief_word(translated or text)
        share = self._head_share(chief)
        if chief and share < SELDOM_HEAD:
            slots = [self._widened(slot, chief) for slot in slots]
        is_for_another = asks_accessory(text) or asks_accessory(translated or "")
        return QueryTerms(tuple(slots), share, is_for_another, unknown, sum(map(self._full_score, slots)))

    def _widened(self, slot: tuple[Alternative, ...], chief: str) -> tuple[Alternative, ...]:
        """The slot of the chief word with other words for the same thing, where the catalog seldom calls it that."""
        return (*slot, *self._meant(chief)) if ((stem(chief),), 1.0) in slot else slot

    def _slots(self, folded: str) -> tuple[list[tuple[Alternative, ...]], tuple[str, ...]]:
        slots, unknown, rest, end = [], [], [], 0
        for measure in measures(folded):
            rest.append(folded[end : measure.start])
            end = measure.end
            words = tuple(term for term in tokens(folded[measure.start : end]) if self._knows(term))
            found: list[Alternative] = [((measure.term,), 1.0)] if self._knows(measure.term) else []
            if words:
                found.append((words, MEASURE_APART))
            if found:
                slots.append(tuple(found))
            else:
                unknown.append(measure.term)
        rest.append(folded[end:])
        for piece in rest:
            for word, alternatives in self._words(piece):
                if alternatives:
                    slots.append(tuple(alternatives))
                else:
                    unknown.append(word)
        return slots, tuple(unknown)

    def _words(self, piece: str) -> Iterator[tuple[str, list[Alternative]]]:
        """Every term of a piece of text with its alternatives."""
        words = list(dict.fromkeys(_WORD.findall(piece)))
        joined = self._joined(words)
        for word in words:
            is_unknown = False
            for term in tokens(word):
                is_part = len(term) == 1 < len(word) and has_cjk(term)
                own: list[Alternative] = [((term,), CHARACTER if is_part else 1.0)] if self._knows(term) else []
                if found := [*own, *joined.get(word, [])]:
                    yield word, found
                else:
                    is_unknown = is_unknown or not is_part
            if is_unknown:
                yield word, self._instead(word)

    def _joined(self, words: Sequence[str]) -> Mapping[str, list[Alternative]]:
        """Word -> what it makes together with its neighbours; each of n words is worth an nth of that."""
        found: dict[str, list[Alternative]] = defaultdict(list)
        for n in range(2, MAX_JOINED + 1):
            for start in range(len(words) - n + 1):
                parts = words[start : start + n]
                whole = stem("".join(parts))
                if not has_cjk(whole) and self._knows(whole):
                    for part in parts:
                        found[part].append(((whole,), 1 / n))
        return found

    def _instead(self, word: str) -> list[Alternative]:
        """What a word that the catalog does not have may stand for; the likeliest kind only."""
        kinds = (self._split, self._corrected) if word.isascii() else ()
        for found in (self._learnt(word), *(kind(word) for kind in kinds), self._meant(word)):
            if alternatives := list(found):
                return alternatives
        return []

    def _learnt(self, word: str) -> Iterator[Alternative]:
        for term in tokens(word):
            for other in self._synonyms.get(term, ()):
                if self._knows(other):
                    yield (other,), MEANT

    def _split(self, word: str) -> Iterator[Alternative]:
        for cut in range(MIN_PART, len(word) - MIN_PART + 1):
            parts = stem(word[:cut]), stem(word[cut:])
            if all(self._index.document_frequency(part) >= MIN_KNOWN for part in parts):
                yield parts, SPLIT

    def _corrected(self, word: str) -> Iterator[Alternative]:
        if len(word) < MIN_CORRECTED or not word.isascii() or not word.isalpha():
            return
        farthest = 1 if len(word) < 8 else 2
        # The stem of a misspelt word may be anything: both may be near.
        forms = {word, stem(word)}
        shortest, longest = min(map(len, forms)) - farthest, max(map(len, forms)) + farthest
        near = {
            known: distance
            for length in range(shortest, longest + 1)
            for spellings in (self._index.spellings, self._overlay.spellings)
            for known in spellings.get((word[0], length), ())
            if (distance := min(OSA.distance(form, known, score_cutoff=farthest) for form in forms)) <= farthest
        }
        if near:
            best = min(near, key=lambda known: (near[known], -self._index.document_frequency(known), known))
            yield (best,), CORRECTED

    def _meant(self, word: str) -> Iterator[Alternative]:
        n = 0
        for surface in _other_words(norms(word)):
            terms = tuple(tokens(surface))
            if terms and all(self._knows(term) for term in terms) and n < MAX_MEANT:
                n += 1
                yield terms, MEANT

    def _full_score(self, slot: tuple[Alternative, ...]) -> float:
        return ONCE_IN_TITLE * max(weight * min(map(self._overlay.rarity, words)) for words, weight in slot)

    def _knows(self, term: str) -> bool:
        return term in self._index or term in self._overlay

    def _head_share(self, head: str | None) -> float:
        if head is None:
            return 1.0
        use: TitleUse = self._index.title_use(stem(head))
        return (use.n_heads + 1) / (use.n_titles + 2) if use.n_titles else 1.0


def in_words_of(index: LexicalIndex, text: str, synonyms: Synonyms) -> str:
    """The text with learnt words of the catalog in the place of words that it does not have.

    >>> in_words_of(LexicalIndex.of(()), "a small torch", {"torch": ("flashlight", "pocket")})
    'a small flashlight'
    """
    if not synonyms:
        return text

    def said(match: re.Match[str]) -> str:
        word = match.group()
        learnt = [synonyms[term] for term in tokens(word) if term in synonyms and term not in index]
        return learnt[0][0] if learnt else word

    return _WORD.sub(said, text)


def chief_word(text: str) -> str | None:
    """The word that names what is wanted, of an English wish; None where there is none or the wish is Chinese.

    >>> chief_word("light sleeve for a laptop"), chief_word("gaming laptop"), chief_word("跑步鞋")
    ('sleeve', 'laptop', None)
    """
    _, makes_for = accessory_words()
    chief = None
    for word in _WORD.findall(fold(text)):
        if has_cjk(word):
            return None
        if word in makes_for and chief is not None:
            break
        if word.isalpha() and word not in STOP_WORDS and word not in makes_for:
            chief = word
    return chief


def asks_accessory(text: str) -> bool:
    """Whether the thing that is wanted is made for another one, or is a part of one.

    >>> [asks_accessory(text) for text in ("laptop sleeve", "laptop", "手机保护套", "手机")]
    [True, False, True, False]
    """
    return chief_word(text) in accessory_words()[0] or ends_in_accessory(fold(text))


@lru_cache(maxsize=4096)
def _other_words(surface: tuple[str, ...]) -> tuple[str, ...]:
    """The English and Chinese words that the lexicon has for the same thing."""
    return tuple(dict.fromkeys(word for word in _surfaces().get(surface, ()) if norms(word) != surface))


@lru_cache
def _surfaces() -> Mapping[tuple[str, ...], tuple[str, ...]]:
    found: dict[tuple[str, ...], tuple[str, ...]] = {}
    for concept in load_lexicon().concepts:
        if concept.kind in ("category", "attribute"):
            for surface in concept.surfaces:
                found[norms(surface)] = (*found.get(norms(surface), ()), *concept.surfaces)
    return found

"""What a wish names, word by word, so that it can be looked for in titles and categories.

In: the text of a query, Chinese, English or mixed. Out: `Word`s in the order of the text. Knows no catalog.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from retrieval.lexicon import load_lexicon
from retrieval.lexicon.matching import SurfaceIndex, norms, tokenize
from retrieval.text import STOP_WORDS, has_cjk, tokens
from retrieval.vocabulary import ordinary_words

Stems = frozenset[str]

_PARTICLES = "的了吗呢吧啊个"

_CODE = re.compile(r"(?<![^\W_])(?=[a-z/-]*\d)(?=[\d/.-]*[a-z])[a-z\d]+(?:[-/.][a-z\d]+)*", re.IGNORECASE | re.ASCII)
"""Letters and digits in one: a model number."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a wish, or the name of a kind of thing ("running shoes").

    A text says it when it holds all stems of one of `forms`, or `chinese` as it stands. `describes`: a colour, a
    feature, a number, a word that everybody uses of anything; such a word is not what is wanted. `kind`: the
    lexicon's canonical category, where it names one.
    """

    said: str
    forms: tuple[Stems, ...]
    chinese: str = ""
    describes: bool = False
    kind: str | None = None

    @property
    def is_code(self) -> bool:
        """A number or a model's name: "27", "lc-51c"."""
        return any(char.isdigit() for char in self.said)


def words_of_wish(text: str) -> tuple[Word, ...]:
    """The words of a wish that say something, in order.

    >>> [(word.said, word.kind, word.describes) for word in words_of_wish("red leather couch for 猫爬架")]
    [('red', None, True), ('leather', None, True), ('couch', 'sofas', False), ('猫爬架', None, False)]
    """
    found: dict[str, Word] = {}
    for is_code, part in _parts(text):
        words = _code(part) if is_code else _plain_words(part)
        found |= {word.said: word for word in words}
    return tuple(found.values())


def _parts(text: str) -> Iterator[tuple[bool, str]]:
    """The text cut at model numbers, each part with whether it is one."""
    position = 0
    for match in _CODE.finditer(text):
        yield False, text[position : match.start()]
        yield True, match.group()
        position = match.end()
    yield False, text[position:]


def _code(said: str) -> Iterator[Word]:
    if stems := frozenset(tokens(said)):
        yield Word(said, (stems,))


def _plain_words(text: str) -> Iterator[Word]:
    run: list[str] = []
    for said, english in load_lexicon().pieces(text):
        if not has_cjk(said):
            run.append(said)
            continue
        yield from _english(run)
        run = []
        yield from _chinese(said, english)
    yield from _english(run)


def head_of(words: Sequence[Word]) -> Word | None:
    """What is wanted: the last word that does not merely describe; failing that, the last one.

    >>> head_of(words_of_wish("wooden spice rack")).said
    'rack'
    """
    nouns = [word for word in words if not word.describes and not word.is_code]
    return nouns[-1] if nouns else words[-1] if words else None


def _english(run: Sequence[str]) -> Iterator[Word]:
    text = " ".join(run)
    found = tokenize(text)
    position = 0
    while position < len(found):
        match = _meanings().longest(found, position)
        last = match.last if match else position + 1
        said = text[found[position].start : found[last - 1].end]
        word = _named(said, match.payloads if match else ())
        if word is not None and found[position].kind != "punctuation":
            yield word
        position = last


def _chinese(said: str, english: str) -> Iterator[Word]:
    if english:
        word = _named(english, _meanings_of().get(norms(said), ()), said)
        if word is not None:
            yield word
    elif len(bare := said.strip(_PARTICLES)) > 1:
        yield Word(bare, (), bare)


def _named(english: str, meanings: Sequence[tuple[str, str]], chinese: str = "") -> Word | None:
    """The word for an English text and what the lexicon takes it for; None where it says nothing."""
    stems = frozenset(tokens(english))
    said = chinese or english
    if not stems or (english.lower() in STOP_WORDS) or (len(english) == 1 and not english.isdigit()):
        return None
    kind = next((value for what, value in meanings if what == "category"), None)
    forms = dict.fromkeys((stems, *_names_of_kind().get(kind or "", ())))
    describes = kind is None and (bool(meanings) or english[0].isdigit() or _is_ordinary(english))
    return Word(said, tuple(forms), chinese, describes, kind)


def _is_ordinary(english: str) -> bool:
    return all(word in ordinary_words() for word in norms(english))


@lru_cache
def _meanings() -> SurfaceIndex[tuple[str, str]]:
    """English surfaces of categories, and of what describes: attributes and people."""
    index: SurfaceIndex[tuple[str, str]] = SurfaceIndex()
    for surface, meaning in _surfaces():
        if surface.isascii():
            index.add(surface, meaning)
    return index


@lru_cache
def _meanings_of() -> Mapping[tuple[str, ...], tuple[tuple[str, str], ...]]:
    found: dict[tuple[str, ...], tuple[tuple[str, str], ...]] = {}
    for surface, meaning in _surfaces():
        found[norms(surface)] = (*found.get(norms(surface), ()), meaning)
    return found


def _surfaces() -> Iterator[tuple[str, tuple[str, str]]]:
    lexicon = load_lexicon()
    for concept in (*lexicon.concepts, *lexicon.relatives):
        if concept.kind in ("category", "attribute"):
            for surface in concept.surfaces:
                yield surface, (concept.kind, concept.value)


@lru_cache
def _names_of_kind() -> Mapping[str, tuple[Stems, ...]]:
    """Canonical category -> the stems of each of its English names."""
    return {
        concept.value: tuple(frozenset(tokens(name)) for name in (concept.value, *concept.surfaces) if name.isascii())
        for concept in load_lexicon().concepts
        if concept.kind == "category"
    }


@lru_cache
def dictionary() -> frozenset[str]:
    """Words that are no misspelling of another: the lexicon's and the ordinary ones, folded."""
    lexicon = load_lexicon()
    surfaces = [surface for concept in lexicon.concepts for surface in concept.surfaces if surface.isascii()]
    known = (word for text in (*surfaces, *lexicon.glossary.values()) for word in norms(text))
    return ordinary_words() | frozenset(known)

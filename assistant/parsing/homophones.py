"""Chinese names of things written with a wrong character that sounds the same: 行礼箱 for 行李箱.

In: tokens. Out: the tokens with such names put right. Knows the lexicon's categories and nothing of a catalog.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from retrieval.lexicon import load_lexicon
from retrieval.lexicon.matching import Token

_LENGTHS = (4, 3, 2)
_BEFORE_A_THING = frozenset("的个双件条台只部套顶把款买要找来看")


def respelt(tokens: Sequence[Token], taken: Container[int]) -> list[Token]:
    """The tokens with names of things put right, token by token.

    A name of two characters must differ in one only, and stand where a thing may be named.

    Args:
        tokens: of a message.
        taken: places of tokens that say something as they are.

    >>> from retrieval.lexicon.matching import tokenize
    >>> "".join(token.norm for token in respelt(tokenize("行礼箱要硬壳"), ()))
    '行李箱要硬壳'
    """
    found = list(tokens)
    position = 0
    while position < len(found):
        meant = _meant(found, position, taken)
        for place, char in enumerate(meant, position):
            found[place] = replace(found[place], norm=char)
        position += max(1, len(meant))
    return found


def _meant(tokens: Sequence[Token], position: int, taken: Container[int]) -> str:
    for length in _LENGTHS:
        places = range(position, position + length)
        if places.stop > len(tokens) or any(not tokens[place].is_cjk or place in taken for place in places):
            continue
        said = "".join(tokens[place].norm for place in places)
        meant = _names().get(sound(said), "")
        if meant and meant != said and (length > 2 or (_opens(tokens, position) and _is_near(said, meant))):
            return meant
    return ""


def _is_near(said: str, meant: str) -> bool:
    return sum(a == b for a, b in zip(said, meant, strict=True)) == 1


def _opens(tokens: Sequence[Token], position: int) -> bool:
    """Whether a thing may be named here: at the start, after a stop, a measure word or what asks for one."""
    before = tokens[position - 1] if position else None
    return before is None or before.kind == "punctuation" or before.norm in _BEFORE_A_THING


@lru_cache
def _names() -> Mapping[tuple[str, ...], str]:
    names: dict[tuple[str, ...], str] = {}
    for concept in load_lexicon().concepts:
        for surface in concept.surfaces if concept.kind == "category" else ():
            if len(surface) in _LENGTHS and all("\u3400" <= char <= "\u9fff" for char in surface):
                names.setdefault(sound(surface), surface)
    return names


@lru_cache(maxsize=20_000)
def sound(text: str) -> tuple[str, ...]:
    """How Chinese text is spoken, without tones.

    >>> sound("行李箱") == sound("行礼箱")
    True
    """
    from pypinyin import lazy_pinyin

    return tuple(lazy_pinyin(text))

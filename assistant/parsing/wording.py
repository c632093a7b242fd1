"""The words of the wish: what goes to the lexical index and, in English, to the embedder.

In: the message, its items, and the places that say something else (prices, what is refused, references). Out: the
remaining words. Knows no session.
"""

from collections.abc import Sequence
from functools import lru_cache

from assistant.parsing.data import load_fillers
from assistant.parsing.senses import Item
from retrieval.lexicon import load_lexicon
from retrieval.lexicon.matching import SurfaceIndex, Token, tokenize

Span = tuple[int, int]

_BARE_WORDS = 2


def wish_text(text: str, folded: str, items: Sequence[Item], taken: Sequence[Span]) -> str:
    """The shopper's own words for what they want, without prices, refused things and fillers."""
    english, _ = load_fillers()
    words: list[str] = []
    run: list[str] = []
    run_end = -1
    for item in items:
        if any(_hides(item, span) for span in taken):
            continue
        said = text[item.start : item.end]
        if item.is_mention:
            if item.polarity in ("wanted", "accepted"):
                words.append(said)
            continue
        if item.cues() or item.of("key") or (item.senses == () and _is_noise(item, english)):
            if item.of("key") and item.norm.isascii() and not item.cues():
                continue
            if not item.of("name"):
                continue
        if any(sense.name == "shield" for sense in item.of("name")) or item.polarity == "excluded":
            continue
        if _is_cjk(item) and not item.senses:
            if run_end == item.start and run:
                run[-1] += said
            else:
                run = [said]
                words.append("")
            words[-1] = _without_fillers(run[-1])
            run_end = item.end
        else:
            words.append(said)
    return " ".join(dict.fromkeys(filter(None, words)))


def is_all_said(tokens: Sequence[Token], items: Sequence[Item]) -> bool:
    """Whether every token is part of a thing or value named, or a filler: nothing unknown stands beside them.

    Args:
        tokens: of a message.
        items: of the same message.
    """
    named = {place for item in items if item.is_mention for place in range(item.first, item.last)}
    english, _ = load_fillers()
    place = 0
    while place < len(tokens):
        match = None if place in named else _chinese_words().longest(tokens, place)
        is_filler = match is not None and True not in match.payloads
        is_known = place in named or is_filler or tokens[place].norm in english
        if not is_known and tokens[place].kind != "punctuation":
            return False
        place = match.last if match is not None and is_filler else place + 1
    return True


def bare_wish(text: str, items: Sequence[Item]) -> str:
    """The message itself where it is one or two words, though they be fillers elsewhere ("switch"); else nothing."""
    return text.strip() if len(items) <= _BARE_WORDS else ""


def english_text(wish: str) -> str:
    """The same in English, as far as the lexicon knows the words; the wish itself where it holds no Chinese.

    >>> english_text("防水 登山靴")
    'waterproof hiking boots'
    """
    if not _has_cjk(wish):
        return wish
    return load_lexicon().translate(wish)


def _hides(item: Item, span: Span) -> bool:
    """Whether the span says all of the item; a category stays though its number is a size (三人 in 三人沙发)."""
    if item.is_mention:
        return span[0] <= item.start and item.end <= span[1]
    return item.start < span[1] and span[0] < item.end


def _is_noise(item: Item, english: frozenset[str]) -> bool:
    norm = item.norm
    return norm in english or not norm[:1].isalnum()


def _is_cjk(item: Item) -> bool:
    return "\u3400" <= item.norm[:1] <= "\u9fff"


def _has_cjk(text: str) -> bool:
    return any("\u3400" <= char <= "\u9fff" for char in text)


@lru_cache
def _chinese_words() -> SurfaceIndex[bool]:
    """Chinese words that say something (True) or are mere filler (False)."""
    index: SurfaceIndex[bool] = SurfaceIndex()
    for word in load_lexicon().glossary:
        index.add(word, True)
    for word in load_fillers()[1]:
        index.add(word, False)
    return index


def _without_fillers(text: str) -> str:
    """What is left of a run of Chinese: words of the glossary, and unknown stretches of two characters and more."""
    tokens = tokenize(text)
    pieces: list[str] = [""]
    position = 0
    while position < len(tokens):
        match = _chinese_words().longest(tokens, position)
        last = match.last if match else position + 1
        said = text[tokens[position].start : tokens[last - 1].end]
        if match is None:
            pieces[-1] += said
        else:
            pieces += [said, ""] if True in match.payloads else [""]
        position = last
    known = load_lexicon().glossary
    return " ".join(piece for piece in pieces if len(piece) > 1 or piece in known)

"""Which features a message has: hashed n-grams of its words and characters.

In: a message. Out: places in the classifier's tables. Knows no label, no catalog and no session.
"""

import re
import zlib
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from retrieval.lexicon.matching import fold

N_FEATURES = 2**16

MAX_CHARACTERS = 400
"""What a message is for is said in its first sentences; the time of a turn stays bounded."""

_PIECE = re.compile(r"[\u3400-\u9fff]+|[^\W_\u3400-\u9fff]+(?:'[^\W_\u3400-\u9fff]+)*|[?!]")
_DIGITS = re.compile(r"\d+")
_LATIN_LETTERS = (3, 4, 5)
_CHINESE_CHARACTERS = (1, 2, 3, 4)


def ngrams(text: str) -> set[str]:
    """Words and pairs of words, letters within words, and runs of Chinese characters, each with its kind in front.

    >>> sorted(ngrams("A tea"))
    ['c<a>', 'c<te', 'c<tea', 'c<tea>', 'cea>', 'ctea', 'ctea>', 'p^ a', 'pa tea', 'ptea $', 'wa', 'wtea']
    >>> sorted(ngrams("不要茶"))
    ['z<不', 'z<不要', 'z<不要茶', 'z不', 'z不要', 'z不要茶', 'z不要茶>', 'z茶', 'z茶>', 'z要', 'z要茶', 'z要茶>']
    """
    pieces = [_DIGITS.sub("0", piece) for piece in _PIECE.findall(fold(text[:MAX_CHARACTERS]))]
    found: set[str] = set()
    for piece in pieces:
        found.update(_chinese(piece) if piece[0] >= "\u3400" else _latin(piece))
    words = [piece for piece in pieces if piece[0] < "\u3400"]
    if words:
        found.update(f"p{first} {second}" for first, second in zip(["^", *words], [*words, "$"], strict=True))
    return found


def _latin(word: str) -> Iterator[str]:
    yield f"w{word}"
    if not word[0].isalnum():
        return
    framed = f"<{word}>"
    for n in _LATIN_LETTERS:
        yield from (f"c{framed[i : i + n]}" for i in range(len(framed) - n + 1))


def _chinese(run: str) -> Iterator[str]:
    framed = f"<{run}>"
    for n in _CHINESE_CHARACTERS:
        yield from (f"z{framed[i : i + n]}" for i in range(len(framed) - n + 1) if framed[i : i + n] not in "<>")


def places(text: str) -> NDArray[np.int64]:
    """`(n,)` distinct places in [0, N_FEATURES), rising.

    Source: Weinberger et al., Feature Hashing for Large Scale Multitask Learning (2009), without signs.

    >>> places("").size
    0
    """
    hashed = {zlib.crc32(ngram.encode()) % N_FEATURES for ngram in ngrams(text)}
    return np.fromiter(sorted(hashed), dtype=np.int64, count=len(hashed))

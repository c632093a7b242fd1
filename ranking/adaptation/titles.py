"""What shoppers might type for a product, made of its title.

In: a title in English or Chinese. Out: a short query. Knows no catalog.
"""

import random
import re

from retrieval.lexicon import load_lexicon
from retrieval.text import has_cjk

_WORD = re.compile(r"[^\W_]+(?:[-'./][^\W_]+)*")
_PART_ENDS = re.compile(r" - |, | for | with |\(|//?")
_NOISE = frozenset("with and for the of in a by pack set new black white red blue grey gray".split())


def title_query(title: str, brand: str | None, drawn: random.Random) -> str:
    """What the thing is, alone or after its brand, or a few words of its title in a row; empty where it has none.

    >>> title_query("Acme Fast Kettle, 1.7 l, steel", "Acme", random.Random(1))
    'Fast Kettle'
    """
    if has_cjk(title):
        return drawn.choice(chinese_names(title))
    words = title_words(title, brand)
    plain = plain_words(words)
    if not plain:
        return ""
    kind = drawn.random()
    if kind < 0.6:
        return " ".join(plain[-2 if kind < 0.4 else -3 :])
    if kind < 0.8 and brand:
        return f"{brand} {' '.join(plain[-2:])}"
    start = drawn.randrange(len(words))
    return " ".join(words[start : start + 3])


def title_words(title: str, brand: str | None = None) -> list[str]:
    """The words of the first two parts of an English title, but its brand's: what comes later seldom names the thing.

    >>> title_words("Acme Boots (waterproof) for men, size 42", "ACME")
    ['Boots', 'waterproof']
    """
    own = {word.lower() for word in _WORD.findall(brand or "")}
    return [word for word in _WORD.findall(" ".join(_PART_ENDS.split(title)[:2])) if word.lower() not in own]


def plain_words(words: list[str]) -> list[str]:
    """Those that may name a thing: no numbers, no models, nothing short, no colours.

    >>> plain_words(["New", "KX-17", "kettle", "of", "steel"])
    ['kettle', 'steel']
    """
    return [word for word in words if word.isalpha() and len(word) > 2 and word.lower() not in _NOISE]


def chinese_names(title: str) -> list[str]:
    """The last run of a Chinese title, and what the lexicon knows of it, alone and with all that comes after.

    >>> chinese_names("轻便登山靴")[0]
    '轻便登山靴'
    """
    last = title.rsplit(maxsplit=1)[-1]
    name = last if has_cjk(last) else "".join(filter(has_cjk, title))
    # A piece without Chinese may be a part of a number or a model.
    pieces = [said for said, english in load_lexicon().pieces(name) if english and len(said) > 1 and has_cjk(said)]
    return [name, *pieces[-1:], *(name[name.rfind(said) :] for said in pieces[-1:])]

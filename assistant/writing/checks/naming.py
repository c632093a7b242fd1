"""Names that no placeholder stands for: products, makers and quotations that a writer made up.

Comes in: a sentence whose placeholders have been replaced by `MARK`, and what is known of the products it names. Goes
out: the name, or None. Knows no catalog beyond those products.
"""

import re
import unicodedata
from collections.abc import Sequence

from assistant.writing.checks.known import Known, forms
from assistant.writing.checks.tables import capitals, latin, prose, things
from assistant.writing.checks.untyped import MARK, is_open_question
from retrieval.lexicon.matching import fold
from retrieval.text import has_cjk

_QUOTED_FACT = re.compile(rf"[\"“‘「『《]\s*{MARK}[\s.,。，]*[\"”’」』》]")
_QUOTES = re.compile(r"[\"“”«»„「」『』《》〈〉]")
_CAPITAL = re.compile(r"[A-Z][\w'’]*")
_LATIN = re.compile(r"[A-Za-z][\w'-]*[A-Za-z]|(?<![A-Za-z])[A-Z](?![A-Za-z])")
_BEGINS = re.compile(r"(?:^|[.!?:;,…(\-–—•★*]|\n)\s*(?:\d[.)]\s*)?$")
_GREETING = 3


def foreign_name(text: str, named: Sequence[Known]) -> str | None:
    """The first quotation or name of a sentence that is not of every product named in it.

    >>> foreign_name("Try the Moonlight Runner.", []), foreign_name("Here you are.", [])
    ('Moonlight', None)
    """
    bare = _QUOTED_FACT.sub(MARK, text)
    if _QUOTES.search(bare):
        return "quotation"
    found = _latin_names(bare) if has_cjk(bare) else _english_names(bare, is_open_question(text))
    return next((name for name in found if not _is_held(fold(name), named)), None)


def in_another_language(text: str, language: str) -> bool:
    """Whether a sentence is written in another language than the reply, or in letters of one.

    >>> in_another_language("Please vote for us.", "zh"), in_another_language("☐ 不错", "zh")
    (True, False)
    """
    letters = [char for char in text if char.isalpha()]
    scripts = ("LATIN", "CJK") if language == "zh" else ("LATIN",)
    if any(not unicodedata.name(char, "").startswith(scripts) for char in letters):
        return True
    if language != "zh":
        return False
    words = _LATIN.findall(text)
    return not has_cjk(text) and any(word.lower() not in latin() for word in words)


def _is_held(name: str, named: Sequence[Known]) -> bool:
    """Whether all the texts hold a name just as it is: a room with windows runs none."""
    whole = re.compile(rf"(?<![a-z]){re.escape(name.removesuffix(chr(39) + 's'))}(?![a-z])")
    return bool(named) and all(whole.search(known.text) for known in named)


def _latin_names(text: str) -> list[str]:
    return [name for name in _LATIN.findall(text) if name.lower() not in latin()]


def _english_names(text: str, asks: bool) -> list[str]:
    words = text.split()
    if len(words) <= _GREETING and all(_is_prose(word.strip(".,!?").lower()) for word in words):
        return []
    return [
        found[0]
        for found in _CAPITAL.finditer(text)
        if not (_may_stand(found[0], text[: found.start()]) or (asks and not text[: found.start()].strip()))
    ]


def _may_stand(word: str, before: str) -> bool:
    """Whether a word with a capital is none of a name: an ordinary one that begins a sentence or a part of it."""
    plain = word.replace("’", "'")
    if plain in capitals():
        return True
    return bool(_BEGINS.search(before)) and _is_prose(plain.lower())


def _is_prose(word: str) -> bool:
    return word in prose() or word in things() or bool(forms(word) & prose())

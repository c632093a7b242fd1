"""Words for what a product is made of, has and can do.

Comes in: a sentence whose placeholders have been replaced by `MARK`, and what is known of the products it names. Goes
out: a word that their own texts do not hold, or None. Knows no attribute of a catalog: `Facts.unproven` asks for those.
"""

import re
from collections.abc import Sequence

from assistant.writing.checks.known import Known, all_hold, english_words, forms
from assistant.writing.checks.tables import (
    chinese_characters,
    chinese_prose,
    chinese_things,
    concrete,
    having,
    prose,
    things,
)
from assistant.writing.checks.untyped import MARK, is_about_product, is_open_question, proposes
from retrieval.lexicon.matching import fold, stem
from retrieval.text import has_cjk

_HAS = re.compile(
    r"(?:用的是|材质[是为]|面料[是为]|采用|[内标]置|自带|配有|配备|搭载|附带|带有|还带|支持|兼容|适配|可以?连|能连|能装|能和|可以和"
    r"|可以?配|具备|拥有|通过了?|含有?(?=\S)|出自|来自|背后是|出品方是|品牌[是为]|产自)\s*(?P<what>[^\s，。！？；,.!?;]{1,4})"
)
_MADE = re.compile(r"(?P<what>[\u3400-\u9fff]{1,4})(?:做的|制成|织成|雕成|打造|出品|制造|生产)")
_MADE_EN = re.compile(
    r"\b(?:made|crafted|built|manufactured|produced|designed|created|invented)"
    r" (?:out )?(?:of|from|by|in|with)\s+(?!.{0,12}☐)"
    r"|\b(?:works?|pairs?|compatible|goes?|fits?|plays?|connects?|syncs?|integrates?)(?: nicely| well| perfectly)?"
    r" (?:with|to|into|onto) (?:any|every|all|an?|most)\b|\bused? with (?:any|every|all|an?|most)\b"
    r"|\b(?:talks?|speaks?|responds?|reacts?|connects?|links?|hooks?|plugs?|syncs?|pairs?|mounts?)"
    r" (?:straight |directly |right )?(?:to|into|with) (?!.{0,12}☐|you\b|me\b|us\b)\w+"
)
_ASKS = re.compile(r"\s*(?:and |so |hello |hi )?(?:what|which|how|may i|do you|would you|are you)\b")
"""How a question begins that has lost its mark."""
_REACH = 4
_JUDGING = ("ing", "ful", "some", "ous", "ish", "ly", "ness", "ment", "ity")
_OWNED = frozenset("your my our his her their".split())
_POINTED_AT = frozenset("the this that to".split())
_IS = frozenset("is are be was were being been isn aren of from in on by as for any every all like".split())
_HANZI = re.compile(r"[\u3400-\u9fff]+")
_COMMAS = re.compile(r"[,.;:!?，。；：！？]")
_LONGEST = 8
_HELD = "·"
_IDLE = ("您", "你", "我", "这", "那", "它", "就", "不", "每", "哪", "一", "大家", "本店", "别", "几", "各", "对比")


def unheld(text: str, named: Sequence[Known]) -> str | None:
    """The first word of a sentence for a property that not every one of the products is known to have.

    >>> unheld("☐ has a titanium frame.", []), unheld("☐ 自带镜子。", []), unheld("☐ is a fine choice.", [])
    ('titanium', '镜子', None)
    """
    folded = fold(text)
    if is_open_question(text):
        return None
    return _chinese(folded, named) if has_cjk(folded) else _english(folded, named)


def _english(text: str, named: Sequence[Known]) -> str | None:
    stated = _MADE_EN.search(text)
    if stated:
        return stated[0].strip()
    about = is_about_product(text)
    if not about and _ASKS.match(text):
        return None
    words = [word.partition("'")[0] for word in english_words(text)]
    claimed = [_claims(words, place, about) for place in range(len(words))]
    for place, word in enumerate(words):
        if claimed[place] and not all_hold(named, word):
            return word
        if claimed[place] and place and claimed[place - 1] and not _side_by_side(words[place - 1], word, named):
            return f"{words[place - 1]} {word}"
    return None


def _is_had(words: Sequence[str], place: int) -> bool:
    """Whether a concrete thing is what something is said to have: "has a sunny balcony"."""
    return words[place] in concrete() and bool(having() & {*words[max(0, place - _REACH) : place]})


def _side_by_side(one: str, other: str, named: Sequence[Known]) -> bool:
    """Whether all the texts hold two words side by side: what is charged and has no wires may need one for that."""
    pattern = re.compile(rf"\b{re.escape(stem(one))}\w*\W+{re.escape(stem(other))}")
    return all(pattern.search(known.text) for known in named)


def _claims(words: Sequence[str], place: int, about: bool) -> bool:
    """Whether the word at a place could state a property: a thing, where a sentence is `about` a product what it is
    said to have, and a word that is no prose where it could be what something is, is of or has."""
    word = words[place]
    if word in things():
        return True
    if len(word) == 1 or word in prose() or stem(word) in prose():
        return about and _is_had(words, place)
    found = forms(word)
    if found & things():
        return True
    return not found & prose() and not word.endswith(_JUDGING) and _is_told(words, place)


def _is_told(words: Sequence[str], place: int) -> bool:
    """Whether a word stands where a product is told what it is, is of, does or has: not "the trio", not "your gut"."""
    before = words[max(0, place - _REACH) : place]
    if before and before[-1] in _OWNED:
        return False
    return not before or before[-1] not in _POINTED_AT or bool((having() | _IS) & {*before})


def _chinese(text: str, named: Sequence[Known]) -> str | None:
    said = [found[0] for found in chinese_things().finditer(text)]
    said += [found["what"] for found in _HAS.finditer(text) if _is_thing(found["what"])]
    said += [found["what"] for found in _MADE.finditer(text) if _is_thing(found["what"])]
    unheld_word = next((word for word in said if not _held(word, named)), None)
    if unheld_word:
        return unheld_word
    runs = ((run, proposes(part) and MARK not in part) for part in _COMMAS.split(text) for run in _HANZI.findall(part))
    return next((word for run, alone in runs if (word := _uncovered(run, named, alone))), None)


def _uncovered(run: str, named: Sequence[Known], alone: bool = False) -> str | None:
    """The first characters of a run of Chinese ones that no words cover, prose or of the texts of the products.

    The run is cut so that as few characters as possible are left over. A lone one counts only where it names something,
    beside a word of the texts, or with `alone`, where what is proposed has no other name.
    """
    best: list[tuple[int, int]] = [(0, 0)]
    for end in range(1, len(run) + 1):
        found = (best[end - 1][0] + 1, 1)
        for length in range(1, min(_LONGEST, end) + 1):
            if best[end - length][0] < found[0] and _is_word(run[end - length : end], named):
                found = (best[end - length][0], length)
        best.append(found)
    shown, end = "", len(run)
    while end:
        length = best[end][1]
        word = run[end - length : end]
        is_left = best[end][0] > best[end - length][0]
        shown = (word if is_left else " " if word in chinese_prose() else _HELD) + shown
        end -= length
    parts = (part for part in shown.split() if part.strip(_HELD))
    return next((part for part in parts if len(part) > 1 or alone or part in chinese_characters()), None)


def _is_word(word: str, named: Sequence[Known]) -> bool:
    if word in chinese_prose():
        return True
    return len(word) > 1 and bool(named) and all(word in one.text for one in named)


def _is_thing(what: str) -> bool:
    return MARK not in what and not what.startswith(_IDLE)


def _held(word: str, named: Sequence[Known]) -> bool:
    return bool(named) and all(word in one.text or word[:2] in one.text for one in named)

"""What is held against a product that was shown: too big, too dear, 颜色难看.

In: folded text of a message that judges. Out: the matter, and whether more or less of it would do. Knows no session and
no catalog.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from assistant.parsing.data import load_grammar
from assistant.types import VALUED, Objection, References
from ranking.types import Preference

_TOO = r"(?:too|overly|a bit|a bit too|a little|a tad|rather|way|way too|kind of|kinda|slightly|far too|much too)"
_VERY = r"(?: so| too| really| a bit| very| just| rather| quite)"
_IT_IS = rf"(?:it|that|this|they|these|those|the \w+(?: one)?)(?:'s| is|'re| are| looks?| feels?){_VERY}?"
_NOT_BEFORE = r"(?<!not )(?<!n't )(?<!without being )"
_TOO_ZH = r"(?<![不别没])(?:太过|太|有点儿?|有些|过于|偏|这么|那么)"
_BUT = re.compile(r"\b(?:but|though|however|only that|shame|pity|except)\b|但|不过|可惜|可是|只是|就是|只不过")
_DISLIKES = re.compile(
    r"\b(?:don't|do not|didn't) (?:really )?(?:like|love)|\b(?:hate|dislike)|不(?:太|是很|怎么)?喜欢|讨厌|不爱"
)
_WONDERS = re.compile(r"\b(?:if|whether|tell me|wonder|wondering|know)\b|[?]|是否|会不会|告诉我|想知道|怕|担心")
_ALL = re.compile(r"\b(?:these|those|they|they're|them|all|none|any|every)\b|都|这几|那几|这些|那些|全")


def find_objection(text: str) -> Objection | None:
    """What folded text holds against a product.

    >>> find_objection("i don't like it, too big"), find_objection("太贵了")
    (Objection(matter='size', sign=-1), Objection(matter='price', sign=-1))
    >>> find_objection("the colour's ugly"), find_objection("it's not too big")
    (Objection(matter='color', sign=0), None)
    """
    for patterns in (_said(), _others()):
        found = [(match.start(), objection) for objection, pattern in patterns if (match := pattern.search(text))]
        if found:
            return min(found, key=lambda one: one[0])[1]
    return None


def objection_of(text: str, references: References, disliked: Sequence[Preference]) -> Objection | None:
    """What folded text holds against a product, in so many words, or as a dislike beside the product (it's red)."""
    pointed = references.focus or references.ordinals
    values = [said.attribute for said in disliked if said.weight < 0 and said.attribute in VALUED]
    return find_objection(text) or (Objection(values[0], 0) if pointed and values else None)


def judges_for(intent: str, text: str, *, asks: bool) -> bool:
    """Whether folded text that was taken for idle talk, or for a question that it doesn't ask, judges what was shown.

    >>> judges_for("ask_product", "第一个材质不好", asks=False), judges_for("ask_product", "is it too big?", asks=True)
    (True, False)
    """
    taken = ("smalltalk", "out_of_scope", "ask_product")
    return intent in taken and not asks and _WONDERS.search(text) is None and find_objection(text) is not None


def likes_but(text: str) -> bool:
    """Whether folded text likes a thing but for what it holds against it (I love it, but it's too big).

    >>> likes_but("i love it but it's too big"), likes_but("挺好看的，就是太贵了"), likes_but("不喜欢，就是太大了")
    (True, True, False)
    """
    return _BUT.search(text) is not None and _DISLIKES.search(text) is None


def is_of_all(text: str) -> bool:
    """Whether folded text judges all that was shown.

    >>> is_of_all("these are too big"), is_of_all("都太贵"), is_of_all("the first is too big")
    (True, True, False)
    """
    return _ALL.search(text) is not None


@lru_cache
def _said() -> tuple[tuple[Objection, re.Pattern[str]], ...]:
    """Whole sayings, which go before what their words would mean alone (the battery is too small)."""
    return tuple(
        (Objection(one["matter"], one["sign"]), re.compile("|".join(rf"(?<![a-z]){form}" for form in one["phrases"])))
        for one in load_grammar()["objections"]["said"]
    )


@lru_cache
def _others() -> tuple[tuple[Objection, re.Pattern[str]], ...]:
    table = load_grammar()["objections"]
    too = [(Objection(one["matter"], one["sign"]), _too(one["words"])) for one in table["too"]]
    named = [(Objection(matter, 0), _disliked(names, table["bad"])) for matter, names in table["named"].items()]
    return tuple((objection, re.compile("|".join(forms))) for objection, forms in (*too, *named))


def _too(words: list[str]) -> list[str]:
    english = "|".join(re.escape(word) for word in words if word.isascii())
    chinese = "|".join(word for word in words if not word.isascii())
    return [
        rf"{_NOT_BEFORE}(?<![a-z]){_TOO} (?:{english})(?![a-z])",
        rf"(?:don't|do not|didn't) like .{{1,30}}{_IT_IS} (?:{english})(?![a-z])",
        rf"{_TOO_ZH}(?:{chinese})",
        rf"(?<!不)(?:{chinese})了(?:一?点|些|$|[,。!])",
    ]


def _disliked(names: list[str], bad: list[str]) -> list[str]:
    """The colour is ugly, an ugly colour, I don't like the colour; 颜色难看, 不喜欢这个颜色."""
    name, name_zh = ("|".join(word for word in names if word.isascii() is ascii_) for ascii_ in (True, False))
    ugly, ugly_zh = ("|".join(word for word in bad if word.isascii() is ascii_) for ascii_ in (True, False))
    its = rf"(?:the|its|that|this|these|their) (?:{name})(?![a-z])"
    return [
        rf"(?<![a-z])(?:{name})(?: of [a-z ]{{1,20}}?)?(?:'s| is| are| looks?| feels?){_VERY}* (?:{ugly})",
        rf"(?<![a-z])(?:{ugly}) (?:{name})(?![a-z])",
        rf"(?:don't|do not|didn't) (?:really )?(?:like|love|care for) {its}",
        rf"(?:hate|dislike|not a fan of|can't stand) {its}",
        rf"(?:{name_zh})(?:太|有点|也太|真|实在|看着|好|不太|很|有些)*(?:{ugly_zh})",
        rf"(?:不喜欢|不太喜欢|讨厌|看不上|不爱)[^,。;]{{0,6}}?(?:{name_zh})",
    ]

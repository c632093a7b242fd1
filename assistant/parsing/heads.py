"""Which of the categories named is the thing wanted, and for whom it is.

In: items with their polarity, and the folded text. Out: the head category and the audience. "A backpack for my laptop"
wants a backpack; "my wife says" buys nothing for her. Knows no session.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from assistant.parsing.data import load_grammar
from assistant.parsing.senses import Item, Sense
from retrieval.lexicon.matching import norms

_INCHES = r"(?:\d+(?:\.\d+)?[\s-]?(?:inch|寸|英寸|\")的?\s?)?"
_POSSESSED = re.compile(
    r"(?:for|with|on|in|of|fits?|into|holds?|carry|carries)\s(?:my|our|his|her|their|your|the)\s(?:[a-z]+\s)?"
    rf"{_INCHES}$|(?:fits?|holds?|carry|carries|room for|backpack for|bag for)\s(?:a|an|one)\s{_INCHES}$"
    r"|(?:i have|i've got|i got|i own) (?:a|an|two|some)\s(?:[a-z]+\s)?$|(?:给|为|替)(?:我的?|咱的?)?$"
    r"|(?:over|under|underneath|beneath|on top of|together with|along with)\s(?:an?|the|my|his|her)\s(?:[a-z]+\s)?$"
    rf"|(?:放|装|塞)(?:得下|得了|下|个|进|入|我的|一个|一台|台|[\s])*{_INCHES}$"
)
_STORY = re.compile(r"\b(?:paid|bought|got|spent|ordered)\b[^.!?]*?\b(?:his|her|their|theirs|hers)\b")
_PUT_AFTER = re.compile(r"(?:也|要|得|必须|最好)*(?:能|可以)(?:够|单独|分开)?(?:放|装|塞)|(?:放|装|塞)得(?:下|进|落)")
_REPLACED = re.compile(
    r"\bnew (?:one|ones|pair|set)\b|\breplac(?:e|ing|ement)\b|\banother (?:one|pair)\b"
    r"|换[个双件条台套把]?新|买[个双件条台套把]?新"
)
_ASKED = re.compile(
    r"(?:\b(?:an?|some|any|need|want|looking for|for|about|find|get|buy|sell|have|show me|instead)\s(?:[a-z]+\s){0,2}"
    r"|^(?:[a-z]+\s){0,2}|[买要找来换求看卖有想][一二两三四几]?[个双件条台只部套顶把款瓶]?[\u4e00-\u9fff]{0,3})$"
)
_PARTED = re.compile(r"[,.;!?。]")
_FOR = re.compile(r"\b(?:for|4)\s(?:[a-z']+\s){0,4}$|[给帮为送][\u4e00-\u9fff]{0,4}$")
_CHILD_OF = re.compile(r"(?:\b(?:my|our|his|her|their)\s(?:[a-z]+\s)?|(?:我家|我们家|咱家|家里)的?[\u4e00-\u9fff]?)$")
_CHILD_DOES = re.compile(
    r"\s(?:[a-z]+ed|broke|ate|lost|are|were|have|had|keep|hate|love|got|always)\s|(?:把|老是|总是|天天|太|已经|昨天|弄)"
)
_JOINED = re.compile(r"^[\s\-的]*$")
_EN_GIVEN = re.compile(
    r"(?:for|gift to|buy(?:ing)?|get(?:ting)?|give|surprise|treat|gift|suits?|4)\s+"
    r"(?:(?:my|our|a|an|the|his|her|your|some|new|little|old|elderly|dear|own|lovely|beloved|younger|older|big|eldest"
    r"|youngest|both|teenage|two|three|baby|active|tall|petite|best|friend's|\d+|[a-z]+-year-old"
    r"|\d+[- ]?(?:year|yr)s?[- ]?old|\d+\s?yo)\s+){0,4}$"
)
_ZH_GIVEN = re.compile(
    r"(?:给|送|帮|为|替|孝敬|适合)(?:我的?|咱家?的?|俺|你|一个|个|位|的|家里的?|\d+岁|[一二三四五六七八九十]+岁|半|大|小"
    r"|上小学的?|刚|出生的?|家|老|亲爱的|买|们|自己的?|[一二三四五六]年级的?|爱\S{1,4}的|上\S{1,3}的|两个|三个|未来)*$"
)


def head_category(items: Sequence[Item], text: str) -> Sense | None:
    """The category that is wanted, carried by the shop or not; else the department; else None."""
    named = [
        (item, sense)
        for item in items
        if item.polarity != "excluded"
        for sense in item.of("category")[:1]
        # "Cable is fine" grants something, and asks for no cable.
        if sense.values or item.polarity not in ("accepted", "lifted")
    ]
    if not named:
        departments = [
            sense
            for item in items
            if item.polarity != "excluded" and not _POSSESSED.search(text[: item.start])
            for sense in item.of("department")
        ]
        return _narrowed(departments[0], items, text) if departments else None
    free = [
        (item, sense)
        for item, sense in named
        if not _POSSESSED.search(text[: item.start]) and not _PUT_AFTER.match(text, item.end)
    ]
    if not free and (_STORY.search(text) or _REPLACED.search(text)):
        # My mate paid 300 for his tent, I only have 120: it is a tent that is wanted.
        free = named[-1:]
    if not free:
        return None
    head, sense = free[0]
    if not sense.values:
        # Fed up of tangled cables, want headphones: of what the shop carries more can be said.
        carried = ((item, other) for item, other in free[1:] if other.values)
        head, sense = next(((i, o) for i, o in carried if _PARTED.search(text[head.end : i.start])), (head, sense))
    for item, other in free[1:]:
        is_kind_of = other.value in load_grammar()["heads"]["general"].get(sense.value, ())
        if is_kind_of or _takes_over(text[head.end : item.start], head, text):
            head, sense = item, other
    return sense


def is_aside(head: Sense, items: Sequence[Item], text: str) -> bool:
    """Whether a thing that the shop doesn't carry is only spoken of, beside conditions of what was asked for before (no
    beige, I spill wine)."""
    states = any(item.attributes and any(sense.values for sense in item.of("attribute")) for item in items)
    item = next((item for item in items if head in item.senses), None)
    return states and not head.values and item is not None and _ASKED.search(text[: item.start]) is None


def _narrowed(department: Sense, items: Sequence[Item], text: str) -> Sense:
    """Shoes for running are running shoes: the category that a department and an activity make."""
    for item in items:
        if item.polarity == "excluded":
            text = text[: item.start] + " " * (item.end - item.start) + text[item.end :]
    for category, activities in load_grammar()["narrowed"].get(department.value, {}).items():
        if any(re.search(rf"(?<![a-z]){activity}(?![a-z])", text) for activity in activities):
            return replace(department, kind="category", name="category", value=category)
    return department


def _takes_over(gap: str, head: Item, text: str) -> bool:
    """Whether what comes after `gap` is the head and what came before only describes it."""
    if _JOINED.match(gap):
        return True
    if gap.endswith("的") and not re.search(r"[,。;!?]", gap):
        return True
    corrections = load_grammar()["heads"]["instead"]
    return any(re.search(rf"(?<![a-z]){re.escape(word)}(?![a-z])", gap) for word in corrections)


def settle_loose_words(items: Sequence[Item], topic: str | None) -> list[Item]:
    """The items without 'the ones to wear' and its like where the thing is named or known.

    Args:
        items: the items.
        topic: the canonical category or department already spoken of.
    """
    loose = {norms(word) for word in load_grammar()["heads"]["loose"]}
    places = [i for i, item in enumerate(items) if item.of("department") and norms(item.said) in loose]
    named = any(item.of("category", "department") for i, item in enumerate(items) if i not in places)
    if not places or not (named or topic):
        return list(items)
    quiet = (Sense("name", "shield"),)
    return [replace(item, senses=quiet) if i in places else item for i, item in enumerate(items)]


_PRONOUNS = frozenset({"her", "him", "for her", "for him", "他", "她"})


def settle_relatives(items: Sequence[Item], text: str) -> list[Item]:
    """The items with relatives as audience where the thing is for them, and as nothing elsewhere."""
    settled: list[Item] = []
    items = [_without_story(item, text) for item in items]
    children = [sense for item in items for sense in item.of("relative") if sense.value == "kids"]
    for item in items:
        relatives = item.of("relative")
        if children and item.said.lower() in _PRONOUNS:
            relatives = tuple(children[:1])
        if not relatives:
            settled.append(item)
            continue
        others = tuple(sense for sense in item.senses if sense.kind != "relative")
        if item.polarity in ("wanted", "lifted", "accepted") and _is_for(item, text):
            others = (*others, *(replace(sense, kind="attribute") for sense in relatives))
        settled.append(replace(item, senses=others or (Sense("name", "relative"),)))
    return settled


def _without_story(item: Item, text: str) -> Item:
    """The item without the child of whom something is only told (my toddler broke the last two)."""
    before = text[: item.start]
    is_child = any(sense.name == "audience" and sense.value == "kids" for sense in item.of("attribute"))
    if not is_child or _is_for(item, text) or _FOR.search(before):
        return item
    told = _CHILD_OF.search(before) or _CHILD_DOES.match(text, item.end)
    others = tuple(sense for sense in item.senses if sense.name != "audience")
    return replace(item, senses=others or (Sense("name", "relative"),)) if told else item


@lru_cache
def _after(kind: str) -> re.Pattern[str]:
    words = sorted(load_grammar()["people"][kind], key=len, reverse=True)
    pieces = (re.escape(word) + (r"(?![a-z])" if word[-1].isascii() else "") for word in words)
    return re.compile(rf"(?:的|最近|想|正|现在|平时|也|\s|always|really|just|also|,)*(?:{'|'.join(pieces)})")


def _is_for(item: Item, text: str) -> bool:
    said = text[item.start : item.end]
    before, after = text[max(0, item.start - 48) : item.start], text[item.end :]
    if said.startswith("for ") or _EN_GIVEN.search(before) or _ZH_GIVEN.search(before):
        return not re.search(r"(?:given|bought|sent|recommended) (?:to me )?$|送我的?$", before)
    if item.norm in ("her", "him", "他", "她"):
        return False
    return _after("story").match(after) is None and _after("after").match(after) is not None

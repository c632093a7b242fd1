"""Who the shopper says they are, and for whom the thing is: "I'm 28", "for my son", "给我妈妈买的".

In: folded text, its items and ages. Out: preferences with their places, and the recipient as said. Knows no session.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from assistant.parsing.data import load_preferences
from assistant.parsing.measures import Age
from assistant.parsing.senses import Item
from ranking.types import AGE_GROUP, Preference
from retrieval.vocabulary import Vocabulary

Span = tuple[int, int]

AGE_GROUPS = (
    (13, "under 13"),
    (18, "13-17"),
    (25, "18-24"),
    (35, "25-34"),
    (45, "35-44"),
    (55, "45-54"),
    (65, "55-64"),
)
"""(first age beyond, name) in order; from the last one on "65+"."""

PRONOUNS = frozenset({"her", "him", "她", "他"})
"""A recipient that is somebody already spoken of, where somebody was."""


def find_described(text: str, vocabulary: Vocabulary) -> tuple[list[Preference], list[Span]]:
    """The shopper's age group and whether they are a woman or a man, and where that stands.

    Args:
        text: the folded message.
        vocabulary: what the catalog says of itself; where it states no audience, nobody is a woman or a man.
    """
    found, places = [], []
    for match in _own_age().finditer(text):
        years = int(re.sub(r"\D", "", match[0]))
        name = next((name for beyond, name in AGE_GROUPS if years < beyond), "65+")
        found.append(Preference(AGE_GROUP, name, 1.0, ""))
        places.append(match.span())
    if "audience" in vocabulary.attributes:
        for value, phrases in load_preferences()["gender"].items():
            for phrase in phrases:
                place = text.find(phrase)
                if place >= 0 and (not phrase.isascii() or not text[place + len(phrase) :][:1].isalpha()):
                    found.append(Preference("audience", value, 1.0, ""))
                    places.append((place, place + len(phrase)))
                    break
    return found, places


@lru_cache
def _own_age() -> re.Pattern[str]:
    table = load_preferences()["age"]
    english = "|".join(re.escape(phrase).replace(r"\{n\}", "{N}").replace(r"\ ", r"\s+") for phrase in table["en"])
    chinese = "|".join(re.escape(phrase).replace(r"\{n\}", "{N}") for phrase in table["zh"])
    both = rf"(?<![a-z'])(?:{english})(?!\d)(?:\s+years?(?:\s+old)?)?(?=\s*(?:[,.;!]|$|and\s))|(?:{chinese})(?!\d)"
    return re.compile(both.replace("{N}", r"[1-9]\d"))


def find_recipient(text: str, items: Sequence[Item], before: Sequence[Item], ages: Sequence[Age]) -> str | None:
    """Whom the thing is for, as said ("son", "妈妈"); "someone" for a gift to nobody named; None = not said.

    Args:
        text: the folded message.
        items: its items, relatives being an audience where the thing is for them.
        before: the same items before that.
        ages: ages in it; a child's makes it for "a child".
    """
    table = load_preferences()["recipient"]
    settled = {(item.start, item.end): item for item in items}
    for item in before:
        now = settled.get((item.start, item.end))
        if item.of("relative") and now is not None and any(s.name == "audience" for s in now.of("attribute")):
            return item.said.lower().removeprefix("for ")
    if any(phrase in text for phrase in table["none"]):
        return None
    named = _given().search(text)
    if named is not None:
        return named["en"] or named["zh"]
    if any(age.years < 18 for age in ages) and not _own_age().search(text):
        return "child"
    gifts = (
        re.search(rf"(?<![a-z]){re.escape(gift)}(?![a-z])" if gift.isascii() else gift, text)
        for gift in table["gift"]
        if gift in text
    )
    return "someone" if any(gifts) else None


@lru_cache
def _given() -> re.Pattern[str]:
    table = load_preferences()["recipient"]
    en, given, between = (
        "|".join(re.escape(w) for w in sorted(table[k], key=len, reverse=True))
        for k in ("en", "en_given", "en_between")
    )
    zh, zh_given, zh_between = (
        "|".join(sorted(table[k], key=len, reverse=True)) for k in ("zh", "zh_given", "zh_between")
    )
    return re.compile(
        rf"(?<![a-z])(?:{given})\s+(?:(?:{between})\s+){{0,3}}(?P<en>{en})(?![a-z])"
        rf"|(?:{zh_given})(?:{zh_between})*(?P<zh>{zh})"
    )

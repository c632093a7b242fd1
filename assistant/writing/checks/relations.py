"""Which of the products shown is cheaper, better rated or lighter: said only where figures prove it.

Comes in: a sentence with its placeholders and what is known of all products shown. Goes out: a comparison that their
figures do not prove, or None. Knows no other property: what cannot be counted here cannot be compared.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from assistant.writing.checks.known import Known
from assistant.writing.checks.tables import compiled, relation_rows

_FACT = re.compile(r"\{\s*(p\d+)?[a-z0-9_.]*\s*\}")
_KEY = re.compile(r"\{(p\d+)\}")
_ORDINALS: Mapping[str, str] = {
    "p1": r"\b(?:the first|the former)\b|第一[款个]|前者|前面那[款个]",
    "p2": r"\b(?:the second|the latter)\b|第二[款个]|后者|后面那[款个]",
    "p3": r"\bthe third\b|第三[款个]",
}
_WISHED = re.compile(
    r"\b(?:something|anything|somewhat|options?|ones|look(?:ing)? for|show you|find you|want|prefer|like|would)\b"
    r"[^,;.]*$"
    r"|(?:想要?|找|看看?|有没有|要不要|需要|换)[^,.;]*$",
    re.IGNORECASE,
)
_NEGATED = re.compile(r"(?:\b(?:not|no|never|hardly|nor|neither)\b|n't|n’t|不|没)[^,.;]{0,14}$", re.IGNORECASE)
_COMPARED_WITH = re.compile(
    r"(?:\bthan(?: with)?|\b(?:compared|next) (?:with|to)|\bunlike|\bover|比对?|相比|不像|不如)\s*$", re.IGNORECASE
)
_COMMA = re.compile(r"[,;:]\s|[,;:](?![\w])|[,;](?=[\u3400-\u9fff{])")
_PAID_FOR = re.compile(r"\s*(?:with|for|by (?:taking|choosing)|if you (?:take|choose|buy))\s*\{(p\d+)\}", re.IGNORECASE)
_SUPERLATIVE = re.compile(r"est\b|\b(?:most|least|best|top)\b|最", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Relation:
    """A comparison: how it is said, by what figure, and which way (1: more of it, -1: less)."""

    said: re.Pattern[str]
    figure: Callable[[Known], float | None]
    way: int


_FIGURES: Mapping[str, Callable[[Known], float | None]] = {
    "price": lambda known: float(known.price[1]) if known.price else None,
    "rating": lambda known: known.rating,
    "n_reviews": lambda known: known.n_reviews,
    "nothing": lambda _: None,
}


@lru_cache
def _relations() -> tuple[_Relation, ...]:
    return tuple(
        _Relation(compiled(row["en"], row["zh"]), _FIGURES[row["figure"]], row["way"]) for row in relation_rows()
    )


def unproven_relation(sentence: str, shown: Mapping[str, Known]) -> str | None:
    """The first comparison of a sentence that is not proven of the products it speaks of.

    The product spoken of is the last named up to the comparison between the same commas, else the first after it, but
    none that follows "than". It is compared with the others named between the same commas, else in the sentence, else
    with all others shown. What is denied is never proven.

    >>> shown = {"p1": Known(("USD", 900), 4.5), "p2": Known(("USD", 700), 4.1)}
    >>> unproven_relation("{p2.title} is cheaper.", shown), unproven_relation("{p2.title} is better rated.", shown)
    (None, 'better rated')
    """
    said = _FACT.sub(lambda fact: f"{{{fact[1] or ''}}}", sentence)
    places = _places(said)
    for relation in _relations():
        for found in relation.said.finditer(said):
            if _is_stated(said, found.start(), places) and not _is_proven(relation, found, places, shown):
                return found[0]
    return None


def _places(sentence: str) -> list[tuple[int, str]]:
    """Where which product is spoken of, in order."""
    found = [(match.start(), match[1]) for match in _KEY.finditer(sentence)]
    for key, pattern in _ORDINALS.items():
        found += [(match.start(), key) for match in re.finditer(pattern, sentence, re.IGNORECASE)]
    return sorted(found)


def _is_stated(sentence: str, place: int, places: list[tuple[int, str]]) -> bool:
    """Whether a comparison is said of products: not one that is only wished for or asked about."""
    if places:
        return True
    asks = sentence.rstrip().endswith(("?", "？"))
    return not asks and not _WISHED.search(sentence[:place])


def _is_proven(
    relation: _Relation, found: re.Match[str], places: list[tuple[int, str]], shown: Mapping[str, Known]
) -> bool:
    text = found.string
    if _NEGATED.search(text[: found.start()]):
        return False
    first, last = _clause(text, found.start(), found.end())
    subject = _subject(text, found, [(place, key) for place, key in places if first <= place < last])
    subject = subject or _subject(text, found, places)
    if subject is None or subject not in shown:
        return False
    near = {key for place, key in places if first <= place < last} - {subject}
    others = near or {key for _, key in places} - {subject} or shown.keys() - {subject}
    if _SUPERLATIVE.search(found[0]):
        others = set(shown) - {subject}
    return bool(others) and all(_is_more(relation, shown[subject], shown.get(other)) for other in others)


def _subject(text: str, found: re.Match[str], places: list[tuple[int, str]]) -> str | None:
    """The product that a comparison is said of, among those named in these places."""
    paid_for = _PAID_FOR.match(text, found.end())
    if paid_for:
        return paid_for[1]
    able = [(place, key) for place, key in places if not _COMPARED_WITH.search(text[:place])]
    before = [key for place, key in able if place < found.start()]
    return before[-1] if before else able[0][1] if able else None


def _clause(text: str, start: int, end: int) -> tuple[int, int]:
    """Where the part between commas begins and ends that a comparison stands in."""
    last = _COMMA.search(text, end)
    return max((comma.end() for comma in _COMMA.finditer(text, 0, start)), default=0), last.start() if last else len(
        text
    )


def _is_more(relation: _Relation, one: Known, other: Known | None) -> bool:
    if other is None or (one.price and other.price and one.price[0] != other.price[0]):
        return False
    ours, theirs = relation.figure(one), relation.figure(other)
    return ours is not None and theirs is not None and (ours - theirs) * relation.way > 0

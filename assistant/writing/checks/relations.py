"""Which of the products shown is cheaper, better rated or lighter: said only where figures prove it.

Comes in: a sentence with its placeholders and what is known of all products shown. Goes out: a comparison that their
figures do not prove, or None. Knows no other property: what cannot be counted here cannot be compared.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from assistant.writing.checks.known import Known

_FACT = re.compile(r"\{\s*(p\d+)?[a-z0-9_.]*\s*\}")
_KEY = re.compile(r"\{(p\d+)\}")
_ORDINALS: Mapping[str, str] = {
    "p1": r"\b(?:the first|the former)\b|第一[款个]|前者|前面那[款个]",
    "p2": r"\b(?:the second|the latter)\b|第二[款个]|后者|后面那[款个]",
    "p3": r"\bthe third\b|第三[款个]",
}
_POINTS = re.compile(r"\b(?:it|it's|its|this|that|these|those|they|both|one|you|your)\b|[它这那两]", re.IGNORECASE)
_WISHED = re.compile(
    r"\b(?:something|anything|somewhat|options?|ones|look for|show you|find you|looking for|want|prefer|like|would)\b[^,;.]*$"
    r"|(?:想要?|找|看看?|有没有|要不要|需要|换)[^,.;]*$",
    re.IGNORECASE,
)
_NEGATED = re.compile(r"(?:\b(?:not|no|never|hardly|nor|neither)\b|n't|n’t|不|没)[^,.;]{0,14}$", re.IGNORECASE)
_COMPARED_WITH = re.compile(
    r"(?:\bthan|\b(?:compared|next) (?:with|to)|\bunlike|\bover|比|相比|不像|不如)\s*$", re.IGNORECASE
)
_COMMA = re.compile(r"[,;:]\s|[,;:](?![\w])|[,;](?=[\u3400-\u9fff{])")
_SUPERLATIVE = re.compile(r"est\b|\b(?:most|least|best|top)\b|最", re.IGNORECASE)


def _price(known: Known) -> float | None:
    return float(known.price[1]) if known.price else None


def _rating(known: Known) -> float | None:
    return known.rating


def _reviews(known: Known) -> float | None:
    return float(known.n_reviews) if known.n_reviews is not None else None


def _uncounted(_: Known) -> float | None:
    return None


@dataclass(frozen=True, slots=True)
class _Relation:
    """A comparison: how it is said, by what figure, and which way (1: more of it, -1: less)."""

    said: re.Pattern[str]
    figure: Callable[[Known], float | None]
    way: int


def _relation(pattern: str, figure: Callable[[Known], float | None], way: int) -> _Relation:
    return _Relation(re.compile(pattern, re.IGNORECASE), figure, way)


_MONEY = r"(?:price|cost|price tag)"
_RELATIONS = (
    _relation(
        rf"\b(?:cheap(?:er|est)|(?:more|most) (?:affordable|economical|inexpensive|budget[\s-]friendly|wallet[\s-]friendly)"
        rf"|less expensive|least expensive|costs? (?:(?:you )?(?:a bit |much |far |even )?less|the least)|undercuts?"
        rf"|(?:low(?:er|est)|small(?:er|est)|better|best|friendlier) (?:in )?{_MONEY}|sav(?:es?|ing) (?:you |your |some |a )|spend(?:ing)? less|less money"
        rf"|(?:easy|easier|gentle|gentler|kind|kinder|light|lighter) (?:on|to) (?:the|your) (?:wallet|purse|pocket|budget|bank))\b"
        r"|更?便宜|更?实惠|更?省钱|更?划算(?:得多|一些|些|多)|(?:价格|价钱|价位|售价|定价)[也都还]?(?:更|最|要|相对|比较)?[^,.;]{0,3}低|最低价|更亲民|更平价|最亲民",
        _price,
        -1,
    ),
    _relation(
        rf"\b(?:(?:more|most) expensive|dear(?:er|est)|pric(?:ier|iest)|costs? (?:(?:a bit |much |far )?more|the most)|high(?:er|est) (?:in )?{_MONEY})\b"
        r"|(?:更|最|偏|要|稍|略|还)贵|贵(?:一?些|一点|不少|得多|多了)|(?:价格|价钱|价位|售价)[也都还]?(?:更|最)高",
        _price,
        1,
    ),
    _relation(
        r"\b(?:(?:better|best|higher|highest|top)[\s-](?:rat\w+|scor\w+|review(?:ed|s)?)|rat(?:ed|es|ing is) (?:higher|better|highest|best|above)|more stars|most stars"
        r"|(?:scor\w+|rank\w*) (?:higher|better|highest|best)|beats? .{0,20}(?:rating|stars|score)|(?:stars|rating|score) (?:is|are) (?:higher|better|the best|the highest)"
        r"|going by the stars)\b"
        r"|(?:评分|评价|口碑|分数|星级|得分|打分)[^,.;]{0,12}?(?:更|最|比[^,.;]{0,8}|胜|超|领先|略|稍)(?:高|好|优|过|强|佳|胜)?|胜过|(?:更|最)受(?:欢迎|好评|喜爱)|口碑看",
        _rating,
        1,
    ),
    _relation(
        r"\b(?:(?:worse|lower|lowest|worst)[\s-](?:rat\w+|scor\w+|reviewed)|rated (?:lower|worse|lowest))\b|(?:评分|评价|口碑|分数)[^,.;]{0,4}(?:更|最)?(?:低|差)",
        _rating,
        -1,
    ),
    _relation(
        r"\b(?:more|most|fewer|fewest) (?:reviews|ratings|buyers|opinions)\b|(?:评价|评论|买家|点评)[^,.;]{0,20}?(?:更|最)?多|(?:更|最)多(?:人|的?评价|的?评论|买家)",
        _reviews,
        1,
    ),
    _relation(
        r"\b(?:light(?:er|est)|heav(?:ier|iest)|weigh(?:s|ing)? (?:\w+ )?(?:less|more)|less weight|small(?:er|est)|bigg(?:er|est)|larg(?:er|est)|long(?:er|est)[\s-]last\w+|lasts? longer"
        r"|fast(?:er|est)|quick(?:er|est)|slow(?:er|est)|quiet(?:er|est)|loud(?:er|est)|warm(?:er|est)|cool(?:er|est)|thin(?:ner|nest)|thick(?:er|est)|tall(?:er|est)|short(?:er|est)"
        r"|wid(?:er|est)|narrow(?:er|est)|room(?:ier|iest)|strong(?:er|est)|bright(?:er|est)|sharp(?:er|est)|soft(?:er|est)|fresh(?:er|est)|more (?:powerful|durable|spacious|compact|portable|waterproof|breathable|efficient|storage|memory|power|battery|space|capacity|room))\b"
        r"|(?:更|最|要|比较)(?:轻|重(?!要|视)|大|小|长|短|快|慢|厚|薄|宽|窄|高(?!兴|级)|矮|暖|凉|静|响|亮|耐用|结实|省电|防水|透气|保暖|快速|宽敞|强劲|新鲜)"
        r"|(?:轻|重|大|小|长|短|快|厚|薄|暖|耐用|结实|便携)(?:不少|很多|得多|一些|一点|多了)|(?:重量|体积|尺寸|容量|续航)[^,.;]{0,3}(?:更|最)",
        _uncounted,
        1,
    ),
)


def unproven_relation(sentence: str, shown: Mapping[str, Known]) -> str | None:
    """The first comparison of a sentence that is not proven of the products it speaks of.

    The product spoken of is the last named up to the comparison, else the first named after it, but none that follows
    "than"; it is compared with the others named between the same commas, else in the sentence, else with all others
    shown. What is denied is never proven.

    >>> shown = {"p1": Known(("USD", 900), 4.5), "p2": Known(("USD", 700), 4.1)}
    >>> unproven_relation("{p2.title} is cheaper.", shown), unproven_relation("{p2.title} is better rated.", shown)
    (None, 'better rated')
    """
    said = _FACT.sub(lambda fact: f"{{{fact[1] or ''}}}", sentence)
    places = _places(said)
    for relation in _RELATIONS:
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
    able = [(place, key) for place, key in places if not _COMPARED_WITH.search(text[:place])]
    before = [key for place, key in able if place < found.end()]
    after = [key for place, key in able if place >= found.end()]
    subject = before[-1] if before else after[0] if after else None
    if subject is None or subject not in shown:
        return False
    first, last = _clause(text, found.start(), found.end())
    near = {key for place, key in places if first <= place < last} - {subject}
    others = near or {key for _, key in places} - {subject} or shown.keys() - {subject}
    if _SUPERLATIVE.search(found[0]):
        others = set(shown) - {subject}
    return bool(others) and all(_is_more(relation, shown[subject], shown.get(other)) for other in others)


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

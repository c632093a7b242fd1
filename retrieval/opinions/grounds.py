"""What the words of a mention's clause leave open: whether it can be a complaint, whether it must be praise.

In: a sentence and the place of a mention in it. Out: its `Grounds`. Knows no network: one that was trained on other
shops' reviews takes denied hardships ("never leaks", 走一天也不累) and calm asides for complaints, and this holds it to
the grammar of the clause. The words lie in `grounds.toml`.
"""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from retrieval.opinions.aspects import Mentioned
from retrieval.text import has_cjk

WORDS_FILE = "grounds.toml"

CONTENT_STARS = 4
"""From so many stars on, a mere negation or "but" makes no complaint."""

_CLAUSE = {
    "en": re.compile(
        r"[;:—]\s*|,\s+(?!not\b|nor\b|or\b)|\s+(?=(?:but|although|though|however|yet|whereas|except|because"
        r"|and (?:no|nothing|nobody|never))\b)",
        re.IGNORECASE,
    ),
    "zh": re.compile(r"[，,；;：:。]|(?=但是|但|可是|不过|然而|只是)"),
}
_BETWEEN = (
    r"(?:\s+(?!(?:only|just|but|stop|help|fix|matter|that|which|who|because|if|when|why|how|so|like|love|want|recommend|know|believe"
    r"|guarantee|expect|tell|understand)\b)[\w’]+)"
)
"""A word that may stand between "not" and what it denies; behind these others something else begins."""

_DENIAL = {
    # "not a single blister", "has never once come off or leaked"
    "en": rf"(?:\b(?:no|not|never|nothing|nobody|none|neither|nor|without|zero|minimal|low|prevents?|free (?:of|from)"
    rf"|resists?|(?<!a )little)|n’t){_BETWEEN}{{0,5}}?\s+(?:HARD)(?!\s+enough)(?:\s*(?:,|or|nor)\s*(?:or\s+)?(?:HARD))*"
    r"|\bnon-?(?:HARD)",
    "zh": r"(?:没有?|从不|从未|毫无|毫不|绝不|未|无|零|[防抗耐免]|减少|降低|隔绝|屏蔽|不(?!仅|但|只|光|止|过|得不))"
    r"(?:怎么|那么|这么|太|很|再|会|过|什么|啥|任何|一点|觉得|感觉|感到|出现|发生|有|是|被|给|手|脚|开)*(?:HARD)"
    r"|(?:HARD)[^，。]{0,3}?[都也]?(?:没有|不存在)"
    r"|(?:HARD)(?:很|也|真|挺|特别|非常|比较|几乎)*(?:[小低少](?!心)|不大|不明显)",
}
_CONDITION = re.compile(r"\b(?:if|when|whenever|unless)\b", re.IGNORECASE)
"""What stands behind one of these is a case thought of, not a finding."""

_DENIED_MERIT = {
    "en": re.compile(r"(?:\bnot|n’t)\s+(?:(?:very|really|that|so|all that|particularly|especially) )?$", re.I),
    "zh": re.compile(r"(?:不太|不怎么|不够|不是很|不算|并不|不|没那么)$"),
}


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a mention's clause says of it.

    `must_praise`: a hardship is denied, or the like. `must_complain`: a merit is. `hardship`: the mention itself is a
    hardship that nobody denies. `lacking`: something is found wanting. `reserve`: something may be meant badly.
    `of_others`: the clause speaks of another product.
    """

    must_praise: bool = False
    must_complain: bool = False
    hardship: bool = False
    lacking: bool = False
    reserve: bool = False
    of_others: bool = False

    def turned(self, probabilities: Sequence[float]) -> tuple[float, float, float]:
        """The probabilities of complaint, neither and praise, where the words decide between the two.

        >>> Grounds(must_praise=True).turned([0.75, 0.0, 0.25])
        (0.0, 0.0, 1.0)
        """
        complaint, neutral, praise = probabilities
        if self.must_praise:
            return 0.0, neutral, complaint + praise
        if self.must_complain:
            return complaint + praise, neutral, 0.0
        return complaint, neutral, praise

    def bears_complaint(self, stars: int | None) -> bool:
        """Whether a complaint can be counted in a review of so many stars (None where they are not known)."""
        if self.of_others or self.must_praise:
            return False
        return self.lacking or self.must_complain or (self.reserve and (stars or 0) < CONTENT_STARS)

    def bears_praise(self) -> bool:
        """Whether praise can be counted."""
        return not (self.hardship or self.must_complain)


def grounds(mention: Mentioned) -> Grounds:
    """What the clause of a mention says of it.

    >>> from retrieval.opinions.summary import Mention
    >>> from retrieval.opinions.aspects import Aspect
    >>> grounds(Mention(Aspect("durability"), "r", "Cheap, but it never broke.", 20, 25, "en")).must_praise
    True
    """
    language = "zh" if has_cjk(mention.sentence) else "en"
    start, end = clause(mention.sentence, mention.start, mention.end, language)
    text, words = mention.sentence[start:end].replace("'", "’"), _words(language)
    before, own = text[: mention.start - start], text[mention.start - start : mention.end - start]
    denied = _denies(words.denied, text, len(before), len(before) + len(own))
    rest = words.faultless.sub(" ", words.denied.sub(" ", text))
    bad = words.hardship.search(own) is not None
    preceded = _DENIED_MERIT[language].search(before) is not None and not denied
    found = {name: getattr(words, name).search(rest) is not None for name in ("hardship", "lacking", "reserve")}
    wanting = words.lacking.search(own) is not None
    unjust = found["hardship"] or (found["lacking"] and not (wanting and preceded))
    spotless = words.denied.search(text) or words.faultless.search(text) or (wanting and preceded)
    return Grounds(
        must_praise=bool(spotless) and not unjust,
        must_complain=preceded and not bad and not wanting and not words.faultless.search(text),
        hardship=bad and not denied,
        lacking=unjust,
        reserve=found["reserve"] and not _CONDITION.search(before),
        of_others=words.others.search(text) is not None,
    )


def _denies(denied: re.Pattern[str], text: str, start: int, end: int) -> bool:
    """Whether a denial reaches over the characters `start` to `end`."""
    return any(found.start() < end and start < found.end() for found in denied.finditer(text))


def clause(sentence: str, start: int, end: int, language: str) -> tuple[int, int]:
    """Where the clause begins and ends that holds the characters `start` to `end`.

    >>> sentence = "Warm, light, but the zip sticks."
    >>> sentence[slice(*clause(sentence, 21, 24, "en"))]
    'but the zip sticks.'
    """
    begin, stop = 0, len(sentence)
    for cut in _CLAUSE[language].finditer(sentence):
        if cut.end() <= start:
            begin = cut.end()
        elif cut.start() >= end:
            stop = cut.start()
            break
    return begin, stop


@dataclass(frozen=True, slots=True)
class _Words:
    hardship: re.Pattern[str]
    denied: re.Pattern[str]
    lacking: re.Pattern[str]
    reserve: re.Pattern[str]
    faultless: re.Pattern[str]
    others: re.Pattern[str]


@lru_cache
def _words(language: str) -> _Words:
    text = resources.files("retrieval.opinions").joinpath(WORDS_FILE).read_text(encoding="utf-8")
    lists = {name: _alternatives(words[language], language) for name, words in tomllib.loads(text).items()}
    denial = _DENIAL[language].replace("HARD", f"{lists['hardship']}|{lists.pop('burden')}")
    return _Words(**{name: re.compile(pattern, re.IGNORECASE) for name, pattern in {**lists, "denied": denial}.items()})


def _alternatives(words: Sequence[str], language: str) -> str:
    return f"(?:{'|'.join(words)})" if language == "zh" else rf"\b(?:{'|'.join(words)})\b"

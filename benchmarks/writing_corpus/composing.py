"""From a brief to one of the many ways of writing its reply, by chance.

Comes in: a `Brief` and a random generator. Goes out: the text of each part, with placeholders, every product named once
and every fact said once, in the brief's order. The sentences are in en.toml and zh.toml; which facts share a sentence
and how long the reply gets is decided here. Knows no shop.
"""

import random
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from assistant.builtin.brief import RECOMMENDING, VOICES, Brief, Part, groups_of

FOLDER = Path(__file__).parent
_BARE = re.compile(r"\{([a-z_]+)\}")
_OWN_LINE = ("- ", "{table}")
_APART = ("less", "more", "differs")
_LAST_TO_SAY = ("stock", "quote")
"""Said in sentences of their own after all else of the first product; of others, stock last and no quotation."""
_OUT_OF_TUNE = re.compile(r"sorry|afraid|apolog|抱歉|不好意思|对不起|可惜|[!！]", re.IGNORECASE)
"""What does not go with an apology: another one, and cheer."""
_MAY_HOLD_COMMAS = re.compile(r"\{(?:met|liked|liked_other|own_size|differs)\}|,")
_OPENINGS = re.compile(r"^(?:with|not|no)\b|\((?:you said|你说过)")
"""What no two neighbours in a row begin or end with."""
_AFTER_COLON = re.compile(r"：<parts>|: <parts>|; <parts>")
_PLURAL = re.compile(
    r"\b(?:these|they|them|those|others|a few|some|options|ones|picks|results|(?:a|matching|whole) set|prices)\b"
    r"|这些|几款|几样|如下|更多|一批|一套"
)
"""What is said of several products only."""
_NOTHING_BETWEEN = 2
"""Parts of a reply that is all opening and close."""
_N_LINES = 2
"""From so many further products on they are a list, one line like the other."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way of saying something; `voice` empty: any voice says it."""

    text: str
    voice: str

    @property
    def facts(self) -> frozenset[str]:
        return frozenset(_BARE.findall(self.text))


Ways = Mapping[str, tuple[Way, ...]]


@lru_cache
def ways(language: str) -> Ways:
    """All ways of the language under "table.name"."""
    tables = tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    found = {"sorry": tuple(map(_way, tables.pop("sorry")))}
    for table, moves in tables.items():
        found |= {f"{table}.{name}": tuple(map(_way, texts)) for name, texts in moves.items()}
    return found


def _way(text: str) -> Way:
    voice, bar, rest = text.partition("|")
    return Way(rest, voice) if bar and voice in VOICES else Way(text, "")


def compose(brief: Brief, chance: random.Random) -> list[str]:
    """One reply to the brief: the text of each of its parts, which joined are the reply.

    >>> compose(Brief("en", "undo", (), (("title", "price"),), "plain"), random.Random(0))
    ['Undone.', ' Start here: {title} ({price}).', '']
    """
    return _Composer(brief, chance).texts()


def joined(brief: Brief, texts: Sequence[str]) -> str:
    """The reply with the products' places in the names of its facts."""
    return "".join(part.named(text) for part, text in zip(brief.parts(), texts, strict=True))


class _Composer:
    def __init__(self, brief: Brief, chance: random.Random) -> None:
        self.brief = brief
        self.chance = chance
        self.ways = ways(brief.language)
        self.short = brief.length == "short"
        self.said: set[str] = set()

    def texts(self) -> list[str]:
        text, found = "", []
        for part in self.brief.parts():
            start = len(text)
            for sentence in self._sentences(part):
                text += self._gap(part, text, sentence) + sentence
            found.append(text[start:])
        return found

    def _sentences(self, part: Part) -> Iterator[str]:
        if part.kind == "open":
            yield from self._open(part)
        elif part.kind == "close":
            yield from self._close(part)
        elif self.brief.move == "compare":
            yield self._framed("compare.", part, groups_of(part.facts))
        elif part.kind == "first":
            yield from self._lead(part)
        else:
            yield from self._other(part)

    def _gap(self, part: Part, before: str, sentence: str) -> str:
        if not before:
            return ""
        line_before = before.rpartition("\n")[2]
        if sentence.startswith(_OWN_LINE) or line_before.startswith(_OWN_LINE):
            return "\n"
        if part.kind == "next" and (self.brief.move == "compare" or sentence.endswith((":", "："))):
            return "\n"
        if self.brief.language == "zh":
            return "\n" if before.endswith("quote}") else ""
        return " "

    def _say(self, name: str, part: Part, parts: Sequence[str] = ()) -> str:
        """One way of saying `name` in the part, as the brief's voice says it."""
        known = set(part.facts)
        fit = [way for way in self.ways[name] if way.voice in ("", self.brief.voice) and way.facts <= known]
        if len(self.brief.products) == 1:
            fit = [way for way in fit if not _PLURAL.search(way.text)] or fit
        if self.brief.tone == "sorry" and name != "sorry":
            fit = [way for way in fit if not _OUT_OF_TUNE.search(way.text)] or fit
        text = self._fresh(fit).text
        if not parts:
            return text
        return text.replace("<parts>", self._row(parts, after_colon=bool(_AFTER_COLON.search(text))))

    def _fresh(self, fit: Sequence[Way]) -> Way:
        """One of these, in half of all cases one of the voice's own, and none that was said before if it can be."""
        fit = [way for way in fit if way.text not in self.said] or fit
        own = [way for way in fit if way.voice]
        way = self.chance.choice(own if own and self.chance.random() < 0.5 else fit)
        self.said.add(way.text)
        return way

    def _open(self, part: Part) -> Iterator[str]:
        if self.brief.tone == "sorry":
            yield self._say("sorry", part)
        if self.brief.move in RECOMMENDING:
            yield from self._opening(part)
        else:
            yield from _OTHERWISE[self.brief.move](self, part)

    def _opening(self, part: Part) -> Iterator[str]:
        move = self.brief.move
        if move in ("search_many", "search_all", "refine") and not {"wish", "n_matched"} <= set(part.facts):
            move = "refine_bare" if move == "refine" else "search_bare"
        elif move in ("search_one", "search_free") and "wish" not in part.facts:
            move = "search_bare"
        if self.short and move.endswith("_bare") and self.chance.random() < 0.5:
            return
        yield self._say(f"open.{move}", part)

    def _lead(self, part: Part) -> Iterator[str]:
        groups = groups_of(part.facts)
        kind = "only_" if self.brief.move == "search_one" and len(self.brief.products) == 1 else ""
        if "top" in groups:
            groups.remove("top")
            kind = "top_"
        inline, rest = self._shared_out(groups, 2 if self.short else self.chance.choice((1, 2, 2, 3)))
        yield self._framed(f"lead.{kind}", part, inline)
        yield from self._afterwards(part, rest)

    def _shared_out(self, groups: Sequence[str], n_inline: int) -> tuple[list[str], list[str]]:
        """What is said beside the name, and what in sentences of its own."""
        inline = [group for group in groups if group not in _LAST_TO_SAY][:n_inline]
        return inline, [group for group in groups if group not in inline]

    def _framed(self, frames: str, part: Part, inline: Sequence[str], table: str = "part") -> str:
        if not inline:
            return self._say(f"{frames}bare", part)
        return self._say(f"{frames}parts", part, self._parts(inline, table))

    def _parts(self, groups: Sequence[str], table: str = "part") -> list[str]:
        """A fragment of the table for each, no two neighbours alike."""
        parts: list[str] = []
        for group in groups:
            fit = [way for way in self.ways[f"{table}.{group}"] if way.voice in ("", self.brief.voice)]
            before = _OPENINGS.search(parts[-1]) if parts else None
            if before:
                fit = [way for way in fit if before[0] not in way.text] or fit
            if len(self.brief.products) == 1:
                fit = [way for way in fit if not _PLURAL.search(way.text)] or fit
            parts.append(self._fresh(fit).text)
        return parts

    def _row(self, parts: Sequence[str], *, after_colon: bool) -> str:
        if self.brief.language == "zh":
            # What stands in the facts may hold commas of its own.
            return ("；" if after_colon else "，").join(parts)
        if len(parts) < 2:
            return parts[0]
        if after_colon and any(_MAY_HOLD_COMMAS.search(part) for part in parts):
            return "; ".join(parts)
        return ", ".join(parts[:-1]) + self.chance.choice((", and ", ", ")) + parts[-1]

    def _afterwards(self, part: Part, rest: list[str]) -> Iterator[str]:
        """Sentences about the first product; the quotation last."""
        able = [group for group in rest if group not in _LAST_TO_SAY]
        while able:
            if len(able) > 1 and self.chance.random() < 0.4:
                yield self._say("also.parts", part, self._parts([able.pop(0), able.pop(0)]))
            else:
                yield self._say(f"sentence.{able.pop(0)}", part)
        for group in _LAST_TO_SAY:
            if group in rest:
                yield self._say(f"sentence.{group}", part)

    def _other(self, part: Part) -> Iterator[str]:
        as_lines = len(self.brief.products) - 1 >= _N_LINES
        if as_lines and part.place == 2:
            yield self._say("others.many", part)
        groups = groups_of(part.facts)
        if as_lines:
            yield self._framed("line.", part, _beside(groups), "row")
        elif groups and groups[0] in _APART:
            yield self._framed(f"{groups[0]}.", part, _beside(groups[1:]))
        else:
            yield self._framed("item.", part, _beside(groups))

    def _close(self, part: Part) -> Iterator[str]:
        if self.brief.move == "compare" and len(self.brief.parts()) == _NOTHING_BETWEEN:
            yield self._say("compare.even", part)
        if self.brief.move in RECOMMENDING and not self.short and not part.facts and self.chance.random() < 0.2:
            yield self._say("close.any", part)
        for fact, table in (("question", "question.lead"), ("offer", "person.lead")):
            if fact in part.facts:
                if self.chance.random() < (0.3 if self.short else 0.6):
                    yield self._say(table, part)
                yield f"{{{fact}}}"

    def comparison(self, part: Part) -> Iterator[str]:
        yield self._say("compare.open", part)
        yield "{table}"

    def nothing(self, part: Part) -> Iterator[str]:
        kind = "wish" if self.brief.move == "nothing" else "no_more"
        if "wish" not in part.facts:
            kind = "bare" if self.brief.move == "nothing" else "no_more_bare"
        yield self._say(f"nothing.{kind}", part)
        if "question" not in self.brief.shared:
            yield self._say("nothing.steps" if "steps" in part.facts else "nothing.ask", part)

    def refusal(self, part: Part) -> Iterator[str]:
        yield self._say("refuse.any", part)
        if "offer" not in self.brief.shared:
            yield self._say("refuse.ask", part)

    def feedback(self, part: Part) -> Iterator[str]:
        move = self.brief.move
        yield self._say(f"feedback.{move}", part)
        if "offer" not in self.brief.shared:
            yield self._say("feedback.liked_next" if move == "liked" else "feedback.next", part)

    def smalltalk(self, part: Part) -> Iterator[str]:
        yield self._say(f"smalltalk.{self.brief.move}", part)


def _beside(groups: Sequence[str]) -> list[str]:
    """What is said of a further product, all in one sentence."""
    return [group for group in groups if group != "quote"]


_OTHERWISE: Mapping[str, Callable[[_Composer, Part], Iterator[str]]] = {
    "compare": _Composer.comparison,
    "nothing": _Composer.nothing,
    "no_more": _Composer.nothing,
    "refuse": _Composer.refusal,
    **dict.fromkeys(("liked", "disliked", "missed"), _Composer.feedback),
    **dict.fromkeys(("hello", "thanks", "bye", "who", "restart", "resume", "listening"), _Composer.smalltalk),
}

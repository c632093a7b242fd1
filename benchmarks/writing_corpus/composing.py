"""From a brief to one of the many ways of writing its reply, by chance.

Comes in: a `Brief` and a random generator. Goes out: a reply with placeholders, every product named once and every fact
said once, in the brief's order. The sentences are in en.toml and zh.toml; which facts share a sentence and how long the
reply gets is decided here. Knows no shop.
"""

import random
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from assistant.builtin.brief import RECOMMENDING, VOICES, Brief, groups_of

FOLDER = Path(__file__).parent
_BARE = re.compile(r"\{([a-z_]+)\}")
_APART = ("less", "more", "differs")
_LAST_TO_SAY = ("stock", "quote")
"""Said in sentences of their own after all else of the first product; of others, stock last and no quotation."""
_OUT_OF_TUNE = re.compile(r"sorry|afraid|apolog|抱歉|不好意思|对不起|可惜|[!！]", re.IGNORECASE)
"""What does not go with an apology: another one, and cheer."""
_MAY_HOLD_COMMAS = re.compile(r"\{(?:met|liked|liked_other|own_size|differs)\}|,")
_OPENINGS = re.compile(r"^(?:with|not|no)\b|\((?:you said|你说过)")
"""What no two neighbours in a row begin or end with."""
_AFTER_COLON = re.compile(r"： ?<parts>|: <parts>")
_PLURAL = re.compile(
    r"\b(?:these|they|them|those|others|a few|some|options|ones|picks|results|(?:a|matching|whole) set|prices)\b"
    r"|这些|几款|几样|如下|更多|一批|一套"
)
"""What is said of several products only."""
_N_LINES = 4
"""From so many further products on they are a list."""


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


def compose(brief: Brief, chance: random.Random) -> str:
    """One reply to the brief.

    >>> compose(Brief("en", "undo", (), (("title", "price"),), "plain"), random.Random(0))
    "Let's go back, then. Top pick: {p1.title}, {p1.price}."
    """
    return _Composer(brief, chance).reply()


class _Composer:
    def __init__(self, brief: Brief, chance: random.Random) -> None:
        self.brief = brief
        self.chance = chance
        self.ways = ways(brief.language)
        self.short = brief.length == "short"
        self.said: set[str] = set()

    def reply(self) -> str:
        brief = self.brief
        text = self._say("sorry") if brief.tone == "sorry" else ""
        body = self._recommendation() if brief.move in RECOMMENDING else _OTHERWISE[brief.move](self)
        for sentence in (*body, *self._question(), *self._person()):
            text += self._gap(text, sentence) + sentence
        return text

    def _recommendation(self) -> Iterator[str]:
        yield from self._opening()
        yield from self._lead()
        yield from self._others()
        yield from self._close()

    def _gap(self, before: str, sentence: str) -> str:
        if not before:
            return ""
        line_before = before.rpartition("\n")[2]
        if sentence.startswith(("- ", "{table}")) or line_before.startswith(("- ", "{table}")):
            return "\n"
        if self.brief.language == "zh":
            return "\n" if before.endswith("quote}") else ""
        return " "

    def _say(self, name: str, place: int = 0, parts: Sequence[str] = ()) -> str:
        """One way of saying `name` of the product at `place` (from 1), as the brief's voice says it."""
        known = set(self.brief.products[place - 1]) if place else set(self.brief.shared)
        fit = [way for way in self.ways[name] if way.voice in ("", self.brief.voice) and way.facts <= known]
        if len(self.brief.products) == 1:
            fit = [way for way in fit if not _PLURAL.search(way.text)] or fit
        if self.brief.tone == "sorry" and name != "sorry":
            fit = [way for way in fit if not _OUT_OF_TUNE.search(way.text)] or fit
        way = self._fresh(fit)
        text = (
            way.text.replace("<parts>", self._row(parts, after_colon=bool(_AFTER_COLON.search(way.text))))
            if parts
            else way.text
        )
        return _BARE.sub(rf"{{p{place}.\1}}", text) if place else text

    def _fresh(self, fit: Sequence[Way]) -> Way:
        """One of these, in half of all cases one of the voice's own, and none that was said before if it can be."""
        fit = [way for way in fit if way.text not in self.said] or fit
        own = [way for way in fit if way.voice]
        way = self.chance.choice(own if own and self.chance.random() < 0.5 else fit)
        self.said.add(way.text)
        return way

    def _opening(self) -> Iterator[str]:
        move = self.brief.move
        shared = set(self.brief.shared)
        if move in ("search_many", "search_all", "refine") and not {"wish", "n_matched"} <= shared:
            move = "refine_bare" if move == "refine" else "search_bare"
        elif move in ("search_one", "search_free") and "wish" not in shared:
            move = "search_bare"
        if self.short and move.endswith("_bare") and self.chance.random() < 0.5:
            return
        yield self._say(f"open.{move}")

    def _lead(self) -> Iterator[str]:
        if not self.brief.products:
            return
        groups = groups_of(self.brief.products[0])
        kind = "only_" if self.brief.move == "search_one" and len(self.brief.products) == 1 else ""
        if "top" in groups:
            groups.remove("top")
            kind = "top_"
        inline, rest = self._shared_out(groups, 2 if self.short else self.chance.choice((1, 2, 2, 3)))
        yield self._framed(f"lead.{kind}", 1, inline)
        yield from self._afterwards(rest)

    def _shared_out(self, groups: Sequence[str], n_inline: int) -> tuple[list[str], list[str]]:
        """What is said beside the name, and what in sentences of its own."""
        inline = [group for group in groups if group not in _LAST_TO_SAY][:n_inline]
        return inline, [group for group in groups if group not in inline]

    def _framed(self, frames: str, place: int, inline: Sequence[str]) -> str:
        if not inline:
            return self._say(f"{frames}bare", place)
        return self._say(f"{frames}parts", place, self._parts(inline))

    def _parts(self, groups: Sequence[str]) -> list[str]:
        """A fragment for each, no two neighbours alike."""
        parts: list[str] = []
        for group in groups:
            fit = [way for way in self.ways[f"part.{group}"] if way.voice in ("", self.brief.voice)]
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

    def _afterwards(self, rest: list[str]) -> Iterator[str]:
        """Sentences about the first product; the quotation last."""
        able = [group for group in rest if group not in _LAST_TO_SAY]
        while able:
            if len(able) > 1 and self.chance.random() < 0.4:
                yield self._say("also.parts", 1, self._parts([able.pop(0), able.pop(0)]))
            else:
                yield self._say(f"sentence.{able.pop(0)}", 1)
        for group in _LAST_TO_SAY:
            if group in rest:
                yield self._say(f"sentence.{group}", 1)

    def _others(self) -> Iterator[str]:
        n_others = len(self.brief.products) - 1
        if n_others < 1:
            return
        as_lines = n_others >= _N_LINES or self.chance.random() < (0.8 if self.short else 0.4)
        if as_lines:
            yield self._say("others.one" if n_others == 1 else "others.many")
        for place in range(2, n_others + 2):
            groups = groups_of(self.brief.products[place - 1])
            yield self._line(place, groups) if as_lines else self._item(place, groups)

    def _line(self, place: int, groups: Sequence[str]) -> str:
        return self._framed("line.", place, _beside(groups))

    def _item(self, place: int, groups: Sequence[str]) -> str:
        """What is told first sets the sentence: what the product has otherwise than the first opens it."""
        if groups and groups[0] in _APART:
            return self._framed(f"{groups[0]}.", place, _beside(groups[1:]))
        return self._framed("item.", place, _beside(groups))

    def _close(self) -> Iterator[str]:
        asks = {"question", "offer"} & set(self.brief.shared)
        if not self.short and not asks and self.chance.random() < 0.2:
            yield self._say("close.any")

    def _question(self) -> Iterator[str]:
        if "question" in self.brief.shared:
            if self.chance.random() < (0.3 if self.short else 0.6):
                yield self._say("question.lead")
            yield "{question}"

    def _person(self) -> Iterator[str]:
        if "offer" in self.brief.shared:
            if self.chance.random() < (0.3 if self.short else 0.6):
                yield self._say("person.lead")
            yield "{offer}"

    def comparison(self) -> Iterator[str]:
        yield self._say("compare.open")
        yield "{table}"
        spoken_for = False
        for place, facts in enumerate(self.brief.products, start=1):
            groups = groups_of(facts)
            if groups:
                spoken_for = True
                yield self._framed("compare.", place, groups)
        if not spoken_for:
            yield self._say("compare.even")

    def nothing(self) -> Iterator[str]:
        wish = "wish" in self.brief.shared
        if self.brief.move == "no_more":
            yield self._say("nothing.no_more" if wish else "nothing.no_more_bare")
        else:
            yield self._say("nothing.wish" if wish else "nothing.bare")
        if "question" not in self.brief.shared:
            yield self._say("nothing.steps" if "steps" in self.brief.shared else "nothing.ask")

    def refusal(self) -> Iterator[str]:
        yield self._say("refuse.any")
        if "offer" not in self.brief.shared:
            yield self._say("refuse.ask")

    def feedback(self) -> Iterator[str]:
        move = self.brief.move
        yield self._say(f"feedback.{move}", 0 if move == "missed" else 1)
        if "offer" not in self.brief.shared:
            yield self._say("feedback.liked_next" if move == "liked" else "feedback.next")

    def smalltalk(self) -> Iterator[str]:
        yield self._say(f"smalltalk.{self.brief.move}")


def _beside(groups: Sequence[str]) -> list[str]:
    """What is said of a further product, all in one sentence."""
    return [group for group in groups if group != "quote"]


_OTHERWISE: Mapping[str, Callable[[_Composer], Iterator[str]]] = {
    "compare": _Composer.comparison,
    "nothing": _Composer.nothing,
    "no_more": _Composer.nothing,
    "refuse": _Composer.refusal,
    **dict.fromkeys(("liked", "disliked", "missed"), _Composer.feedback),
    **dict.fromkeys(("hello", "thanks", "bye", "who", "restart", "resume", "listening"), _Composer.smalltalk),
}

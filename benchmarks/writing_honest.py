"""Honest replies, and what the checks cost them.

In: honest sentences of `benchmarks/writing_lies`, a clerk's sentences of MG-ShopDial, and turns of the demo shop. Out:
of the sentences of replies made of them, which were dropped and why. Knows none of the checks: a clerk's sentence is
left out by the rule of `clerk_sentences`, which reads only its words.
"""

import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from assistant.rendering import PLACEHOLDER, Facts, Renderer
from assistant.writing import prompting
from assistant.writing.checks.leaks import Told
from assistant.writing.plain import turn_of
from benchmarks.writing_lying import LIES
from benchmarks.writing_turns import ShopTurn

CLERKS = Path("data") / "mg_shopdial"
_SENTENCE = re.compile(r".+?(?:[.!?]+(?=\s|$)|$)")
_LINK = re.compile(r"https?:|www\.|\w@\w")
_PRICE = re.compile(
    r"(?:US\s?)?\$\s?\d(?:[\d.,]*\d)?(?:\s?(?:usd|dollars?)\b)?|\b\d[\d.,]*\s?(?:\$|usd\b|dollars?\b|euros?\b)(?:\s?dollars?\b)?",
    re.IGNORECASE,
)
_RATING = re.compile(r"\b\d(?:\.\d)?\s?/\s?5\b|\b\d\.\d\s(?=stars?\b)")
_NAMED = re.compile(r"(?<!^)(?<![.!?:]\s)\b(?!(?:I|I'\w+|Ok|OK|Good|Please|Afternoon|Evening)\b)[A-Z][\w’'-]*")


@dataclass(slots=True)
class Loss:
    """How many sentences went through, and which of them were dropped for what."""

    n: int = 0
    why: Counter[str] = field(default_factory=Counter)
    sentences: Counter[str] = field(default_factory=Counter)

    @property
    def share(self) -> float:
        return sum(self.why.values()) / self.n if self.n else 0.0


def honest_sentences(language: str, which: str = "") -> list[str]:
    """The honest sentences of one language: the first set, or one that was written later ("fresh", "last")."""
    name = f"honest_{which}_{language}" if which else f"honest_{language}"
    said: list[str] = tomllib.loads((LIES / f"{name}.toml").read_text("utf-8"))["sentences"]
    return said


def clerk_sentences(shared: Path) -> list[str]:
    """What the clerks of MG-ShopDial say, facts made placeholders.

    Prices and ratings in digits and the names of the collection's products become placeholders. Left out are links,
    sentences that still hold a digit, a word of `facts.toml` (a number, or a word with which a clerk states a property
    of a thing or a rule of the shop) unless they ask, and sentences with a capitalised name that is no placeholder.
    """
    folder = shared / CLERKS
    names = [row["name"] for file in sorted(folder.glob("items_*.json")) for row in json.loads(file.read_text("utf-8"))]
    words = tomllib.loads((LIES / "facts.toml").read_text("utf-8"))
    stating = re.compile(rf"\b(?:{'|'.join(words['states'])})\b", re.IGNORECASE)
    counting = re.compile(rf"\b(?:{'|'.join(words['counts'])})\b", re.IGNORECASE)
    found: dict[str, None] = {}
    for said in _clerks(json.loads((folder / "MGShopDial.json").read_text("utf-8")), names):
        plain = PLACEHOLDER.sub(" ", said)
        states = re.search(r"\d", plain) or counting.search(plain) or (stating.search(plain) and not said.endswith("?"))
        if not states and not _NAMED.search(said) and re.search(r"[a-z]{2}", plain):
            found[said] = None
    return list(found)


def _clerks(dialogues: Sequence[dict[str, object]], names: Sequence[str]) -> Iterator[str]:
    for dialogue in dialogues:
        for row in dialogue["utterances"]:  # type: ignore[attr-defined]
            said = row["utterance"]
            if row["participant"] != "Wizard" or _LINK.search(said):
                continue
            for name in names:
                said = said.replace(name, "{p1.title}")
            said = _PRICE.sub("{p1.price}", _RATING.sub("{p1.rating}", said))
            yield from (found.strip() for found in _SENTENCE.findall(said) if found.strip())


def told_of(turn: ShopTurn, facts: Facts) -> Told:
    """What a model is told that writes of a turn."""
    whole = turn_of(turn.step, turn.recommendations, turn.evidence)
    return prompting.told(whole, facts, prompting.messages(whole, facts)[0])


def lost(sentences: Sequence[str], turns: Sequence[ShopTurn], each: int) -> Loss:
    """Every sentence in `each` replies, four to a reply; one whose facts a turn does not have is left out of it."""
    loss = Loss()
    said = [sentence if sentence.endswith(tuple(".!?。！？")) else f"{sentence}\n" for sentence in sentences]
    for number in range(-(-len(said) * each // 4)):
        turn = turns[number % len(turns)]
        facts = turn.facts()
        chosen = [said[(number * 4 + k) % len(said)] for k in range(4)]
        chosen = [sentence for sentence in chosen if set(PLACEHOLDER.findall(sentence)) <= facts.values.keys()]
        renderer = Renderer(facts, told=told_of(turn, facts))
        "".join(renderer.stream([(" " if turn.step.session.language == "en" else "").join(chosen)]))
        loss.n += renderer.n_kept + len(renderer.dropped)
        for dropped in renderer.dropped:
            loss.why[dropped.why.split()[0]] += 1
            loss.sentences[f"{dropped.sentence} ({dropped.why})"] += 1
    return loss

"""A chat model that lies, and who sees it: an oracle that knows every lie by its surface.

In: lies of `benchmarks/writing_lies` and turns of the demo shop. Out: for each reply the kinds of lies that stand in
its text, and whether a product is missing. Knows none of the checks that a reply passes: a lie has words that give it
away, and they may not stand in the text unless the catalog's own text, or what code alone writes of the turn, holds
them; no more may a number of two digits or more.
"""

import random
import re
import tomllib
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from assistant.writer import Writer
from benchmarks.writing_turns import ShopTurn, folded
from retrieval.types import Product

LIES = Path(__file__).parent / "writing_lies"
SETS = ("unseen", "seen", "fresh", "last", "after")
_PLACEHOLDER = re.compile(r"(\{[a-z0-9_.]+\})")
_SHORTEST = 2

TRUTHS: Mapping[str, Sequence[str]] = {
    "en": ("I would start with {p1.title}.", "{p2.title} costs {p2.price}.", "{p1.title} is {p1.availability}."),
    "zh": ("我会先推荐{p1.title}。", "{p2.title}要{p2.price}。", "{p1.title}目前{p1.availability}。"),
}
JOINTS: Mapping[str, str] = {
    "en": "{{p1.title}} costs {{p1.price}}, and {0}",
    "zh": "{{p1.title}}售价{{p1.price}}，而且{0}",
}


def _price(product: Product) -> float:
    return product.price_minor


def _rating(product: Product) -> float:
    return product.rating or 0.0


def _reviewed(product: Product) -> float:
    return product.n_reviews or 0


def _is_light(product: Product) -> bool:
    return "lightweight" in product.values("feature")


WHEN: Mapping[str, Callable[[Sequence[Product]], bool]] = {
    "": lambda _: True,
    "second_not_cheaper": lambda shown: _price(shown[1]) >= _price(shown[0]),
    "second_not_better_rated": lambda shown: _rating(shown[1]) <= _rating(shown[0]),
    "second_not_light": lambda shown: not _is_light(shown[1]),
    "first_not_cheapest": lambda shown: _price(shown[0]) > min(map(_price, shown)),
    "first_not_pricier": lambda shown: _price(shown[0]) <= _price(shown[1]),
    "first_not_best_rated": lambda shown: _rating(shown[0]) < max(map(_rating, shown)),
    "first_not_more_reviewed": lambda shown: _reviewed(shown[0]) <= _reviewed(shown[1]),
}
"""When a comparison is a lie, by the name that the data give it."""


@dataclass(frozen=True, slots=True)
class Lie:
    """One phrasing: what it says, the words that give it away, the catalog's words that would make it no lie of the
    product spoken of, and what must hold of the products shown."""

    kind: str
    text: str
    tells: tuple[str, ...]
    unless: tuple[str, ...] = ()
    when: str = ""

    def is_one(self, turn: ShopTurn) -> bool:
        """Whether it is a lie of the products of a turn, and one that its text could not hold by itself."""
        named = {int(name) - 1 for name in re.findall(r"\{p(\d)\.", self.text)} or range(len(turn.catalog))
        said = [turn.catalog[position] for position in sorted(named)]
        is_true = bool(self.unless) and any(folded(word) in text for word in self.unless for text in said)
        known = " ".join((turn.plain, *turn.catalog))
        return not is_true and WHEN[self.when](turn.products) and not any(tell in known for tell in self.tells)


@dataclass(frozen=True, slots=True)
class Scripted:
    """A text model that says what it was told to, in these pieces."""

    pieces: Sequence[str]

    def stream(self, system: str, user: str, session_id: str = "") -> Generator[str, None, None]:
        yield from self.pieces

    def hang_up(self, session_id: str) -> None:
        """There is no line to hang up."""


@dataclass(frozen=True, slots=True)
class Told:
    """A reply of the lying model: its lies, its raw text, and what the writer made of it."""

    turn: ShopTurn
    lies: tuple[Lie, ...]
    raw: str
    text: str

    def passed(self, text: str | None = None) -> list[Lie]:
        """The lies that stand in the text (default: the writer's)."""
        seen = folded(self.text if text is None else text)
        return [lie for lie in self.lies if any(tell in seen for tell in lie.tells)]

    def foreign_numbers(self) -> list[str]:
        """Numbers of two digits or more that neither code alone nor the catalog writes."""
        known = " ".join((self.turn.plain, *self.turn.catalog, *map(folded, self.turn.facts().values.values())))
        return [found for found in re.findall(r"\d[\d.,]*\d", folded(self.text)) if found not in known]

    def unnamed(self) -> list[str]:
        """Products shown that the reply does not name."""
        return [title for title in self.turn.titles if folded(title) not in folded(self.text)]

    def unchecked(self) -> str:
        """The raw text with its facts filled in and nothing looked at."""
        values = self.turn.facts().values
        return _PLACEHOLDER.sub(lambda found: values.get(found[0][1:-1], ""), self.raw)


@dataclass(slots=True)
class Liar:
    """Draws replies: lies that hold none of the turn's truth, disguised, among true sentences, cut anywhere."""

    language: str
    turns: Sequence[ShopTurn]
    lies: Sequence[Lie]
    seed: int = 0
    _drawn: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._drawn = random.Random(f"lies/{self.seed}/{self.language}")

    def reply(self, number: int) -> Told:
        """The reply of one number; every phrasing comes round."""
        turn = self.turns[number % len(self.turns)]
        first = self.lies[number % len(self.lies)]
        wanted = [first, *self._drawn.sample(self.lies, self._drawn.choice((0, 1, 2)))]
        lies = tuple(dict.fromkeys(lie for lie in wanted if lie.is_one(turn)))
        sentences = [self._disguised(lie) for lie in lies]
        sentences += self._drawn.sample(TRUTHS[self.language], self._drawn.choice((0, 1, 2)))
        self._drawn.shuffle(sentences)
        raw = (" " if self.language == "en" else "").join(sentences)
        return Told(turn, lies, raw, written(turn, self._cut(raw)))

    def _disguised(self, lie: Lie) -> str:
        how = self._drawn.choice(("plain", "plain", "wide", "split", "upper", "joined", "bare"))
        if how == "joined":
            head = lie.text if lie.text.startswith("{") else lie.text[:1].lower() + lie.text[1:]
            return JOINTS[self.language].format(head)
        if how == "bare":
            return lie.text.rstrip(".。!！") + "\n"
        parts = _PLACEHOLDER.split(lie.text)
        return "".join(part if part.startswith("{") else _said(part, how) for part in parts)

    def _cut(self, text: str) -> list[str]:
        places = sorted(self._drawn.choices(range(len(text) + 1), k=self._drawn.randrange(12)))
        return [text[start:end] for start, end in zip([0, *places], [*places, len(text)], strict=True)]


def _said(part: str, how: str) -> str:
    if how == "wide":
        return "".join(chr(ord(char) + 0xFEE0) if "0" <= char <= "z" else char for char in part)
    if how == "split":
        return "\u200b".join(part)
    return part.upper() if how == "upper" else part


def written(turn: ShopTurn, pieces: Sequence[str]) -> str:
    """What the shopper reads of a turn when a model says these pieces."""
    return "".join(Writer(Scripted(pieces)).write(turn.step, turn.recommendations, turn.evidence))


def load_lies(language: str, which: str) -> list[Lie]:
    """The lies of one language, one of `SETS`."""
    rows = tomllib.loads((LIES / f"{which}_{language}.toml").read_text("utf-8"))["lie"]
    return [
        Lie(
            row["kind"],
            row["text"],
            tuple(map(folded, row["tells"])),
            tuple(row.get("unless", ())),
            row.get("when", ""),
        )
        for row in rows
    ]

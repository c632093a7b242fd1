"""From a writer's stream with placeholders to the text that the shopper sees.

Comes in: pieces of text that name facts as `{p1.title}`, and the `Facts` that exist. Goes out: the same text, sentence
by sentence, facts filled in; a sentence that holds anything a writer may not type is dropped whole. Knows nothing of
who wrote it. The result does not depend on how the text was cut into pieces.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from assistant.writing.checks.known import Known
from assistant.writing.checks.leaks import Told
from assistant.writing.checks.naming import foreign_name, in_another_language
from assistant.writing.checks.properties import unheld
from assistant.writing.checks.relations import unproven_relation
from assistant.writing.checks.untyped import EVIDENCE, LESS, MARK, is_open_question, unsupported
from assistant.writing.grounding import fault, normal
from assistant.writing.wording import Claims

PLACEHOLDER = re.compile(r"\{\s*([a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)?)\s*\}")
_OF_BUYERS = re.compile(r"\.(?:rating\w*|n_reviews|n_praised|praised\w*|quote|reason|says\d*)$")
_FRAGMENT = re.compile(r"(?:[，、]|[\u3400-\u9fff],)\s*$")
"""A line of verse: no Chinese sentence ends so."""
_NUMBERED = re.compile(r"\s*\d+[.)]\s*$")
_SAID_OF = re.compile(r"\{(p\d+)\.title\}\s*(?:[^\s{},，]+\s*){0,3}?\{(p\d+)\.(?!title|quote|says)([a-z_]+)\}")
MAX_SENTENCE = 600
MAX_TEXT = 2_000
MAX_DROPPED = 30
_REMEMBERED = 200
"""Characters of what was typed before, shown or not, that a sentence is read together with."""
_FULL_STOPS = "。！？；"
_STOPS = ".!?…"
_CLOSERS = "\"'”’」』)）]】"
_ENDS_FULL = re.compile(rf"[{_FULL_STOPS}][{_FULL_STOPS}{_STOPS}]*[{re.escape(_CLOSERS)}]*$")
_ENDS = re.compile(rf"[{re.escape(_STOPS)}]+[{re.escape(_CLOSERS)}]*$")
_ABBREVIATION = re.compile(r"(?i)(?:\b(?:e\.g|i\.e|approx|incl|vs|no|etc|dr|mr|mrs)|\b[a-z])\.$")


def no_claims(_: str) -> Claims:
    """Finds no attribute in any sentence."""
    return frozenset()


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a reply may state: placeholder name -> text, formatted for the reply's language.

    `claims` says for each product key ("p1") which attribute values the catalog states of it; `find_claims` which ones
    a sentence speaks of. Both empty: attributes are not checked. `known` holds for each product shown its figures and
    words; empty: names, properties and comparisons are not checked.
    """

    values: Mapping[str, str]
    language: str = "en"
    claims: Mapping[str, Claims] = field(default_factory=dict)
    find_claims: Callable[[str], Claims] = no_claims
    known: Mapping[str, Known] = field(default_factory=dict)

    def unknown(self, sentence: str, plain: str) -> str | None:
        """What a sentence says of products that is not known of them; `plain` is it without its placeholders."""
        if not self.known:
            return None
        keys = {name.partition(".")[0] for name in PLACEHOLDER.findall(sentence)}
        named = [self.known[key] for key in keys if key in self.known] or list(self.known.values())
        standing = unsupported(plain)
        if standing:
            return standing
        if in_another_language(plain, self.language):
            return "language"
        name = foreign_name(plain, named)
        if name:
            return f"name {name}"
        relation = unproven_relation(normal(sentence), self.known) or swapped(normal(sentence), self.values)
        if relation:
            return f"comparison {relation}"
        word = unheld(plain, named)
        return f"property {word}" if word else None

    def unproven(self, sentence: str, keys: Iterable[str]) -> Claims:
        """The claims of a sentence that not all of the products named in it (none named: of all) are known to meet."""
        claimed = self.find_claims(sentence)
        named = [key for key in keys if key in self.claims] or list(self.claims)
        return frozenset(claim for claim in claimed if any(claim not in self.claims[key] for key in named))


@dataclass(frozen=True, slots=True)
class Dropped:
    """A sentence that did not reach the shopper, and why."""

    sentence: str
    why: str


@dataclass(slots=True)
class _Buffer:
    text: str = ""
    overflow: bool = False

    def ends_before(self, char: str) -> bool:
        if not self.text.strip():
            return False
        if char == "\n":
            return True
        if char not in _FULL_STOPS + _STOPS + _CLOSERS and _ENDS_FULL.search(self.text[-8:]):
            return True
        return char.isspace() and bool(_ENDS.search(self.text[-8:])) and not _ABBREVIATION.search(self.text[-8:])

    def add(self, char: str) -> None:
        self.text += char
        if len(self.text) > MAX_SENTENCE:
            self.overflow = True
            self.text = self.text[-8:]


class Renderer:
    """Renders one reply. Afterwards `used` names the facts it stated and `dropped` what it left out.

    With `only_grounded` a sentence without any fact is dropped as well; with `told`, which is what the writer was told,
    one that gives it away.
    """

    def __init__(self, facts: Facts, *, only_grounded: bool = False, told: Told | None = None) -> None:
        self.facts = facts
        self._told = told
        self._before = ""
        self.used: set[str] = set()
        self.dropped: list[Dropped] = []
        self.n_kept = 0
        self._only_grounded = only_grounded
        self._break = False

    def stream(self, pieces: Iterable[str]) -> Iterator[str]:
        """The sentences of the text that may be shown, in order, each as soon as it is complete."""
        length = 0
        for sentence in self._sentences(pieces):
            shown = self._render(sentence)
            if shown:
                length += len(shown)
                yield shown
            if length >= MAX_TEXT or len(self.dropped) >= MAX_DROPPED:
                return

    def _sentences(self, pieces: Iterable[str]) -> Iterator[_Buffer]:
        buffer = _Buffer()
        for piece in pieces:
            for char in piece:
                if char not in "\n\t" and unicodedata.category(char)[0] == "C":
                    continue
                if buffer.ends_before(char):
                    yield buffer
                    buffer = _Buffer()
                buffer.add(" " if char == "\t" else char)
        if buffer.text.strip():
            yield buffer

    def _render(self, buffer: _Buffer) -> str:
        sentence = buffer.text
        leading = sentence[: len(sentence) - len(sentence.lstrip())]
        why = "too long" if buffer.overflow else self._fault(sentence)
        self._break = self._break or "\n" in leading
        if why:
            self.dropped.append(Dropped(sentence.strip(), why))
            return ""
        self.used.update(PLACEHOLDER.findall(sentence))
        filled = PLACEHOLDER.sub(lambda found: self.facts.values[found[1]], sentence.strip())
        gap = "\n" if self._break else leading and " "
        gap = gap if self.n_kept else ""
        self.n_kept += 1
        self._break = False
        return gap + filled

    def _fault(self, sentence: str) -> str | None:
        names = PLACEHOLDER.findall(sentence)
        unknown = [name for name in names if name not in self.facts.values]
        if unknown:
            return f"unknown fact {unknown[0]}"
        plain = PLACEHOLDER.sub(_mark, sentence)
        if _FRAGMENT.search(plain) or not (names or any(map(str.isalpha, plain)) or _NUMBERED.match(plain)):
            return "fragment"
        if "{" in plain or "}" in plain:
            return "broken placeholder"
        if self._only_grounded and not names:
            return "no fact"
        wrong = self._given_away(PLACEHOLDER.sub(" ", sentence)) or fault(plain.strip().removeprefix("- "))
        if wrong:
            return wrong
        asks = is_open_question(normal(plain))
        unproven = None if asks else self.facts.unproven(plain, {name.partition(".")[0] for name in names})
        return f"unproven {min(unproven)[1]}" if unproven else self.facts.unknown(sentence, normal(plain).strip())

    def _given_away(self, typed: str) -> str | None:
        """What is wrong with the typed words of a sentence as words of what was told, those before it included."""
        before, self._before = self._before, (self._before + " " + typed)[-_REMEMBERED:]
        return self._told.leak(typed, before) if self._told is not None else None


def _mark(placeholder: re.Match[str]) -> str:
    if placeholder[1].endswith(".discount"):
        return LESS
    return EVIDENCE if _OF_BUYERS.search(placeholder[1]) else MARK


def mixed_up(names: Sequence[str]) -> str | None:
    """A fact of one product in a sentence that names only others, or facts in another order than the titles.

    >>> mixed_up(["p1.title", "p2.price"]), mixed_up(["p1.title", "p1.price", "shop"])
    ('p2.price', None)
    """
    own = [name.partition(".") for name in names if re.match(r"p\d+\.", name)]
    titles = list(dict.fromkeys(key for key, _, what in own if what == "title"))
    of: dict[str, list[str]] = {}
    for key, _, what in own:
        if what != "title" and not what.startswith(("quote", "says")):
            if titles and key not in titles:
                return f"{key}.{what}"
            of.setdefault(what, []).append(key)
    wrong = (what for what, keys in of.items() if sorted(keys) == sorted(titles) and keys != titles)
    return next(wrong, None)


def swapped(sentence: str, values: Mapping[str, str]) -> str | None:
    """A fact of one product that is said of another, of which it is not true: `mixed_up`, told twice, or close behind
    the other's title. `values` are the facts by name.

    >>> values = {"p1.price": "$9", "p2.price": "$7"}
    >>> swapped("Next to {p1.title}, {p2.title} is {p1.price}.", values), swapped("{p1.title} is {p1.price}.", values)
    ('p1.price', None)
    """
    names = PLACEHOLDER.findall(sentence)
    if mixed := mixed_up(names):
        return mixed
    titles = list(dict.fromkeys(name.partition(".")[0] for name in names if name.endswith(".title")))
    own = [name for name in names if re.match(r"p\d+\.(?!title|quote|says)", name)]
    twice: str | None = next((name for name in own if own.count(name) > 1), None)
    if len(titles) > 1 and twice:
        return twice
    for key, other, what in _SAID_OF.findall(sentence):
        in_order = [name.partition(".")[0] for name in own if name.endswith(f".{what}")] == titles
        is_true = values.get(f"{key}.{what}") == values.get(f"{other}.{what}")
        if key != other and not in_order and not is_true:
            return f"{other}.{what}"
    return None


def render(pieces: Iterable[str], facts: Facts) -> Iterator[str]:
    """The text with its facts filled in and its unprovable sentences left out.

    >>> facts = Facts({"p1.title": "Trail Boot", "p1.price": "$99.00"})
    >>> "".join(render(["Take {p1.ti", "tle}. It is $5. Only {p1.price}!"], facts))
    'Take Trail Boot. Only $99.00!'
    """
    yield from Renderer(facts).stream(pieces)

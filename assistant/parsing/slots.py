"""The constraints that a message states, drops and lifts.

In: items with their polarity, sizes, ages, the head category, and the session for what it already holds. Out: `Slots`.
Knows no price (see `money`) and no intent.
"""

import re
from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from assistant.parsing.beside import features_beside, named_conditions
from assistant.parsing.data import load_grammar
from assistant.parsing.measures import Age, Size, same_size
from assistant.parsing.money import PriceSaid
from assistant.parsing.senses import Item, Sense, first_chinese
from assistant.types import Session
from retrieval.lexicon.matching import norms
from retrieval.money import to_minor
from retrieval.types import ALL_NEEDED, Filters
from retrieval.vocabulary import Vocabulary

_AROUND = Decimal("0.2")
_ALSO = re.compile(
    r"\s*(?:码|号)?(?:也|都)|\s*(?:is |are |would be |works |will do )?(?:fine |ok |okay )?(?:too|also|as well)\b"
)
_KEYS = (
    "color", "material", "size", "brand", "price", "price_max", "price_min", "season", "audience", "feature",
    "category", "sort",
)  # fmt: skip
_CLOSING = frozenset({"any_closed_by", "unneeded_back", "lift_back"})
_PRONOUNS = {"men": ("him", "他", "he"), "women": ("her", "她", "she")}


@dataclass(frozen=True, slots=True)
class Slots:
    """What one message states. `dropped` holds keys ("color") and single values ("feature=waterproof")."""

    category: str | None = None
    include: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    exclude: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    lifted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    sort: str | None = None
    quantity: int | None = None
    same_budget: bool = False
    carried: Filters | None = None

    def filters(self, price: PriceSaid, currency: str) -> Filters:
        """As `Filters`, amounts in minor units of the currency as said (`currency` where none was)."""
        unit = price.currency or currency
        low, high, around = price.minimum, price.maximum, price.around
        if around is not None:
            low, high = around * (1 - _AROUND), around * (1 + _AROUND)
        elif price.is_empty and self.carried is not None:
            return self._filters(
                self.carried.price_min_minor,
                self.carried.price_max_minor,
                self.carried.around_minor,
                self.carried.currency,
            )
        return self._filters(
            None if low is None else to_minor(low, unit),
            None if high is None else to_minor(high, unit),
            None if around is None else to_minor(around, unit),
            price.currency,
        )

    def _filters(self, low: int | None, high: int | None, around: int | None, currency: str | None) -> Filters:
        return Filters(
            category=self.category,
            price_min_minor=low,
            price_max_minor=high,
            around_minor=around,
            currency=currency,
            include=self.include,
            exclude=self.exclude,
            sort=self.sort,
            quantity=self.quantity,
        )


@dataclass(slots=True)
class _Collected:
    include: defaultdict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    exclude: defaultdict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    lifted: defaultdict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    dropped: dict[str, None] = field(default_factory=dict)
    unknown: dict[str, None] = field(default_factory=dict)
    replaces: dict[str, None] = field(default_factory=dict)


def collect_slots(
    items: Sequence[Item],
    text: str,
    head: Sense | None,
    known: frozenset[str],
    sizes: Sequence[Size],
    ages: Sequence[Age],
    quantity: int | None,
    session: Session,
    vocabulary: Vocabulary,
) -> Slots:
    """What the message states; `known` are the canonical category and department spoken of."""
    found = _Collected()
    _read_values(items, known, session, found)
    _read_refused_kinds(items, head, known, found)
    _read_implied(items, head, known, vocabulary, found)
    gone = {*found.dropped, *(f"{name}={value}" for name, values in found.exclude.items() for value in values)}
    for name, values in features_beside(_without_told(text, items), known, vocabulary, gone).items():
        found.include[name].update(dict.fromkeys(values))
    _read_sizes(sizes, items, text, vocabulary, found)
    _read_audience(text, ages, session, found, vocabulary)
    _read_dropped(items, found)
    found.dropped.update(dict.fromkeys(named_conditions(text, session.filters, found.include)))
    carry = load_grammar()["carry"]
    same_budget = any(phrase in text for phrase in carry["same_budget"])
    return Slots(
        category=head.values[0] if head and head.values else None,
        include=_frozen(found.include),
        exclude=_frozen(found.exclude),
        lifted=_frozen(found.lifted),
        dropped=tuple(found.dropped),
        replaces=tuple(found.replaces),
        unknown=tuple(found.unknown),
        sort=_sort(items),
        quantity=quantity,
        same_budget=same_budget,
        carried=session.filters if same_budget else None,
    )


def _without_told(text: str, items: Sequence[Item]) -> str:
    """The text with blanks in place of persons of whom it only tells something."""
    for item in items:
        if item.of("name") and item.of("name")[0].name == "relative":
            text = text[: item.start] + " " * (item.end - item.start) + text[item.end :]
    return text


def _sort(items: Sequence[Item]) -> str | None:
    """The order that is asked for, not the one that is refused (it needn't be the cheapest)."""
    wanted = (item for item in items if item.polarity not in ("excluded", "unneeded"))
    named = (sense.value for item in wanted for sense in item.of("key") if sense.name == "sort")
    return next((value for value in named if value), None)


def _frozen(values: Mapping[str, dict[str, None]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(each) for name, each in values.items() if each}


def _read_values(items: Sequence[Item], known: frozenset[str], session: Session, found: _Collected) -> None:
    added = {name for item in items if item.added for name in item.attributes}
    for i, item in enumerate(items):
        if item.polarity in ("lifted", "unneeded"):
            # Sugar is fine now: it needn't be without.
            free = (f"{sense.name}={value}" for sense in item.of("defect") for value in sense.values)
            found.dropped.update(dict.fromkeys(free))
        if item.polarity == "excluded":
            lacking = sorted(item.of("defect"), key=lambda each: not _is_meant(each, known))
            for sense in _applicable(lacking, known)[:1]:
                found.include[sense.name].update(dict.fromkeys(sense.values))
        freed = i + 1 < len(items) and items[i + 1].norm == "free"
        for sense in _applicable(item.of("attribute", "brand"), known):
            polarity = "excluded" if freed and sense.name in ("material", "color") else item.polarity
            if sense.values:
                _read_value(sense, polarity, session, found, added)
            elif polarity in ("wanted", "accepted"):
                found.unknown[sense.value] = None
    for name, values in found.exclude.items():
        for value in values:
            found.include[name].pop(value, None)
    # A child by what it is called or by its school is a child, whatever pronoun stands beside it.
    if "kids" in found.include.get("audience", ()):
        found.include["audience"] = {"kids": None}


def _read_value(sense: Sense, polarity: str, session: Session, found: _Collected, added: Container[str]) -> None:
    """One value that is wanted, refused, no longer needed or fine again; `added`: attributes that get a value more."""
    excluded_before = set(sense.values) & set(session.filters.exclude.get(sense.name, ()))
    if polarity == "skipped":
        # Skip the pool: what was asked for is dropped, anything else is refused.
        asked_for = set(sense.values) & set(session.filters.include.get(sense.name, ()))
        polarity = "unneeded" if asked_for or excluded_before else "excluded"
    granted = polarity in ("lifted", "accepted") and not found.exclude[sense.name].keys().isdisjoint(sense.values)
    if granted:
        # Not silver, actually silver is fine: within one message the last word counts.
        for value in sense.values:
            found.exclude[sense.name].pop(value, None)
    elif polarity == "excluded":
        found.exclude[sense.name].update(dict.fromkeys(sense.values))
    elif polarity == "unneeded" and excluded_before:
        found.lifted[sense.name].update(dict.fromkeys(sense.values))
    elif polarity == "unneeded":
        found.dropped.update(dict.fromkeys(f"{sense.name}={value}" for value in sense.values))
    elif polarity == "lifted" or (excluded_before and (polarity == "accepted" or sense.name in added)):
        found.lifted[sense.name].update(dict.fromkeys(sense.values))
    else:
        found.include[sense.name].update(dict.fromkeys(sense.values))
        if sense.name not in added and sense.name not in ALL_NEEDED:
            found.replaces[sense.name] = None


def _read_refused_kinds(items: Sequence[Item], head: Sense | None, known: frozenset[str], found: _Collected) -> None:
    """Categories and departments that are refused, in the catalog's spelling.

    A word that names only some of what is spoken of (tea, not oolong) rules nothing out.
    """
    for item in items:
        if item.polarity != "excluded" or item.attributes:
            continue
        if any(not known or known & set(load_grammar()["applies"].get(s.value, known)) for s in item.of("defect")):
            continue
        for sense in item.of("category", "department")[:1]:
            is_topic = sense.value in known and (head is not None or not is_general_name(item, sense))
            # A tablet, not a laptop: of one kind nothing of another is found anyway.
            is_beside = head is not None and head.kind == sense.kind == "category"
            if not (is_topic or is_beside):
                found.exclude[sense.kind].update(dict.fromkeys(sense.values))


def is_general_name(item: Item, sense: Sense) -> bool:
    """Whether the words are the category's own name, or the first Chinese one."""
    return norms(item.said) in {norms(name) for name in (sense.value, *sense.values, first_chinese(sense.value))}


def _read_implied(
    items: Sequence[Item], head: Sense | None, known: frozenset[str], vocabulary: Vocabulary, found: _Collected
) -> None:
    """A backpack for a 15 inch laptop is one with a laptop compartment."""
    table = load_grammar()["implied"]
    for item in items:
        for sense in item.of("category"):
            implied = table.get(sense.value)
            if implied is None or sense is head or not known & set(implied["beside"]):
                continue
            stated = vocabulary.values_for(implied["attribute"], implied["value"])
            if stated is not None:
                found.include[stated[0]].update(dict.fromkeys(stated[1]))


def _is_meant(sense: Sense, known: frozenset[str]) -> bool:
    """Whether of several features that a defect is the lack of, beside this kind of thing this one is meant."""
    return not known.isdisjoint(load_grammar()["meant"].get(sense.value, ()))


def _applicable(senses: Sequence[Sense], known: frozenset[str]) -> list[Sense]:
    """The senses that make sense beside the category; of several features that one surface may mean, the first."""
    applies = load_grammar()["applies"]
    kept = [s for s in senses if not known or s.value not in applies or known & set(applies[s.value])]
    features = [sense for sense in kept if sense.name in ALL_NEEDED]
    return [sense for sense in kept if sense.name not in ALL_NEEDED or sense is features[0]]


def _read_sizes(
    sizes: Sequence[Size], items: Sequence[Item], text: str, vocabulary: Vocabulary, found: _Collected
) -> None:
    for size in sizes:
        said = size.text()
        if "size" not in vocabulary.attributes:
            found.unknown[said] = None
            continue
        stated = next((value for value in vocabulary.attributes["size"] if same_size(said, value)), said)
        found.include["size"][stated] = None
        if not any(item.added for item in items) and not _ALSO.match(text, size.span[1]):
            found.replaces["size"] = None


def _read_audience(text: str, ages: Sequence[Age], session: Session, found: _Collected, vocabulary: Vocabulary) -> None:
    """A child by its age; the person already bought for where the message says 'for him too'."""
    if any(age.years <= load_grammar()["ages"]["kids_up_to"] for age in ages):
        if "audience" in vocabulary.attributes:
            found.include["audience"] = {"kids": None}
            found.replaces["audience"] = None
        else:
            found.unknown["kids"] = None
    before = session.filters.include.get("audience", ())
    phrases = [phrase for phrase in load_grammar()["carry"]["same_person"] if phrase in text]
    if not before or not phrases:
        return
    said = set(found.include.get("audience", ()))
    if not said or (said <= {"men", "women"} and set(before) <= {"kids", *said}):
        pointed = {
            who
            for who, words in _PRONOUNS.items()
            if any(w in phrase.split() or (not w.isascii() and w in phrase) for w in words for phrase in phrases)
        }
        if not pointed or "kids" in before or pointed & set(before):
            found.include["audience"] = dict.fromkeys(before)


def _read_dropped(items: Sequence[Item], found: _Collected) -> None:
    for i, item in enumerate(items):
        for sense in item.of("key"):
            if sense.value and sense.name == "sort" and item.polarity in ("excluded", "unneeded"):
                found.dropped["sort"] = None
            if sense.value or sense.name not in _KEYS:
                continue
            if item.polarity == "unneeded" or _is_any(items, i):
                found.dropped[sense.name] = None


def _is_any(items: Sequence[Item], i: int) -> bool:
    """Whether the key at `i` is left open: any colour is fine, 什么颜色都行."""
    opened = any("any" in item.cues() for item in items[max(0, i - 2) : i])
    if not opened:
        return False
    closed = any(item.cues() & _CLOSING for item in items[i + 1 : i + 4])
    first = next(item for item in items[max(0, i - 2) : i] if "any" in item.cues())
    return closed or (first.norm in ("any", "whatever", "whichever") and i + 1 >= len(items))

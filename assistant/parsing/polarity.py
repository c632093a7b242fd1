"""Which of the things mentioned are wanted, refused, no longer needed, or fine again.

In: the items of a message. Out: the same items with `polarity` "wanted", "excluded", "unneeded", "lifted" or
"accepted", and `added` where the shopper said 'too'. Knows no session.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from assistant.parsing.data import load_fillers
from assistant.parsing.senses import Item, Sense

_REACH = 5
"""How many unknown words may stand between a negation and what it negates."""
_REACH_CJK = 8
_CLOSING_ITEMS = 2
_HARD_STOPS = frozenset(".;:!?。…\n")
_COMMAS = frozenset(",;")
_NEXT_PHRASE = frozenset({"in", "for", "from", "that", "which", "with", "under"})
"""After an unknown word that is refused, these begin something wanted (without sleeves in red)."""
_BACKWARD = (
    ("lift_back", "lifted"), ("exclude_those", "excluded"), ("exclude_back", "excluded"), ("unneeded_back", "unneeded")
)  # fmt: skip
_PARTICLES = frozenset({"了", "吧", "啊", "哈", "哦", "please", "pls", "thanks", "though", "tho"})
_AFTER_S = {
    "out": "exclude_back", "banned": "exclude_back", "fine": "accept", "ok": "accept", "okay": "accept",
    "optional": "unneeded_back", "unnecessary": "unneeded_back",
}  # fmt: skip
_TOO = frozenset({"太", "too", "so"})
_LACKING = frozenset({"不", "不带", "不含", "没有", "没", "无", "without", "no", "not"})
_FORWARD = {
    "skip": "skipped",
    "lift": "lifted",
    "exclude": "excluded",
    "exclude_next": "excluded",
    "unneeded": "unneeded",
}


@dataclass(slots=True)
class _State:
    """A scope while it is open: what it does, what it has hit, and how far it has run since."""

    polarity: str = ""
    hit: list[int] = field(default_factory=list)
    categories: list[int] = field(default_factory=list)
    words: list[int] = field(default_factory=list)
    ran: float = 0.0
    next_only: bool = False


def assign_polarity(items: Sequence[Item], *, asks: bool = False) -> list[Item]:
    """The items with their polarity; `asks` = the message is a question, where 没有…吗 refuses nothing."""
    items = _contracted(items)
    marked = list(items)
    state = _State()
    for i, item in enumerate(items):
        if _is_stop(item):
            if not _list_goes_on(items, i, state):
                _close(marked, state)
            continue
        cues = item.cues()
        if item.is_mention or item.of("key", "bare") or (item.of("defect") and state.polarity == "excluded"):
            _meet(marked, i, state)
        elif state.words and item.norm in _NEXT_PHRASE:
            _close(marked, state)
        elif cues:
            _apply_cue(marked, i, cues, state, asks)
        elif state.polarity and not item.of("name"):
            _hear_word(marked, i, state)
            state.ran += _length(item)
            if state.ran > 1 or state.next_only:
                _close(marked, state)
    _close(marked, state)
    return marked


def _contracted(items: Sequence[Item]) -> list[Item]:
    """The items, "out" behind "leather's" a cue like "is out"."""
    read = list(items)
    for i, (before, item) in enumerate(pairwise(items), 1):
        cue = _AFTER_S.get(item.norm)
        if cue and before.attributes and before.said.endswith(("'s", "’s")):
            read[i] = replace(item, senses=(*item.senses, Sense("cue", cue)))
    return read


def settle_refusals(items: Sequence[Item]) -> list[Item]:
    """The items with a bare department's name ("food", "travel") as a department where it is all that is refused.

    Anywhere else such a word stays a word.
    """
    settled = list(items)
    for i, item in enumerate(items):
        if not item.of("bare"):
            continue
        senses = tuple(sense for sense in item.senses if sense.kind != "bare")
        ends = i + 1 >= len(items) or _is_stop(items[i + 1]) or bool(items[i + 1].cues())
        if item.polarity == "excluded" and ends:
            senses += tuple(replace(sense, kind="department") for sense in item.of("bare"))
        settled[i] = replace(item, senses=senses)
    return settled


def _is_stop(item: Item) -> bool:
    return item.norm in _HARD_STOPS or item.norm in _COMMAS


def _length(item: Item) -> float:
    return 1 / _REACH_CJK if "\u3400" <= item.norm[:1] <= "\u9fff" else 1 / _REACH


def _meet(marked: list[Item], i: int, state: _State) -> None:
    """A mention or key inside an open scope takes its polarity; a category only when nothing else does."""
    if not state.polarity:
        return
    item = marked[i]
    if item.of("category", "department", "bare") and not item.attributes:
        if state.hit or (state.polarity == "excluded" and (state.words or _describes(marked, i, state))):
            # No heavy jacket: it is the heaviness that is refused.
            _close(marked, state)
        else:
            state.categories.append(i)
        return
    if item.of("key") and state.polarity == "excluded" and not any(sense.value for sense in item.of("key")):
        return
    marked[i] = replace(item, polarity=state.polarity)
    state.hit.append(i)
    state.ran = 0.0


def _describes(marked: Sequence[Item], i: int, state: _State) -> bool:
    """Whether the category refused only tells which of the next one (不要运动鞋的鞋子)."""
    return bool(state.categories) and state.categories[-1] < i - 1 and marked[i - 1].norm == "的"


def _hear_word(marked: Sequence[Item], i: int, state: _State) -> None:
    """An unknown word inside an open refusal is refused with it, up to the next word of grammar."""
    item = marked[i]
    english, chinese = load_fillers()
    is_filler = item.norm in english or item.norm in chinese or not item.norm[:1].isalnum()
    goes_on = not state.words or state.words[-1] == i - 1
    if state.polarity != "excluded" or state.next_only or state.hit or state.categories or is_filler or not goes_on:
        return
    state.words.append(i)


def _close(marked: list[Item], state: _State) -> None:
    if state.polarity == "excluded":
        for i in (*state.words, *(() if state.hit else state.categories)):
            marked[i] = replace(marked[i], polarity="excluded")
    state.polarity, state.hit, state.categories, state.words = "", [], [], []
    state.ran, state.next_only = 0.0, False


def _apply_cue(marked: list[Item], i: int, cues: frozenset[str], state: _State, asks: bool) -> None:
    if "besides" in cues and _besides_adds(marked, i):
        return
    forward = next((cue for cue in _FORWARD if cue in cues), None)
    if forward and (asks and marked[i].norm in ("没", "无") and _clause_asks(marked, i)):
        forward = None
    opens = (i == 0 or _is_stop(marked[i - 1])) and _end_of_spoken(marked, i) == i
    if forward and _backward(cues) and not opens and not _mention_follows(marked, i) and not _ends_soon(marked, i):
        return
    if forward and (opens or _mention_follows(marked, i) or not _backward(cues)):
        _close(marked, state)
        state.polarity = _FORWARD[forward]
        state.next_only = forward == "exclude_next"
        return
    if "connectors" in cues and state.hit:
        if not _same_attribute_next(marked, i, state):
            _close(marked, state)
        return
    backward = _backward(cues)
    if backward and not (state.polarity and not state.hit):
        _close(marked, state)
        _mark_back(marked, i, backward)
        if "add" in cues and backward == "accepted":
            _mark_added(marked, i)
        return
    if "break_hard" in cues and state.polarity and state.ran == 0 and not (state.hit or state.categories):
        return
    if "break_hard" in cues or ("break" in cues and (state.hit or state.categories)):
        _close(marked, state)
    if "add" in cues:
        _mark_added(marked, i)
    elif state.polarity and not cues & {"determiners", "connectors"}:
        state.ran += _length(marked[i])


def _backward(cues: frozenset[str]) -> str:
    for cue, polarity in _BACKWARD:
        if cue in cues:
            return polarity
    return "accepted" if "accept" in cues else ""


def _besides_adds(items: Sequence[Item], i: int) -> bool:
    """除了防水还要透气: besides being waterproof, breathable as well; nothing is refused."""
    return any("besides_closed_by" in item.cues() for item in _clause(items, i + 1, commas=False))


def _clause(items: Sequence[Item], start: int, *, commas: bool = True) -> list[Item]:
    clause = []
    for item in items[start:]:
        if item.norm in _HARD_STOPS or (commas and item.norm in _COMMAS):
            break
        clause.append(item)
    return clause


def _clause_asks(items: Sequence[Item], i: int) -> bool:
    clause = _clause(items, i)
    return bool(clause) and clause[-1].norm in ("吗", "么", "嘛")


def _mention_follows(items: Sequence[Item], i: int) -> bool:
    ran = 0.0
    for item in _clause(items, i + 1):
        if item.is_mention or item.of("key"):
            return True
        if "break_hard" in item.cues():
            return False
        ran += 0 if item.cues() else _length(item)
        if ran > 1:
            return False
    return False


def _ends_soon(items: Sequence[Item], i: int) -> bool:
    """Whether a cue like 不要 closes its clause (黑色不要) instead of opening something unknown (不要太花的)."""
    return len(_clause(items, i + 1)) <= _CLOSING_ITEMS


def _mark_back(marked: list[Item], i: int, polarity: str) -> None:
    """The mentions before the cue at `i`, back to the clause's beginning or to one of another polarity.

    What was refused with 不 or "without" and is then called fine so (不防水也行) is not needed.
    """
    end = _end_of_spoken(marked, i)
    for j in range(end - 1, -1, -1):
        item = marked[j]
        if item.norm in _HARD_STOPS or item.norm in _COMMAS or "break_hard" in item.cues():
            return
        if item.polarity == "excluded" and polarity in ("unneeded", "accepted") and _is_lacking(marked, j):
            marked[j] = replace(item, polarity="unneeded")
            if j > 1 and marked[j - 2].attributes == item.attributes and marked[j - 2].senses == item.senses:
                # Waterproof or not (防水不防水都行).
                marked[j - 2] = replace(marked[j - 2], polarity="unneeded")
            return
        if item.polarity != "wanted":
            return
        if end < i and "exclude_those" in marked[i].cues() and item.attributes:
            marked[j] = replace(item, polarity=polarity)
            return
        if item.of("defect") and not item.attributes and _is_reason(marked, j):
            continue
        if item.attributes or item.of("key") or (item.of("defect") and polarity != "accepted" and end == i):
            marked[j] = replace(item, polarity=_said_back(marked, i, item, polarity))
        elif item.of("category", "department"):
            return


def _is_reason(items: Sequence[Item], j: int) -> bool:
    """Whether the defect at `j` only tells why something is refused (leather is too heavy, no)."""
    return j > 0 and items[j - 1].norm in _TOO


def _is_lacking(items: Sequence[Item], j: int) -> bool:
    """Whether the feature at `j` stands beside a plain negation: to be without it is what is spoken of."""
    return "feature" in items[j].attributes and j > 0 and items[j - 1].norm in _LACKING


def _end_of_spoken(items: Sequence[Item], i: int) -> int:
    """The place behind what the cue at `i` speaks of: before it; before the comma where it is all that its clause says
    (橙色太扎眼，不要); where it says "those", wherever the last value stands."""
    if "exclude_those" in items[i].cues():
        named = (j for j in range(i - 1, -1, -1) if items[j].attributes and items[j].polarity == "wanted")
        return next(named, i - 1) + 1
    opens = i > 1 and items[i - 1].norm in _COMMAS
    says_all = opens and all(item.norm in _PARTICLES for item in _clause(items, i + 1))
    return i - 1 if says_all and _backward(items[i].cues()) == "excluded" else i


def _said_back(items: Sequence[Item], i: int, item: Item, polarity: str) -> str:
    """The polarity that the cue at `i` gives what stands before it."""
    if polarity == "excluded" and "feature" in item.attributes and items[i].norm in ("就", "算"):
        # Waterproof, oh well (防水就算了): it may be without.
        return "unneeded"
    if polarity == "unneeded" and items[i].norm in ("都", "either", "both") and _joins_two(items, i):
        return "accepted" if item.attributes else polarity
    return polarity


def _joins_two(items: Sequence[Item], i: int) -> bool:
    """Whether two values of an attribute stand before `i`: glass and ceramic are both fine, so both are wanted."""
    clause: list[Item] = []
    for item in reversed(items[:i]):
        if _is_stop(item):
            break
        clause.append(item)
    named = [item.attributes for item in clause if item.attributes]
    return any(one & other for place, one in enumerate(named) for other in named[place + 1 :])


def _mark_added(marked: list[Item], i: int) -> None:
    """'too' and 'also' mark the wanted mentions of their clause as additions."""
    for step, stop in ((-1, -1), (1, len(marked))):
        for j in range(i + step, stop, step):
            item = marked[j]
            if item.norm in _HARD_STOPS or item.norm in _COMMAS:
                break
            if item.attributes:
                marked[j] = replace(item, added=True)


def _same_attribute_next(items: Sequence[Item], i: int, state: _State) -> bool:
    last = items[state.hit[-1]].attributes
    for item in items[i + 1 : i + 4]:
        if item.is_mention:
            return bool(item.attributes & last)
        if item.cues() & {"exclude", "break_hard"} or not item.cues():
            return False
    return False


def _list_goes_on(items: Sequence[Item], i: int, state: _State) -> bool:
    """After a comma: whether an enumeration of refused values continues (nothing in pink, red or orange)."""
    if not state.hit or items[i].norm in _HARD_STOPS or i + 1 >= len(items):
        return False
    last = items[state.hit[-1]].attributes
    if "connectors" in items[i + 1].cues():
        return _same_attribute_next(items, i + 1, state)
    return bool(items[i + 1].attributes & last) and _is_joined_later(items[i + 2 : i + 6], last)


def _is_joined_later(rest: Sequence[Item], attributes: frozenset[str]) -> bool:
    """Whether further values of the attribute follow up to an 'or' or 'and'."""
    for j, item in enumerate(rest):
        if "connectors" in item.cues():
            return j + 1 < len(rest) and bool(rest[j + 1].attributes & attributes)
        if not (item.attributes & attributes or item.norm in _COMMAS):
            return False
    return False

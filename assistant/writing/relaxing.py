"""How the smallest steps to something that fits are said, and the messages that take them.

Comes in: a turn with its relaxations. Goes out: one sentence, and short texts that the parser understands. Knows no
catalog.
"""

from collections.abc import Iterator, Sequence

from assistant.writing.plain import Turn
from assistant.writing.wording import attribute_name, display, display_category, limit_money, number, unit_of
from retrieval.money import format_money
from retrieval.relaxation import Change, Relaxation

MAX_RELAXATIONS = 3
MAX_OF_ONE_ATTRIBUTE = 2
_AFTER = frozenset({"drop", "allow", "stock"})
"""Steps that are said after others: 3 in blue if waterproof isn't a must."""


def told(turn: Turn) -> list[Relaxation]:
    """The relaxations worth saying: the smallest steps, not all of one attribute."""
    found: list[Relaxation] = []
    for relaxation in turn.evidence.relaxations:
        same = [each for each in found if _attributes(each) == _attributes(relaxation)]
        if len(same) < MAX_OF_ONE_ATTRIBUTE:
            found.append(relaxation)
    return found[:MAX_RELAXATIONS]


def sentence(turn: Turn) -> str:
    """What each step would open, with how many and from what price; empty where none does."""
    found = steps(turn)
    return turn.say("relax.intro", steps=found) if found else ""


def steps(turn: Turn) -> str:
    """The steps in a row; empty where there is none."""
    counted = [_counted(turn, relaxation) for relaxation in told(turn)]
    return ("；" if turn.language == "zh" else ", or ").join(counted)


def messages(turn: Turn) -> Iterator[str]:
    """For each step what the shopper would write to take it."""
    for relaxation in told(turn):
        said = [_message(turn, change) for change in _in_order(relaxation.changes)]
        if all(said):
            text = ("，" if turn.language == "zh" else ", ").join(said)
            yield text[:1].upper() + text[1:]


def _attributes(relaxation: Relaxation) -> frozenset[str]:
    return frozenset(change.attribute or change.kind for change in relaxation.changes)


def _in_order(changes: Sequence[Change]) -> list[Change]:
    return sorted(changes, key=lambda change: change.kind in _AFTER)


def _counted(turn: Turn, relaxation: Relaxation) -> str:
    steps = [_step(turn, change) for change in _in_order(relaxation.changes)]
    step = steps[0] if len(steps) == 1 else turn.say("relax.both", first=steps[0], second=steps[1])
    price = format_money(relaxation.price_from_minor, turn.evidence.currency, turn.language)
    if relaxation.at_least:
        return turn.say("relax.least", step=step, n=number(relaxation.n, turn.language), price=price)
    if relaxation.n == 1 and {change.attribute for change in relaxation.changes} == {"price"}:
        way = "up" if _is_dearer(relaxation) else "down"
        return turn.say(f"relax.one_{way}", price=price)
    if relaxation.n == 1:
        return turn.say("relax.one", step=step, price=price)
    return turn.say("relax.many", step=step, n=number(relaxation.n, turn.language), price=price)


def _is_dearer(relaxation: Relaxation) -> bool:
    """Whether what a moved price limit opens costs more than was wished. A window's middle stays where it was."""
    [change] = relaxation.changes
    if change.kind != "range":
        return change.kind == "under"
    return 2 * relaxation.price_from_minor > (change.low_minor or 0) + (change.high_minor or 0)


def _step(turn: Turn, change: Change) -> str:
    return _said(turn, change, "relax")


def _message(turn: Turn, change: Change) -> str:
    """What asks for the change; empty where there is no way of saying it that is surely understood."""
    return _said(turn, change, "quick_relax")


def _said(turn: Turn, change: Change, table: str) -> str:
    values = _values(turn, change)
    move = f"{table}.{change.kind}"
    if change.kind in ("value", "drop"):
        said = (*_measured(change), change.attribute, "other")
        moves = [f"{table}.{change.kind}_{name}" for name in said]
        move = next((move for move in moves if _knows(turn, move)), moves[-1])
    if not _knows(turn, move):
        return ""
    names = turn.phrases.variables(move)
    return turn.say(move, **{name: value for name, value in values.items() if name in names})


def _measured(change: Change) -> tuple[str, ...]:
    """How a size that is a measure is said: "2 seats" is no size that something is in.

    >>> _measured(Change("value", 0.7, "size", "2 seats")), _measured(Change("value", 0.7, "size", "42"))
    (('measure_seats', 'measure'), ())
    """
    unit = unit_of(change.attribute, change.value)
    return (f"measure_{unit}", "measure") if unit else ()


def _knows(turn: Turn, move: str) -> bool:
    return move in turn.phrases.variants


def _values(turn: Turn, change: Change) -> dict[str, str]:
    """Everything that a phrase may say of the change."""
    low, high = _money(turn, change.low_minor), _money(turn, change.high_minor)
    if change.kind == "department":
        value = display_category(change.value, turn.language)
    elif change.attribute == "brand":
        value = turn.evidence.brands.get(change.value, display("brand", change.value, turn.language))
    else:
        value = display(change.attribute, change.value, turn.language)
    name = attribute_name(change.attribute, turn.language)
    return {"low": low, "high": high, "value": value, "name": name}


def _money(turn: Turn, amount_minor: int | None) -> str:
    if amount_minor is None:
        return ""
    return limit_money(amount_minor, turn.evidence.currency, turn.language)

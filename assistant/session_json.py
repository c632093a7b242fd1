"""Sessions as JSON text and back, exactly.

In: a `Session`. Out: text, ASCII only, and from it an equal `Session`. Knows no database.

A session holds the state to undo to, which holds its own, and each holds the conversation so far. The text is therefore
a list of states, newest first, in which a state's messages and shown products are only counted where the newer state
begins with them. `UNDO_DEPTH` states are kept; older ones cannot be undone to after a restart.
"""

import json
from collections.abc import Mapping, Sequence, Set
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from assistant.looking.values import PageContext
from assistant.service.types import ServiceState
from assistant.types import Asking, Beyond, Comparison, Message, Session, ShownProduct
from ranking.types import Act, Preference, ShopperProfile
from retrieval.errors import CatalogError
from retrieval.types import Filters

UNDO_DEPTH = 10
"""How many earlier states are kept with a session."""

SHARED = ("messages", "shown")
"""Fields that grow turn by turn, so that a newer state mostly begins with the older one's."""


def session_to_json(session: Session) -> str:
    """The session and at most `UNDO_DEPTH` states behind it.

    >>> session_to_json(Session("s1", "ann"))[:32]
    '[{"id":"s1","shopper_id":"ann","'
    """
    states: list[dict[str, Any]] = []
    newer: Session | None = None
    state: Session | None = session
    while state is not None and len(states) <= UNDO_DEPTH:
        states.append(_state(state, newer))
        newer, state = state, state.previous
    return json.dumps(states, separators=(",", ":"))


def session_from_json(text: str) -> Session:
    """The session that `session_to_json` wrote.

    Raises:
        CatalogError: the text is damaged or was written by an incompatible version.
    """
    try:
        states: list[Session] = []
        for stored in json.loads(text):
            states.append(_session(stored, states[-1] if states else None))
        session = states.pop()
        while states:
            session = replace(states.pop(), previous=session)
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise CatalogError(f"a stored session cannot be read ({error}): start a new chat") from error
    return session


def to_plain(value: Any) -> Any:
    """A value of dataclasses, mappings, tuples, sets, times and decimals as what JSON knows; sets become sorted lists.

    >>> to_plain(Message("assistant", "hi", ("p1",), ("v1",)))
    {'role': 'assistant', 'text': 'hi', 'product_ids': ['p1'], 'variant_ids': ['v1'], 'list_id': None}
    """
    if is_dataclass(value):
        return {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {key: to_plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [to_plain(item) for item in value]
    if isinstance(value, Set):
        return sorted(to_plain(item) for item in value)
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, datetime) else value


def _state(state: Session, newer: Session | None) -> dict[str, Any]:
    plain: dict[str, Any] = to_plain(replace(state, previous=None))
    del plain["previous"]
    if newer is not None:
        for name in SHARED:
            own: Sequence[object] = getattr(state, name)
            if getattr(newer, name)[: len(own)] == own:
                plain[name] = len(own)
    return plain


def _session(stored: dict[str, Any], newer: Session | None) -> Session:
    makers = {"messages": _message, "shown": _shown}
    values = dict(stored)
    for name, maker in makers.items():
        if isinstance(values.get(name), int) and newer is not None:
            values[name] = getattr(newer, name)[: values[name]]
        else:
            values[name] = tuple(maker(item) for item in values.get(name, ()))
    values["filters"] = _filters(values["filters"])
    for name in ("profile", "recipient_profile"):
        values[name] = _profile(values[name]) if name in values else ShopperProfile()
    values["service"] = _service(values.get("service", {}))
    values["unknown_wishes"] = tuple(values["unknown_wishes"])
    values["page"] = _page(values.get("page", {}))
    values["beyond"] = tuple(_beyond(item) for item in values.get("beyond", ()))
    values["asking"] = _asking(values.get("asking", {}))
    return Session(**values)


def _page(stored: dict[str, Any]) -> PageContext:
    return PageContext(**{**stored, "cart": tuple(stored.get("cart", ()))})


def _service(stored: dict[str, Any]) -> ServiceState:
    return ServiceState(**{**stored, "verified": tuple(stored.get("verified", ()))})


def _message(stored: dict[str, Any]) -> Message:
    ids = {name: tuple(stored[name]) for name in ("product_ids", "variant_ids")}
    return Message(**{**stored, **ids})


def _shown(stored: dict[str, Any]) -> ShownProduct:
    return ShownProduct(**stored)


def _beyond(stored: dict[str, Any]) -> Beyond:
    return Beyond(Comparison(**stored["comparison"]), stored["product_id"])


def _asking(stored: dict[str, Any]) -> Asking:
    return Asking(**{**stored, "settled": tuple(stored.get("settled", ()))})


def _filters(stored: dict[str, Any]) -> Filters:
    wanted = {name: _attributes(stored[name]) for name in ("include", "exclude")}
    return Filters(**{**stored, **wanted})


def _profile(stored: dict[str, Any]) -> ShopperProfile:
    values = dict(stored)
    values["stated"] = tuple(Preference(**_with_times(item, "expires", "since")) for item in values["stated"])
    values["history"] = tuple(Act(**_with_times(item, "time")) for item in values.get("history", ()))
    return ShopperProfile(**_with_times(values, "as_of", "session_start"))


def _with_times(stored: dict[str, Any], *names: str) -> dict[str, Any]:
    times = {name: datetime.fromisoformat(stored[name]) for name in names if stored.get(name) is not None}
    return {**stored, **times}


def _attributes(stored: dict[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(values) for name, values in stored.items()}

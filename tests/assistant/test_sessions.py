"""Sessions as JSON and in SQL: exactly what went in, and nobody else's."""

import json
from dataclasses import replace
from datetime import UTC
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from assistant.looking.values import PageContext, is_plain
from assistant.session_json import UNDO_DEPTH, session_from_json, session_to_json
from assistant.sessions import SessionStore, sessions_table, turns_table
from assistant.types import Beyond, Comparison, Message, ParsedMessage, Reply, Session, ShownProduct
from ranking.types import Act, Preference, ShopperProfile
from retrieval.database import metadata, open_engine
from retrieval.errors import CatalogError
from retrieval.types import SORTS, Filters

FILTERS = Filters(
    category="hiking boots",
    price_max_minor=12000,
    currency="USD",
    include={"feature": ("waterproof",)},
    exclude={"color": ("brown",)},
    sort="price_asc",
)
FOUND = Message("assistant", "好", ("p1", "p2"), ("p1-black", "p2-grey"))
FIRST = Session("s1", "ann", "zh", 1, messages=(Message("shopper", "登山靴"), FOUND))
SECOND = replace(
    FIRST,
    turn=2,
    filters=FILTERS,
    wish="waterproof boots",
    semantic_wish="waterproof boots",
    unknown_wishes=("heated",),
    shown=(ShownProduct("p1", 1, 1), ShownProduct("p2", 1, 2)),
    focus_id="p2",
    profile=ShopperProfile({"p1": 0.1 + 0.2, "p2": -1.0}, 0.75, (Preference("color", "grey", 1.0, "I like grey"),)),
    messages=(*FIRST.messages, Message("shopper", "不要棕色"), Message("assistant", "好的")),
    previous=FIRST,
)


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = open_engine(tmp_path / "shop.db")
    metadata.create_all(engine)
    return engine


@pytest.fixture
def store(engine: Engine) -> SessionStore:
    return SessionStore(engine)


def test_json_holds_the_conversation_once() -> None:
    newest, older = json.loads(session_to_json(SECOND))
    assert (older["messages"], older["shown"], len(newest["messages"])) == (2, 0, 4)
    assert session_from_json(session_to_json(SECOND)) == SECOND


words = st.text(max_size=6) | st.just("half \ud83d")
attributes = st.dictionaries(words, st.lists(words, min_size=1, max_size=3).map(tuple), max_size=2)
amounts = st.none() | st.integers(0, 10**12)
filters = st.builds(
    Filters, st.none() | words, amounts, amounts, amounts, st.none() | words, attributes, attributes, st.booleans(),
    st.none() | st.sampled_from(SORTS), amounts,
)  # fmt: skip
finite = st.floats(allow_nan=False)
moments = st.datetimes(timezones=st.just(UTC))
times = st.none() | moments
preferences = st.lists(
    st.builds(Preference, words, words, finite, words, finite, times, st.booleans(), times), max_size=2
).map(tuple)
acts = st.lists(st.builds(Act, words, finite, moments, words, words), max_size=2).map(tuple)
profiles = st.builds(
    ShopperProfile, st.dictionaries(words, finite, max_size=2), st.none() | finite, preferences, st.booleans(), acts,
    times, times,
)  # fmt: skip
ids = st.lists(words, max_size=2).map(tuple)
messages = st.lists(st.builds(Message, words, words, ids, ids), max_size=3).map(tuple)
shown = st.lists(st.builds(ShownProduct, words, st.integers(0, 99), st.integers(1, 99)), max_size=3).map(tuple)
comparisons = st.builds(Comparison, words, st.sampled_from([-1, 1]))
beyond = st.lists(st.builds(Beyond, comparisons, words), max_size=2).map(tuple)
plain = words.filter(is_plain)
pages = st.builds(PageContext, st.none() | plain, st.none() | plain, st.lists(plain, max_size=2).map(tuple))
states = st.builds(
    Session, words, words, words, st.integers(0, 99), filters, words, words, st.lists(words, max_size=2).map(tuple),
    shown, st.none() | words, profiles, messages, st.none(), st.none(), beyond, st.booleans(), st.none() | words,
    profiles, st.integers(0, 10**9), pages,
)  # fmt: skip


@given(st.lists(states, min_size=1, max_size=4), st.booleans())
@settings(max_examples=200, deadline=None)
def test_any_session_comes_back_exactly(chain: list[Session], growing: bool) -> None:
    session = chain[0]
    for state in chain[1:]:
        grown = replace(state, messages=session.messages + state.messages) if growing else state
        session = replace(grown, previous=session)
    restored = session_from_json(session_to_json(session))
    assert restored == session
    assert type(restored.filters.in_stock_only) is bool


def test_a_session_of_an_older_version_is_read() -> None:
    stored = json.loads(session_to_json(FIRST))
    for name in ("personalised", "recipient", "recipient_profile", "events_seen", "page"):
        del stored[0][name]
    for name in ("history", "as_of", "session_start"):
        del stored[0]["profile"][name]
    stored[0]["profile"]["stated"] = [{"attribute": "color", "value": "red", "weight": 1.0, "source": "red"}]
    restored = session_from_json(json.dumps(stored))
    assert restored == replace(FIRST, profile=ShopperProfile(stated=(Preference("color", "red", 1.0, "red"),)))


def test_undo_is_kept_ten_turns_deep_and_the_text_grows_with_the_turns_only() -> None:
    session = Session("s1", "ann")
    sizes = []
    for turn in range(1, 61):
        said = (*session.messages, Message("shopper", "x" * 100), Message("assistant", "y" * 100, ("p1", "p2", "p3")))
        session = replace(session, turn=turn, messages=said, previous=session)
        sizes.append(len(session_to_json(session)))
    restored: Session | None = session_from_json(session_to_json(session))
    turns = []
    while restored is not None:
        turns.append(restored.turn)
        restored = restored.previous
    assert turns == list(range(60, 59 - UNDO_DEPTH, -1))
    assert sizes[59] < 2.5 * sizes[29]


@pytest.mark.parametrize("text", ["", "[]", "{}", "[{}]", '[{"id": "s"}]', "null", '[{"id": "s", "filters": 3}]'])
def test_damaged_text_is_refused(text: str) -> None:
    with pytest.raises(CatalogError, match="start a new chat"):
        session_from_json(text)


def test_a_state_with_an_unknown_field_is_refused() -> None:
    (state,) = json.loads(session_to_json(FIRST))
    with pytest.raises(CatalogError, match="mood"):
        session_from_json(json.dumps([{**state, "mood": "fine"}]))


def test_new_sessions_cannot_be_guessed(store: SessionStore) -> None:
    first, second = store.new("zh", "ann"), store.new()
    assert (first.language, first.shopper_id, first.turn) == ("zh", "ann", 0)
    assert second.shopper_id.startswith("guest-")
    assert len({first.id, second.id, second.shopper_id}) == 3
    assert len(first.id) == 32
    assert store.load(first.id) is None


def test_a_session_survives_a_restart(tmp_path: Path, store: SessionStore) -> None:
    store.save(FIRST)
    store.save(SECOND)
    store.save(replace(FIRST, id="s2", shopper_id="bob"))
    reopened = SessionStore(open_engine(tmp_path / "shop.db"))
    assert reopened.load("s1") == SECOND
    assert reopened.load("s2") == replace(FIRST, id="s2", shopper_id="bob")
    assert reopened.load("s' OR 1=1 --") is None


def test_a_turn_is_stored_with_its_session(engine: Engine, store: SessionStore) -> None:
    parsed = ParsedMessage("不要棕色 \ud83d", "refine", "neutral", "zh", FILTERS)
    store.record_turn(Reply("好的", "zh", parsed, SECOND, list_id="l1", timings_ms={"find": 6.5}))
    store.record_turn(Reply("again", "zh", parsed, SECOND))
    assert store.load("s1") == SECOND
    with engine.connect() as connection:
        first, second = connection.execute(select(turns_table).order_by(turns_table.c.id)).all()
    assert (first.session_id, first.turn, first.list_id) == ("s1", 2, "l1")
    assert (first.shopper_text, first.reply_text, first.timings_ms) == ("不要棕色 ?", "好的", {"find": 6.5})
    assert first.parsed["filters"]["exclude"] == {"color": ["brown"]}
    assert (second.reply_text, second.list_id) == ("again", None)
    assert first.time.utcoffset() is not None


def test_deleting_forgets_session_and_turns_of_that_session_only(engine: Engine, store: SessionStore) -> None:
    parsed = ParsedMessage("hi", "smalltalk", "neutral", "en", Filters())
    store.record_turn(Reply("hello", "en", parsed, FIRST))
    store.record_turn(Reply("hello", "en", parsed, replace(FIRST, id="s2")))
    store.delete("s1")
    store.delete("nobody")
    with engine.connect() as connection:
        assert connection.execute(select(turns_table.c.session_id)).scalars().all() == ["s2"]
        assert connection.execute(select(sessions_table.c.id)).scalars().all() == ["s2"]
    assert store.load("s1") is None

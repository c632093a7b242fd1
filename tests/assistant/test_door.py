"""The local door: what goes through it, who may, and what happens when either side goes away."""

import os
import stat
import threading
import time
from collections.abc import Iterator
from multiprocessing.connection import Client
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.door import DOOR_FILE, Door, Json, ServerGone, Tell, ask, is_door_open, remove_stale_door
from retrieval.errors import CatalogError, ShopError


class Shelf:
    """A handler's world: counts what was done, and waits when told to."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.go_on = threading.Event()
        self.running = 0
        self.most_running = 0

    def count(self, request: Json, tell: Tell) -> Json:
        for n in range(int(request["to"])):
            tell({"counting": n})
        return {"counted": request["to"]}

    def refuse(self, request: Json, tell: Tell) -> Json:
        raise CatalogError(f"row 3, price: {request['price']!r} is not an amount")

    def stumble(self, request: Json, tell: Tell) -> Json:
        raise KeyError("price")

    def wait(self, request: Json, tell: Tell) -> Json:
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        tell({"waiting": True})
        assert self.go_on.wait(20)
        self.running -= 1
        self.done.append(request["name"])
        return {}


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def root(tmp_path: Path, shelf: Shelf) -> Iterator[Path]:
    handlers = {"count": shelf.count, "refuse": shelf.refuse, "stumble": shelf.stumble, "wait": shelf.wait}
    with Door(tmp_path, handlers):
        yield tmp_path
        shelf.go_on.set()


def note(root: Path) -> dict[str, str]:
    return orjson.loads((root / DOOR_FILE).read_bytes())


def test_an_answer_comes_back_after_what_was_told(root: Path) -> None:
    told: list[Json] = []
    answer = ask(root, {"kind": "count", "to": 3}, told.append)
    assert answer is not None
    assert (answer.done, answer.pid) == ({"counted": 3}, os.getpid())
    assert told == [{"counting": 0}, {"counting": 1}, {"counting": 2}]


def test_ping_says_who_is_there(root: Path) -> None:
    answer = ask(root, {"kind": "ping"})
    assert answer is not None
    assert answer.done["pid"] == os.getpid()
    assert answer.done["version"] == "0.1.0"
    assert 0 <= answer.done["uptime_s"] < 20


def test_errors_of_ours_travel_as_they_are(root: Path) -> None:
    with pytest.raises(CatalogError, match=r"^row 3, price: 'free' is not an amount$"):
        ask(root, {"kind": "refuse", "price": "free"})


def test_other_errors_do_not_spread(root: Path) -> None:
    with pytest.raises(ShopError, match=r"^the running server failed \(KeyError\): see its log$"):
        ask(root, {"kind": "stumble"})
    with pytest.raises(ShopError, match="knows no request 'dance'"):
        ask(root, {"kind": "dance"})
    assert is_door_open(root)


def test_only_this_user_may_come_in(root: Path) -> None:
    socket = Path(note(root)["address"])
    assert stat.S_IMODE((root / DOOR_FILE).stat().st_mode) == 0o600
    assert stat.S_IMODE(socket.parent.stat().st_mode) == 0o700


def test_a_caller_without_the_key_is_turned_away(root: Path) -> None:
    file = root / DOOR_FILE
    stated = note(root)
    file.write_bytes(orjson.dumps({**stated, "key": "00" * 32}))
    assert ask(root, {"kind": "count", "to": 1}) is None
    file.write_bytes(orjson.dumps(stated))
    assert is_door_open(root)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(max_size=300), max_size=4))
def test_noise_at_the_door_harms_nobody(messages: list[bytes]) -> None:
    # One door for all examples would need a fixture, which hypothesis makes once anyway.
    root = NOISE.root
    with Client(note(root)["address"]) as connection:
        for message in messages:
            try:
                connection.send_bytes(message)
            except OSError:
                break
    assert is_door_open(root)


class NOISE:
    root: Path


@pytest.fixture(autouse=True, scope="module")
def _noisy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    NOISE.root = tmp_path_factory.mktemp("noisy")
    with Door(NOISE.root, {}):
        yield


def test_more_silent_callers_than_places_do_not_shut_the_others_out(root: Path) -> None:
    silent = [Client(note(root)["address"]) for _ in range(4)]
    assert is_door_open(root)
    for connection in silent:
        connection.close()
    assert is_door_open(root)


def test_a_request_too_large_is_refused_before_it_is_sent(root: Path) -> None:
    with pytest.raises(ShopError, match=r"this change has 9\.0 MiB, a running server takes 8 at once"):
        ask(root, {"kind": "count", "to": 0, "rows": "x" * 9 * 2**20})


def test_requests_are_carried_out_one_at_a_time(root: Path, shelf: Shelf) -> None:
    callers = [
        threading.Thread(target=ask, args=(root, {"kind": "wait", "name": name}), name=name) for name in ("a", "b", "c")
    ]
    for caller in callers:
        caller.start()
    time.sleep(0.3)
    shelf.go_on.set()
    for caller in callers:
        caller.join(20)
    assert sorted(shelf.done) == ["a", "b", "c"]
    assert shelf.most_running == 1


def test_a_caller_who_goes_away_leaves_the_work_to_be_done(root: Path, shelf: Shelf) -> None:
    class Gone(Exception):
        pass

    def leave(_: Json) -> None:
        raise Gone

    with pytest.raises(Gone):
        ask(root, {"kind": "wait", "name": "left behind"}, leave)
    shelf.go_on.set()
    answer = ask(root, {"kind": "count", "to": 0})
    assert answer is not None
    assert shelf.done == ["left behind"]


def test_closing_waits_for_the_work_and_removes_the_door(tmp_path: Path, shelf: Shelf) -> None:
    door = Door(tmp_path, {"wait": shelf.wait})
    socket = Path(door.address)
    caller = threading.Thread(target=ask, args=(tmp_path, {"kind": "wait", "name": "last"}))
    caller.start()
    while not shelf.running:
        time.sleep(0.01)
    threading.Timer(0.3, shelf.go_on.set).start()
    door.close()
    caller.join(20)
    assert shelf.done == ["last"]
    assert not socket.parent.exists()
    assert list(tmp_path.iterdir()) == []
    assert ask(tmp_path, {"kind": "ping"}) is None


def test_a_door_left_behind_is_found_to_be_nobodys(tmp_path: Path) -> None:
    folder = tmp_path / "shop-door-dead"
    folder.mkdir()
    (tmp_path / DOOR_FILE).write_bytes(orjson.dumps({"address": str(folder / "door"), "key": "00" * 32}))
    assert not is_door_open(tmp_path)
    assert remove_stale_door(tmp_path)
    assert not (tmp_path / DOOR_FILE).exists()
    assert folder.is_dir(), "no socket of ours lies in it"
    assert not remove_stale_door(tmp_path)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"address": 3}', '{"address": "x", "key": "no hex"}'])
def test_a_note_that_cannot_be_read_means_no_door(tmp_path: Path, text: str) -> None:
    (tmp_path / DOOR_FILE).write_text(text, "utf-8")
    assert ask(tmp_path, {"kind": "ping"}) is None


def test_a_server_that_dies_is_told_of(tmp_path: Path) -> None:
    ready, leave = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:

        def die(request: Json, tell: Tell) -> Json:
            os._exit(9)

        with Door(tmp_path, {"die": die}):
            os.write(ready[1], b"x")
            os.read(leave[0], 1)
        os._exit(0)
    os.read(ready[0], 1)
    with pytest.raises(ServerGone, match=rf"\({child}\) went away before it had answered: the catalog is whole"):
        ask(tmp_path, {"kind": "die"})
    os.waitpid(child, 0)
    assert ask(tmp_path, {"kind": "ping"}) is None
    with Door(tmp_path, {}):
        assert is_door_open(tmp_path)

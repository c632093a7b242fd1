"""Watches over the index while it serves, and has it repaired: the canaries' round, every 30 s.

In: the retriever whose index it is. Out: `damage`, what is wrong and since when, also as a file for other processes.

Damage ends approximate search at once; exact search goes on in memory, and the next generation is built beside from
what can be trusted. A Chroma that merely cannot be used (its server is down, or the last process that used it came to
a bad end) is tried again each round.
"""

import json
import logging
import threading
import weakref
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from retrieval.building import point_to
from retrieval.canaries import Canaries, points_elsewhere
from retrieval.crashes import MAX_BAD_ENDS, n_bad_ends, sound_in_another_process
from retrieval.errors import ChromaUnavailable, IndexDamaged, ShopError
from retrieval.generations import fill_collection
from retrieval.index import ProductIndex

if TYPE_CHECKING:
    from retrieval.retriever import Retriever

logger = logging.getLogger(__name__)

INTERVAL_S = 30.0
SOON_S = 1.0
"""How long what was found wrong at the opening waits, so that a command that ends at once doesn't begin a repair."""

DAMAGE_FILE = "damage.json"


@dataclass(frozen=True, slots=True)
class Damage:
    """Why search is exact, or wrong, and since when (ISO 8601 with its zone)."""

    text: str
    since: str

    def __str__(self) -> str:
        """As messages say it.

        >>> str(Damage("vectors.npy is gone", "2026-11-21T04:12:00+00:00"))
        'vectors.npy is gone (since 2026-11-21 04:12 UTC)'
        """
        return f"{self.text} (since {datetime.fromisoformat(self.since):%Y-%m-%d %H:%M} UTC)"


def read_damage(index_dir: Path) -> Damage | None:
    """What the process that serves, or served last, said to be wrong with its index."""
    try:
        stated = json.loads((index_dir / DAMAGE_FILE).read_text("utf-8"))
        damage = Damage(str(stated["text"]), str(stated["since"]))
        str(damage)
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return damage


class Watch:
    """The thread that looks after a retriever's index, for as long as the retriever is used."""

    def __init__(self, retriever: "Retriever", index_dir: Path, interval_s: float) -> None:
        self.damage: Damage | None = None
        self.n_found = 0
        self.n_rounds = 0
        self._retriever = weakref.ref(retriever)
        self._index_dir = index_dir
        self._interval_s = interval_s
        self._canaries: Canaries | None = None
        self._changed = threading.Condition()
        self._wake = threading.Event()
        self._ended = threading.Event()
        self._waits_s = interval_s if retriever.index.chroma_fault is None else min(interval_s, SOON_S)
        retriever.index.on_fault = self.wake
        self._thread = threading.Thread(target=self._run, name="index-watch", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Begin the next round now."""
        self._wake.set()

    def end(self) -> None:
        """Stop watching, and wait for the round that goes on."""
        self._ended.set()
        self._wake.set()
        self._thread.join()
        self._canaries = None

    def wait_until(self, condition: Callable[["Watch"], bool], timeout_s: float) -> bool:
        """Wait until `condition` holds, which is asked after each step of the watch; whether it does."""
        with self._changed:
            return self._changed.wait_for(lambda: condition(self), timeout_s)

    def _run(self) -> None:
        waits_s = self._waits_s
        while True:
            self._wake.wait(waits_s)
            self._wake.clear()
            retriever = self._retriever()
            if retriever is None or self._ended.is_set():
                return
            self._round(retriever)
            del retriever
            waits_s = self._interval_s

    def _round(self, retriever: "Retriever") -> None:
        try:
            self._look(retriever, retriever.index)
        except (ShopError, SQLAlchemyError, OSError, RuntimeError, ValueError, LookupError) as error:
            # What SQL, the disk, a network and arrays that are not what they were raise; a watch that ended would leave
            # every later damage unseen.
            logger.warning("the index could not be looked at: %s", str(error))
        with self._changed:
            self.n_rounds += 1
            self._changed.notify_all()

    def _look(self, retriever: "Retriever", index: ProductIndex) -> None:
        index.on_fault = self.wake
        fault = self._fault(retriever, index)
        if retriever.index is not index:
            # The next generation came meanwhile: it is looked at in a round of its own.
            self.wake()
            return
        self._tell(fault)
        if fault is not None and fault is index.chroma_fault:
            fault = self._with_chroma_again(index, fault)
            # Chroma may write to its SQLite file while it opens: what is there afterwards is what must stay.
            self._canaries = None
            self._tell(fault)
        if fault is not None and not isinstance(fault, ChromaUnavailable):
            retriever.rebuild(index, str(fault))

    def _fault(self, retriever: "Retriever", index: ProductIndex) -> IndexDamaged | None:
        """What is wrong with the index; what it needs Chroma for is exact from here on."""
        try:
            if self._canaries is None or self._canaries.index is not index:
                self._canaries = Canaries(index)
            self._canaries.check(retriever.view)
        except IndexDamaged as damage:
            if retriever.index is index and (index.has_chroma or index.chroma_fault is None):
                index.give_up_chroma(damage)
            return IndexDamaged(str(damage))
        # A build makes its generation the current one before it serves.
        if not retriever.is_building and retriever.index is index and points_elsewhere(index):
            logger.error("%s did not name the index that serves: written anew", self._index_dir / "current")
            self._tell(IndexDamaged("the file `current` did not name the index that serves"))
            point_to(index.folder)
        try:
            self._canaries.check_chroma()
        except IndexDamaged as damage:
            if index.chroma_fault is None:
                index.give_up_chroma(damage)
        return index.chroma_fault

    def _with_chroma_again(self, index: ProductIndex, fault: IndexDamaged) -> IndexDamaged | None:
        """Try to use Chroma again; what is still wrong."""
        folder = index.folder
        try:
            if index.chroma.server is not None:
                return self._with_server_again(index)
            if not isinstance(fault, ChromaUnavailable):
                return fault
            if n_bad_ends(folder) >= MAX_BAD_ENDS:
                return IndexDamaged(f"{MAX_BAD_ENDS} processes in a row came to a bad end with Chroma in {folder}")
            if not sound_in_another_process(folder, self._ended.is_set):
                return fault if self._ended.is_set() else IndexDamaged(f"Chroma in {folder} does not open, or crashes")
            index.open_chroma(despite_mark=True)
            index.check()
        except IndexDamaged as damage:
            return damage
        logger.info("Chroma in %s is sound: used again", folder)
        return None

    def _with_server_again(self, index: ProductIndex) -> IndexDamaged | None:
        try:
            index.open_chroma()
            index.check()
        except ChromaUnavailable:
            raise
        except IndexDamaged as damage:
            logger.warning("%s: the collection is filled again", str(damage))
            fill_collection(index, self._ended.is_set)
        logger.info("the Chroma server is used again")
        return None

    def _tell(self, fault: IndexDamaged | None) -> None:
        before, damage = self.damage, None
        if fault is not None:
            since = before.since if before else datetime.now(UTC).isoformat(timespec="seconds")
            damage = Damage(str(fault), since)
        if damage != before or self.n_rounds == 0:
            _write_damage(self._index_dir, damage)
        if damage is not None and before is None:
            logger.error("%s; search goes on exactly until that is mended", damage.text)
        elif damage is None and before is not None:
            logger.warning("the index is whole again; it was not: %s", before)
        with self._changed:
            self.damage = damage
            self.n_found += damage is not None and before is None
            self._changed.notify_all()


def _write_damage(index_dir: Path, damage: Damage | None) -> None:
    file = index_dir / DAMAGE_FILE
    try:
        if damage is None:
            file.unlink(missing_ok=True)
        else:
            index_dir.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(asdict(damage)), "utf-8")
    except OSError as error:
        logger.warning("%s could not be written: %s", file, error)


def pause_s(n_failed: int, interval_s: float) -> float:
    """How long to wait before a repair is tried again, after `n_failed` in a row.

    >>> [pause_s(n, 30.0) for n in (1, 2, 3, 12)]
    [60.0, 120.0, 240.0, 900.0]
    """
    return min(interval_s * 2.0**n_failed, max(900.0, interval_s))

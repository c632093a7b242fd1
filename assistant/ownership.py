"""Who owns a shop directory for writing: one process at a time, and the others can be told which.

In: a shop directory. Out: the lock, held or not, and what is known of the process that holds it. Knows no database.

The lock is the operating system's (`shop.lock`), so it goes with the process that held it, however that ended.
`owner.json` beside it only says who that is, for the message that a second one gets.
"""

import json
import os
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from assistant.files import write_private
from retrieval.errors import ShopLocked

LOCK_FILE = "shop.lock"
OWNER_FILE = "owner.json"
MAX_COMMAND = 200


@dataclass(frozen=True, slots=True)
class Owner:
    """A process that owns, or owned, a shop. `since` is in ISO 8601 with its zone."""

    pid: int
    command: str
    since: str

    def __str__(self) -> str:
        """As messages name it.

        >>> str(Owner(4711, "shopping-assistant serve", "2026-11-21T04:12:00+00:00"))
        'process 4711 (shopping-assistant serve, since 2026-11-21 04:12 UTC)'
        """
        return f"process {self.pid} ({self.command}, since {datetime.fromisoformat(self.since):%Y-%m-%d %H:%M} UTC)"


class Ownership:
    """The lock on one shop directory. The directory must exist when it is taken."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._lock = FileLock(root / LOCK_FILE, blocking=False)

    @property
    def held(self) -> bool:
        """Whether this object holds the lock."""
        return self._lock.is_locked

    def take(self) -> bool:
        """Take the lock where it is free, and leave a note of who has it.

        Returns:
            Whether this process owns the shop now.
        """
        try:
            self._lock.acquire()
        except Timeout:
            return False
        write_private(self.root / OWNER_FILE, json.dumps(asdict(_this_process())))
        return True

    def release(self) -> None:
        """Let go of the lock, where it is held."""
        if self.held:
            (self.root / OWNER_FILE).unlink(missing_ok=True)
            self._lock.release()

    def refusal(self, advice: str = "stop it first, or wait until it has finished") -> ShopLocked:
        """What to tell a second owner, naming the first."""
        owner = owner_of(self.root)
        who = f": {owner}" if owner else ""
        return ShopLocked(
            f"another process owns the shop in {self.root}{who}; {advice}, or name another directory with --shop"
        )


def owner_of(root: Path) -> Owner | None:
    """Who wrote last that it owns the shop in `root`; None where nobody did, or the note cannot be read."""
    try:
        stated = json.loads((root / OWNER_FILE).read_text("utf-8"))
        owner = Owner(int(stated["pid"]), str(stated["command"]), str(stated["since"]))
        str(owner)
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return owner


def _this_process() -> Owner:
    command = " ".join([Path(sys.argv[0]).name, *sys.argv[1:]]).strip() if sys.argv else ""
    return Owner(os.getpid(), command[:MAX_COMMAND] or "python", datetime.now(UTC).isoformat(timespec="seconds"))

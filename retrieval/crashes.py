"""Whether a process that used an embedded Chroma came to a bad end, and whether its files can be used all the same.

In: a generation's folder. Out: a mark in it while Chroma is open, and what a mark that was left behind means. Knows
nothing of Chroma itself.

Native code takes the whole process down when it meets a damaged file that it does not check, so whoever opens Chroma
leaves a mark, and takes it away after closing it. The next process that finds one searches exactly, and tries the files
in a process of its own (`sound_in_another_process`) before it opens them.
"""

import json
import logging
import os
import secrets
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from retrieval.errors import ChromaUnavailable

logger = logging.getLogger(__name__)

MARK_FILE = "chroma-in-use.json"
PROCESS = secrets.token_hex(8)
"""This process; its number may be that of the one that ended (in a container both are 1)."""

MAX_BAD_ENDS = 2
"""After so many bad ends in a row a generation's Chroma is not tried any more, but built again."""

PROBE_TIMEOUT_S = 600.0


def mark(folder: Path) -> None:
    """Note in `folder` that this process uses its Chroma."""
    note = {
        "process": PROCESS,
        "pid": os.getpid(),
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
        "bad_ends": n_bad_ends(folder),
    }
    _write(folder, note)


def unmark(folder: Path) -> None:
    """Take the mark of this process away: Chroma was closed well."""
    if _read(folder).get("process") == PROCESS:
        (folder / MARK_FILE).unlink(missing_ok=True)


def n_bad_ends(folder: Path) -> int:
    """How many processes in a row ended while they used the folder's Chroma."""
    note = _read(folder)
    before = note.get("bad_ends", 0)
    return (before if isinstance(before, int) else 0) + int(bool(note) and note.get("process") != PROCESS)


def refuse_if_marked(folder: Path) -> None:
    """Raise `ChromaUnavailable` where another process ended while it used the folder's Chroma."""
    note = _read(folder)
    if note and note.get("process") != PROCESS:
        raise ChromaUnavailable(
            f"process {note.get('pid')} ended while it used Chroma in {folder} (since {note.get('since')}), perhaps "
            "because of it: search is exact until its files were tried in a process of their own"
        )


def sound_in_another_process(folder: Path, is_called_off: Callable[[], bool]) -> bool:
    """Whether another process can open the folder's Chroma and let products find themselves; slow (seconds)."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-m", "retrieval.probe", str(folder)]
    with subprocess.Popen(  # noqa: S603 our own module
        command, env=environment, stdin=subprocess.DEVNULL
    ) as probe:
        for _ in range(int(PROBE_TIMEOUT_S * 10)):
            try:
                return probe.wait(0.1) == 0
            except subprocess.TimeoutExpired:
                if is_called_off():
                    break
        probe.kill()
    return False


def _read(folder: Path) -> dict[str, object]:
    try:
        note = json.loads((folder / MARK_FILE).read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        return {"pid": "?", "since": "?"}
    return note if isinstance(note, dict) else {"pid": "?", "since": "?"}


def _write(folder: Path, note: dict[str, object]) -> None:
    try:
        (folder / MARK_FILE).write_text(json.dumps(note), "utf-8")
    except OSError as error:
        logger.warning("%s could not be written (%s): a crash of Chroma would not be noticed", MARK_FILE, error)

"""Puts new files in the place of a shop's former ones, all of them or none, also when the process is killed.

In: a shop directory that this process owns, and the new files in its folder `restore.part/`. Out: the shop with the new
files, the former ones kept. Knows not what the files mean.

Renaming `restore.part/` to `restore.ready/` is the moment from which the new files count. What follows are renames
only: the former files leave, `restore.ready/` becomes `restore.moving/`, the new ones take their places.
`finish_exchange` takes this up wherever a killed process has left off.
"""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from assistant.files import sync_file, sync_folder
from retrieval.errors import BackupError

PART, READY, MOVING = "restore.part", "restore.ready", "restore.moving"
LIST = "replaces.json"
"""Names of what is replaced (so that what the new files lack goes as well), and where the former files go."""


def new_part(root: Path) -> Path:
    """The empty folder in which the next files of a shop are made ready."""
    shutil.rmtree(root / PART, ignore_errors=True)
    (root / PART).mkdir(mode=0o700)
    return root / PART


def exchange(root: Path, replaces: Sequence[str], kept_in: Path) -> None:
    """Put what lies in `restore.part/` in the place of the files called `replaces`.

    Args:
        root: the shop directory, which this process owns.
        replaces: names in it; the databases among them are closed.
        kept_in: a folder below `root`, to which the former files are moved.

    Raises:
        BackupError: as `finish_exchange`.
        OSError: nothing was changed.
    """
    content = {"names": list(replaces), "kept_in": kept_in.relative_to(root).as_posix()}
    (root / PART / LIST).write_text(json.dumps(content), "utf-8")
    sync_file(root / PART / LIST)
    sync_folder(root / PART)
    (root / PART).rename(root / READY)
    sync_folder(root)
    finish_exchange(root)


def finish_exchange(root: Path) -> bool:
    """Complete an exchange that has begun; only for who owns the shop.

    Returns:
        Whether there was one.

    Raises:
        BackupError: a file cannot be moved; the next call goes on from there.
    """
    if not is_exchanging(root):
        return False
    try:
        _exchange(root)
    except (OSError, ValueError, LookupError) as error:
        raise BackupError(
            f"the exchange of files in {root} has begun and cannot go on: {error}; see to that, then open the shop "
            "again (`shopping-assistant doctor`), which completes it"
        ) from error
    return True


def is_exchanging(root: Path) -> bool:
    """Whether files of the shop in `root` are being exchanged, or a process was killed while it did that."""
    return (root / READY).is_dir() or (root / MOVING).is_dir()


def _exchange(root: Path) -> None:
    ready, moving = root / READY, root / MOVING
    if ready.is_dir():
        content = json.loads((ready / LIST).read_text("utf-8"))
        replaced = root / content["kept_in"]
        for name in content["names"]:
            if (root / name).exists():
                replaced.mkdir(parents=True, exist_ok=True)
                (root / name).rename(replaced / name)
        sync_folder(root)
        ready.rename(moving)
    for new in sorted(moving.iterdir()):
        if new.name != LIST:
            new.rename(root / new.name)
    sync_folder(root)
    shutil.rmtree(moving)

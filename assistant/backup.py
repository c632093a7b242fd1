"""Backups of a shop: one archive of everything that cannot be rebuilt, and a copy of the database before it migrates.

In: a shop directory, in use or not. Out: an archive file, or a copy in `backups/`. Knows no assistant.

An archive holds the settings, the size charts, the database, the models, the pictures and the key of the shoppers'
pseudonyms: without the key, events that come later would not be known to be of the same shoppers. So an archive is as
confidential as the shop itself; it can be read by this user only. The index is left out, since it is rebuilt from the
database.
"""

import json
import os
import sqlite3
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from assistant.archive import FORMAT, KIND, Manifest, is_archive, write_archive
from assistant.database_files import copy_database, faults, revision_of, row_counts
from assistant.exchange import is_exchanging
from assistant.files import sync_file, sync_folder, write_private
from assistant.promotion import PASSING
from retrieval.errors import BackupError

DATABASE = "shop.db"
PARTS = frozenset(
    {"shop.toml", "size_charts.toml", DATABASE, "models", "pictures", "prompts", "pseudonym.key", "demo-shop.json"}
)
"""What of a shop directory a backup holds: these files, and what lies below these folders."""

FOLDER = "backups"
NOTE = "last-backup.json"
N_KEPT = 3
"""So many copies from before a migration are kept."""

N_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Backup:
    """An archive that was made."""

    path: Path
    manifest: Manifest
    bytes: int


@dataclass(frozen=True, slots=True)
class LastBackup:
    """The note of the newest archive; it may have been moved since."""

    path: Path
    created_at: datetime


def default_target(root: Path) -> Path:
    """Where a backup goes that names no place."""
    return root / FOLDER / f"shop-{_now():%Y%m%dT%H%M%S}.zip"


def backup(root: Path, target: Path) -> Backup:
    """Back up the shop in `root` to the one file `target`, while others may serve it and write to it.

    The archive appears under its name once it is complete; an older backup of that name is replaced then.

    Raises:
        BackupError: there is no shop, its database is damaged, `target` is another file, or the disk is full.
    """
    target = target.absolute()
    if is_exchanging(root):
        raise BackupError(
            f"a restore of {root} was cut off: open the shop once (`shopping-assistant doctor`), then again"
        )
    if not (root / DATABASE).is_file():
        raise BackupError(f"there is no shop in {root}: name its directory with --shop")
    if target.is_dir() or (target.exists() and not is_archive(target)):
        raise BackupError(f"{target} is there already and is no backup of a shop: name another file with --to")
    if any(target.is_relative_to((root / part).absolute()) for part in PARTS):
        raise BackupError(f"{target} lies within what is backed up: name another place with --to")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as folder:
            manifest = _write(root, Path(folder))
            done = Backup(target, manifest, (Path(folder) / "archive").stat().st_size)
            (Path(folder) / "archive").replace(target)
        sync_folder(target.parent)
        _leave_note(root, target, manifest)
    except (OSError, sqlite3.DatabaseError) as error:
        raise BackupError(
            f"the backup could not be made: {error}; check that {target.parent} can be written to and has room"
        ) from error
    return done


def keep_before_migration(root: Path, revision: str) -> Path:
    """Copy the database to `backups/before-REVISION-TIME.db`, and delete all but the newest `N_KEPT` such copies.

    Args:
        root: the shop directory.
        revision: what the database is about to be migrated to.

    Raises:
        BackupError: the copy could not be made; migrating without one is too dangerous.
    """
    folder = root / FOLDER
    target = folder / f"before-{revision}-{_now():%Y%m%dT%H%M%S}.db"
    try:
        folder.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".backup-") as beside:
            copy = Path(beside) / DATABASE
            os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            copy_database(root / DATABASE, copy)
            sync_file(copy)
            copy.replace(target)
        sync_folder(folder)
    except (OSError, sqlite3.DatabaseError) as error:
        raise BackupError(
            f"the shop in {root} is of an older version and must be migrated, but the backup that is made first failed:"
            f" {error}; nothing was changed: make room in {folder} and start again"
        ) from error
    for old in sorted(folder.glob("before-*.db"), key=_time_of)[:-N_KEPT]:
        old.unlink(missing_ok=True)
    return target


def last_backup(root: Path) -> LastBackup | None:
    """What is noted of the newest archive."""
    try:
        stated = json.loads((root / NOTE).read_text("utf-8"))
        return LastBackup(Path(stated["path"]), datetime.fromisoformat(stated["created_at"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def newest_whole(root: Path) -> Path | None:
    """The newest backup that is there and can be restored: an archive, or a copy from before a migration."""
    noted = last_backup(root)
    places = {*(root / FOLDER).glob("*.zip"), *(root / FOLDER).glob("before-*.db"), *([noted.path] if noted else [])}
    for path in sorted((path for path in places if path.is_file()), key=lambda path: -path.stat().st_mtime):
        if is_archive(path) if path.suffix != ".db" else not faults(path, quick=True):
            return path
    return None


def _write(root: Path, folder: Path) -> Manifest:
    """Models and pictures may be replaced while they are read: then all of it is done again."""
    for _ in range(N_ATTEMPTS):
        copy = folder / DATABASE
        copy.unlink(missing_ok=True)
        (folder / "archive").unlink(missing_ok=True)
        before = _fingerprint(root)
        copy_database(root / DATABASE, copy)
        if found := faults(copy):
            raise BackupError(
                f"the database in {root} is damaged ({found[0]}), so it was not backed up: run "
                "`shopping-assistant doctor --repair`"
            )
        files = {name: root / name for name in before} | {DATABASE: copy}
        try:
            manifest = write_archive(folder / "archive", files, _manifest_of(copy))
        except FileNotFoundError:
            continue
        if _fingerprint(root) == before:
            return manifest
    raise BackupError(f"models or pictures in {root} keep changing while they are backed up: try again later")


def _manifest_of(database: Path) -> Manifest:
    return Manifest(
        kind=KIND,
        format=FORMAT,
        program=version("conversational-shopping-assistant"),
        revision=revision_of(database) or "",
        created_at=_now().isoformat(timespec="seconds"),
        counts=row_counts(database),
    )


def _fingerprint(root: Path) -> dict[str, tuple[int, int, int]]:
    """Every file that is backed up but the database: name -> inode, size, time of the last change."""
    found = {}
    for part in sorted(PARTS - {DATABASE}):
        path = root / part
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            name = file.relative_to(root)
            if file.is_file() and not (name.parts[0] == "models" and set(name.parts) & set(PASSING)):
                stat = file.stat()
                found[name.as_posix()] = (stat.st_ino, stat.st_size, stat.st_mtime_ns)
    return found


def _leave_note(root: Path, target: Path, manifest: Manifest) -> None:
    write_private(root / NOTE, json.dumps({"path": str(target), "created_at": manifest.created_at}))


def _time_of(path: Path) -> str:
    return path.stem.rpartition("-")[2]


def _now() -> datetime:
    return datetime.now(UTC)

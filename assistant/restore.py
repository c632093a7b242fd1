"""Puts a backup in the place of a shop, or into an empty directory, all of it or nothing.

In: an archive (or a copy of the database from before a migration) and a shop directory that no process uses. Out: the
shop as it was backed up, brought to this version's schema. Knows no assistant.

Everything is checked, written and migrated beside the shop's files first; `assistant.exchange` then puts it in their
place. The former files go to `backups/replaced/` and stay there until the next restore.
"""

import os
import shutil
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from assistant.archive import Manifest, check_archive, extract
from assistant.backup import DATABASE, FOLDER, PARTS
from assistant.database_files import (
    SIDECARS,
    as_one_file,
    copy_database,
    faults,
    is_open_elsewhere,
    orphans,
    revision_of,
    row_counts,
)
from assistant.exchange import exchange, finish_exchange, new_part
from assistant.migrations import is_known, migrate
from assistant.ownership import Ownership
from retrieval.database import open_engine
from retrieval.errors import BackupError, ShopLocked

REPLACED = "replaced"
SQLITE_MAGIC = b"SQLite format 3\0"
ROOM = 1.2
"""How much more room is asked for than the files take: the migration needs some."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored. `replaced`: the folder with what was there before, or None."""

    created_at: datetime
    counts: dict[str, int]
    migrated_from: str | None
    replaced: Path | None


def restore(source: Path, root: Path, *, replace: bool = False) -> Restored:
    """Bring back the shop that `source` holds.

    Args:
        source: what `backup` wrote, or a `backups/before-….db`, which brings back the database alone.
        root: the shop directory; made where there is none.
        replace: put it in the place of the shop that is there.

    Raises:
        ShopLocked: a process owns the shop, or still reads it.
        BackupError: the backup is damaged, not a shop's, of a newer version, or does not fit on the disk; or a shop is
            there and `replace` was not asked for. Nothing was changed then.
    """
    manifest = _checked(source)
    try:
        root.mkdir(parents=True, exist_ok=True)
        return _restore(source, manifest, root, replace)
    except (OSError, sqlite3.DatabaseError) as error:
        raise BackupError(
            f"{source} could not be restored into {root}: {error}; what was there is unchanged"
        ) from error


def _restore(source: Path, manifest: Manifest | None, root: Path, replace: bool) -> Restored:
    ownership = Ownership(root)
    if not ownership.take():
        raise ownership.refusal("stop it first, a shop can't be replaced while it is served")
    try:
        finish_exchange(root)
        _refuse_to_replace(root, replace)
        _check_room(root, manifest.bytes if manifest else source.stat().st_size)
        part = new_part(root)
        try:
            migrated_from = _unpack(source, manifest, part)
            refuse_if_read(root)
            shutil.rmtree(root / FOLDER / REPLACED, ignore_errors=True)
            names = sorted(PARTS) if manifest else [DATABASE]
            exchange(root, [*names, *(DATABASE + end for end in SIDECARS)], root / FOLDER / REPLACED)
        finally:
            shutil.rmtree(part, ignore_errors=True)
    finally:
        ownership.release()
    replaced = root / FOLDER / REPLACED
    return Restored(
        created_at=_made_at(source, manifest),
        counts=row_counts(root / DATABASE),
        migrated_from=migrated_from,
        replaced=replaced if replaced.is_dir() else None,
    )


def _checked(source: Path) -> Manifest | None:
    """The manifest of a whole archive; None for a whole database."""
    try:
        with source.open("rb") as file:
            is_database = file.read(len(SQLITE_MAGIC)) == SQLITE_MAGIC
    except OSError as error:
        raise BackupError(f"cannot read the backup {source} ({error.strerror or error}): check the path") from error
    manifest = None if is_database else check_archive(source, PARTS)
    if is_database and (found := faults(source)):
        raise BackupError(f"the backup {source} is damaged: {found[0]}; nothing was changed, take another backup")
    if manifest and DATABASE not in manifest.files:
        raise BackupError(f"{source} holds no {DATABASE}: it is not a backup of a shop")
    revision = manifest.revision if manifest else revision_of(source)
    if not revision:
        raise BackupError(f"{source} is not the database of a shop: it states no revision")
    if not is_known(revision):
        raise BackupError(
            f"{source} was made by a newer version of this program (revision {revision}): update "
            "conversational-shopping-assistant, then restore"
        )
    return manifest


def _unpack(source: Path, manifest: Manifest | None, part: Path) -> str | None:
    """The backup's files in `part`, examined and migrated; the revision it had, where that was an older one."""
    if manifest:
        extract(source, manifest, part)
    else:
        copy_database(source, part / DATABASE)
    database = part / DATABASE
    if found := faults(database):
        raise BackupError(f"the database in {source} is damaged: {found[0]}; nothing was changed, take another backup")
    if missing := orphans(database):
        raise BackupError(f"the database in {source} has rows that refer to nothing, in {', '.join(missing)}")
    before = revision_of(database)
    engine = open_engine(database)
    try:
        migrate(engine)
    finally:
        engine.dispose()
    as_one_file(database)
    return before if before != revision_of(database) else None


def _refuse_to_replace(root: Path, replace: bool) -> None:
    there = sorted(part for part in PARTS if (root / part).exists())
    if there and not replace:
        raise BackupError(
            f"{root} holds a shop already ({', '.join(there)}): replace it with --yes (it is kept in "
            f"{root / FOLDER / REPLACED} until the next restore), or name another directory with --shop"
        )


def refuse_if_read(root: Path) -> None:
    """A database is moved only while nobody has it open, since SQLite would go on writing to it.

    Raises:
        ShopLocked: a process that does not own the shop reads it.
    """
    if (root / DATABASE).is_file() and is_open_elsewhere(root / DATABASE):
        raise ShopLocked(f"another process reads the shop in {root} (chat, ask, or a program of yours): stop it first")


def _check_room(root: Path, n_bytes: int) -> None:
    free = shutil.disk_usage(root).free
    if free < n_bytes * ROOM:
        raise BackupError(
            f"the backup needs about {n_bytes * ROOM / 2**20:,.0f} MiB in {root}, {free / 2**20:,.0f} MiB are free: "
            "make room first"
        )


def _made_at(source: Path, manifest: Manifest | None) -> datetime:
    if manifest:
        return datetime.fromisoformat(manifest.created_at)
    return datetime.fromtimestamp(os.stat(source).st_mtime, UTC)

"""The archive that a backup is: a zip file with the shop's files and a manifest that names the digest of each.

In: files and what to call them. Out: one file; or from one file a checked manifest and the files again. Knows no SQL
and not what the files mean. Everything streams: memory stays small whatever the shop's size.
"""

import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any

from retrieval.errors import BackupError

FORMAT = 1
"""To be raised when an older program could not restore what this one writes."""

MANIFEST = "manifest.json"
KIND = "conversational-shopping-assistant backup"
MAX_MANIFEST = 64 * 2**20
CHUNK = 2**20
COMPRESS_LEVEL = 3

DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, LookupError, TypeError, NotImplementedError,
          RuntimeError)  # fmt: skip
"""What reading a damaged zip file raises."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file: its digest (SHA-256, hex), size in bytes, and rights as of `chmod`."""

    sha256: str
    bytes: int
    mode: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive holds. `counts`: rows of each table; `created_at` in ISO 8601."""

    kind: str
    format: int
    program: str
    revision: str
    created_at: str
    counts: Mapping[str, int]
    files: Mapping[str, Entry] = field(default_factory=dict)

    @property
    def bytes(self) -> int:
        """What all files take on disk."""
        return sum(entry.bytes for entry in self.files.values())


def write_archive(target: Path, files: Mapping[str, Path], manifest: Manifest) -> Manifest:
    """Write `files` (name in the archive -> file) into the new file `target`, readable for this user only.

    Returns:
        The manifest as it was written, with the entries.

    Raises:
        OSError: a file cannot be read, or the disk is full.
    """
    entries: dict[str, Entry] = {}
    descriptor = os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w+b") as out:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=COMPRESS_LEVEL) as archive:
            for name, path in files.items():
                entries[name] = _add(archive, name, path)
            whole = Manifest(**{**_shallow(manifest), "files": entries})
            archive.writestr(MANIFEST, json.dumps(asdict(whole), indent=1))
        out.flush()
        os.fsync(out.fileno())
    return whole


def check_archive(path: Path, parts: frozenset[str]) -> Manifest:
    """Read all of an archive and compare it with its manifest.

    Args:
        path: the archive.
        parts: what the names of files in it may start with.

    Raises:
        BackupError: it is not an archive of ours, is damaged, was made by a newer version, or names other places.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = _manifest(archive, path)
            _check_names(archive, manifest, parts, path)
            for name, entry in manifest.files.items():
                with archive.open(name) as source:
                    _copy(source, None, entry, name, path)
    except DAMAGE as error:
        raise _damaged(path, str(error) or type(error).__name__) from error
    except OSError as error:
        raise BackupError(f"cannot read the backup {path} ({error.strerror or error}): check the path") from error
    return manifest


def extract(path: Path, manifest: Manifest, folder: Path) -> None:
    """Write the files of a checked archive into `folder`, compared once more on the way, and through to the disk.

    Raises:
        BackupError: the archive is not the one that was checked.
        OSError: the disk is full, or the folder cannot be written to.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            for name, entry in manifest.files.items():
                target = folder.joinpath(*PurePosixPath(name).parts)
                target.parent.mkdir(parents=True, exist_ok=True)
                descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with archive.open(name) as source, os.fdopen(descriptor, "wb") as out:
                    _copy(source, out, entry, name, path)
                    out.flush()
                    os.fsync(out.fileno())
                target.chmod(entry.mode & 0o666 | 0o600)
    except DAMAGE as error:
        raise _damaged(path, str(error) or type(error).__name__) from error


def is_archive(path: Path) -> bool:
    """Whether the file says that it is an archive of ours, whole or not."""
    try:
        with zipfile.ZipFile(path) as archive:
            _manifest(archive, path)
    except (*DAMAGE, OSError, BackupError):
        return False
    return True


def is_inside(name: str, parts: frozenset[str]) -> bool:
    r"""Whether a name in an archive stays below one of `parts` on every system.

    >>> parts = frozenset({"shop.db", "pictures"})
    >>> [is_inside(name, parts) for name in ("shop.db", "pictures/a.svg", "../shop.db", "/shop.db", "pictures/../x")]
    [True, True, False, False, False]
    >>> [is_inside(name, parts) for name in ("pictures\\..\\x", "C:/shop.db", "pictures/a:b", "other", "")]
    [False, False, False, False, False]
    """
    pieces = name.split("/")
    odd = any(piece in ("", ".", "..") or set(piece) & set("\\:\0") for piece in pieces)
    return not odd and pieces[0] in parts


def _add(archive: zipfile.ZipFile, name: str, path: Path) -> Entry:
    info = zipfile.ZipInfo.from_file(path, name, strict_timestamps=False)
    info.compress_type = zipfile.ZIP_DEFLATED
    digest, n_bytes = hashlib.sha256(), 0
    with path.open("rb") as source, archive.open(info, "w", force_zip64=True) as out:
        while chunk := source.read(CHUNK):
            digest.update(chunk)
            n_bytes += len(chunk)
            out.write(chunk)
    return Entry(digest.hexdigest(), n_bytes, (info.external_attr >> 16) & 0o777)


def _copy(source: IO[bytes], out: IO[bytes] | None, entry: Entry, name: str, path: Path) -> None:
    digest, n_bytes = hashlib.sha256(), 0
    while chunk := source.read(CHUNK):
        digest.update(chunk)
        n_bytes += len(chunk)
        if n_bytes > entry.bytes:
            break
        if out:
            out.write(chunk)
    if (digest.hexdigest(), n_bytes) != (entry.sha256, entry.bytes):
        raise _damaged(path, f"{name} is not the file that was backed up")


def _manifest(archive: zipfile.ZipFile, path: Path) -> Manifest:
    if MANIFEST not in archive.namelist():
        raise BackupError(f"{path} is not a backup of a shop: it has no {MANIFEST}")
    if archive.getinfo(MANIFEST).file_size > MAX_MANIFEST:
        raise _damaged(path, f"its {MANIFEST} is larger than {MAX_MANIFEST // 2**20} MiB")
    stated = json.loads(archive.read(MANIFEST))
    if not isinstance(stated, dict) or stated.get("kind") != KIND:
        raise BackupError(f"{path} is not a backup of a shop: its {MANIFEST} is another program's")
    if int(stated["format"]) > FORMAT:
        raise BackupError(
            f"{path} was made by a newer version of this program ({stated.get('program')}): update "
            "conversational-shopping-assistant, then restore"
        )
    return _typed(stated)


def _typed(stated: Mapping[str, Any]) -> Manifest:
    files = {
        str(name): Entry(str(entry["sha256"]), int(entry["bytes"]), int(entry["mode"]))
        for name, entry in stated["files"].items()
    }
    counts = {str(table): int(n) for table, n in stated["counts"].items()}
    return Manifest(
        KIND, int(stated["format"]), str(stated["program"]), str(stated["revision"]), str(stated["created_at"]),
        counts, files,
    )  # fmt: skip


def _check_names(archive: zipfile.ZipFile, manifest: Manifest, parts: frozenset[str], path: Path) -> None:
    names = archive.namelist()
    if sorted(names) != sorted([*manifest.files, MANIFEST]):
        raise _damaged(path, "the files in it are not those that its manifest names")
    for info in archive.infolist():
        if info.filename != MANIFEST and not is_inside(info.filename, parts):
            raise BackupError(f"{path} holds {info.filename!r}, which is no part of a shop: it is refused as a whole")
    for name, entry in manifest.files.items():
        if archive.getinfo(name).file_size != entry.bytes:
            raise _damaged(path, f"{name} has {archive.getinfo(name).file_size} bytes instead of {entry.bytes}")


def _damaged(path: Path, how: str) -> BackupError:
    return BackupError(f"the backup {path} is damaged: {how}; nothing was changed, take another backup")


def _shallow(manifest: Manifest) -> dict[str, Any]:
    return {name: getattr(manifest, name) for name in ("kind", "format", "program", "revision", "created_at", "counts")}

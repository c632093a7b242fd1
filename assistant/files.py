"""Files that must survive a crash: written through to the disk, and private where they are secret.

In: paths and text. Out: files. Knows nothing of what they mean.
"""

import os
import secrets
from pathlib import Path


def write_private(file: Path, text: str) -> None:
    """Write a file that only its owner may read (mode 0600), in one step: readers see the old or the new one whole."""
    beside = file.with_name(f"{file.name}.{secrets.token_hex(4)}.part")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
            out.write(text)
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)


def sync_file(path: Path) -> None:
    """Wait until what was written to a file is on the disk."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Wait until new and renamed files of a folder are on the disk."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

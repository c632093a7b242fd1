"""Feed files on disk, compressed or inside a zip, as bounded streams of bytes.

In: paths. Out: `Source`s and their bytes, and a note on what lies in a zip and is not read. A stream that unpacks to
far more than it was packed from is refused while it is read, whatever its header declares. Knows nothing of what the
bytes mean.
"""

import gzip
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import IO, cast

from retrieval.errors import FeedError
from retrieval.feed.readers.records import named_twice

MAX_FILE_BYTES = 2**32
"""Files, and what comes out of compressed ones, are read up to this size."""

MAX_RATIO = 200
"""How many times its packed size a file may unpack to."""

RATIO_FROM_BYTES = 2**25
"""Below this, what a packed file unpacks to hurts nobody."""

MAX_ENTRIES = 10_000
N_NAMED, NAMED_CHARACTERS = 5, 80
"""How many entries of a zip a note names, and how much of their names."""

UNREAD_KINDS = {
    ".zip": "zips in a zip are not opened: unpack it first",
    **dict.fromkeys(
        (".7z", ".bz2", ".rar", ".tar", ".tgz", ".xz", ".zst"),
        "not read packed like that: unpack it first",
    ),
    **dict.fromkeys((".numbers", ".ods", ".xls", ".xlsm", ".xlsx"), "spreadsheets are not read: save it as CSV"),
}
OTHER_KIND = "no kind that is read"
ABOUT = ("readme", "license", "licence", "changelog")
ABOUT_KINDS = ("", ".htm", ".html", ".markdown", ".md", ".pdf", ".rst", ".txt")
"""How files begin and end that tell people of a feed; nobody misses them."""

DAMAGED = (OSError, EOFError, RuntimeError, ValueError, LookupError, struct.error, zipfile.BadZipFile)
"""What zipfile raises over archives that are damaged, encrypted (`RuntimeError`) or packed in an unknown way."""


@dataclass(frozen=True, slots=True)
class Source:
    """One readable file: on disk, or an entry of a zip. `name` is what reports call it."""

    path: Path
    entry: str | None = None

    @property
    def name(self) -> str:
        name = self.path.name if self.entry is None else f"{self.path.name}/{self.entry}"
        # A name on disk may be no UTF-8, which neither a database nor a report can hold.
        return name.encode("utf-8", "replace").decode("utf-8")

    @property
    def suffix(self) -> str:
        """What kind of file it is, without what packed it: ".csv" of "products.CSV.gz"."""
        return _suffix(self.entry or self.path.name)


def find_sources(
    paths: Sequence[Path], suffixes: Sequence[str], on_note: Callable[[str], None] | None = None
) -> list[Source]:
    """The files of these kinds that `paths` name, zips opened up, in the order given.

    `on_note` hears of each zip which files in it are not read, and why. Hidden files and those that only tell people
    of the feed (README, LICENSE) are passed over without a word.

    Raises:
        FeedError: a path is missing, is of a kind that is not read, is too large, or is a damaged zip.
    """
    if not paths:
        raise FeedError("no feed was named")
    return [source for path in paths for source in _sources_in(path, suffixes, on_note)]


@contextmanager
def open_source(source: Source) -> Iterator[IO[bytes]]:
    """The unpacked bytes of a source.

    Raises:
        FeedError: it cannot be read, is damaged, or unpacks to more than is read.
    """
    with ExitStack() as stack:
        try:
            file, packed = _opened(source, stack)
        except DAMAGED as error:
            raise FeedError(f"cannot read {source.name}: {error}") from error
        try:
            yield cast(IO[bytes], io.BufferedReader(_Bounded(file, source.name, packed), 2**16))
        except (OSError, EOFError, zipfile.BadZipFile, zlib.error, lzma.LZMAError) as error:
            raise FeedError(f"cannot read {source.name}: {error}") from error


def _opened(source: Source, stack: ExitStack) -> tuple[IO[bytes], int | None]:
    """The stream, and how many bytes it was packed into (None where it was not)."""
    packed: int | None = None
    if source.entry is None:
        file: IO[bytes] = stack.enter_context(source.path.open("rb"))
    else:
        archive = stack.enter_context(zipfile.ZipFile(source.path))
        packed = min(archive.getinfo(source.entry).compress_size, source.path.stat().st_size)
        file = stack.enter_context(archive.open(source.entry))
    if _is_gzip(source.entry or source.path.name):
        packed = source.path.stat().st_size if packed is None else packed
        file = cast(IO[bytes], stack.enter_context(gzip.GzipFile(fileobj=file)))
    return file, packed


class _Bounded(io.RawIOBase):
    """Passes bytes on, and counts them."""

    def __init__(self, file: IO[bytes], name: str, packed: int | None) -> None:
        self._file = file
        self._name = name
        self._packed = packed
        self._n_bytes = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview | bytearray") -> int:  # type: ignore[override]
        data = self._file.read(len(buffer))
        self._n_bytes += len(data)
        if self._n_bytes > MAX_FILE_BYTES:
            raise FeedError(f"{self._name} has more than the {MAX_FILE_BYTES:,} bytes that are read: split it")
        if self._packed is not None and self._n_bytes > max(RATIO_FROM_BYTES, MAX_RATIO * self._packed):
            raise FeedError(
                f"{self._name} unpacks to more than {MAX_RATIO} times its {self._packed:,} bytes, as no feed does: "
                "if it is one, unpack it first"
            )
        buffer[: len(data)] = data
        return len(data)


def _sources_in(path: Path, suffixes: Sequence[str], on_note: Callable[[str], None] | None) -> list[Source]:
    if not path.is_file():
        raise FeedError(f"there is no file {path}")
    if path.suffix.lower() == ".zip":
        return _zip_sources(path, suffixes, on_note)
    if _suffix(path.name) not in suffixes:
        raise FeedError(
            f"{path.name} is of no kind that is read; give {', '.join(suffixes)}, any of these with .gz, or a .zip"
        )
    _check_size(path.name, path.stat().st_size)
    return [Source(path)]


def _zip_sources(path: Path, suffixes: Sequence[str], on_note: Callable[[str], None] | None) -> list[Source]:
    try:
        with zipfile.ZipFile(path) as archive:
            files = [info for info in archive.infolist() if not info.is_dir() and not _is_hidden(info.filename)]
    except DAMAGED as error:
        raise FeedError(f"{path.name} is not a readable zip: {error}") from error
    unread = {info.filename: _unread_because(info.filename, suffixes) for info in files}
    entries = [info for info in files if unread[info.filename] is None]
    told = _told({name: reason for name, reason in unread.items() if reason})
    if not entries:
        raise FeedError(f"{path.name} holds no {', '.join(suffixes)} file{told and f', but {told}'}")
    if len(entries) > MAX_ENTRIES:
        raise FeedError(f"{path.name} holds {len(entries):,} feed files, more than the {MAX_ENTRIES:,} that are read")
    if repeated := named_twice(info.filename for info in entries):
        raise FeedError(f"{path.name} holds several files called {repeated}: name each only once")
    for info in entries:
        if ".." in PurePosixPath(info.filename).parts:
            raise FeedError(f"{path.name} holds {info.filename!r}, which leads out of it: pack it without ../")
        _check_size(f"{path.name}/{info.filename}", info.file_size)
    if told and on_note:
        on_note(f"not read of {Source(path).name}: {told}")
    return [Source(path, info.filename) for info in entries]


def _is_hidden(name: str) -> bool:
    inside = PurePosixPath(name)
    by_system = inside.name.lower() in ("thumbs.db", "desktop.ini")
    return by_system or any(part.startswith((".", "__MACOSX")) and part != ".." for part in inside.parts)


def _unread_because(name: str, suffixes: Sequence[str]) -> str | None:
    """Why an entry is not read, None where it is; "" says that nobody needs to be told."""
    suffix = _suffix(PurePosixPath(name).name)
    if PurePosixPath(name).name.lower().startswith(ABOUT):
        return "" if suffix in ABOUT_KINDS else "its name is that of a README or licence: rename it"
    return None if suffix in suffixes else UNREAD_KINDS.get(suffix, OTHER_KIND)


def _told(unread: Mapping[str, str]) -> str:
    """The first files that are not read, each with the reason, and how many more there are."""
    named = [f"{_shown(name)} ({reason})" for name, reason in islice(unread.items(), N_NAMED)]
    more = len(unread) - len(named)
    return ", ".join(named) + (f" and {more:,} more" if more else "")


def _shown(name: str) -> str:
    """A name as text that cannot steer a terminal."""
    return repr(name if len(name) <= NAMED_CHARACTERS else f"{name[:NAMED_CHARACTERS]}…")


def _suffix(name: str) -> str:
    path = PurePosixPath(name)
    return PurePosixPath(path.stem).suffix.lower() if _is_gzip(name) else path.suffix.lower()


def _is_gzip(name: str) -> bool:
    return name.lower().endswith(".gz")


def _check_size(name: str, n_bytes: int) -> None:
    if n_bytes > MAX_FILE_BYTES:
        raise FeedError(f"{name} has {n_bytes:,} bytes, more than the {MAX_FILE_BYTES:,} that are read: split it")

"""Files of events into the log of a shop.

In: files, how to read them, the shop's database and its key for pseudonyms. Out: an `EventReport`; the log gains
everything that is good in one transaction, or nothing. Knows no command line.

The files are read once, record by record, into a staging file; ids are pseudonyms before they are put down anywhere.
"""

import shutil
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from ranking.behavior.acts import IMPOSSIBLE_TIME, INVALID, Act, EventReader, Fault
from ranking.behavior.bots import says_bot
from ranking.behavior.files import event_records, event_sources, item_rows
from ranking.behavior.formats import choose_reader
from ranking.behavior.mapping import EventMapping
from ranking.behavior.personal import column_names, is_personal
from ranking.behavior.pseudonyms import Pseudonyms
from ranking.behavior.report import EventReport
from ranking.behavior.staging import ActRow, Staging
from ranking.behavior.tables import TableReader
from ranking.behavior.times import BadTime, read_time
from ranking.events import EventStore
from retrieval.errors import FeedError
from retrieval.feed.readers.opening import Source
from retrieval.feed.readers.records import Record
from retrieval.feed.report import RejectedRow, Rejections, rejected

OnProgress = Callable[[int, int | None], None]
"""Called with how many records are read, and of how many (None: unknown)."""

BATCH = 5_000
N_EXAMPLES = 20
MAX_NAMES = 200
"""So many names of events that were passed over are told apart."""

FOLDER_PREFIX = "import-events-"
LEFTOVER_S = 86_400.0


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How to import. `allow_columns` may look personal and are read past; `items` say which product an item is."""

    format: str | None = None
    mapping: EventMapping | None = None
    items: tuple[Path, ...] = ()
    allow_columns: frozenset[str] = frozenset()
    keep_unknown: bool = False
    dry_run: bool = False


def import_events(
    database: Path,
    log: EventStore,
    pseudonyms: Pseudonyms,
    paths: Sequence[Path],
    options: ImportOptions | None = None,
    report_path: Path | None = None,
    on_progress: OnProgress | None = None,
) -> EventReport:
    """Import files of events. What is in the log already stays as it is, so that an export may be imported again.

    Args:
        database: the shop's database file; its catalog says which products there are, retired ones included.
        log: the events in that database.
        pseudonyms: makes ids of shoppers and sessions into pseudonyms.
        paths: files, or zips of them.
        options: how to read them; None: as they look.
        report_path: where to write what was left out (CSV), also when the import fails afterwards.
        on_progress: called now and then.

    Raises:
        FeedError: a file cannot be read or recognised, or has columns that look personal; the log stays as it was.
        CatalogError: the database refused; the log stays as it was.
    """
    options = options or ImportOptions()
    started = time.perf_counter()
    sources = event_sources(paths)
    _remove_leftovers(database.parent)
    with TemporaryDirectory(prefix=FOLDER_PREFIX, dir=database.parent) as folder:
        staging = Staging(Path(folder) / "staged.db")
        try:
            intake = _Intake(staging, pseudonyms, options, on_progress)
            if options.items:
                staging.put_items(item_rows(options.items))
            for number, source in enumerate(sources):
                intake.take_file(number, source)
            staging.clean(database, keep_unknown=options.keep_unknown)
            if report_path is not None:
                with Rejections(report_path) as told:
                    for row in staging.left_out():
                        told.add(row)
            report = _report(staging, intake, options, report_path)
        finally:
            staging.close()
        if report.n_new and not options.dry_run:
            log.merge(staging.path)
    return replace(report, seconds=time.perf_counter() - started)


def _remove_leftovers(folder: Path) -> None:
    """Remove what killed imports left lying; a younger folder may be that of an import that is running."""
    for left in folder.glob(f"{FOLDER_PREFIX}*"):
        if time.time() - left.stat().st_mtime > LEFTOVER_S:
            shutil.rmtree(left, ignore_errors=True)


def _report(staging: Staging, intake: "_Intake", options: ImportOptions, report_path: Path | None) -> EventReport:
    by_type = staging.counts_by_type()
    return EventReport(
        n_records=intake.n_records,
        n_new=sum(by_type.values()),
        n_known=staging.n_known(),
        n_shoppers=staging.n_shoppers(),
        by_type=by_type,
        passed_over=dict(intake.passed_over.most_common()),
        left_out=dict(staging.counts_left_out()),
        examples=tuple(staging.left_out(N_EXAMPLES)),
        formats=intake.formats,
        seconds=0.0,
        is_dry=options.dry_run,
        report_path=report_path,
    )


class _Intake:
    """Reads files into the staging, with pseudonyms in the place of ids."""

    def __init__(
        self, staging: Staging, pseudonyms: Pseudonyms, options: ImportOptions, on_progress: OnProgress | None
    ) -> None:
        self.n_records = 0
        self.passed_over: Counter[str] = Counter()
        self.formats: dict[str, str] = {}
        self._staging = staging
        self._pseudonyms = pseudonyms
        self._options = options
        self._on_progress = on_progress
        self._now = datetime.now(UTC)
        self._rows: list[ActRow] = []
        self._left_out: list[tuple[str, int, RejectedRow]] = []
        self._names_seen: set[str] = set()
        mapping = options.mapping
        self._zone = ZoneInfo(mapping.time_zone) if mapping else UTC
        self._pattern = mapping.time_format if mapping else None
        self._encoding = mapping.encoding if mapping else None

    def take_file(self, number: int, source: Source) -> None:
        """Read one file to its end."""
        self._staging.put_file(number, source.name)
        reader: EventReader | None = None
        self._names_seen.clear()
        for record in event_records(source, self._encoding):
            self.n_records += 1
            if record.problem is not None:
                self._leave_out(record, Fault(INVALID, "", None, record.problem))
                continue
            if reader is None:
                reader = choose_reader(record.values, source.name, self._options.format, self._options.mapping)
                self.formats[source.name] = _told(reader)
            self._take(number, record, reader)
            if self.n_records % BATCH == 0:
                self._flush()
        self._flush()

    def _take(self, number: int, record: Record, reader: EventReader) -> None:
        values = reader.opened(record.values)
        found = reader.read(values)
        if found.passed_over is not None:
            known = found.passed_over in self.passed_over or len(self.passed_over) < MAX_NAMES
            self.passed_over[found.passed_over if known else "(others)"] += 1
            return
        self._refuse_personal(record, values, reader)
        for fault in found.faults:
            self._leave_out(record, fault)
        for act in found.acts:
            self._stage(number, record, act)

    def _refuse_personal(self, record: Record, values: "dict[str, object] | object", reader: EventReader) -> None:
        """Refuse the import when a name that was not seen before in this file looks personal and is not allowed.

        Raises:
            FeedError: as said.
        """
        assert isinstance(values, dict)
        names = column_names(values, reader.drops) - self._names_seen
        if not names:
            return
        self._names_seen |= names
        allowed = {name.casefold() for name in self._options.allow_columns}
        if isinstance(reader, TableReader):
            allowed |= {name.casefold() for name in reader.mapping.allowed()}
        personal = sorted(
            name for name in names
            if is_personal(name) and not {name.casefold(), name.rpartition(".")[2].casefold()} & allowed
        )  # fmt: skip
        if personal:
            raise FeedError(
                f"{record.file} line {record.line} has what looks personal: {', '.join(map(repr, personal))}. Nothing "
                f"was imported. Leave it out of the export, or say --allow-column {personal[0]} to read past it: it is "
                "not needed and would not be stored"
            )

    def _stage(self, number: int, record: Record, act: Act) -> None:
        try:
            time_us, unit = read_time(act.time, self._now, self._zone, self._pattern)
        except BadTime as error:
            missing = act.time is None or not str(act.time).strip()
            kind = IMPOSSIBLE_TIME if error.impossible else INVALID
            self._leave_out(record, Fault(kind, "time", act.time, "is missing" if missing else str(error)))
            return
        shopper = self._pseudonyms.shopper(act.shopper)
        session = None if act.session is None else self._pseudonyms.session(shopper, act.session)
        self._rows.append((
            number, record.line, shopper, act.product, act.other, act.type, time_us, unit, session, act.query,
            act.list_id, act.position, act.rating, act.quantity, act.message, says_bot(act.agent),
        ))  # fmt: skip

    def _leave_out(self, record: Record, fault: Fault) -> None:
        row = rejected(record.file, record.line, fault.field, fault.value, fault.reason)
        self._left_out.append((fault.kind, fault.n_events, row))

    def _flush(self) -> None:
        self._staging.put_acts(self._rows)
        self._staging.put_left_out(self._left_out)
        self._rows.clear()
        self._left_out.clear()
        if self._on_progress:
            self._on_progress(self.n_records, None)


def _told(reader: EventReader) -> str:
    if not isinstance(reader, TableReader):
        return reader.name
    return "table: " + ", ".join(f"{ours} = {theirs}" for ours, theirs in reader.mapping.fields.items())

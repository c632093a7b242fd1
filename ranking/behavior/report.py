"""What an import of events came to, as a value.

In: counts. Out: an `EventReport` for people and programs. Knows no file and no database.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from retrieval.feed.report import RejectedRow


@dataclass(frozen=True, slots=True)
class EventReport:
    """Every record of the files is one of these: events (one for each product), passed over, or left out and reported.

    `n_records` were read; `n_new` events came of them, `by_type`; `n_known` more were in the log already; both together
    are of `n_shoppers`. `passed_over` counts, by name, the records that have nothing to do with products. `left_out`
    counts events (or unreadable records) by reason; `examples` are the first of them. `formats` says what each file was
    read as.
    """

    n_records: int
    n_new: int
    n_known: int
    n_shoppers: int
    by_type: Mapping[str, int]
    passed_over: Mapping[str, int]
    left_out: Mapping[str, int]
    examples: tuple[RejectedRow, ...]
    formats: Mapping[str, str]
    seconds: float
    is_dry: bool = False
    report_path: Path | None = None

    @property
    def n_left_out(self) -> int:
        """How many events were left out."""
        return sum(self.left_out.values())

    @property
    def exit_code(self) -> int:
        """0: all were taken; 3: some were left out; 1: there is nothing."""
        if self.n_new + self.n_known == 0:
            return 1
        return 3 if self.n_left_out else 0

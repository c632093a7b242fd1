"""What the shop's reviews say, as the order heeds it: read outside of turns, kept in the shop's database.

In: a shop's database and catalog. Out: a `BuyersSay`, swapped as one value when a reading ends. Turns only look at it.
"""

import logging
import threading
import time
from collections.abc import Callable

from sqlalchemy import Engine

from ranking.buyers import NOBODY, BuyersSay
from retrieval.catalog import Catalog
from retrieval.errors import CatalogError, ModelError
from retrieval.opinions.store import OpinionStore
from retrieval.opinions.summary import Polarities

logger = logging.getLogger(__name__)

BUSY_SHARE = 0.5
"""In the background it reads for no more of the time than this, so that turns keep the processor."""

LOOK_AGAIN_S = 60.0
"""So often it looks whether the catalog has changed."""


class ReviewReading:
    """The reviews of one shop as far as they were read. Safe to share between threads."""

    def __init__(self, engine: Engine, catalog: Catalog) -> None:
        self._store = OpinionStore(engine, catalog)
        self._catalog = catalog
        self._known: BuyersSay | None = None
        self._closing = threading.Event()
        self._reader: threading.Thread | None = None

    def buyers(self) -> BuyersSay:
        """What buyers say, as of the last reading of this process or, before one, as the database has it."""
        if self._known is None:
            self._known = self._loaded()
        return self._known

    def read(self, on_progress: Callable[[int, int], None] = lambda done, total: None) -> int:
        """Read all reviews that were not read as they are now, and wait for it; how many products were read.

        Raises:
            CatalogError: the database refused.
            ModelError: the shipped weights are damaged.
        """

        def go_on(done: int, total: int) -> bool:
            on_progress(done, total)
            return True

        return self._read(go_on)

    def start(self) -> None:
        """Read in the background from now on, again whenever the catalog has changed."""
        self._reader = threading.Thread(target=self._follow, name="review-reader", daemon=True)
        self._reader.start()

    def close(self) -> None:
        """Stop reading in the background."""
        self._closing.set()
        if self._reader is not None:
            self._reader.join()

    def _loaded(self) -> BuyersSay:
        counts = self._store.load()
        return BuyersSay(counts) if counts else NOBODY

    def _read(self, may_go_on: Callable[[int, int], bool]) -> int:
        n_read = self._store.read(_shipped_model, may_go_on)
        self._known = self._loaded()
        return n_read

    def _follow(self) -> None:
        revision = None
        while not self._closing.is_set():
            try:
                now = self._catalog.revision()
                if now != revision and (n_read := self._read(_Pace(self._closing))):
                    logger.info("the reviews of %d products were read", n_read)
                revision = now
            except (CatalogError, ModelError) as error:
                logger.warning("the order does without what reviews say: %s", error)
            self._closing.wait(LOOK_AGAIN_S)


class _Pace:
    """Rests between products as long as it takes to keep to `BUSY_SHARE`; False once the shop is closing."""

    def __init__(self, closing: threading.Event) -> None:
        self._closing = closing
        self._since = time.monotonic()

    def __call__(self, done: int, total: int) -> bool:
        busy = time.monotonic() - self._since
        is_closing = self._closing.wait(busy * (1.0 - BUSY_SHARE) / BUSY_SHARE)
        self._since = time.monotonic()
        return not is_closing


def _shipped_model() -> Polarities:
    from retrieval.opinions.model import shipped

    return shipped()

"""A shop on disk: its directory, its database, its lock, and how it comes to hold a catalog.

In: a directory. Out: an open `Shop` with its catalog and stores. Knows no conversation.

The directory holds `shop.toml` (settings), `shop.db` (the truth), `index/` (can be rebuilt), `models/`, `pictures/`.
One process owns it for writing (`shop.lock`); others may open it beside and read.
"""

import logging
import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout
from sqlalchemy import Engine

from assistant.config import Settings, default_shop_dir, quieten, read_settings
from assistant.demo import forget_demo, holds_demo, is_left_behind, make_demo
from assistant.migrations import check_revision, migrate
from assistant.sessions import SessionStore
from assistant.shown_lists import ShownLists
from ranking.events import EventStore
from ranking.features import Vectors
from ranking.matcher import META_FILE, RelevanceMatcher
from ranking.ranker import Ranker
from retrieval.catalog import Catalog
from retrieval.database import open_engine
from retrieval.embedder import Embedder, default_folder, open_embedder
from retrieval.errors import ConfigError, ModelError, ShopLocked

if TYPE_CHECKING:
    from retrieval.feed import ImportReport
    from retrieval.feed.importer import OnProgress

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ShopPaths:
    """Where everything of a shop lies."""

    root: Path

    @property
    def settings(self) -> Path:
        return self.root / "shop.toml"

    @property
    def database(self) -> Path:
        return self.root / "shop.db"

    @property
    def index(self) -> Path:
        return self.root / "index"

    @property
    def model(self) -> Path:
        return self.root / "models" / "matcher"

    @property
    def pictures(self) -> Path:
        return self.root / "pictures"


class Shop:
    """An open shop directory. Close it, or use it in a `with`."""

    def __init__(self, shop_dir: Path | None = None, *, must_own: bool = False, own: bool = True) -> None:
        """Open the directory, making it and its empty database where there is none.

        Args:
            shop_dir: None means the default place.
            must_own: refuse to open beside another process that owns the shop.
            own: take the lock where it is free.

        Raises:
            ShopLocked: another process owns the shop, and `must_own` was asked or the database is not made yet.
        """
        quieten()
        self.paths = ShopPaths((shop_dir or default_shop_dir()).expanduser())
        self._lock = FileLock(self.paths.root / "shop.lock", blocking=False)
        try:
            self.paths.root.mkdir(parents=True, exist_ok=True)
            self.owner = own and self._take_lock()
        except OSError as error:
            raise ConfigError(
                f"{self.paths.root} cannot hold a shop ({error.strerror or error}): name a directory that can be "
                "written to with --shop"
            ) from error
        if not self.owner and (must_own or not self.paths.database.is_file()):
            raise ShopLocked(
                f"another process owns the shop in {self.paths.root} (serve, import or train): stop it first, "
                "or name another directory with --shop"
            )
        with ExitStack() as on_failure:
            on_failure.callback(self._lock.release)
            self.read_settings()
            self.engine: Engine = open_engine(self.paths.database)
            on_failure.callback(self.engine.dispose)
            if self.owner:
                migrate(self.engine)
            else:
                check_revision(self.engine)
            self.catalog = Catalog(self.engine)
            self.events = EventStore(self.engine)
            self.sessions = SessionStore(self.engine)
            self.shown_lists = ShownLists(self.engine)
            if self.owner and is_left_behind(self):
                forget_demo(self)
            on_failure.pop_all()

    def __enter__(self) -> "Shop":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def is_empty(self) -> bool:
        return self.catalog.n_products() == 0

    @property
    def is_demo(self) -> bool:
        return holds_demo(self)

    def read_settings(self) -> None:
        """Read `shop.toml` again."""
        self.settings: Settings = read_settings(self.paths.root)

    def close(self) -> None:
        """Let go of the database and the lock."""
        self.engine.dispose()
        self._lock.release()

    def embedder(self) -> Embedder:
        """The embedder that `shop.toml` names."""
        return open_embedder(self.settings.embedder)

    def ranker(self, embedder: Embedder, vectors: Vectors) -> tuple[Ranker, str]:
        """The ranker that serves, and which it is: "own", "shipped", or "relevance" where the shipped one doesn't fit.

        Raises:
            ModelError: the shop's own model is damaged, or was trained with another embedder.
        """
        if (self.paths.model / META_FILE).is_file():
            return Ranker.load(self.paths.model, embedder.fingerprint, embedder.dimension, vectors), "own"
        try:
            return Ranker.load(None, embedder.fingerprint, embedder.dimension, vectors), "shipped"
        except ModelError as error:
            if embedder.fingerprint == default_folder().fingerprint:
                raise
            logger.warning("%s; the order is by relevance until `shopping-assistant train` has run", error)
            return Ranker(RelevanceMatcher(), vectors), "relevance"

    def promote(self, model: Path) -> None:
        """Let a freshly trained model serve from the next start; killed in between, the shipped one serves."""
        former = self.paths.model.with_name("matcher.old")
        shutil.rmtree(former, ignore_errors=True)
        if self.paths.model.is_dir():
            self.paths.model.rename(former)
        model.rename(self.paths.model)
        shutil.rmtree(former, ignore_errors=True)

    def make_demo(self) -> None:
        """Fill an empty shop with the demo."""
        make_demo(self)

    def import_feed(
        self,
        files: Sequence[Path],
        mapping: Path | None = None,
        report: Path | None = None,
        on_progress: "OnProgress | None" = None,
        *,
        reviews: Sequence[Path] = (),
        policies: Sequence[Path] = (),
    ) -> "ImportReport":
        """Replace the catalog by the feed in `files`; a demo that was here goes away as a whole.

        Args:
            files: CSV, JSON or JSONL, plain or zipped.
            mapping: TOML that says which column is which field; None: the columns have our names.
            report: where to write the rejected rows as CSV.
            on_progress: called with (rows read, rows in all or None).
            reviews: files of reviews.
            policies: files of policies and questions with answers.

        Raises:
            FeedError: the feed or the mapping cannot be read, or no row of it is good; the old catalog stays.
        """
        from retrieval.feed import canonical_mapping, import_feed, load_mapping

        chosen = load_mapping(mapping) if mapping else canonical_mapping()
        done = import_feed(
            self.catalog, files, chosen, report, on_progress, review_paths=reviews, policy_paths=policies
        )
        if is_left_behind(self):
            forget_demo(self)
        return done

    def _take_lock(self) -> bool:
        try:
            self._lock.acquire()
        except Timeout:
            return False
        return True

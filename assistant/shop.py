"""A shop on disk: its directory, its database, its lock, and how it comes to hold a catalog.

In: a directory. Out: an open `Shop` with its catalog and stores. Knows no conversation.

The directory holds `shop.toml` (settings), `size_charts.toml` (if there is one), `shop.db` (the truth), `index/` (can
be rebuilt), `models/`, `pictures/`.
One process owns it for writing (`shop.lock`); others may open it beside and read.
"""

import hashlib
import logging
import re
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError

from assistant.config import Settings, default_shop_dir, quieten, read_settings
from assistant.demo import forget_demo, holds_demo, is_left_behind, make_demo
from assistant.exchange import finish_exchange, is_exchanging
from assistant.feedback import Feedback
from assistant.handover import hand_over_feed
from assistant.keeping import migrate_with_backup
from assistant.migrations import check_revision
from assistant.ownership import Ownership
from assistant.preference_store import PreferenceStore
from assistant.promotion import finish_promotions
from assistant.review_reading import ReviewReading
from assistant.sessions import SessionStore
from assistant.shown_lists import ShownLists
from assistant.sizing.charts import load_size_charts
from ranking.behavior.pseudonyms import Pseudonyms, shop_key
from ranking.behavior.recording import Recorder
from ranking.events import EventStore
from ranking.features import Vectors
from ranking.finish import Finish
from ranking.matcher import META_FILE, TASTE_FOLDER, RelevanceMatcher
from ranking.ranker import Ranker
from ranking.synonyms import Synonyms, load_synonyms
from retrieval.adapted import adapted
from retrieval.catalog import MAX_RETIRED_SHARE, OWN, Catalog
from retrieval.changes import Applied
from retrieval.chroma import ChromaServer
from retrieval.database import open_engine
from retrieval.embedder import Embedder, open_embedder
from retrieval.errors import CatalogError, ConfigError, EmbedderError, ModelError, ShopLocked
from retrieval.frames import products_frame
from retrieval.model_folder import default_folder
from retrieval.staging import remove_leftovers

if TYPE_CHECKING:
    import pandas as pd

    from ranking.behavior.importer import ImportOptions
    from ranking.behavior.report import EventReport
    from ranking.personal import Taste
    from retrieval.feed import ImportReport, Mapping
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
    def embedder(self) -> Path:
        """What `train --embedder` has learnt of queries."""
        return self.root / "models" / "embedder"

    @property
    def reports(self) -> Path:
        """Where a training leaves what it found, for people."""
        return self.root / "reports" / "train"

    @property
    def synonyms(self) -> Path:
        return self.root / "models" / "synonyms.json"

    @property
    def pictures(self) -> Path:
        return self.root / "pictures"

    @property
    def pseudonym_key(self) -> Path:
        return self.root / "pseudonym.key"


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
        self._ownership = Ownership(self.paths.root)
        try:
            self.paths.root.mkdir(parents=True, exist_ok=True)
            self.owner = own and self._ownership.take()
        except OSError as error:
            raise ConfigError(
                f"{self.paths.root} cannot hold a shop ({error.strerror or error}): name a directory that can be "
                "written to with --shop"
            ) from error
        if not self.owner and (must_own or not self.paths.database.is_file() or is_exchanging(self.paths.root)):
            raise self.refusal()
        with ExitStack() as on_failure:
            on_failure.callback(self._ownership.release)
            if self.owner:
                finish_exchange(self.paths.root)
                finish_promotions(self.paths.model.parent)
            self.read_settings()
            self.engine: Engine = open_engine(self.paths.database)
            on_failure.callback(self.engine.dispose)
            self._bring_up_to_date()
            self.catalog = Catalog(self.engine)
            self.event_log = EventStore(self.engine)
            self.sessions = SessionStore(self.engine)
            self.preferences = PreferenceStore(self.engine)
            self.shown_lists = ShownLists(self.engine)
            self.feedback = Feedback(self.engine)
            self.reviews = ReviewReading(self.engine, self.catalog)
            if self.owner:
                remove_leftovers(self.paths.root)
            if self.owner and is_left_behind(self):
                forget_demo(self)
            on_failure.pop_all()

    def __enter__(self) -> "Shop":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def refusal(self) -> ShopLocked:
        """What to tell whoever wants to write while another process owns the shop: which one that is."""
        return self._ownership.refusal()

    @property
    def is_empty(self) -> bool:
        """Whether it never held a product, retired ones included."""
        return self.catalog.n_products(include_retired=True) == 0

    @property
    def is_demo(self) -> bool:
        return holds_demo(self)

    def read_settings(self) -> None:
        """Read `shop.toml` and `size_charts.toml` again."""
        self.settings: Settings = read_settings(self.paths.root)
        self.size_charts = load_size_charts(self.paths.root)

    def close(self) -> None:
        """Let go of the database and the lock."""
        self.reviews.close()
        self.engine.dispose()
        self._ownership.release()

    @cached_property
    def pseudonyms(self) -> Pseudonyms:
        """What makes shoppers' ids into pseudonyms, with the key of the environment or else of the shop's key file.

        Raises:
            ConfigError: the key is too short, or cannot be read or made.
        """
        return Pseudonyms(self.settings.pseudonym_key or shop_key(self.paths.pseudonym_key))

    def pseudonym(self, shopper_id: str) -> str:
        """The pseudonym under which a shopper stands in events, sessions and shown lists.

        Args:
            shopper_id: the merchant's id of the shopper; a pseudonym or a guest's id comes back as it is.
        """
        return self.pseudonyms.shopper(shopper_id)

    def events(self) -> "pd.DataFrame":
        """All events in order of time: a column per field of `ranking.types.Event`, `time` as UTC timestamps."""
        return self.event_log.frame()

    def recorder(self) -> Recorder:
        """What stores single acts of shoppers as they happen."""
        return Recorder(self.event_log, self.catalog, self.pseudonyms)

    def import_events(
        self,
        files: Sequence[Path],
        options: "ImportOptions | None" = None,
        report: Path | None = None,
        on_progress: "OnProgress | None" = None,
    ) -> "EventReport":
        """Add exported behaviour to the event log; see `ranking.behavior.importer.import_events`.

        Raises:
            FeedError: a file cannot be read or recognised, or has columns that look personal; the log stays as it was.
        """
        from ranking.behavior.importer import import_events

        return import_events(self.paths.database, self.event_log, self.pseudonyms, files, options, report, on_progress)

    def embedder(self) -> Embedder:
        """The embedder that `shop.toml` names, reading queries as `train --embedder` has taught it for this shop.

        What was taught for another embedder, or is damaged, is not used (it is logged).
        """
        embedder = open_embedder(self.settings.embedder)
        try:
            return adapted(embedder, self.paths.embedder)
        except EmbedderError as error:
            logger.warning("%s; until then queries are read by %s as it came", error, embedder.name)
            return embedder

    @property
    def chroma_server(self) -> ChromaServer | None:
        """The Chroma server that `shop.toml` names, and this shop's name there; None: Chroma is embedded."""
        chosen = self.settings.index
        if chosen.chroma_url is None:
            return None
        root = self.paths.root.resolve()
        readable = re.sub(r"[^a-zA-Z0-9]+", "-", root.name).strip("-")[:40] or "shop"
        # Another directory is another shop, also where it is a copy of this one.
        name = f"{readable}-{hashlib.sha256(str(root).encode()).hexdigest()[:8]}"
        return ChromaServer(chosen.chroma_url, name, chosen.chroma_token, chosen.chroma_timeout_s)

    def ranker(self, embedder: Embedder, vectors: Vectors) -> tuple[Ranker, str]:
        """The ranker that serves, and which it is: "own", "shipped", or "relevance" where the shipped one doesn't fit.

        Raises:
            ModelError: the shop's own model is damaged, or was trained with another embedder.
        """
        if (self.paths.model / META_FILE).is_file():
            return self.ranker_in(self.paths.model, embedder, vectors), "own"
        return self.ranker_that_came(embedder, vectors)

    def ranker_that_came(self, embedder: Embedder, vectors: Vectors) -> tuple[Ranker, str]:
        """The ranker of a shop without a model of its own: "shipped", or "relevance" where that one doesn't fit."""
        try:
            return self.ranker_in(None, embedder, vectors), "shipped"
        except ModelError as error:
            if embedder.fingerprint == default_folder().fingerprint:
                raise
            logger.warning("%s; the order is by relevance until `shopping-assistant train` has run", error)
        chosen = self.settings.ranking
        how = Finish(chosen.diversity, chosen.collapse)
        return Ranker(RelevanceMatcher(), vectors, how=how, weights=chosen.weights), "relevance"

    def ranker_in(self, folder: Path | None, embedder: Embedder, vectors: Vectors) -> Ranker:
        """The ranker whose model a training wrote to a folder, with its model of tastes; None: the shipped one.

        Raises:
            ModelError: the model is missing or damaged, or was trained with another embedder.
        """
        chosen = self.settings.ranking
        return Ranker.load(
            folder,
            embedder.fingerprint,
            embedder.dimension,
            vectors,
            how=Finish(chosen.diversity, chosen.collapse),
            taste=self._taste(folder / TASTE_FOLDER, embedder, vectors) if folder else None,
            brands=self.catalog.brands_of,
            weights=chosen.weights,
            buyers=self.reviews.buyers,
        )

    def _taste(self, folder: Path, embedder: Embedder, vectors: Vectors) -> "Taste | None":
        if not folder.is_dir():
            return None
        # Only a shop that trained one needs what a model of tastes is made of.
        from ranking.models.items import items_of
        from ranking.models.serving import ServedMatcher

        return ServedMatcher.load(folder, items_of(self.catalog.products(), vectors), embedder.fingerprint)

    def learnt_words(self) -> Synonyms:
        """What shoppers call things that the catalog calls otherwise; none where the file is damaged (it is logged)."""
        try:
            return load_synonyms(self.paths.synonyms)
        except ModelError as error:
            logger.warning("%s; until then search goes without what was learnt", error)
            return {}

    def make_demo(self) -> None:
        """Fill an empty shop with the demo."""
        make_demo(self)

    def import_feed(
        self,
        files: Sequence[Path],
        mapping: "Mapping | Path | str | None" = None,
        report: Path | None = None,
        on_progress: "OnProgress | None" = None,
        *,
        reviews: Sequence[Path] = (),
        policies: Sequence[Path] = (),
        currency: str | None = None,
        partial: bool = False,
        dry_run: bool = False,
        max_retired_share: float | None = MAX_RETIRED_SHARE,
    ) -> "ImportReport":
        """Bring the catalog to what the feed in `files` says; a demo that was here goes away as a whole.

        Args:
            files: of any kind that is read, see docs/importing.md.
            mapping: which column is which field, as a mapping file, the name of a ready one, or a `Mapping`; None: the
                columns say.
            report: where to write the rejected rows as CSV.
            on_progress: called with (rows read, rows in all or None).
            reviews: files of reviews.
            policies: files of policies and questions with answers.
            currency: ISO code of the prices; goes before what mapping and feed say.
            partial: the feed holds only what is new or changes; otherwise it is the whole catalog, and what is not in
                it is retired.
            dry_run: only say what would happen.
            max_retired_share: refuse to retire a greater share of the catalog, in [0, 1]; None: retire any.

        Raises:
            FeedError: the feed or the mapping cannot be read, or no row of it is good; the old catalog stays.
            CatalogError: too much would be retired, or the database refused; the old catalog stays.
            ShopLocked: another process owns the shop.
        """
        from assistant.importing import ImportRequest, import_feed, preview

        request = ImportRequest(
            files, mapping, currency, reviews, policies, partial=partial, max_retired_share=max_retired_share,
            report=report,
        )  # fmt: skip
        return preview(self.catalog, request, on_progress) if dry_run else import_feed(self, request, on_progress)

    def apply(self, staged: Path, *, whole: bool, max_retired_share: float | None = MAX_RETIRED_SHARE) -> Applied:
        """Take in a staging file, as `Catalog.apply` says; a whole catalog takes the demo's place.

        Where another process owns the shop, it is asked to do so.

        Raises:
            ShopLocked: another process owns the shop and takes no changes, or went away meanwhile.
            CatalogError: as `Catalog.apply`; the catalog stays as it was.
        """
        if not self.owner:
            applied = hand_over_feed(self.paths.root, staged, whole=whole, max_retired_share=max_retired_share)
            if applied is None:
                raise self.refusal()
            return applied
        applied = self.catalog.apply(
            staged, whole=whole, max_retired_share=max_retired_share, origin=OWN if whole else None
        )
        if is_left_behind(self):
            forget_demo(self)
        return applied

    def products(self, *, include_retired: bool = False) -> "pd.DataFrame":
        """The catalog with a row per product, see `retrieval.frames.products_frame`."""
        return products_frame(self.catalog, include_retired=include_retired)

    def exposure(self) -> "pd.DataFrame":
        """Which brands shoppers were shown: see `assistant.shown_lists.ShownLists.exposure`."""
        return self.shown_lists.exposure()

    def _bring_up_to_date(self) -> None:
        try:
            if self.owner:
                migrate_with_backup(self.paths.root, self.engine)
            else:
                check_revision(self.engine)
        except DatabaseError as error:
            raise CatalogError(
                f"the database {self.paths.database} cannot be read ({getattr(error, 'orig', error)}): stop whatever "
                "uses the shop and run `shopping-assistant doctor --repair`"
            ) from error

"""A shop with a few products, and its event log, to import behaviour into."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ranking.behavior.importer import ImportOptions, import_events
from ranking.behavior.mapping import EventMapping
from ranking.behavior.pseudonyms import Pseudonyms
from ranking.behavior.report import EventReport
from ranking.events import EventStore
from ranking.types import Event
from retrieval.catalog import Catalog
from retrieval.database import metadata, open_engine
from retrieval.types import Product, Variant

FILES = Path(__file__).parents[1] / "event_files"
KEY = "a key for the tests only"


@dataclass(frozen=True)
class EventShop:
    """A database with products SKU_1 ("Red tea") and SKU_2 ("Blue bag", variants SKU_2-S and SKU_2-M)."""

    database: Path
    catalog: Catalog
    log: EventStore
    pseudonyms: Pseudonyms

    def take(self, *paths: Path, report: Path | None = None, **options: Any) -> EventReport:
        return import_events(self.database, self.log, self.pseudonyms, paths, ImportOptions(**options), report)

    def mapped(self, *paths: Path, **mapping: Any) -> EventReport:
        return self.take(*paths, mapping=EventMapping(**mapping))

    def told(self) -> list[tuple[str, str]]:
        """(Type, product) of each event."""
        return [(event.type, event.product_id) for event in self.log.events()]

    def of(self, raw: str) -> list[Event]:
        """The events of a shopper by their own id."""
        return self.log.events(self.pseudonyms.shopper(raw))


def make_shop(folder: Path, products: Sequence[Product] = ()) -> EventShop:
    engine = open_engine(folder / "shop.db")
    metadata.create_all(engine)
    catalog = Catalog(engine)
    sizes = tuple(Variant(f"SKU_2-{size}", 4000, attributes={"size": (size,)}) for size in "SM")
    tea_and_bag = (
        Product("SKU_1", "Red tea", "USD", (Variant("SKU_1", 1900),)),
        Product("SKU_2", "Blue bag", "USD", sizes),
    )
    catalog.replace_all([*(products or tea_and_bag)])
    return EventShop(folder / "shop.db", catalog, EventStore(engine), Pseudonyms(KEY))

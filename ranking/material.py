"""What a shop's log can teach: its acts for a matcher, its searches for the head, cut in time.

In: events, the catalog's products and their embeddings. Out: `Material`, with the statistics that a data scientist
wants to see first. Knows no model.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from ranking.examples import Search
from ranking.features import Vectors
from ranking.interactions import Items
from ranking.models.items import items_of
from ranking.shop_matchers import Moments, ShopLog, shop_log
from ranking.splitting import VALIDATION_SHARE
from ranking.training import split_searches, usable
from ranking.types import Event
from retrieval.errors import ModelError
from retrieval.types import Product

VALIDATION_FROM, TEST_FROM = 0.8, 0.9
"""Where a log without searches is cut, as shares of its acts."""

Found = TypeVar("Found")


@dataclass(frozen=True)
class Material:
    """What a log can teach. Where it cannot, `log` is None or `n_searches` 0, and `lacks` says why."""

    events: Sequence[Event]
    products: Sequence[Product] = field(repr=False)
    items: Items = field(repr=False)
    moments: Moments
    log: ShopLog | None
    n_searches: int
    lacks: tuple[str, ...] = ()
    leave_one_out: bool = False

    def statistics(self) -> dict[str, Any]:
        """What to look at before training."""
        kinds: dict[str, int] = {}
        for event in self.events:
            kinds[event.type] = kinds.get(event.type, 0) + 1
        found: dict[str, Any] = {
            "events": len(self.events),
            "of_which": ", ".join(f"{kind} {n:,}" for kind, n in sorted(kinds.items(), key=lambda pair: -pair[1])),
            "from": f"{self.events[0].time:%Y-%m-%d}",
            "to": f"{self.events[-1].time:%Y-%m-%d}",
            "products": len(self.products),
            "searches": self.n_searches,
            "chosen_by_from": f"{self.moments.validation:%Y-%m-%d %H:%M}",
            "measured_from": f"{self.moments.test:%Y-%m-%d %H:%M}",
        }
        return found | (self.log.data.statistics() if self.log else {})


def prepare(
    events: Sequence[Event],
    products: Sequence[Product],
    vectors: Vectors,
    moments: Moments | None = None,
    *,
    leave_one_out: bool = False,
) -> Material:
    """See what a log can teach.

    Args:
        events: of any shoppers, in any order; those on products that the catalog lacks don't count.
        products: the catalog.
        vectors: the embeddings of its products.
        moments: where to cut the log; None: where its searches, or else its acts, are at 80 and 90 %.
        leave_one_out: hold each shopper's last two acts out from the matchers, whenever they were.

    Raises:
        ModelError: there are no events, or they can teach nothing, and why.
    """
    known = usable(events, {product.id for product in products})
    lacks: list[str] = []
    parts = _tried(lambda: split_searches(known), lacks)
    at = moments or _moments_of(known, parts)
    items = items_of(products, vectors)
    log = _tried(lambda: shop_log(known, items, None if leave_one_out else at), lacks)
    if parts is None and log is None:
        raise ModelError("; and ".join(lacks))
    n_searches = sum(map(len, parts.values())) if parts else 0
    return Material(known, products, items, at, log, n_searches, tuple(lacks), leave_one_out)


def _tried(make: Callable[[], Found], lacks: list[str]) -> Found | None:
    try:
        return make()
    except ModelError as error:
        lacks.append(str(error))
        return None


def moments_since(events: Sequence[Event], since: datetime, until: datetime | None = None) -> Moments:
    """What lies in [since, until) is measured on; the newest tenth of what was done before chooses.

    Raises:
        ModelError: nothing was done before.
    """
    earlier = sorted(event.time for event in events if event.type != "impression" and event.time < since)
    if not earlier or (until is not None and until <= since):
        raise ModelError(f"nothing to measure from {since:%Y-%m-%d} on: name a time within the log, and a later end")
    return Moments(earlier[int((1 - VALIDATION_SHARE) * len(earlier))], since, until)


def _moments_of(events: Sequence[Event], parts: Mapping[str, Sequence[Search]] | None) -> Moments:
    """Where the acts are at 80 and 90 %, or the searches, if that is earlier: one part of the log is held out from both
    models, and each has something to be measured on."""
    acts = [event.time for event in events if event.type != "impression"] or [event.time for event in events]
    cuts = [acts[int(share * len(acts))] for share in (VALIDATION_FROM, TEST_FROM)]
    if parts is not None:
        starts = [min(search.start for search in parts[part]) for part in ("validation", "test")]
        cuts = [min(cut, start) for cut, start in zip(cuts, starts, strict=True)]
    return Moments(*cuts)

"""A few products changed or taken off sale while the shop is open.

In: an open shop, and rows or ids. Out: the changed catalog, all of it or none. Knows no index: whoever changes the
catalog refreshes it after.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from assistant.handover import hand_over_ids
from assistant.shop import Shop
from retrieval.changes import Applied
from retrieval.errors import CatalogChanged, FeedError
from retrieval.feed.partial import merge_rows
from retrieval.feed.report import RejectedRow
from retrieval.staging import Staging
from retrieval.types import Product, Review

MAX_TRIES = 5
"""How often rows are merged anew because the catalog changed meanwhile."""

N_NAMED = 3

Row = Mapping[str, Any] | Product


def upsert(shop: Shop, rows: Iterable[Row]) -> Applied:
    """Add these products, or change those that have their ids; see `assistant.app.ShoppingAssistant.upsert`."""
    given = list(rows)
    for is_last in (*(False for _ in range(MAX_TRIES - 1)), True):
        try:
            return _apply(shop, given)
        except CatalogChanged:
            if is_last:
                raise
    raise AssertionError("the last try returns or raises")


def delete(shop: Shop, ids: Iterable[str]) -> Applied:
    """Take these products off sale; see `assistant.app.ShoppingAssistant.delete`."""
    gone = [ids] if isinstance(ids, str) else list(ids)
    if shop.owner:
        return shop.catalog.delete(gone)
    applied = hand_over_ids(shop.paths.root, gone)
    if applied is None:
        raise shop.refusal()
    return applied


def _apply(shop: Shop, rows: list[Row]) -> Applied:
    revision = shop.catalog.revision()
    products, reviews = _merged(shop, rows)
    with Staging(shop.paths.root) as staging:
        for product in products:
            staging.put_product(product)
        for review in reviews:
            staging.add_review(review)
        staging.finish(revision=revision)
    try:
        return shop.apply(staging.path, whole=False)
    finally:
        staging.path.unlink(missing_ok=True)


def _merged(shop: Shop, rows: list[Row]) -> tuple[list[Product], tuple[Review, ...]]:
    """Whole products, as the rows and what the catalog holds of them make them.

    Raises:
        FeedError: a row is at fault, or two have one id.
    """
    stated = {number: row for number, row in enumerate(rows, 1) if not isinstance(row, Product)}
    numbers = list(stated)
    merged = merge_rows(shop.catalog, stated.values(), name="item")
    if merged.rejected:
        raise FeedError(_told([(numbers[fault.line - 1], fault) for fault in merged.rejected]))
    products = [*merged.products, *(row for row in rows if isinstance(row, Product))]
    seen: set[str] = set()
    for product in products:
        if product.id in seen:
            raise FeedError(f"two items are of the product {product.id!r}; nothing was changed: give it once")
        seen.add(product.id)
    return products, merged.reviews


def _told(faults: list[tuple[int, RejectedRow]]) -> str:
    named = "; ".join(f"item {n}: {fault.field} {fault.value!r} {fault.reason}" for n, fault in faults[:N_NAMED])
    more = f"; and {len(faults) - N_NAMED} more" if len(faults) > N_NAMED else ""
    return f"{named}{more}; nothing was changed"

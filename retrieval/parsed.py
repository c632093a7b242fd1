"""Products by id as SQL has them at this moment, without parsing again what has not changed.

In: ids and a connection. Out: products. Knows no search.

Each read asks SQL for the digests of the products and for the prices and stock of their variants; only where one of
these is not what it was when the product was parsed, or was not parsed yet, its whole row is read.
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, Connection, bindparam, select, true

from retrieval.records import STORED_PRODUCT, STORED_VARIANT, product_of_rows
from retrieval.tables import products_table, variants_table
from retrieval.types import Product

MAX_PARSED = 8_000
"""How many products are kept parsed, those asked for last: some 50 MB."""

Offers = tuple[tuple[Any, ...], ...]


class State(NamedTuple):
    """What must be the same for a parsed product to be good: its digest, and each variant's price and stock."""

    digest: str
    offers: Offers


class ParsedProducts:
    """A bounded cache of products, checked against SQL at each read. Safe to share between threads."""

    def __init__(self, max_parsed: int = MAX_PARSED) -> None:
        self._max_parsed = max_parsed
        self._parsed: OrderedDict[str, tuple[State, Product]] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, connection: Connection, ids: Sequence[str], *, include_retired: bool = False) -> dict[str, Product]:
        """The products with these ids, unknown ones left out; `connection` is in one transaction meanwhile."""
        states = _states(connection, ids, include_retired=include_retired)
        with self._lock:
            held = {product_id: self._parsed.get(product_id) for product_id in states}
        found = {name: entry[1] for name, entry in held.items() if entry and entry[0] == states[name]}
        missing = [product_id for product_id in states if product_id not in found]
        if missing:
            found.update(_read(connection, missing))
        self._keep({product_id: (states[product_id], product) for product_id, product in found.items()})
        return found

    def _keep(self, products: Mapping[str, tuple[State, Product]]) -> None:
        with self._lock:
            for product_id, entry in products.items():
                self._parsed[product_id] = entry
                self._parsed.move_to_end(product_id)
            while len(self._parsed) > self._max_parsed:
                self._parsed.popitem(last=False)


def _states(connection: Connection, ids: Sequence[str], *, include_retired: bool) -> dict[str, State]:
    on_sale = true() if include_retired else products_table.c.retired_at.is_(None)
    digests = connection.execute(_DIGESTS.where(on_sale), {"ids": ids}).all()
    offers = {
        product_id: tuple(map(tuple, group))
        for product_id, group in groupby(connection.execute(_OFFERS, {"ids": ids}).all(), itemgetter(0))
    }
    return {product_id: State(digest, offers[product_id]) for product_id, digest in digests}


def _read(connection: Connection, ids: Sequence[str]) -> dict[str, Product]:
    rows = connection.execute(_PRODUCTS, {"ids": ids}).all()
    variants = {
        product_id: list(group)
        for product_id, group in groupby(connection.execute(_VARIANTS, {"ids": ids}).all(), itemgetter(0))
    }
    return {row[0]: product_of_rows(row, variants[row[0]]) for row in rows}


_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_THESE_VARIANTS = variants_table.c.product_id.in_(_IDS)
_ORDER = (variants_table.c.product_id, variants_table.c.position)

_DIGESTS = select(products_table.c.id, products_table.c.digest).where(products_table.c.id.in_(_IDS))
_OFFERS = (
    select(*(variants_table.c[name] for name in ("product_id", "id", "price_minor", "list_price_minor", "stock")))
    .where(_THESE_VARIANTS)
    .order_by(*_ORDER)
)
_PRODUCTS = select(*STORED_PRODUCT).where(products_table.c.id.in_(_IDS))
_VARIANTS = select(*STORED_VARIANT).where(_THESE_VARIANTS).order_by(*_ORDER)

"""What buyers say of a shop's products, counted once and kept in SQL, so that an order can heed it without reading.

In: the catalog. Out: `AspectCount`s by product id. Knows no order. Reading takes milliseconds a review, so it is done
outside of turns; a product is read again when it, its reviews, or what reads them changed.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from sqlalchemy import Engine, delete, insert, select

from retrieval.catalog import Catalog
from retrieval.database import write_transaction
from retrieval.opinions.aspects import Aspect
from retrieval.opinions.summary import Polarities, ProductOpinions, summarise
from retrieval.tables import opinions_table, reviews_table
from retrieval.types import Product, Review

N_REVIEWS = 50
"""So many reviews of a product are read."""

N_NAMED = 5
"""So many reviews that praise an aspect are kept by their ids."""

BATCH = 20
READ_WITH = ("weights/meta.json", "aspects.toml", "grounds.toml")
READING = 1
"""Counts up when the code reads otherwise with the same files."""


@dataclass(frozen=True, slots=True)
class AspectCount:
    """How many reviews praise an aspect and how many complain about it; `praised_by`: ids of some that praise."""

    aspect: Aspect
    n_praise: int
    n_complaints: int
    praised_by: tuple[str, ...] = ()


Counts = Mapping[str, tuple[AspectCount, ...]]
"""By product id; products of whose reviews nothing was counted are missing."""


def counts_of(opinions: ProductOpinions) -> tuple[AspectCount, ...]:
    """The counts of one product's opinions."""
    return tuple(
        AspectCount(
            one.aspect, len(one.praise), len(one.complaints), tuple(said.review_id for said in one.praise[:N_NAMED])
        )
        for one in opinions.aspects
    )


class OpinionStore:
    """The counts of one shop, in its database. Safe to share between threads."""

    def __init__(self, engine: Engine, catalog: Catalog) -> None:
        self._engine = engine
        self._catalog = catalog

    def load(self) -> Counts:
        """All that was counted so far."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(opinions_table.c.product_id, opinions_table.c.aspects))
            return {product_id: tuple(map(_count_of, stored)) for product_id, stored in rows if stored}

    def read(
        self, model: Callable[[], Polarities], may_go_on: Callable[[int, int], bool] = lambda done, total: True
    ) -> int:
        """Read the reviews of all products that were not read as they are now; how many products were read.

        Args:
            model: gives what reads; called when there is something to read.
            may_go_on: told how many products are done of how many, between them; False ends the reading early, and what
                was read until then is kept.

        Raises:
            CatalogError: the database refused.
        """
        (ids, known), n_read, done = self._reviewed(), 0, 0
        for batch in _batches(ids):
            products = self._catalog.get_many(batch)
            for product_id, product in products.items():
                reviews = self._catalog.reviews_of(product_id, N_REVIEWS)
                now = fingerprint(product, reviews)
                done += 1
                if known.get(product_id) != now:
                    self._keep(product_id, now, counts_of(summarise(product, reviews, model())))
                    n_read += 1
                if not may_go_on(done, len(ids)):
                    return n_read
        return n_read

    def _reviewed(self) -> tuple[list[str], dict[str, str]]:
        """The products with reviews, and the fingerprints of what was read; what lost its reviews is forgotten."""
        with self._engine.connect() as connection:
            of_reviews = reviews_table.c.product_id
            ids = list(connection.scalars(select(of_reviews).distinct().order_by(of_reviews)))
            rows = connection.execute(select(opinions_table.c.product_id, opinions_table.c.fingerprint))
            known = {row.product_id: row.fingerprint for row in rows}
        gone = sorted(set(known) - set(ids))
        if gone:
            with write_transaction(self._engine) as connection:
                for some in _batches(gone):
                    connection.execute(delete(opinions_table).where(opinions_table.c.product_id.in_(some)))
        return ids, known

    def _keep(self, product_id: str, of: str, counts: Sequence[AspectCount]) -> None:
        row = {"product_id": product_id, "fingerprint": of, "aspects": [_stored(count) for count in counts]}
        with write_transaction(self._engine) as connection:
            connection.execute(delete(opinions_table).where(opinions_table.c.product_id == product_id))
            connection.execute(insert(opinions_table), [row])


def fingerprint(product: Product, reviews: Sequence[Review]) -> str:
    """SHA-256 over all that the counts of a product depend on."""
    attributes = sorted((name, list(values)) for name, values in product.attributes.items())
    said = [(review.id, review.rating, review.text) for review in reviews]
    told = [_reader(), product.category, product.department, attributes, said]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


@lru_cache
def _reader() -> str:
    """What tells this way of reading from every other."""
    folder, digest = resources.files("retrieval.opinions"), hashlib.sha256(str(READING).encode())
    for name in READ_WITH:
        digest.update(folder.joinpath(name).read_bytes())
    return digest.hexdigest()


def _batches(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[first : first + BATCH] for first in range(0, len(ids), BATCH))


def _stored(count: AspectCount) -> list[object]:
    return [count.aspect.name, count.aspect.attribute, count.n_praise, count.n_complaints, list(count.praised_by)]


def _count_of(stored: list[object]) -> AspectCount:
    name, attribute, n_praise, n_complaints, praised_by = stored
    ids = praised_by if isinstance(praised_by, list) else []
    return AspectCount(
        Aspect(str(name), None if attribute is None else str(attribute)),
        int(str(n_praise)), int(str(n_complaints)), tuple(map(str, ids)),
    )  # fmt: skip

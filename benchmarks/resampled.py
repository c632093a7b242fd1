"""Catalogs of any size made of a real one: its texts drawn again and again, its vectors perturbed.

In: real products with their vectors. Out: products under ids of their own, and an embedder that knows their vectors,
so that nothing is embedded. Row `i` is the same in a catalog of any size.

Each title ends in a code of its own (`R0000123`), as catalogs have model numbers; by it the embedder knows the text.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np

from retrieval.embedder import Embedder, Progress
from retrieval.types import Matrix, Product

SEED = 20261128
CHUNK = 10_000
NOISE = 0.4
"""Length of the noise added to a unit vector: a cosine of .93 with the real one, .86 between two copies of it."""

PRICE_SPREAD = 0.3
"""Standard deviation of the logarithm of a price around the real one's."""

_CODE = re.compile(r"\bR(\d{7})\b")


class Resampled:
    """Rows 0, 1, 2, … of products drawn from real ones."""

    def __init__(self, products: Sequence[Product], vectors: Matrix) -> None:
        """`vectors[i]` is the `(d,)` embedding of `products[i]`."""
        self._products = products
        self._vectors = vectors

    def vectors(self, start: int, stop: int) -> Matrix:
        """`(stop - start, d)`: the vectors of these rows."""
        found = np.empty((stop - start, self._vectors.shape[1]), dtype=np.float32)
        for chunk in range(start // CHUNK, -(-stop // CHUNK)):
            first = chunk * CHUNK
            low, high = max(start, first), min(stop, first + CHUNK)
            found[low - start : high - start] = self._chunk(chunk)[2][low - first : high - first]
        return found

    def products(self, start: int, stop: int) -> Iterator[Product]:
        """The products of these rows; the id is the row in seven digits."""
        for row in range(start, stop):
            yield self.product(row, f"{row:07d}")

    def product(self, row: int, product_id: str) -> Product:
        """The product of that row under another id."""
        templates, factors, _ = self._chunk(row // CHUNK)
        template, factor = self._products[templates[row % CHUNK]], factors[row % CHUNK]
        variants = tuple(
            replace(
                variant,
                id=f"{product_id}-{number}",
                price_minor=max(1, round(variant.price_minor * factor)),
                list_price_minor=None,
            )
            for number, variant in enumerate(template.variants)
        )
        return replace(template, id=product_id, title=f"{template.title} R{row:07d}", variants=variants)

    @lru_cache(maxsize=4)  # noqa: B019 - lives as long as the benchmark
    def _chunk(self, chunk: int) -> tuple[list[int], list[float], Matrix]:
        rng = np.random.default_rng([SEED, chunk])
        templates = rng.integers(0, len(self._products), CHUNK)
        factors = np.exp(PRICE_SPREAD * rng.standard_normal(CHUNK))
        noise = rng.standard_normal((CHUNK, self._vectors.shape[1]), dtype=np.float32)
        noise *= NOISE / np.sqrt(self._vectors.shape[1])
        vectors = self._vectors[templates] + noise
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return templates.tolist(), factors.tolist(), vectors.astype(np.float32)


class KnowingEmbedder:
    """Knows the vectors of a `Resampled` catalog's texts by their codes; all other texts are for the real one."""

    def __init__(self, embedder: Embedder, catalog: Resampled) -> None:
        self.name = f"resampled {embedder.name}"
        self.dimension = embedder.dimension
        self.fingerprint = f"resampled-{SEED}-{embedder.fingerprint}"
        self.query_fingerprint = embedder.query_fingerprint
        self.languages = embedder.languages
        self._embedder = embedder
        self._catalog = catalog

    def encode(self, texts: Sequence[str], on_progress: Progress | None = None) -> Matrix:
        """`(len(texts), d)` float32, rows of unit length."""
        codes = [_CODE.search(text) for text in texts]
        rows = [int(code.group(1)) for code in codes if code]
        if len(rows) < len(texts):
            return self._embedder.encode(texts, on_progress)
        vectors = np.concatenate([self._catalog.vectors(row, row + 1) for row in rows])
        if on_progress:
            on_progress(len(texts), len(texts))
        return vectors

    def encode_queries(self, texts: Sequence[str]) -> Matrix:
        """`(len(texts), d)` float32, rows of unit length."""
        return self._embedder.encode_queries(texts)

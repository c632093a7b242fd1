"""A shop small enough to check by hand, and a real (if simple) source of candidates over it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ranking.matcher import HEAD, TOWERS
from retrieval.types import Candidate, Matrix, Product, Query, Retrieved, Variant, Vector

DIMENSION = 24
BRANDS = ("acme", "borea", "corvo")
COLORS = ("red", "blue", "green", "black")
CATEGORIES = (("kettles", "kitchen"), ("tents", "outdoor"), ("teas", "food"))


def a_product(id_: str = "p", price_minor: int = 1000, **fields: object) -> Product:
    return Product(id=id_, title=id_, currency="USD", variants=(Variant(id_, price_minor),), **fields)  # type: ignore[arg-type]


def a_candidate(product: Product, relevance: float = 0.5, embedding: Sequence[float] = (1.0, 0.0)) -> Candidate:
    vector = np.array(embedding, dtype=np.float32)
    return Candidate(product, product.offer, relevance, 0.0, 0.0, vector)


@dataclass(frozen=True)
class WordSource:
    """Retrieval by the words that a product's attributes share with the query; both are sums of word vectors."""

    products: tuple[Product, ...]

    def retrieve(self, query: Query, k: int = 200) -> Retrieved:
        wanted = encode(query.text.split())
        found = [
            Candidate(product, product.offer, float((vector @ wanted + 1) / 2), float(vector @ wanted), 0.0, vector)
            for product, vector in zip(self.products, self.vectors([p.id for p in self.products]), strict=True)
        ]
        found.sort(key=lambda candidate: -candidate.relevance)
        return Retrieved(tuple(found[:k]), len(found), wanted)

    def vectors(self, ids: Sequence[str]) -> Matrix:
        by_id = {product.id: product for product in self.products}
        return np.stack([encode(words_of(by_id[id_])) if id_ in by_id else np.zeros(DIMENSION) for id_ in ids]).astype(
            np.float32
        )


def words_of(product: Product) -> list[str]:
    return [*product.values("brand"), *product.values("color"), product.category or "", product.department or ""]


def encode(words: Sequence[str]) -> Vector:
    rows = [np.random.default_rng(list(word.encode())).normal(size=DIMENSION) for word in words if word]
    vector = np.sum(rows, axis=0)
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def towers(dimension: int, rank: int, seed: int | None = None, scale: float = 0.2) -> dict[str, np.ndarray]:
    """Tensors of a matcher: all zeros, or random ones."""
    if seed is None:
        tensors = {name: np.zeros((dimension, rank), dtype=np.float32) for name in TOWERS}
        return {**tensors, "head": np.zeros(len(HEAD), dtype=np.float32)}
    rng = np.random.default_rng(seed)
    tensors = {name: (scale * rng.normal(size=(dimension, rank))).astype(np.float32) for name in TOWERS}
    return {**tensors, "head": rng.normal(size=len(HEAD)).astype(np.float32)}


def toy_products() -> tuple[Product, ...]:
    """36 products: three brands, four colours, three categories, prices from 5 to 75."""
    kinds = [(brand, color, place) for brand in BRANDS for color in COLORS for place in CATEGORIES]
    return tuple(
        a_product(
            f"{category}-{number:02d}",
            500 + 200 * number,
            brand=brand,
            category=category,
            department=department,
            attributes={"color": (color,)},
            rating=3.0 + (number % 5) / 2,
            n_reviews=10 * number,
        )
        for number, (brand, color, (category, department)) in enumerate(kinds)
    )

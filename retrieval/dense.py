"""The nearest of the products that pass the filters, by whichever way is the cheapest on this machine.

In: an index, a query vector and the rows that pass. Out: similarities of all of them, or rows that hold the nearest.
Knows no words and no filter.

There are three ways: to compare the query with the quantised vectors of the rows that pass, with those of all rows in
one stretch (cheaper where many pass), or to ask Chroma for so many that enough of them pass. What each costs is
measured on the index when it is first needed. The quantised similarities of the best are replaced by exact ones.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import IndexDamaged
from retrieval.filters import Mask, Rows
from retrieval.index import ProductIndex
from retrieval.lately import Lately
from retrieval.quantized import QuantizedMatrix
from retrieval.selection import greatest
from retrieval.types import Vector

logger = logging.getLogger(__name__)

Scores = NDArray[np.float32]

ALL_EXACT = 2_000
"""So many rows are compared in full precision."""

NEVER_CHROMA = 10_000
"""So many rows are compared faster than Chroma answers, wherever this runs: nothing is measured for them."""

N_REFINED = 10
"""Times as many of the best as are asked for get exact similarities."""

OVERFETCH = 3
"""Chroma is asked for so many times what would do if the filters passed near and far products alike."""

LEAST_FETCHED = 5_000
"""Chroma looks at no fewer than it is asked for. Asked for 1,000 of a million products, many of them much alike, its
graph still missed 3 to 13 of the nearest hundred."""

WORTH = 2.0
"""Chroma, which may miss a product, is asked where it is so many times cheaper than comparing with all that pass."""

SAMPLE, SCANNED = 16_384, 262_144
"""Rows that costs are measured on, one by one and in one stretch: of the latter more than a processor's caches hold."""

REPEATS = 3


@dataclass(frozen=True, slots=True)
class Costs:
    """Seconds. `gather_s` and `scan_s` a row that passes or that is there, `chroma_s` a query and `fetch_s` a result.

    The defaults stand in where nothing can be measured; `rank_s` is what else is done with each row that passes.
    """

    gather_s: float = 60e-9
    scan_s: float = 25e-9
    chroma_s: float = 4e-3
    fetch_s: float = 10e-6
    rank_s: float = 15e-9

    @classmethod
    def measured(cls, index: ProductIndex) -> "Costs":
        """What this index costs here; takes some tens of milliseconds."""
        n, query = len(index), np.array(index.vectors[0])
        rows = np.sort(np.random.default_rng(0).integers(0, n, min(n, SAMPLE)))
        part = QuantizedMatrix(index.quantized.codes[:SCANNED], index.quantized.scales[:SCANNED])
        try:
            few = _seconds(lambda: index.nearest(query, 100))
            many = _seconds(lambda: index.nearest(query, 1_000))
        except IndexDamaged as damage:
            logger.warning("what Chroma costs was not measured: %s", str(damage))
            return cls()
        fetch_s = max(many - few, 0.0) / 900
        return cls(
            gather_s=_seconds(lambda: index.quantized.similarities(query, rows)) / len(rows),
            scan_s=_seconds(lambda: part.similarities(query)) / len(part),
            chroma_s=max(few - 100 * fetch_s, 0.0),
            fetch_s=fetch_s,
        )

    def of_comparing(self, n_passing: int, n: int) -> float:
        """Comparing the query with all that pass, of `n`."""
        return self.rank_s * n_passing + min(self.gather_s * n_passing, self.scan_s * n)

    def of_chroma(self, n_fetched: int) -> float:
        """Asking Chroma for so many."""
        return self.chroma_s + self.fetch_s * n_fetched

    def prefers_scan(self, n_passing: int, n: int) -> bool:
        """Whether all rows in a stretch are cheaper than those that pass one by one."""
        return self.scan_s * n < self.gather_s * n_passing


class DenseSearch:
    """Similarities over one index. Safe to share between threads."""

    def __init__(self, index: ProductIndex, costs: Costs | None = None) -> None:
        """What the ways cost is measured when first needed, unless `costs` says so."""
        self._index = index
        self._costs = costs
        self._compared: Lately[Scores] = Lately()

    @cached_property
    def costs(self) -> Costs:
        """What the ways cost, in seconds."""
        if self._costs is not None:
            return self._costs
        return Costs.measured(self._index) if self._index.has_chroma else Costs()

    def nearest(self, query: Vector, passing: Mask, k: int) -> Rows | None:
        """Rows that pass, the nearest `k` among them, by Chroma; None where comparing with all that pass is cheaper.

        Where too few of what Chroma finds pass, it is asked for more as long as that is cheaper.
        """
        n, n_passing = len(self._index), int(passing.sum())
        if n_passing <= max(NEVER_CHROMA, k) or not self._index.has_chroma:
            return None
        n_fetched = max(k * OVERFETCH * n / n_passing, LEAST_FETCHED)
        spent, limit = 0.0, self.costs.of_comparing(n_passing, n) / WORTH
        while n_fetched < n and (spent := spent + self.costs.of_chroma(int(n_fetched))) < limit:
            try:
                found = self._index.nearest(query, int(n_fetched))
            except IndexDamaged:
                # The index has said so, and searches exactly from now on.
                return None
            found = found[passing[found]]
            if len(found) >= k:
                return found
            n_fetched *= 4
        return None

    def prefers_scan(self, n_passing: int, n_exact: int) -> bool:
        """Whether `of_all` is cheaper than `similarities` of so many rows that pass."""
        if n_passing <= max(ALL_EXACT, n_exact):
            return False
        # Without a measurement the defaults decide: both ways find the same.
        costs = self.costs if n_passing > NEVER_CHROMA else Costs()
        return costs.prefers_scan(n_passing, len(self._index))

    def of_all(self, query: Vector, passing: Mask, n_exact: int) -> Scores:
        """`(n,)`: the cosine with every row that passes, -inf elsewhere; exact only of the nearest `n_exact`."""
        quantized = self._index.quantized
        # A question is asked in several ways, one after the other: whether anything fits, with fewer conditions.
        every = self._compared.get((query.tobytes(), quantized), lambda: quantized.similarities(query))
        similarities = every.copy() if passing.all() else np.where(passing, every, np.float32(-np.inf))
        best = np.sort(greatest(similarities, n_exact))
        similarities[best] = self._index.similarities(query, best)
        return similarities

    def similarities(self, query: Vector, rows: Rows, n_exact: int) -> Scores:
        """`(len(rows),)`: the cosine with each row; beyond the nearest `n_exact` it may be off by some thousandths."""
        index = self._index
        if len(rows) <= max(ALL_EXACT, n_exact):
            return index.similarities(query, rows)
        similarities = index.quantized.similarities(query, rows)
        best = np.sort(greatest(similarities, n_exact))
        similarities[best] = index.similarities(query, rows[best])
        return similarities


def _seconds(call: Callable[[], object]) -> float:
    """The quickest of a few calls."""
    taken = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        call()
        taken.append(time.perf_counter() - started)
    return min(taken)

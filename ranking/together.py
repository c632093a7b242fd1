"""Which kinds of things the same shoppers buy, beyond what follows from how much each of them buys.

In: purchases in SQL, beside the catalog. Out: `KindsTogether`: for two kinds how many shoppers bought both, and how
many would have if each had taken as many kinds as they did, but any. Knows no message.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby, permutations
from operator import itemgetter

from scipy.special import gammaincinv
from sqlalchemy import Engine, func, select

from ranking.events import PURCHASE, events_table
from retrieval.tables import products_table

CREDIBLE = 0.05
"""The share of the posterior below the bound that a lift must be sure to reach."""

GROWTH = 0.01
"""By so much the log must have grown before it is counted anew."""

Counts = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Lift:
    """How many times as many buyers of one kind take another as would by chance: the mean and the lower credible bound
    (`CREDIBLE`) of what is known of it."""

    mean: float
    at_least: float


@dataclass(frozen=True, slots=True)
class KindsTogether:
    """Of the buyers of a kind how many bought another (`both`), and how many would by chance (`expected`).

    Who buys much buys much of everything, so that any two kinds meet in their baskets; a count is therefore compared
    with that of shoppers who buy as many kinds. A buyer of a with n kinds has taken n - 1 besides; by chance each of
    these is b as often as b is among the other kinds of all shoppers with n kinds.

    Source: DuMouchel 1999, Bayesian Data Mining in Large Frequency Tables, sections 2 and 3 (expected counts within
    strata, so that what the strata explain is no association; lifts shrunk by a gamma prior).
    """

    both: Counts = field(default_factory=dict)
    expected: Counts = field(default_factory=dict)

    def others(self, kind: str) -> Iterable[str]:
        """The kinds that a buyer of `kind` bought besides."""
        return self.both.get(kind, {})

    def lift(self, kind: str, other: str, prior: float = 1.0, weight: float = 1.0) -> Lift:
        """The lift of `other` among the buyers of `kind`.

        Args:
            kind: what they bought.
            other: what they may have bought as well.
            prior: the lift that is expected before anything was bought.
            weight: how many purchases expected by chance this expectation is worth.

        >>> together = KindsTogether({"tents": {"mats": 20}}, {"tents": {"mats": 4.0}})
        >>> lift = together.lift("tents", "mats")
        >>> round(lift.mean, 1), round(lift.at_least, 1)
        (4.2, 2.8)
        """
        shape = self.both.get(kind, {}).get(other, 0.0) + prior * weight
        rate = self.expected.get(kind, {}).get(other, 0.0) + weight
        return Lift(shape / rate, float(gammaincinv(shape, CREDIBLE)) / rate)


def count_together(baskets: Iterable[frozenset[str]]) -> KindsTogether:
    """What was bought together.

    Args:
        baskets: of each shopper all kinds that they bought.

    >>> together = count_together([frozenset("ab"), frozenset("ab"), frozenset("bc"), frozenset("a")])
    >>> together.both["a"]["b"], together.expected["a"]["b"]
    (2, 1.5)
    """
    both: defaultdict[str, Counter[str]] = defaultdict(Counter)
    buyers: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for basket in baskets:
        buyers[len(basket)].update(basket)
        for one, other in permutations(basket, 2):
            both[one][other] += 1
    return KindsTogether(both, _expected(buyers))


def _expected(buyers: Mapping[int, Counter[str]]) -> Counts:
    expected: defaultdict[str, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
    for n_kinds, of_kind in buyers.items():
        taken = of_kind.total()
        for one, other in permutations(of_kind, 2):
            besides = of_kind[one] * (n_kinds - 1)
            expected[one][other] += besides * of_kind[other] / (taken - of_kind[one])
    return expected


class TogetherLog:
    """What was bought together, counted anew when the log has grown. Safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._counted: tuple[int, int, KindsTogether] | None = None

    def now(self, revision: int = 0) -> KindsTogether:
        """The counts, of products as the catalog files them at `revision`."""
        with self._engine.connect() as connection:
            place = connection.scalar(select(func.max(events_table.c.id))) or 0
        counted = self._counted
        if counted is None or counted[0] != revision or abs(place - counted[1]) > GROWTH * counted[1]:
            counted = (revision, place, count_together(self._baskets()))
            self._counted = counted
        return counted[2]

    def _baskets(self) -> Iterator[frozenset[str]]:
        bought = (
            select(events_table.c.shopper_id, products_table.c.category)
            .join(products_table, products_table.c.id == events_table.c.product_id)
            .where(events_table.c.type == PURCHASE, products_table.c.category.is_not(None))
            .distinct()
            .order_by(events_table.c.shopper_id)
        )
        with self._engine.connect() as connection:
            for _, rows in groupby(connection.execute(bought), key=itemgetter(0)):
                yield frozenset(row[1] for row in rows)

"""What the dialogue must know of a shop.

In: nothing. Out: one value, made of the catalog as it is now. Knows no session.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from assistant.sizing.charts import SizeCharts, default_charts
from retrieval.facets import Facets
from retrieval.money import ExchangeRates
from retrieval.types import Filters, Product
from retrieval.vocabulary import Vocabulary


def _no_products(ids: Sequence[str]) -> Mapping[str, Product]:
    return {}


def _no_facets(filters: Filters) -> Facets:
    return Facets(0, (), (), {}, ())


@dataclass(frozen=True, slots=True)
class ShopFacts:
    """What the dialogue must know of the shop. `lookup` gives the products of ids, `facets` what filters leave."""

    currency: str
    rates: ExchangeRates
    vocabulary: Vocabulary
    lookup: Callable[[Sequence[str]], Mapping[str, Product]] = field(default=_no_products)
    facets: Callable[[Filters], Facets] = field(default=_no_facets)
    size_charts: SizeCharts = field(default_factory=default_charts)

"""What a reply may speak of besides the step itself.

Comes in: nothing. Out: `Evidence`, filled by whoever retrieved it. Knows neither how it was found nor what is said.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from assistant.service.types import Service
from assistant.types import Question
from retrieval.opinions.summary import ProductOpinions
from retrieval.relaxation import Relaxation
from retrieval.types import Policy, Product, Review


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was found for one message. `products` are those spoken of, in the order of `Step.product_ids`; `reviews` by
    product id; `policies` the passages that answer the question, best first; `n_matched` counts the products that meet
    the filters; `starters` are first messages that this shop can answer, for quick replies; `brands` how the catalog
    spells the brands of the conditions; `unseen` words of the wish that no shown product mentions; `absent` that
    the shop most likely carries nothing that fits it, `unseen` being what it lacks; `behind` the lines of the ledger on
    which the product that was asked for stands behind the first; `question` what to ask besides; `service` what
    customer service found of orders, and where handing over to a person stands; `opinions` by product id what buyers
    praise and complain about."""

    shop_name: str = "this shop"
    currency: str = "USD"
    n_matched: int = 0
    relaxations: tuple[Relaxation, ...] = ()
    reviews: Mapping[str, Sequence[Review]] = field(default_factory=dict)
    policies: tuple[Policy, ...] = ()
    products: tuple[Product, ...] = ()
    starters: tuple[str, ...] = ()
    brands: Mapping[str, str] = field(default_factory=dict)
    unseen: tuple[str, ...] = ()
    absent: bool = False
    behind: tuple[str, ...] = ()
    question: Question | None = None
    service: Service = field(default_factory=Service)
    opinions: Mapping[str, ProductOpinions] = field(default_factory=dict)

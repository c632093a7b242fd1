"""Products, reviews and steps that the writer's tests speak of."""

from assistant.reasons import reasons
from assistant.types import ParsedMessage, Recommendation, Session, ShownProduct, Step
from assistant.writing.evidence import Evidence
from ranking.types import RankedProduct, ShopperProfile
from retrieval.types import Filters, Policy, Product, Query, Review, Translation, Variant

TRAIL = Product(
    id="b1",
    title="Fellside Trail Boot",
    currency="USD",
    variants=(
        Variant("b1-42", 9900, 15000, 1, {"size": ("42",)}),
        Variant("b1-43", 9900, 15000, 3, {"size": ("43",)}),
    ),
    description="Mid-height boots for weekend hills. The rubber sole grips wet rock. Dry them away from the stove.",
    brand="Tarnock",
    category="hiking boots",
    department="shoes",
    attributes={"color": ("grey",), "material": ("polyester",), "feature": ("waterproof", "lightweight")},
    attribute_sources={"color=grey": "title"},
    details={"Weight": "480 g each"},
    translations={"zh": Translation("山侧登山靴", "适合周末爬山的中帮登山靴。橡胶底在湿石头上也防滑。")},
    rating=4.5,
    n_reviews=476,
)
RIDGE = Product(
    id="b2",
    title="Highmoor Leather Boot",
    currency="USD",
    variants=(Variant("b2-42", 11500, None, 30, {"size": ("42",)}),),
    brand="Tarnock",
    category="hiking boots",
    attributes={"color": ("black",), "material": ("leather",), "feature": ("waterproof", "wide fit")},
    translations={"zh": Translation("高原真皮登山靴")},
    rating=4.7,
    n_reviews=1164,
)
CLOUD = Product(
    id="b3",
    title="Cloud Walker",
    currency="USD",
    variants=(Variant("b3", 8050, None, 0),),
    category="hiking boots",
    attributes={"feature": ("waterproof",)},
    translations={"zh": Translation("云行者登山靴")},
)
PRODUCTS = {product.id: product for product in (TRAIL, RIDGE, CLOUD)}
REVIEWS = {
    "b1": (
        Review("r1", "b1", "Comfortable from the first mile. Truly waterproof, even in deep streams!", 5, "en"),
        Review("r2", "b1", "下雨天走石阶很稳,鞋面防水。", 4, "zh"),
        Review("r3", "b1", "The laces are bad and they are not waterproof at all.", 2, "en"),
    ),
    "b2": (Review("r4", "b2", "The leather is soft and like new after a year.", 5, "en"),),
}
POLICIES = (
    Policy("p1", "returns", "en", "Returns", "You may return anything unused within 30 days. The label costs $4.90."),
    Policy("p2", "returns", "zh", "退换货", "收货后30天内可以退货，运费4.90美元。"),
    Policy("p3", "hours", "en", "How can I talk to a person?", "Write to customer service, Monday to Friday.", "faq"),
    Policy("p4", "hours", "zh", "怎么转人工？", "周一至周五可以联系客服。", "faq"),
)
WISH = Filters(
    category="hiking boots",
    price_max_minor=12000,
    include={"feature": ("waterproof",)},
    exclude={"color": ("brown",)},
)


def a_step(
    action="recommend",
    language="en",
    text="waterproof hiking boots under $120, not brown",
    filters=WISH,
    *,
    wish="",
    move=None,
    intent="search",
    sentiment="neutral",
    notes=(),
    product_ids=(),
    turn=1,
    session_id="s1",
    profile=None,
    shown=(),
    said=None,
):
    session = Session(
        session_id,
        "shopper",
        language,
        turn,
        filters,
        wish=wish,
        profile=profile or ShopperProfile(),
        shown=tuple(ShownProduct(product_id, turn, n) for n, product_id in enumerate(shown, start=1)),
    )
    parsed = ParsedMessage(text, intent, sentiment, language, said or Filters(), wish, move=move)
    query = Query(wish, filters) if action in ("recommend", "bundle") else None
    return Step(action, session, parsed, query, tuple(product_ids), notes)


def ranked(product, filters=WISH):
    matched = {
        name: tuple(value for value in values if value in product.values(name))
        for name, values in filters.include.items()
    }
    return RankedProduct(product, product.offer, 1.0, {"relevance": 1.0}, {k: v for k, v in matched.items() if v})


def recommended(step, *products):
    return [
        Recommendation(
            ranked(product, step.session.filters),
            reasons(ranked(product, step.session.filters), step, REVIEWS.get(product.id, ()), step.session.language),
        )
        for product in products
    ]


def the_evidence(step, **changes):
    spoken = tuple(PRODUCTS[product_id] for product_id in step.product_ids)
    return Evidence(**({"shop_name": "Lantern Lane", "n_matched": 3, "reviews": REVIEWS, "products": spoken} | changes))

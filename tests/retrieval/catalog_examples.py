"""Products, reviews and policies that use every field, and hypothesis strategies for any."""

from datetime import date

from hypothesis import strategies as st

from retrieval.types import Policy, Product, Review, Translation, Variant

BOOTS = Product(
    id="boots-1",
    title="Ridge boots",
    currency="USD",
    variants=(
        Variant("boots-1-42", 9900, 15000, 3, {"size": ("42",), "color": ("grey",)}, "pictures/boots-1-grey.svg"),
        Variant("boots-1-41", 9900, None, 0, {"size": ("41",), "color": ("grey", "black")}),
    ),
    description="Waterproof.",
    brand="Ridge",
    category="hiking boots",
    department="shoes",
    attributes={"feature": ("waterproof", "windproof")},
    attribute_sources={"feature=waterproof": "title"},
    details={"weight": "1.2 kg"},
    translations={"zh": Translation("山脊登山靴", "防水。")},
    rating=4.4,
    n_reviews=12,
    image="pictures/boots-1.svg",
    url="https://shop.example/boots-1",
    date_added=date(2026, 3, 1),
)
LAMP = Product(id="a-lamp", title="Lamp", currency="USD", variants=(Variant("a-lamp", 1999),))
REVIEWS = (
    Review("r2", "boots-1", "Dry feet.", 5, "en", "Good"),
    Review("r1", "boots-1", "不错", None, "zh"),
    Review("r1", "a-lamp", "Bright", 4),
)
POLICIES = (
    Policy("returns", "returns", "zh", "退货", "30天"),
    Policy("returns", "returns", "en", "Returns", "30 days", "faq"),
)

words = st.text(max_size=20)
names = st.text(min_size=1, max_size=10)
attributes = st.dictionaries(names, st.lists(names, min_size=1, max_size=3).map(tuple), max_size=3)
counts = st.none() | st.integers(0, 10**9)
variants = st.lists(
    st.builds(
        Variant,
        names,
        st.integers(1, 10**12),
        st.none() | st.integers(1, 10**12),
        counts,
        attributes,
        st.none() | words,
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda variant: variant.id,
).map(tuple)
products = st.builds(
    Product,
    id=names,
    title=words,
    currency=st.just("USD"),
    variants=variants,
    description=words,
    brand=st.none() | words,
    category=st.none() | words,
    attributes=attributes,
    attribute_sources=st.dictionaries(names, words, max_size=2),
    details=st.dictionaries(names, words, max_size=3),
    translations=st.dictionaries(st.sampled_from(["en", "zh"]), st.builds(Translation, words, words)),
    rating=st.none() | st.floats(0, 5),
    n_reviews=counts,
    image=st.none() | words,
    date_added=st.none() | st.dates(),
)

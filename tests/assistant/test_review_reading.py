"""Reviews are read outside of turns, kept in the database, read again when they change, and heeded by the order."""

import threading
from dataclasses import replace

import pytest
from sqlalchemy import select

from assistant.migrations import migrate
from assistant.review_reading import ReviewReading
from assistant.writing.opinions import wished_reason
from retrieval.catalog import Catalog
from retrieval.database import open_engine
from retrieval.opinions.aspects import Aspect
from retrieval.opinions.store import AspectCount, OpinionStore
from retrieval.opinions.summary import summarise
from retrieval.tables import opinions_table
from retrieval.types import Product, Query, Review, Variant

BOOTS = Product("boots", "Ridge boots", "USD", (Variant("v", 9900),), category="hiking boots", department="shoes")
SHOES = replace(BOOTS, id="shoes", title="Town shoes", variants=(Variant("w", 5000),))
REVIEWS = (
    Review("r1", "boots", "Very comfortable from the first mile.", 5),
    Review("r2", "boots", "穿着很舒服。走一天也不累。", 5, "zh"),
    Review("r3", "shoes", "Uncomfortable, they rub my heels sore.", 2),
)


@pytest.fixture
def shop(tmp_path):
    engine = open_engine(tmp_path / "shop.db")
    migrate(engine)
    catalog = Catalog(engine)
    catalog.replace_all((BOOTS, SHOES), REVIEWS)
    yield engine, catalog
    engine.dispose()


def test_what_buyers_say_is_read_once_and_kept(shop) -> None:
    reading = ReviewReading(*shop)
    assert reading.buyers().of("boots") == ()
    assert reading.read() == 2
    assert reading.read() == 0
    again = ReviewReading(*shop).buyers()
    comfort = next(count for count in again.of("boots") if count.aspect == Aspect("comfort"))
    assert (comfort.n_praise, comfort.n_complaints, set(comfort.praised_by)) == (2, 0, {"r1", "r2"})
    fit = again.aspect_fit(["boots", "shoes"], Query("comfortable shoes")).tolist()
    assert fit[0] > 0 > fit[1]


def test_only_what_changed_is_read_again_and_what_is_gone_is_forgotten(shop) -> None:
    engine, catalog = shop
    reading = ReviewReading(engine, catalog)
    reading.read()
    catalog.upsert((BOOTS,), (replace(REVIEWS[0], text="The sole leaked in the first rain."),))
    assert reading.read() == 1
    catalog.replace_all((BOOTS, SHOES), REVIEWS[:2])
    reading.read()
    with engine.connect() as connection:
        assert list(connection.scalars(select(opinions_table.c.product_id))) == ["boots"]


def test_a_reading_that_is_ended_early_goes_on_where_it_was(shop) -> None:
    store = OpinionStore(*shop)
    from retrieval.opinions.model import shipped

    assert store.read(shipped, lambda done, total: False) == 1
    assert store.read(shipped) == 1


def test_the_background_reads_and_ends_when_the_shop_closes(shop) -> None:
    reading = ReviewReading(*shop)
    reading.start()
    for _ in range(600):
        if reading.buyers().of("boots"):
            break
        threading.Event().wait(0.1)
    reading.close()
    assert reading.buyers().of("boots")
    assert not any(thread.name == "review-reader" for thread in threading.enumerate())


def test_the_counts_are_those_of_the_summary(shop) -> None:
    from retrieval.opinions.model import shipped

    ReviewReading(*shop).read()
    known = OpinionStore(*shop).load()["boots"]
    said = summarise(BOOTS, REVIEWS, shipped())
    assert [(one.aspect, len(one.praise), len(one.complaints)) for one in said.aspects] == [
        (count.aspect, count.n_praise, count.n_complaints) for count in known
    ]


@pytest.mark.parametrize(
    ("n", "language", "text"),
    [
        (1, "en", "a buyer praises its comfort"),
        (4, "en", "buyers praise its comfort (4 of them)"),
        (1, "zh", "有买家称赞它的舒适度"),
        (4, "zh", "4位买家称赞它的舒适度"),
    ],
)
def test_praise_of_what_is_wished_is_a_reason_with_the_reviews_as_source(n: int, language: str, text: str) -> None:
    reason = wished_reason((AspectCount(Aspect("comfort"), n, 0, ("r1", "r2")),), language)
    assert reason is not None
    assert (reason.text, reason.source) == (text, "reviews:r1,r2")
    assert wished_reason((), language) is None


def test_a_shopper_who_asks_for_comfort_is_told_who_praises_it(own_demo) -> None:
    from assistant import ShoppingAssistant

    with ShoppingAssistant.open(own_demo) as assistant:
        before = assistant.ask("comfortable running shoes")
        assert all(item.ranked.contributions["aspect_fit"] == 0.0 for item in before.products)
        assistant.shop.reviews.read()
        for wish in ("comfortable running shoes", "舒适的跑鞋"):
            reply = assistant.ask(wish)
            praised = [item for item in reply.products if any(r.source.startswith("reviews:") for r in item.reasons)]
            assert praised
            assert all(item.ranked.contributions["aspect_fit"] > 0 for item in praised)
            for item in praised:
                named = next(r.source for r in item.reasons if r.source.startswith("reviews:")).removeprefix("reviews:")
                texts = {review.id for review in assistant.shop.catalog.reviews_of(item.ranked.product.id, 50)}
                assert set(named.split(",")) <= texts

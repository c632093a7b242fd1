"""Single acts as they happen: what is stored, what is refused, several processes at once."""

import subprocess
import sys
import textwrap
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from event_shop import KEY, EventShop

from ranking.behavior.recording import Recorder
from ranking.types import EVENT_TYPES, Event
from retrieval.errors import CatalogError


@pytest.fixture
def recorder(shop: EventShop) -> Recorder:
    return Recorder(shop.log, shop.catalog, shop.pseudonyms)


def test_an_act_is_stored_under_pseudonyms(shop: EventShop, recorder: Recorder) -> None:
    at = datetime(2026, 5, 1, 20, tzinfo=UTC)
    event = recorder.record("click", "SKU_1", "ann", "visit-1", at, "list-7", 2, query="red tea ann@example.com")
    ann = shop.pseudonyms.shopper("ann")
    session = shop.pseudonyms.session(ann, "visit-1")
    assert event == Event(ann, "SKU_1", "click", at, session, "red tea [email]", "list-7", 2)
    assert shop.log.events() == [event]
    assert recorder.record("click", "SKU_1", ann, session, at) == Event(ann, "SKU_1", "click", at, session)
    assert shop.log.count() == 1


@pytest.mark.parametrize("type_", EVENT_TYPES)
def test_every_type_can_be_recorded_now(shop: EventShop, recorder: Recorder, type_: str) -> None:
    before = datetime.now(UTC)
    event = recorder.record(type_, "SKU_2", "ann", rating=4 if type_ == "rating" else None)
    assert before <= event.time <= datetime.now(UTC)
    assert shop.log.events() == [event]


def test_a_retired_product_can_still_be_given_back(shop: EventShop, recorder: Recorder) -> None:
    shop.catalog.delete(["SKU_1"])
    assert recorder.record("refund", "SKU_1", "ann").product_id == "SKU_1"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"type": "stare"}, "'stare' is no type of event; the types are impression, click"),
        ({"product_id": "SKU_2-M"}, "no product 'SKU_2-M': give the id of a product, not of a variant"),
        ({"product_id": ""}, "needs a shopper id and a product id"),
        ({"shopper_id": ""}, "needs a shopper id and a product id"),
        ({"time": datetime(2026, 5, 1)}, "no time zone"),
        ({"time": datetime.now(UTC) + timedelta(days=1)}, "is not between 1995 and now"),
        ({"time": datetime(1980, 1, 1, tzinfo=UTC)}, "is not between 1995 and now"),
        ({"rating": 4}, "a rating belongs to a 'rating' and to nothing else"),
        ({"type": "rating"}, "a rating belongs to a 'rating' and to nothing else"),
        ({"type": "rating", "rating": 5.5}, "the rating 5.5 is not from 0 to 5"),
        ({"type": "rating", "rating": float("nan")}, "the rating nan is not from 0 to 5"),
        ({"position": -1}, "the position -1 is below 0"),
        ({"quantity": 0}, "the quantity 0 is below 1"),
    ],
)
def test_what_cannot_be_is_refused(
    shop: EventShop, recorder: Recorder, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(CatalogError, match=message):
        recorder.record(**{"type": "view", "product_id": "SKU_1", "shopper_id": "ann", **changes})
    assert shop.log.count() == 0


def test_processes_record_at_once_and_an_import_goes_on_beside_them(shop: EventShop) -> None:
    script = textwrap.dedent("""
        import sys
        from pathlib import Path
        from ranking.behavior.pseudonyms import Pseudonyms
        from ranking.behavior.recording import Recorder
        from ranking.events import EventStore
        from retrieval.catalog import Catalog
        from retrieval.database import open_engine

        engine = open_engine(Path(sys.argv[1]))
        recorder = Recorder(EventStore(engine), Catalog(engine), Pseudonyms(sys.argv[2]))
        for n in range(50):
            recorder.record("view", "SKU_1", f"{sys.argv[3]}-{n}")
    """)
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(shop.database), KEY, str(n)], stderr=subprocess.PIPE, text=True
        )
        for n in range(4)
    ]
    done = shop.take(Path(__file__).parents[1] / "event_files" / "rudderstack.jsonl")
    assert [writer.communicate(timeout=120)[1] for writer in writers] == [""] * 4
    assert shop.log.count() == done.n_new + 4 * 50
    assert len(shop.of("2-49")) == 1

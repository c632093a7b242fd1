"""What is bought together beyond how much each shopper buys: nothing where nothing is, and what was put there."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from ranking.events import EventStore
from ranking.together import KindsTogether, TogetherLog, count_together
from ranking.types import Event
from retrieval.catalog import Catalog
from retrieval.database import metadata, open_engine
from retrieval.types import Product, Variant

KINDS = tuple(f"kind {number}" for number in range(30))


def baskets(seed: int, n: int = 2000) -> list[frozenset[str]]:
    """Shoppers who buy from one to twelve kinds, some kinds often, some rarely, each for itself."""
    rng = np.random.default_rng(seed)
    shares = rng.dirichlet(np.full(len(KINDS), 2.0))
    sizes = rng.geometric(0.35, n).clip(1, 12)
    return [frozenset(rng.choice(KINDS, size, replace=False, p=shares)) for size in sizes]


def sure(together: KindsTogether) -> list[tuple[str, str]]:
    pairs = [(one, other) for one in together.both for other in together.others(one)]
    return [pair for pair in pairs if together.lift(*pair).at_least >= 2.0]


def test_who_buys_much_makes_no_two_kinds_go_together() -> None:
    for seed in range(5):
        together = count_together(baskets(seed))
        raised = [together.lift(one, other).mean for one in together.both for other in together.others(one)]
        assert 0.9 < np.median(raised) < 1.1
        assert sure(together) == []


def test_what_goes_together_is_found_among_much_else() -> None:
    rng = np.random.default_rng(7)
    with_mats = [
        basket | {"mats"} if "kind 3" in basket and rng.random() < 0.4 else basket for basket in baskets(1)
    ]  # fmt: skip
    others = [basket | {"mats"} if rng.random() < 0.02 else basket for basket in with_mats]
    assert ("kind 3", "mats") in sure(count_together(others))
    assert all({"kind 3", "mats"} == set(pair) for pair in sure(count_together(others)))


def test_it_is_counted_anew_when_the_log_has_grown(tmp_path: Path) -> None:
    engine = open_engine(tmp_path / "shop.db")
    metadata.create_all(engine)
    things = [Product(name, name, "USD", (Variant(name, 100),), category=name) for name in ("boots", "packs", "lamps")]
    Catalog(engine).upsert(things)
    log, together, day = EventStore(engine), TogetherLog(engine), datetime(2026, 11, 1, tzinfo=UTC)
    bought = [("ann", "boots"), ("ann", "packs"), ("ann", "packs"), ("bob", "boots"), ("eve", "gone"), ("eve", "lamps")]
    log.add(Event(who, what, "purchase", day + timedelta(hours=n)) for n, (who, what) in enumerate(bought))
    log.add([Event("bob", "packs", "view", day)])
    assert together.now().both == {"boots": {"packs": 1}, "packs": {"boots": 1}}
    assert together.now() is together.now()
    log.add([Event("bob", "lamps", "purchase", day)])
    assert together.now().both["boots"] == {"packs": 1, "lamps": 1}

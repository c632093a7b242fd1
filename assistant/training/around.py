"""An open shop as training and evaluation need it: what finds candidates, the ranker that serves, which models to name.

In: a `Shop`. Out: `Surroundings`, a `Ranker`. Knows no training.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager

from rich.progress import Progress as Bars

from assistant.shop import Shop
from ranking.material import Material
from ranking.measuring import Utility
from ranking.models.registry import OURS, parse_settings
from ranking.ranker import Ranker
from ranking.shop_training import Surroundings
from ranking.simulator import simulate
from retrieval.errors import ModelError
from retrieval.retriever import Retriever, open_retriever

ALL, BASELINES = "all", "baselines"


def names_of(compare: Sequence[str]) -> tuple[str, ...]:
    """The matchers to put beside the trained one: "all" are all of ours, "baselines" none but those always there.

    Raises:
        ModelError: one is unknown.
    """
    chosen = list(dict.fromkeys(compare))
    for name in chosen:
        if name not in (ALL, BASELINES):
            parse_settings(name, [])
    if ALL in chosen:
        return tuple(OURS)
    return tuple(name for name in chosen if name != BASELINES)


@contextmanager
def opened(shop: Shop, bars: Bars, *, or_shipped: bool = False) -> Iterator[tuple[Retriever, Ranker]]:
    """What finds candidates, and the ranker that serves so far.

    Args:
        shop: open.
        bars: show how far it is.
        or_shipped: where the shop's own model cannot be loaded, the one that came with the program takes its part: a
            training is what brings a new one.
    """
    bar = bars.add_task("Opening the shop", total=None)
    retriever = open_retriever(
        shop.catalog,
        shop.embedder(),
        shop.paths.index,
        owner=shop.owner,
        server=shop.chroma_server,
        synonyms=shop.learnt_words(),
        on_progress=lambda done, total: bars.update(bar, description="Embedding", completed=done, total=total),
    )
    with closing(retriever):
        try:
            ranker, _ = shop.ranker(retriever.embedder, retriever.vectors_of)
        except ModelError as error:
            if not or_shipped:
                raise
            bars.console.print(f"note: {error}", style="yellow", highlight=False, soft_wrap=True)
            ranker, _ = shop.ranker_that_came(retriever.embedder, retriever.vectors_of)
        bars.remove_task(bar)
        yield retriever, ranker


def surroundings(shop: Shop, retriever: Retriever, material: Material) -> Surroundings:
    """The shop around a training."""
    return Surroundings(
        retriever,
        retriever.vectors_of,
        retriever.embedder.name,
        retriever.embedder.fingerprint,
        shop.catalog.version(),
        _oracle(material) if shop.is_demo else None,
        "shopping-assistant train",
        shop.reviews.buyers(),
    )


def _oracle(material: Material) -> Utility | None:
    """What the demo's made-up shoppers want; None once somebody else has been there, of whom nobody knows it."""
    tastes = simulate(list(material.products)).tastes
    whose = {event.shopper_id for event in material.events if event.query is not None}
    return tastes.utility if whose <= set(tastes.shoppers) else None

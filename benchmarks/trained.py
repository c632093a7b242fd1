"""A ranker trained on what shoppers did before they are measured, as the shop would have it that ran `train`.

In: an open shop, events. Out: a `Ranker` from a temporary folder. Knows no profile.
"""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from assistant.app import ShoppingAssistant
from ranking.matcher import TASTE_FOLDER, load_matcher
from ranking.material import prepare
from ranking.models.items import items_of
from ranking.models.protocol import Progress
from ranking.models.serving import ServedMatcher
from ranking.ranker import Ranker
from ranking.shop_training import Request, Surroundings, Told, train_shop
from ranking.types import Event


def trained_ranker(
    assistant: ShoppingAssistant, events: Sequence[Event], folder: Path, minutes: float, seed: int
) -> Ranker:
    """Train as `shopping-assistant train` does, whether or not that is better than what serves.

    Args:
        assistant: the shop.
        events: what to learn from; nothing that is measured on.
        folder: where the model is written.
        minutes: about so long for the networks.
        seed: of the training.
    """
    search, vectors = assistant.search, assistant.search.vectors_of
    console = Console(stderr=True)
    products = list(search.catalog.products())
    material = prepare(events, products, vectors)
    around = Surroundings(search, vectors, search.embedder.name, search.embedder.fingerprint)

    def tell(what: str, progress: Progress) -> None:
        console.print(f"{what}: {progress.stage} {progress.step}/{progress.n_steps} {progress.ndcg}", highlight=False)

    result = train_shop(material, Request(minutes=minutes, seed=seed), around, assistant.ranker, folder, Told(tell))
    matcher = load_matcher(folder, search.embedder.fingerprint, search.embedder.dimension)
    taste = None
    if result.taste is not None:
        items = items_of(products, vectors)
        taste = ServedMatcher.load(folder / TASTE_FOLDER, items, search.embedder.fingerprint)
    return Ranker(matcher, vectors, taste=taste, brands=search.catalog.brands_of)

"""A ranker trained on what shoppers did before they are measured, as the shop would have it that ran `train`.

In: an open shop, events. Out: a `Ranker` from a temporary folder. Knows no profile.
"""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from assistant.app import ShoppingAssistant
from assistant.training.around import surroundings
from ranking.material import prepare
from ranking.models.protocol import Progress
from ranking.ranker import Ranker
from ranking.shop_training import Request, Told, train_shop
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

    Raises:
        ModelError: the events are too few to learn from.
    """
    search, console = assistant.search, Console(stderr=True)
    material = prepare(events, list(search.catalog.products()), search.vectors_of)

    def tell(what: str, progress: Progress) -> None:
        console.print(f"{what}: {progress.stage} {progress.step}/{progress.n_steps} {progress.ndcg}", highlight=False)

    around = surroundings(assistant.shop, search, material)
    train_shop(material, Request(minutes=minutes, seed=seed), around, assistant.ranker, folder, Told(tell))
    return assistant.shop.ranker_in(folder, search.embedder, search.vectors_of)

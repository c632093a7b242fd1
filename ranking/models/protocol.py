"""What every matcher can do: learn from interactions, score items for shoppers, be written down and read again.

In: `Interactions`. Out: scores. Knows neither a network nor a shop. One contract test runs against every matcher that
is registered.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from ranking.interactions import Histories, Integers, Interactions, Items

Scores = NDArray[np.float32]
"""``(B, I)`` float32, a row per shopper, a column per item; higher is better. Comparable within a row only."""

Tensors = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Validation:
    """What a matcher may choose its settings by: of each shopper in `histories` the one item they took up next.

    `target` is ``(B,)`` rows of items. What a shopper took up before is not asked for again, unless `repeats`.
    """

    histories: Histories
    target: Integers
    repeats: bool = False

    def __len__(self) -> int:
        return len(self.target)


@dataclass(frozen=True, slots=True)
class Progress:
    """One line of a training log. `ndcg` is NDCG@10 on validation in [0, 1], higher is better; None = not measured."""

    stage: str
    step: int
    n_steps: int
    loss: float | None = None
    ndcg: float | None = None


@dataclass(frozen=True)
class Watch:
    """Who watches the training, and what bounds it.

    `minutes`: stop after so long and keep the best so far. `checkpoints`: a folder where the state is kept after each
    epoch, so that a killed training goes on where it was; None = none. `device`: "cpu", "cuda" or "auto".
    """

    seed: int = 0
    minutes: float | None = None
    checkpoints: Path | None = None
    device: str = "auto"
    on_progress: Callable[[Progress], None] = field(default=lambda progress: None)


class Matcher(Protocol):
    """A user-product matcher. `settings` is a frozen dataclass of what can be `--set`.

    A fitted one knows the items it was fitted on; `with_items` gives it a catalog that has since grown.
    """

    name: ClassVar[str]

    @property
    def settings(self) -> Any:
        """How it was, or is to be, fitted."""
        ...

    def fit(self, train: Interactions, validation: Validation | None, watch: Watch) -> None:
        """Learn from `train`; choose settings and the epoch by `validation` where there is one.

        Raises:
            ModelError: the data cannot be learned from, and why.
        """
        ...

    def score(self, shoppers: Histories, items: Integers | None = None) -> Scores:
        """A score for each item (``(B, I)``), or for the rows `items` only (``(B, len(items))``).

        A shopper without a history gets scores too: what suits anybody.
        """
        ...

    def with_items(self, items: Items) -> None:
        """Score these items from now on: those it was fitted on, found by their ids, and new ones."""
        ...

    def tensors(self) -> Tensors:
        """All that `restore` needs, as arrays; what is not one stands in `settings`."""
        ...

    def restore(self, tensors: Tensors, items: Items) -> None:
        """Become the matcher whose `tensors` these are; `items` are those it was fitted on.

        Raises:
            ModelError: a tensor is missing or has another shape.
        """
        ...


@runtime_checkable
class GoesOn(Protocol):
    """A matcher whose next `fit` can go on from one that was fitted before, instead of chance."""

    def start_from(self, former: Any) -> None:
        """Go on from `former`, as far as it is of the same form."""
        ...

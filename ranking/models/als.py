"""Matrix factorisation by alternating least squares, as the library `implicit` does it (an extra to install).

In: `Interactions`. Out: scores from the items' factors and a shopper's, which are solved for when they are served: a
shopper who was not in training is served like one who was. Knows no text: a new item scores 0.

Source: Hu, Koren and Volinsky 2008, Collaborative filtering for implicit feedback datasets; implicit 0.7,
`recalculate_user` for the factors of anybody.
"""

from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ranking.interactions import Histories, Integers, Interactions, Items, check
from ranking.models.aligned import aligned_rows, moved
from ranking.models.newest import liked_items
from ranking.models.protocol import Progress, Scores, Tensors, Validation, Watch
from retrieval.errors import ModelError

INSTALL = "pip install 'conversational-shopping-assistant[implicit]'"

TIE = 1e-6
"""What the most popular item is ahead of one that nobody took up: it decides where nothing is known of the shopper."""


@dataclass(frozen=True, slots=True)
class AlsSettings:
    """`alpha`: how much more an act of weight 1 is believed than that nothing happened; `penalty`: on large factors."""

    width: int = 64
    penalty: float = 0.05
    alpha: float = 10.0
    n_iterations: int = 15


class _TimeIsUp(Exception):
    """Thrown out of the library's loop, which has no other way to end early."""


class AlsMatcher:
    """Alternating least squares; see the module's docstring."""

    name: ClassVar[str] = "als"

    def __init__(self, **settings: Any) -> None:
        """Keywords are those of `AlsSettings`.

        Raises:
            ModelError: `implicit` is not installed.
        """
        self._settings = AlsSettings(**settings)
        self._model = _library_model(self._settings, 0)
        self._factors: NDArray[np.float32] = np.zeros((0, self._settings.width), dtype=np.float32)
        self._counts: NDArray[np.float32] = np.zeros(0, dtype=np.float32)
        self._shares = self._counts
        self._fitted_on, self._items = Items(()), Items(())

    @property
    def settings(self) -> AlsSettings:
        """How it is fitted."""
        return self._settings

    def fit(self, train: Interactions, validation: Validation | None, watch: Watch) -> None:
        """Solve for shoppers and items in turn."""
        from scipy import sparse
        from threadpoolctl import threadpool_limits

        check(train)
        table = sparse.csr_matrix(
            (train.weight, (train.shopper_rows(), train.item)), shape=(len(train), len(train.items)), dtype=np.float32
        )
        model, began = _library_model(self._settings, watch.seed), monotonic()

        def told(iteration: int, *_: Any) -> None:
            watch.on_progress(Progress(self.name, iteration + 1, self._settings.n_iterations))
            if watch.minutes is not None and monotonic() - began > watch.minutes * 60:
                raise _TimeIsUp

        # The library's own threads and those of BLAS get in one another's way.
        with threadpool_limits(1, "blas"), suppress(_TimeIsUp):
            model.fit(table, show_progress=False, callback=told)
        self._factors, self._counts = np.array(model.item_factors), train.counts().astype(np.float32)
        self._fitted_on = train.items
        self.with_items(train.items)

    def score(self, shoppers: Histories, items: Integers | None = None) -> Scores:
        """How much of each item's factors a shopper has, about 1 for what they took up, and a little for popularity."""
        shopper_factors = self._solved(shoppers)
        wanted = slice(None) if items is None else items
        factors = np.asarray(self._model.item_factors)[wanted]
        scores: Scores = (shopper_factors @ factors.T + TIE * self._shares[wanted]).astype(np.float32)
        return scores

    def _solved(self, shoppers: Histories) -> NDArray[np.float32]:
        from scipy import sparse

        n = len(shoppers)
        starts = np.concatenate([[0], np.cumsum([len(own) for own in shoppers.items])])
        columns = np.concatenate([*shoppers.items, np.zeros(0, dtype=np.int64)])
        weights = np.concatenate([*shoppers.weights, np.zeros(0, dtype=np.float32)])
        acts = sparse.csr_matrix((weights, columns, starts), shape=(n, len(self._items)), dtype=np.float32)
        known = sparse.csr_matrix(acts + liked_items(shoppers, self._items))
        known.sum_duplicates()
        found: NDArray[np.float32] = self._model.recalculate_user(np.arange(n), known)
        return found

    def with_items(self, items: Items) -> None:
        """Of a new item nothing is known: it scores 0."""
        rows = aligned_rows(self._fitted_on, items)
        counts = moved(self._counts, rows)
        self._shares, self._items = counts / max(1.0, float(counts.max(initial=0.0))), items
        self._model = _library_model(self._settings, 0)
        self._model.item_factors = moved(self._factors, rows)

    def tensors(self) -> Tensors:
        """The items' factors, and how often each was taken up."""
        return {"factors": self._factors, "counts": self._counts}

    def restore(self, tensors: Tensors, items: Items) -> None:
        """Take the factors; the library's own file format, which is a pickle, is not used."""
        wanted = {"factors": (len(items), self._settings.width), "counts": (len(items),)}
        for name, shape in wanted.items():
            if name not in tensors or tensors[name].shape != shape:
                raise ModelError(f"{name} are not those of {len(items)} items and {self._settings}: train als again")
        self._factors = np.array(tensors["factors"], dtype=np.float32)
        self._counts = np.array(tensors["counts"], dtype=np.float32)
        self._fitted_on = items
        self.with_items(items)


def _library_model(settings: AlsSettings, seed: int) -> Any:
    try:
        from implicit.cpu.als import AlternatingLeastSquares
    except ImportError as error:
        raise ModelError(f"als needs the library implicit: {INSTALL}") from error
    # With one thread the same seed gives the same factors to the last bit.
    return AlternatingLeastSquares(
        factors=settings.width,
        regularization=settings.penalty,
        alpha=settings.alpha,
        iterations=settings.n_iterations,
        random_state=seed,
        num_threads=1,
    )

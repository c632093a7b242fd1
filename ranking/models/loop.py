"""The one training loop: AdamW with warm-up, early stopping on validation, checkpoints that outlive a kill.

In: a network with a loss per batch, and how good it is. Out: the tensors of its best epoch, left in the network, and
the curve. Knows no data and no architecture.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import isfinite
from time import monotonic
from typing import Any, Protocol

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from ranking.models.protocol import Progress, Watch
from retrieval.errors import ModelError

STATE_FILE, BEST_FILE, LOG_FILE = "state.safetensors", "best.safetensors", "log.json"


CLIP = 5.0


class Pace(Protocol):
    """How long and how fast, as the settings of a network say it.

    `patience`: epochs without a better validation before it ends.
    """

    @property
    def n_epochs(self) -> int: ...

    @property
    def rate(self) -> float: ...

    @property
    def weight_decay(self) -> float: ...

    @property
    def patience(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Epoch:
    """One pass. `ndcg` is the validation's NDCG@10 in [0, 1]; None where there is no validation."""

    number: int
    loss: float
    ndcg: float | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Curve:
    """All passes, and the one whose tensors were kept."""

    epochs: tuple[Epoch, ...]
    best: int


def device_of(wanted: str) -> torch.device:
    """The device by its name; "auto" takes a GPU where there is one.

    Raises:
        ModelError: a GPU was asked for and there is none.
    """
    if wanted == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if wanted.startswith("cuda") and not torch.cuda.is_available():
        raise ModelError(f"device {wanted!r} was asked for, but torch sees no GPU: leave it out, or say cpu")
    return torch.device(wanted)


class Loop:
    """Trains one network; see `run`."""

    def __init__(
        self, network: nn.Module, settings: Pace, watch: Watch, name: str, identity: str, warm_up_steps: int = 100
    ) -> None:
        """`identity` says what is trained on what: a checkpoint of anything else is not gone on with."""
        self._network, self._settings, self._watch, self._name = network, settings, watch, name
        self._identity, self._warm_up_steps = identity, warm_up_steps
        self._optimiser = torch.optim.AdamW(
            network.parameters(), lr=settings.rate, weight_decay=settings.weight_decay, betas=(0.9, 0.98)
        )
        self._folder = watch.checkpoints / name if watch.checkpoints else None
        self._epochs: list[Epoch] = []
        self._best, self._best_tensors, self._steps, self._spent = 0, self._copy(), 0, 0.0

    def run(
        self, batches: Callable[[int], Iterator[Callable[[], Tensor]]], validate: Callable[[], float | None]
    ) -> Curve:
        """Train until validation has not risen for `patience` epochs, or epochs or minutes are up.

        Args:
            batches: epoch number -> its batches, each a function that computes a loss. The same number gives the same
                batches, so that a training that was killed goes on as it would have.
            validate: NDCG@10 of the network as it is; None where there is nothing to validate by (then the last epoch
                is kept).
        """
        self._resume()
        began = monotonic() - self._spent
        while len(self._epochs) < self._settings.n_epochs and not self._is_done(monotonic() - began):
            number = len(self._epochs) + 1
            torch.manual_seed(self._watch.seed * 100_003 + number)
            loss = self._pass(batches(number))
            self._network.eval()
            ndcg = validate()
            self._spent = monotonic() - began
            self._epochs.append(Epoch(number, loss, ndcg, self._spent))
            if ndcg is None or ndcg > self._best_ndcg():
                self._best, self._best_tensors = number, self._copy()
            self._save()
            self._watch.on_progress(Progress(self._name, number, self._settings.n_epochs, loss, ndcg))
        self._network.load_state_dict(self._best_tensors)
        self._network.eval()
        return Curve(tuple(self._epochs), self._best)

    def _best_ndcg(self) -> float:
        kept = [epoch.ndcg for epoch in self._epochs if epoch.number == self._best and epoch.ndcg is not None]
        return kept[0] if kept else -1.0

    def _is_done(self, seconds: float) -> bool:
        minutes = self._watch.minutes
        if minutes is not None and seconds > minutes * 60:
            return True
        return bool(self._epochs) and len(self._epochs) - self._best >= self._settings.patience

    def _pass(self, batches: Iterator[Callable[[], Tensor]]) -> float:
        self._network.train()
        total, n = 0.0, 0
        for compute in batches:
            self._steps += 1
            pace = min(1.0, self._steps / max(1, self._warm_up_steps))
            for group in self._optimiser.param_groups:
                group["lr"] = self._settings.rate * pace
            loss = compute()
            self._optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(self._network.parameters(), CLIP)
            self._optimiser.step()
            total, n = total + float(loss.detach()), n + 1
        if not n:
            raise ModelError(f"{self._name} has nothing to train on: no shopper took up two things")
        mean = total / n
        if not isfinite(mean):
            raise ModelError(f"the loss of {self._name} is not a number any more: --set rate=… to a lower one")
        return mean

    def _copy(self) -> dict[str, Tensor]:
        return {name: tensor.detach().clone() for name, tensor in self._network.state_dict().items()}

    def _save(self) -> None:
        """Write the state beside the old one, then the log, which makes the new one count."""
        if self._folder is None:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        parts = {STATE_FILE: {**_named("network", self._copy()), **self._moments()}, BEST_FILE: self._best_tensors}
        number = len(self._epochs)
        for name, tensors in parts.items():
            save_file(
                {key: tensor.contiguous().cpu() for key, tensor in tensors.items()}, self._folder / f"{number}-{name}"
            )
        log = {
            "identity": self._identity,
            "steps": self._steps,
            "best": self._best,
            "epochs": [[epoch.number, epoch.loss, epoch.ndcg, epoch.seconds] for epoch in self._epochs],
        }
        part = self._folder / f"{LOG_FILE}.part"
        part.write_text(json.dumps(log))
        part.replace(self._folder / LOG_FILE)
        for name in parts:
            (self._folder / f"{number - 1}-{name}").unlink(missing_ok=True)

    def _moments(self) -> dict[str, Tensor]:
        found = {}
        for place, state in self._optimiser.state_dict()["state"].items():
            found.update({f"optimiser/{place}/{key}": value for key, value in state.items()})
        return found

    def _resume(self) -> None:
        """Go on from the checkpoint, if there is one of this very training."""
        if self._folder is None or not (self._folder / LOG_FILE).is_file():
            return
        try:
            log: dict[str, Any] = json.loads((self._folder / LOG_FILE).read_text())
            if log["identity"] != self._identity:
                return
            number = len(log["epochs"])
            state = load_file(self._folder / f"{number}-{STATE_FILE}")
            best = load_file(self._folder / f"{number}-{BEST_FILE}")
        except (OSError, ValueError, KeyError, SafetensorError) as error:
            raise ModelError(
                f"the checkpoint in {self._folder} cannot be read ({error}): delete that folder to start anew"
            ) from error
        own = {name.removeprefix("network/"): tensor for name, tensor in state.items() if name.startswith("network/")}
        self._network.load_state_dict(own)
        moments: dict[int, dict[str, Tensor]] = {}
        for name, tensor in state.items():
            if name.startswith("optimiser/"):
                _, place, key = name.split("/")
                moments.setdefault(int(place), {})[key] = tensor
        whole = self._optimiser.state_dict()
        self._optimiser.load_state_dict({**whole, "state": moments})
        self._epochs = [Epoch(*row) for row in log["epochs"]]
        self._best, self._best_tensors, self._steps = log["best"], best, log["steps"]
        self._spent = self._epochs[-1].seconds if self._epochs else 0.0


def _named(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {f"{prefix}/{name}": tensor for name, tensor in tensors.items()}

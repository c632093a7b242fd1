"""A training in a process of its own: NAME FOLDER KILL_AFTER OUT.

After epoch KILL_AFTER (0: never) it kills itself, as the machine might; otherwise it writes its tensors to OUT."""

import os
import signal
import sys
from pathlib import Path

from cluster_shop import make_data
from safetensors.numpy import save_file

from ranking.evaluation import leave_one_out
from ranking.models import registry
from ranking.models.protocol import Progress, Watch

SHORT = {
    "factorisation": {"n_epochs": 4, "loss": "bce"},
    "two-tower": {"n_epochs": 4},
    "sequence": {"n_epochs": 4, "batch_acts": 300},
    "cross-scorer": {"n_epochs": 4, "n_examples": 32, "n_validated": 8, "n_rescored": 4, "n_acts": 1, "n_tokens": 8},
}


def main(name: str, folder: str, kill_after: str, out: str) -> None:
    def told(line: Progress) -> None:
        print(line.stage, line.step, flush=True)
        if line.stage == name and line.step == int(kill_after):
            os.kill(os.getpid(), signal.SIGKILL)

    split = leave_one_out(make_data())
    # Trained to the end: with early stopping both trainings might end before the kill.
    matcher = registry.make(name, {**SHORT[name], "patience": 99})
    matcher.fit(split.train, split.validation, Watch(seed=1, checkpoints=Path(folder), device="cpu", on_progress=told))
    save_file({key: value.copy() for key, value in matcher.tensors().items()}, out)


if __name__ == "__main__":
    main(*sys.argv[1:])

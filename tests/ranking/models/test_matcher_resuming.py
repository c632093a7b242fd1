"""A training that is killed goes on where it was, and ends as if nothing had happened."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file
from train_until_killed import SHORT

SCRIPT = Path(__file__).parent / "train_until_killed.py"


def train(name: str, folder: Path, kill_after: int, out: Path) -> subprocess.CompletedProcess:
    paths = os.pathsep.join([str(Path.cwd()), os.environ.get("PYTHONPATH", "")])
    return subprocess.run(
        [sys.executable, str(SCRIPT), name, str(folder), str(kill_after), str(out)],
        env={**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", list(SHORT))
def test_a_training_that_was_killed_ends_with_the_tensors_of_one_that_was_not(name, tmp_path):
    whole = train(name, tmp_path / "whole", 0, tmp_path / "whole.safetensors")
    assert whole.returncode == 0, whole.stderr
    killed = train(name, tmp_path / "halves", 2, tmp_path / "halves.safetensors")
    assert killed.returncode == -signal.SIGKILL
    assert not (tmp_path / "halves.safetensors").exists()
    resumed = train(name, tmp_path / "halves", 0, tmp_path / "halves.safetensors")
    assert resumed.returncode == 0, resumed.stderr
    assert [line for line in resumed.stdout.split("\n") if line.startswith(name)] == [f"{name} 3", f"{name} 4"]
    expected, found = load_file(tmp_path / "whole.safetensors"), load_file(tmp_path / "halves.safetensors")
    assert expected.keys() == found.keys()
    for key, tensor in expected.items():
        np.testing.assert_array_equal(found[key], tensor, err_msg=key)

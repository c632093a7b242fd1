"""A training run of the built-in model that is killed goes on as if nothing had happened."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file

from benchmarks.writer_training import STATE_FILE, Run, Settings

TINY = Settings(
    n_steps=40, batch=2, warm_up=10, vocabulary=512, hidden=32, layers=1, heads=2, inner=48, save_every=6, log_every=4,
    n_texts=100,
)  # fmt: skip
"""Its second half lies in the second bucket of batches, and a state is put down between two lines of the log."""
KILLED_AT = 36

TRAINS = """
import json, sys, torch
from pathlib import Path
from benchmarks.writer_training import Run, Settings
torch.set_num_threads(1)
for line in Run(Path(sys.argv[1]), Settings(**json.loads(sys.argv[2]))).train():
    print(line["step"], flush=True)
    if line["step"] == int(sys.argv[3]):
        sys.stdin.read()
"""


@pytest.fixture
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def killed(folder, at):
    """A run in a process of its own, killed when it has logged the step."""
    command = [sys.executable, "-c", TRAINS, str(folder), json.dumps(asdict(TINY)), str(at)]
    root = str(Path(__file__).parents[2])
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=root,
        env={**os.environ, "PYTHONPATH": root},
    )
    steps = []
    for line in process.stdout:
        steps.append(int(line))
        if steps[-1] == at:
            break
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait(timeout=20) == -signal.SIGKILL
    process.stdin.close()
    process.stdout.close()
    return steps


def state_of(folder):
    with safe_open(folder / STATE_FILE, "pt") as file:
        said = file.metadata()
    return load_file(folder / STATE_FILE), said


def without_seconds(log):
    return [{name: value for name, value in line.items() if name != "seconds"} for line in log]


@pytest.mark.slow
@pytest.mark.usefixtures("one_thread")
def test_a_killed_run_ends_in_the_very_weights_of_one_that_was_not(tmp_path):
    assert killed(tmp_path / "killed", KILLED_AT)[-1] == KILLED_AT
    resumed = Run(tmp_path / "killed", TINY)
    assert resumed.step == 30, "the state before the kill"
    assert len(resumed.log) == 7
    seconds = resumed.log[-1]["seconds"]
    list(resumed.train())
    whole = Run(tmp_path / "whole", TINY)
    list(whole.train())

    ours, said = state_of(tmp_path / "killed")
    expected, _ = state_of(tmp_path / "whole")
    assert ours.keys() == expected.keys()
    assert all(torch.equal(ours[name], expected[name]) for name in expected)
    assert len([name for name in expected if name.startswith("moment.")]) > 20
    assert [line["step"] for line in resumed.log] == list(range(4, 41, 4))
    assert without_seconds(resumed.log) == without_seconds(whole.log)
    assert without_seconds(json.loads(said["log"])) == without_seconds(whole.log)
    assert resumed.log[-1]["loss"] < resumed.log[0]["loss"]
    assert resumed.log[7]["seconds"] >= seconds, "time goes on, too"


@pytest.mark.usefixtures("one_thread")
def test_a_run_of_other_settings_is_not_gone_on_with(tmp_path):
    short = replace(TINY, n_steps=2)
    list(Run(tmp_path, short).train())
    assert Run(tmp_path, short).step == 2
    with pytest.raises(ValueError, match="from a run with other settings"):
        Run(tmp_path, replace(short, hidden=64))

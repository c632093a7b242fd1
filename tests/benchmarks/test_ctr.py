"""The comparison of click models: its figures by hand, what it says of bad data, and MovieLens."""

import doctest
import json
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from benchmarks import ctr
from benchmarks.ctr import calibration_floor

DATA = Path(__file__).parents[3] / "shared" / "data" / "ml-100k"
APP = typer.Typer()
APP.command()(ctr.main)


def run(*arguments: str):
    return CliRunner().invoke(APP, list(arguments))


def test_the_examples_in_the_docstrings_hold():
    assert doctest.testmod(ctr).failed == 0


def test_the_floor_is_what_chance_makes_of_right_probabilities():
    assert calibration_floor(np.full(400, 0.5), seed=0) == pytest.approx(0.5 / 20 * np.sqrt(2 / np.pi), rel=0.3)
    assert calibration_floor(np.ones(10), seed=0) == 0.0


def interactions(path: Path, n: int, header: str = "user,item,label") -> Path:
    rng = np.random.default_rng(0)
    shoppers, products = rng.integers(0, 40, n), rng.integers(0, 30, n)
    clicked = rng.random(n) < 1 / (1 + np.exp(-2.0 * rng.normal(size=30)[products]))
    lines = [f"s{s},p{p},{int(c)}" for s, p, c in zip(shoppers, products, clicked, strict=True)]
    path.write_text("\n".join([header, *lines]), "utf-8")
    return path


def test_without_other_files_and_without_times(tmp_path):
    path = interactions(tmp_path / "clicks.csv", 3_000)
    arguments = ["--interactions", str(path), "--splits", "2", "--sweeps", "20", "--seed", "5", "--json"]
    report = json.loads(run(*arguments).stdout)
    assert report["ours"] == "ours"
    assert (report["data"]["rows"], report["data"]["seeds"], report["data"]["times"]) == (3_000, "5,6", False)
    rows = {row["system"]: row for row in report["rows"]}
    assert list(rows) == ["base rate", "popularity", "logistic regression", "ours, raw", "ours"]
    assert rows["base rate"]["auc"] == 0.5
    assert rows["ours"]["auc"] == pytest.approx(np.mean(rows["ours"]["auc_by_split"]), abs=1e-4)
    assert rows["ours"]["auc"] > 0.75
    again = {row["system"]: row for row in json.loads(run(*arguments).stdout)["rows"]}
    assert again["ours"]["auc_by_split"] == rows["ours"]["auc_by_split"]
    assert "logistic regression" in run("--interactions", str(path), "--splits", "1", "--sweeps", "5").stdout


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("user,item,label\nx,a,1\ny,b,1\n", "every row is a click"),
        ("user,item,label\n" + "x,a,1\ny,b,0\n" * 2, "give more rows"),
        ("user,item,rating\nx,a,4\ny,b,NaN\n", "line 3: rating is 'NaN', not a number"),
    ],
)
def test_bad_data_is_told_in_one_line(tmp_path, text, message):
    path = tmp_path / "bad.csv"
    path.write_text(text, "utf-8")
    result = run("--interactions", str(path))
    assert (result.exit_code, result.stdout) == (1, "")
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_a_split_by_time_needs_times(tmp_path):
    result = run("--interactions", str(interactions(tmp_path / "clicks.csv", 100)), "--by-time")
    assert "needs a column of times" in result.stderr


@pytest.mark.slow
@pytest.mark.shared_data
@pytest.mark.skipif(not DATA.is_dir(), reason="the real data is not beside the checkout")
def test_movielens_better_than_logistic_regression_and_honest():
    files = [f"--{name}={DATA / 'ml-100k'}.{ending}" for name, ending in (("items", "item"), ("shoppers", "user"))]
    result = run(f"--interactions={DATA / 'ml-100k.inter'}", *files, "--splits", "1", "--sweeps", "60", "--json")
    rows = {row["system"]: row for row in json.loads(result.stdout)["rows"]}
    assert rows["ours"]["auc"] > max(0.795, rows["logistic regression"]["auc"] + 0.02)
    assert rows["ours"]["ece"] < 0.02
    assert rows["popularity"]["auc"] < rows["logistic regression"]["auc"]

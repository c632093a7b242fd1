"""The benchmarks of finished lists, on a shop small enough to know what they must say."""

import csv
import doctest
import json
from pathlib import Path

import pytest
from typer import Typer
from typer.testing import CliRunner

from assistant.shop import Shop
from benchmarks import exposure, finishing
from retrieval.types import Product, Variant


@pytest.fixture(scope="module")
def shop_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three mugs of one kind and a bowl, of two brands."""
    folder = tmp_path_factory.mktemp("mugs")
    titles = {"m1": "Mug, red", "m2": "Mug, blue", "m3": "Mug, green", "b1": "Soup bowl"}
    with Shop(folder, must_own=True) as shop:
        shop.catalog.replace_all(
            Product(
                id_, title, "USD", (Variant(id_, 900),), brand="Borea" if id_ == "b1" else "Acme", category="mugs",
                attributes={"color": (title.split()[-1],)} if id_ != "b1" else {},
            )
            for id_, title in titles.items()
        )  # fmt: skip
    return folder


def run(module, *arguments: str) -> dict[str, dict[str, object]]:
    app = Typer()
    app.command()(module.main)
    done = CliRunner().invoke(app, [*arguments, "--json"], catch_exceptions=False)
    assert done.exit_code == 0
    report = json.loads(done.stdout)
    assert report["ours"] == "served"
    return {row["system"]: row for row in report["rows"]}


@pytest.mark.parametrize("module", [exposure, finishing])
def test_the_examples_in_the_docstrings_hold(module) -> None:
    assert doctest.testmod(module).failed == 0


def test_exposure_counts_every_brand_and_place(shop_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "said.txt").write_text("# a comment\na coffee mug\n", "utf-8")
    rows = run(exposure, "--shop", str(shop_dir), "--messages", str(tmp_path / "said.txt"))
    assert list(rows)[:3] == ["score", "collapsed", "served"]
    assert {row["n_brands"] for row in rows.values()} == {2}
    for row in rows.values():
        assert sum(row["brands"].values()) == pytest.approx(1.0, abs=1e-3)
        assert row["gini"] == pytest.approx(abs(row["brands"]["acme"] - row["brands"]["borea"]) / 2, abs=1e-3)
    # Put once, the mug makes room: the bowl is second, though its words fit least.
    second = (1 / 1.5849625) / (1 + 1 / 1.5849625 + 0.5 + 1 / 2.3219281)
    assert rows["collapsed"]["brands"]["borea"] == pytest.approx(second, abs=1e-3)


def test_finishing_pays_for_a_thing_once(shop_dir: Path, tmp_path: Path) -> None:
    with (tmp_path / "judged.csv").open("w", newline="") as file:
        csv.writer(file).writerows(
            [
                ("query", "product_id", "rating"),
                *(("a coffee mug", id_, 2) for id_ in ("m1", "m2")),
            ]
        )
    rows = run(finishing, "--shop", str(shop_dir), "--judgments", str(tmp_path / "judged.csv"))
    assert rows["collapsed"]["things_ndcg@10"] == 1.0
    assert 0.0 < rows["collapsed"]["ndcg@10"] <= rows["score"]["ndcg@10"]

"""`train` and `evaluate` on a small shop of its own: what serves afterwards, what is written, what comes back."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assistant.app import ShoppingAssistant
from assistant.progress import progress_bars
from assistant.shop import Shop
from assistant.training.around import opened, surroundings
from assistant.training.evaluate import Evaluation, run_evaluation
from assistant.training.train import NOT_BETTER, Training, run_rollback, run_training
from ranking.material import prepare
from ranking.simulator import simulate
from ranking.types import Event
from retrieval.errors import ModelError
from retrieval.types import Product, Variant

pytestmark = pytest.mark.slow

QUICK = Training(model="transitions", compare=("baselines",), minutes=1.0)
KINDS = (("kettles", "kettle", "kitchen"), ("tents", "tent", "outdoor"), ("teas", "tea", "food"))
BRANDS = ("Acme", "Borea", "Corvo")
COLORS = ("red", "blue", "green", "black")


def a_product(number: int) -> Product:
    category, word, department = KINDS[number % 3]
    brand, color = BRANDS[number % 9 // 3], COLORS[number // 9]
    return Product(
        f"{category}-{number:02d}", f"{brand} {color} {word}", "USD", (Variant(f"v{number}", 900 + 300 * number),),
        brand=brand, category=category, department=department, attributes={"color": (color,)},
        rating=3.0 + number % 5 / 2, n_reviews=10 * number,
    )  # fmt: skip


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop whose first training was insisted on."""
    root = tmp_path_factory.mktemp("shop")
    products = [a_product(number) for number in range(36)]
    with Shop(root, must_own=True) as shop:
        shop.catalog.replace_all(products)
        shop.event_log.add(simulate(products, seed=3, n_shoppers=200, n_events=6000).events)
    assert run_training(root, QUICK, always=True) == 0
    return root


def version_of(root: Path) -> str:
    with ShoppingAssistant.open(root) as shop:
        assert shop.ask("red kettle").products
        return shop.model_versions()["matcher"]


def test_a_model_that_is_no_better_does_not_serve_and_the_former_goes_on(
    trained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = version_of(trained)
    assert "+transitions-" in before
    assert run_training(trained, QUICK, always=False) == NOT_BETTER
    told = " ".join(capsys.readouterr().out.split())
    assert "shoppers 200" in told
    assert "The new model does not serve: it is not clearly better." in told
    assert "serving so far +0.0000 (+0.0000 to +0.0000)" in told
    assert version_of(trained) == before
    assert sorted(path.name for path in (trained / "models").iterdir()) == ["matcher", "synonyms.json"]


def test_what_a_training_leaves_for_people(trained: Path) -> None:
    report = trained / "reports" / "train"
    assert {path.name for path in report.iterdir()} == {"report.html", "curves.png", "curves.csv", "comparison.csv"}
    assert "<td>cooccurrence</td>" in (report / "report.html").read_text("utf-8")
    meta = json.loads((trained / "models" / "matcher" / "meta.json").read_bytes())
    assert meta["taste"]["model"] == "transitions"
    assert meta["created_by"] == "shopping-assistant train"


def test_rolling_back_brings_the_shipped_model_and_then_the_own_one_again(trained: Path) -> None:
    own = version_of(trained)
    run_rollback(trained, embedder=False)
    assert "+" not in version_of(trained)
    run_rollback(trained, embedder=False)
    assert version_of(trained) == own


def test_evaluating_changes_nothing_and_warns_of_acts_that_were_learned_from(
    trained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path: path.stat().st_mtime_ns for path in (trained / "models").rglob("*") if path.is_file()}
    since = Evaluation(since=datetime(2026, 4, 1, tzinfo=UTC), until=datetime(2026, 6, 1))
    run_evaluation(trained, since, as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert [row["system"] for row in told["rows"]] == ["random", "popularity", "cooccurrence", "serving so far"]
    assert told["ours"] == "serving so far"
    assert "has learned from acts up to" in told["notes"][0]
    run_evaluation(trained, Evaluation(leave_one_out=True), as_json=True)
    assert json.loads(capsys.readouterr().out)["rows"][-1]["ndcg@10"] > 0
    assert {path: path.stat().st_mtime_ns for path in (trained / "models").rglob("*") if path.is_file()} == before


def test_a_product_that_came_after_the_training_is_found_and_ranked(trained: Path) -> None:
    with ShoppingAssistant.open(trained) as shop:
        shop.record("view", "kettles-00", "ann")
        session = shop.new_session(shopper_id="ann")
        row = {"id": "new", "title": "Acme red kettle, whistling", "price": 19.0, "currency": "USD"}
        shop.upsert([{**row, "category": "kettles", "brand": "Acme", "color": "red"}])
        found = {item.ranked.product.id: item.ranked for item in shop.respond("red kettle", session).products}
    assert found["new"].contributions["taste"] != 0.0


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1"}
    command = [sys.executable, "-m", "assistant.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=240, env=environment, check=True)


def test_the_commands_and_a_damaged_model_is_what_a_training_replaces(trained: Path, tmp_path: Path) -> None:
    root = shutil.copytree(trained, tmp_path / "shop")
    shop = ("--shop", str(root))
    (root / "models" / "matcher" / "meta.json").write_text("{}", "utf-8")
    done = run("train", "--model", "transitions", "--set", "length=20", "--compare", "content", *shop)
    assert "is not of format" in done.stderr
    assert done.stdout.index("The log") < done.stdout.index("test searches".capitalize())
    for system in ("random", "popularity", "cooccurrence", "content", "transitions", "relevance", "two-tower"):
        assert system in done.stdout
    assert "The new model serves from the next start. It is better than popularity" in done.stdout
    findings = {finding["part"]: finding for finding in json.loads(run("doctor", "--json", *shop).stdout)}
    assert (findings["matcher"]["level"], findings["index"]["level"]) == ("ok", "ok")
    assert "trained on this shop's events" in findings["matcher"]["text"]
    assert "+transitions-" in findings["matcher"]["text"]
    told = json.loads(run("evaluate", "--json", *shop).stdout)
    assert told["rows"][-1]["ndcg@10"] > told["rows"][0]["ndcg@10"]
    assert json.loads(run("ask", "red kettle", "--json", *shop).stdout)["products"]
    assert "the former matcher of this shop serves" in run("train", "--rollback", *shop).stdout


def test_the_oracle_is_asked_only_while_nobody_but_the_simulated_shoppers_was_there(
    untouched_demo: Path, tmp_path: Path
) -> None:
    root = shutil.copytree(untouched_demo, tmp_path / "shop")
    with (
        Shop(root, must_own=True) as shop,
        progress_bars(quiet=True) as bars,
        opened(shop, bars) as (retriever, ranker),
    ):
        products = list(shop.catalog.products())
        events = shop.event_log.events()
        assert surroundings(shop, retriever, prepare(events, products, retriever.vectors_of)).utility is not None
        guest = Event("a guest", products[0].id, "view", events[-1].time, query="tea")
        assert surroundings(shop, retriever, prepare([*events, guest], products, retriever.vectors_of)).utility is None
        assert ranker.taste is None


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: Training(model="nothing"), "there is no matcher 'nothing'"),
        (lambda: Training(settings=("depth=3",)), "say key=value, with a key among"),
        (lambda: Training(compare=("peers",)), "there is no matcher 'peers'"),
        (lambda: Training(minutes=0.0), "say a number above 0"),
        (lambda: Training(minutes=float("nan")), "say a number above 0"),
        (lambda: Training(device="tpu"), "it is auto, cpu or cuda"),
    ],
)
def test_a_wrong_request_is_refused_before_anything_is_made(
    tmp_path: Path, make: Callable[[], Training], told: str
) -> None:
    with pytest.raises(ModelError, match=told):
        run_training(tmp_path / "shop", make(), always=False)
    assert not (tmp_path / "shop" / "models").exists()

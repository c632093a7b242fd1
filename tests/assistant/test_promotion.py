"""Which trained model serves: promoted, rolled back, and killed in between."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.promotion import NEW, PREVIOUS, RETURNING, TRAINING, finish_promotions, promote, roll_back
from retrieval.errors import ModelError


def make(folder: Path, what: str) -> Path:
    folder.mkdir(parents=True)
    (folder / "weights").write_text(what, "utf-8")
    return folder


def state(models: Path) -> dict[str, str]:
    return {path.name: (path / "weights").read_text("utf-8") for path in models.iterdir()}


def trained(models: Path, what: str) -> None:
    promote(make(models / f"matcher{TRAINING}", what))


def test_the_former_model_is_kept_and_comes_back_and_the_newer_one_again(tmp_path: Path) -> None:
    trained(tmp_path, "first")
    assert state(tmp_path) == {"matcher": "first"}
    trained(tmp_path, "second")
    assert state(tmp_path) == {"matcher": "second", "matcher.previous": "first"}
    assert roll_back(tmp_path / "matcher")
    assert state(tmp_path) == {"matcher": "first", "matcher.previous": "second"}
    assert roll_back(tmp_path / "matcher")
    assert state(tmp_path) == {"matcher": "second", "matcher.previous": "first"}
    trained(tmp_path, "third")
    assert state(tmp_path) == {"matcher": "third", "matcher.previous": "second"}


def test_before_the_first_model_of_a_shop_is_the_shipped_one(tmp_path: Path) -> None:
    trained(tmp_path, "first")
    assert not roll_back(tmp_path / "matcher")
    assert state(tmp_path) == {"matcher.previous": "first"}
    assert roll_back(tmp_path / "matcher")
    assert state(tmp_path) == {"matcher": "first"}


def test_what_was_rolled_back_does_not_come_back_for_the_shipped_one(tmp_path: Path) -> None:
    trained(tmp_path, "rejected")
    assert not roll_back(tmp_path / "matcher")
    trained(tmp_path, "better")
    assert state(tmp_path) == {"matcher": "better"}
    assert not roll_back(tmp_path / "matcher")


def test_without_a_training_there_is_nothing_to_go_back_to(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="there is none to go back to"):
        roll_back(tmp_path / "matcher")


def snapshots(models: Path, change: Callable[[], object], aside: Path) -> list[Path]:
    """The folder as a kill would leave it after each rename of a change; the last is the whole change."""
    left = []
    rename = Path.rename

    def keeping(self: Path, target: Path) -> Path:
        done = rename(self, target)
        left.append(Path(shutil.copytree(models, aside / str(len(left)))))
        return done

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "rename", keeping)
        change()
    return left


@settings(deadline=None, max_examples=30)
@given(st.lists(st.sampled_from(["train", "back"]), min_size=1, max_size=5))
def test_killed_after_any_step_the_old_or_the_new_model_serves_whole(
    tmp_path_factory: pytest.TempPathFactory, steps: list[str]
) -> None:
    root = tmp_path_factory.mktemp("shop")
    models = root / "models"
    models.mkdir()
    for number, step in enumerate(steps):
        before = state(models)
        if step == "back" and not before:
            continue
        if step == "train":
            make(models / f"matcher{TRAINING}", f"model {number}")
            left = snapshots(models, lambda: promote(models / f"matcher{TRAINING}"), root / f"kill {number}")
        else:
            left = snapshots(models, lambda: roll_back(models / "matcher"), root / f"kill {number}")
        after = state(models)
        for killed in left:
            finish_promotions(killed)
            found = state(killed)
            assert found.get("matcher") in (before.get("matcher"), after.get("matcher"))
            assert not any(name.endswith((NEW, RETURNING)) for name in found)
            assert found in (before, after)
        assert f"matcher{PREVIOUS}" in after or step == "train" or after.get("matcher")

"""A matcher of another package is found by its name, as packaging does it: by an entry point of a distribution."""

from pathlib import Path

import numpy as np
import pytest
from cluster_shop import make_data

from ranking.evaluation import leave_one_out
from ranking.models import registry
from ranking.models.protocol import Watch
from ranking.models.saving import load_matcher, save_matcher
from retrieval.errors import ModelError

SOURCE = '''
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class ShelfSettings:
    step: float = 1.0


class ShelfMatcher:
    """The further ahead an item stands on the shelf, the better."""

    name = "shelf"

    def __init__(self, **settings):
        self.settings, self.n = ShelfSettings(**settings), 0

    def fit(self, train, validation, watch):
        self.n = len(train.items)

    def score(self, shoppers, items=None):
        row = -self.settings.step * np.arange(self.n, dtype=np.float32)
        return np.tile(row if items is None else row[items], (len(shoppers), 1))

    def with_items(self, items):
        self.n = len(items)

    def tensors(self):
        return {"n": np.array([self.n])}

    def restore(self, tensors, items):
        self.n = int(tensors["n"][0])
'''

ENTRY_POINTS = """[shopping_assistant.matchers]
shelf = shelf_matcher:ShelfMatcher
popularity = shelf_matcher:ShelfMatcher
broken = shelf_matcher:NoSuchClass
gone = no_such_module_of_theirs:Matcher
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `pip install` leaves of a small distribution."""
    folder = tmp_path / "site"
    info = folder / "shelf_matcher-1.0.dist-info"
    info.mkdir(parents=True)
    (folder / "shelf_matcher.py").write_text(SOURCE)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: shelf-matcher\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(ENTRY_POINTS)
    monkeypatch.syspath_prepend(folder)


@pytest.mark.usefixtures("installed")
def test_it_is_made_by_its_name_with_its_settings():
    assert registry.names()[-3:] == ("broken", "gone", "shelf")
    matcher = registry.make("shelf", registry.parse_settings("shelf", ["step=2.5"]))
    assert matcher.settings.step == 2.5
    assert matcher.name == "shelf"


@pytest.mark.usefixtures("installed")
def test_it_is_fitted_saved_and_loaded_like_one_of_ours(tmp_path):
    split = leave_one_out(make_data())
    matcher = registry.make("shelf")
    matcher.fit(split.train, split.validation, Watch())
    save_matcher(tmp_path / "model", matcher, split.train.items, {})
    again = load_matcher(tmp_path / "model", split.train.items)
    np.testing.assert_array_equal(again.score(split.test.histories), matcher.score(split.test.histories))


@pytest.mark.usefixtures("installed")
def test_it_cannot_take_the_name_of_one_of_ours():
    assert registry.names().count("popularity") == 1
    assert type(registry.make("popularity")).__module__ == "ranking.models.popularity"


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("name", ["broken", "gone"])
def test_one_that_cannot_be_loaded_says_whose_it_is(name):
    with pytest.raises(ModelError, match="shelf-matcher"):
        registry.make(name)


def test_without_it_the_name_is_unknown():
    with pytest.raises(ModelError, match="there is no matcher 'shelf'"):
        registry.make("shelf")


def test_settings_are_read_by_the_type_of_their_default():
    assert registry.parse_settings("content", ["length=5", "decay=0.5", "tuned=false"]) == {
        "length": 5, "decay": 0.5, "tuned": False,
    }  # fmt: skip
    for stated in (["length=many"], ["tuned=no"], ["length"], ["width=3"]):
        with pytest.raises(ModelError, match="--set"):
            registry.parse_settings("content", stated)

"""The demo shop knows what it does not carry: the wishes that the benchmark measures."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.emptiness import read_wishes
from retrieval.answerability.model import shipped

WISHES = Path(__file__).parents[2] / "benchmarks" / "wishes"


@pytest.mark.slow
def test_wishes_that_the_demo_shop_cannot_meet_are_recognised(demo):
    lacking, carried = read_wishes(WISHES / "demo.txt"), read_wishes(WISHES / "demo_answerable.txt")
    assert len(lacking) >= 200
    fits = {text: demo.find(text, 1)[1].fit for text in (*lacking, *carried)}
    denied = {text for text, fit in fits.items() if fit is not None and fit < shipped().threshold}
    assert np.mean([text in denied for text in lacking]) >= 0.85
    assert np.mean([text in denied for text in carried]) <= 0.05


def test_without_words_nothing_is_estimated(demo):
    assert demo.find("under 50 dollars", 1)[1].fit is None


def test_filters_and_stock_do_not_change_what_the_shop_carries(demo):
    fits = [demo.find(text, 1)[1].fit for text in ("sofas", "sofas under 1 dollar", "sofas, including sold out ones")]
    assert len(set(fits)) == 1
    assert fits[0] > shipped().threshold

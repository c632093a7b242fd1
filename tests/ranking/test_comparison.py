"""The table of matchers on a case that can be worked out by hand, and the page that shows it."""

import ir_measures
import numpy as np
import pandas as pd
import pytest
from ir_measures import RR, P, R, nDCG

from ranking.comparison import gains_over, measure, table_of
from ranking.interactions import Histories
from ranking.models.protocol import Progress, Validation
from ranking.reporting.page import TrainingStory, write_report


class Fixed:
    """Scores that stand fast."""

    def __init__(self, rows):
        self.rows = np.array(rows, dtype=np.float32)

    def score(self, shoppers, items=None):
        return np.stack([self.rows[int(own[0])] for own in shoppers.items])


def asked(targets):
    n = len(targets)
    items = tuple(np.array([place], dtype=np.int64) for place in range(n))
    none = tuple(np.zeros(1, dtype=np.float32) for _ in range(n))
    return Validation(Histories(items, none, none, tuple(() for _ in range(n))), np.array(targets))


# Shopper 0 has item 0, shopper 1 has item 1: these are left out.
SCORES = [[9.0, 1.0, 3.0, 2.0], [1.0, 9.0, 1.0, 1.0]]


def test_the_figures_of_a_small_case():
    found = measure("fixed", Fixed(SCORES), asked([3, 2]), np.array([6, 6, 0, 4])).metrics
    # Shopper 0: item 3 is second of three. Shopper 1: three tie, so each stands at the mean of the places, second.
    assert found["ndcg@10"] == pytest.approx(1 / np.log2(3))
    assert found["recall@10"] == 1.0
    assert found["precision@10"] == pytest.approx(0.1)
    assert found["mrr"] == pytest.approx(0.5)
    assert found["auc"] == pytest.approx(0.5)
    assert found["ndcg@10, shoppers with 1 to 3 acts"] == pytest.approx(1 / np.log2(3))
    assert found["ndcg@10, items never taken up before"] == pytest.approx(1 / np.log2(3))
    assert found["ndcg@10, items taken up 5 times or less"] == pytest.approx(1 / np.log2(3))


def test_they_are_those_of_ir_measures_where_nothing_ties():
    rng = np.random.default_rng(0)
    n, targets = 40, rng.integers(0, 30, 40)
    histories = tuple(np.array([row], dtype=np.int64) for row in range(n))
    none = tuple(np.zeros(1, dtype=np.float32) for _ in range(n))
    told = Validation(Histories(histories, none, none, ((),) * n), targets, repeats=True)
    scores = rng.permutation(n * 30).reshape(n, 30).astype(np.float32)
    ours = measure("fixed", Fixed(scores), told, np.ones(30, dtype=np.int64)).metrics
    wanted = pd.DataFrame({"query_id": np.arange(n).astype(str), "doc_id": targets.astype(str), "relevance": 1})
    run = pd.DataFrame(
        {
            "query_id": np.repeat(np.arange(n), 30).astype(str),
            "doc_id": np.tile(np.arange(30), n).astype(str),
            "score": scores.ravel().astype(float),
        }
    )
    theirs = ir_measures.calc_aggregate([nDCG @ 10, R @ 10, P @ 10, RR], wanted, run)
    names = {"ndcg@10": nDCG @ 10, "recall@10": R @ 10, "precision@10": P @ 10, "mrr": RR}
    assert {name: ours[name] for name in names} == pytest.approx({n: theirs[m] for n, m in names.items()})


def test_what_a_shopper_has_cannot_be_found():
    found = measure("fixed", Fixed(SCORES), asked([0, 1]), np.array([1, 1, 1, 1])).metrics
    assert found["ndcg@10"] == found["recall@10"] == found["mrr"] == found["auc"] == 0.0


def test_a_gain_needs_the_whole_interval():
    first, second = (measure(name, Fixed(SCORES), asked([3, 2]), np.ones(4, dtype=np.int64)) for name in ("a", "b"))
    (gain,) = gains_over(first, [first, second])
    assert (gain.baseline, gain.difference, gain.is_better) == ("b", 0.0, False)


def test_the_page_shows_the_table_and_escapes_what_it_is_told(tmp_path):
    row = measure("fixed", Fixed(SCORES), asked([3, 2]), np.ones(4, dtype=np.int64))
    story = TrainingStory(
        title="Training <b>",
        model="fixed",
        statistics={"shoppers": 2},
        settings={"rate": 0.1},
        table=table_of([row]),
        gains=(),
        decision="It serves.",
        progress=(Progress("fixed", 1, 2, 0.5, 0.25), Progress("fixed", 2, 2, 0.4, None)),
    )
    html = write_report(tmp_path, story).read_text("utf-8")
    assert "Training &lt;b&gt;" in html
    assert "<b>" not in html
    assert "0.6309" in html
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")
    curves = pd.read_csv(tmp_path / "curves.csv")
    assert curves["loss"].tolist() == [0.5, 0.4]
    assert pd.read_csv(tmp_path / "comparison.csv")["ndcg@10"].tolist() == [pytest.approx(0.6309, abs=1e-4)]

import json

import pytest
from commands import reported

from benchmarks.policies import main
from benchmarks.policy_data import Question, read_policies, read_questions
from benchmarks.train_policies import QUESTIONS, UNSEEN, load_sets
from retrieval.errors import FeedError
from retrieval.types import Policy


@pytest.fixture
def files(tmp_path):
    rules, asked = tmp_path / "rules.jsonl", tmp_path / "asked.jsonl"
    rows = [
        {"id": "ship", "language": "en", "title": "Shipping", "text": "Delivery takes 3 days and costs $5."},
        {"id": "back", "title": "退货", "text": "三十天内可以退货。"},
    ]
    rules.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    questions = [
        {"question": "how long does shipping take", "expect": ["ship"]},
        {"question": "多少天内可以退货", "expect": ["back"]},
        {"question": "who won the world cup", "expect": []},
    ]
    asked.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in questions), "utf-8")
    return rules, asked


def test_files_are_read_with_what_they_leave_out(files, tmp_path):
    rules, asked = files
    assert read_policies(rules)[1] == Policy("back", "", "zh", "退货", "三十天内可以退货。", "policy")
    assert read_questions(asked)[1] == Question("多少天内可以退货", "zh", frozenset({"back"}))
    faq = tmp_path / "faq.json"
    faq.write_text('{\r\n "questions": [{"question": "Q?", "answer": "A."}]}', "utf-8")
    assert read_policies(faq) == [Policy("faq-0", "", "en", "Q?", "A.", "faq")]


@pytest.mark.parametrize(
    ("reader", "row", "said"),
    [(read_policies, {"id": "x", "title": "T"}, "text is missing"), (read_questions, {"question": "Q"}, "expect")],
)
def test_a_row_that_is_none_is_named(reader, row, said, tmp_path):
    (tmp_path / "bad.jsonl").write_text(json.dumps(row), "utf-8")
    with pytest.raises(FeedError, match=said):
        reader(tmp_path / "bad.jsonl")


def test_the_benchmark_counts_what_it_should(files):
    rules, asked = files
    report = reported(main, "--policies", rules, "--questions", asked)
    ours = next(row for row in report["rows"] if row["system"] == "ours")
    assert report["data"]["unanswerable"] == 1
    assert (ours["right_first"], ours["answered_right"], ours["refused"], ours["false_refusals"]) == (1, 1, 1, 0)
    assert [row["system"] for row in report["rows"]][:3] == ["bm25", "cosine", "ours"]


def test_our_own_questions_name_passages_that_exist():
    names = [path.stem.removesuffix("_policies") for path in QUESTIONS.glob("*_policies.jsonl")]
    assert {*UNSEEN, "bookshop", "nursery", "bicycles"} <= set(names)
    for name in names:
        ids = {policy.id for policy in read_policies(QUESTIONS / f"{name}_policies.jsonl")}
        questions = read_questions(QUESTIONS / f"{name}.jsonl")
        assert {wanted for question in questions for wanted in question.expect} <= ids
        assert len({question.text for question in questions}) == len(questions)
        assert sum(not question.expect for question in questions) >= len(questions) / 4


def test_nothing_is_trained_on_the_shops_that_are_to_stay_unseen(tmp_path):
    assert not {*UNSEEN} & {*load_sets(tmp_path)}
    assert len(load_sets(tmp_path)) > 15

"""Trains which passage answers a question: `python -m benchmarks.train_policies [--shared DIR] [--save] [--json]`.

In: the five sets of policies and questions under `policy_questions/` (the FAQ set only where the shared data lie). Out:
figures with each set left out in turn, and with `--save` the weights of all of them. Deterministic; two minutes.

The demo shop's rules are also taken in one language with the questions in the other.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from assistant.policies import model as model_module
from assistant.policies.features import Figures, Measured, measure
from assistant.policies.model import WEIGHTS_FILE, AnswerModel, evidence_of
from assistant.policies.passages import read_passages
from benchmarks.policy_data import Question, read_policies, read_questions
from benchmarks.report import print_report
from retrieval.demo import DEMO_FOLDER, POLICIES_FILE
from retrieval.embedder import Embedder, open_embedder
from retrieval.types import Policy

QUESTIONS = Path(__file__).parent / "policy_questions"
SHARED = Path(__file__).parents[2] / "shared"
FAQ = Path("data/ecommerce_faq/Ecommerce_FAQ_Chatbot_dataset.json")

FALSE_REFUSALS = 0.03
ORDER_PENALTY = 0.1
SURE_C = 0.05
FOLDS = 10


@dataclass(frozen=True)
class Case:
    """One question measured against its pool; `right` `(n,)` says which passages answer it."""

    measured: Measured
    right: NDArray[np.bool_]

    @property
    def answerable(self) -> bool:
        return bool(self.right.any())


def main(
    shared: Annotated[Path, typer.Option(help="Where the shared data lie.")] = SHARED,
    save: Annotated[bool, typer.Option(help="Write the weights of all sets into the package.")] = False,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Leave each set out in turn; then fit all of them."""
    started = time.perf_counter()
    embedder = open_embedder()
    sets = {name: cases_of(*pair, embedder) for name, pair in load_sets(shared).items()}
    rows = []
    for name, held_out in sets.items():
        model = fit([case for other, cases in sets.items() if other != name for case in cases], embedder.fingerprint)
        rows.append({"system": f"without {name}", **figures_of(model, held_out)})
    everything = [case for cases in sets.values() for case in cases]
    if save:
        target = Path(model_module.__file__).with_name(WEIGHTS_FILE)
        fit(everything, embedder.fingerprint).save(target, sets={name: len(cases) for name, cases in sets.items()})
    data = {"questions": len(everything), "sets": ", ".join(sets)}
    print_report("train_policies", data, "", rows, time.perf_counter() - started, json_)


def load_sets(shared: Path) -> dict[str, tuple[list[Policy], list[Question]]]:
    """The sets by name; the FAQ's only where its passages are at hand."""
    files = {"demo": DEMO_FOLDER / POLICIES_FILE, "ecommerce_faq": shared / FAQ}
    files |= {name: QUESTIONS / f"{name}_policies.jsonl" for name in ("bookshop", "nursery", "bicycles")}
    return {
        name: (read_policies(path), read_questions(QUESTIONS / f"{name}.jsonl"))
        for name, path in files.items()
        if path.is_file()
    }


def cases_of(policies: Sequence[Policy], questions: Sequence[Question], embedder: Embedder) -> list[Case]:
    """Every question against the passages in its language, and in the other one where the shop has both."""
    languages = {policy.language for policy in policies}
    cases = []
    for question in questions:
        for language in sorted(languages):
            pool = tuple(policy for policy in policies if policy.language == language)
            right = np.array([policy.id in question.expect for policy in pool])
            cases.append(Case(measure(question.text, read_passages(pool, embedder), embedder), right))
    return cases


def fit(cases: Sequence[Case], encoder: str) -> AnswerModel:
    """The weights of these cases; the threshold refuses `FALSE_REFUSALS` of the answerable ones, out of fold."""
    from sklearn.linear_model import LogisticRegression

    order = fit_order(cases)
    evidence = np.array([evidence_of(case.measured, case.measured.pairs @ order) for case in cases])
    labels = np.array([case.answerable for case in cases])
    mean, scale = evidence.mean(axis=0), np.maximum(evidence.std(axis=0), 1e-3)
    scaled = (evidence - mean) / scale
    folds = np.arange(len(cases)) % FOLDS
    apart = np.zeros(len(cases))
    for fold in range(FOLDS):
        part = LogisticRegression(C=SURE_C, max_iter=1000).fit(scaled[folds != fold], labels[folds != fold])
        apart[folds == fold] = part.predict_proba(scaled[folds == fold])[:, 1]
    found = LogisticRegression(C=SURE_C, max_iter=1000).fit(scaled, labels)
    threshold = float(np.quantile(apart[labels], FALSE_REFUSALS))
    return AnswerModel(order, mean, scale, found.coef_[0], float(found.intercept_[0]), threshold, encoder)


def fit_order(cases: Sequence[Case]) -> Figures:
    """`(len(NAMES),)`: the conditional logit's weights, by maximum likelihood with an L2 penalty on scaled figures."""
    from scipy.optimize import minimize

    told = [case for case in cases if case.answerable]
    scale = np.concatenate([case.measured.pairs for case in told]).std(axis=0) + 1e-6

    def loss(weights: Figures) -> tuple[float, Figures]:
        total, gradient = 0.0, np.zeros_like(weights)
        for case in told:
            pairs = case.measured.pairs / scale
            scores = pairs @ weights
            chances = np.exp(scores - scores.max())
            right = chances * case.right
            total -= float(np.log(right.sum() / chances.sum()))
            gradient += pairs.T @ (chances / chances.sum() - right / right.sum())
        penalty = ORDER_PENALTY * float(weights @ weights) / 2
        return total / len(told) + penalty, gradient / len(told) + ORDER_PENALTY * weights

    start = np.zeros(len(scale))
    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B").x / scale, dtype=np.float64)


def figures_of(model: AnswerModel, cases: Sequence[Case]) -> dict[str, Any]:
    """The right passage first; unanswerable refused and answerable refused at the model's own threshold."""
    first: list[bool] = []
    refused: list[bool] = []
    wrongly: list[bool] = []
    for case in cases:
        scores = model.scores(case.measured)
        is_refused = model.probability(evidence_of(case.measured, scores)) < model.threshold
        (wrongly if case.answerable else refused).append(is_refused)
        if case.answerable:
            first.append(bool(case.right[int(np.argmax(scores))]))
    counts = {"answerable": len(first), "unanswerable": len(refused)}
    names = ("right_first", "refused", "false_refusals")
    return counts | {
        name: round(float(np.mean(of)), 4) for name, of in zip(names, (first, refused, wrongly), strict=True)
    }


if __name__ == "__main__":
    typer.run(main)

"""Trains which passage answers a question: `python -m benchmarks.train_policies [--shared DIR] [--save] [--json]`.

In: the sets of policies and questions under `policy_questions/` but for `UNSEEN`, and the demo shop's (the FAQ set only
where the shared data lie). Out: figures of every shop by a model that saw neither it nor the others of its group, what
is refused at several shares of false refusals, and with `--save` the weights of all of them. Deterministic; minutes.

The demo shop's rules are also taken in one language with the questions in the other, and every case once more as a shop
of few rules would have it. What the maps say of a case while the other weights are fitted comes from maps that did not
see its shop, either (stacking: Wolpert 1992).
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from assistant.policies import model as model_module
from assistant.policies.features import ABOUT, Figures, Measured, measure
from assistant.policies.model import AnswerModel, Maps, evidence_of, figures_of
from assistant.policies.passages import read_passages
from assistant.policies.reading import Readers
from benchmarks.policy_data import Question, read_policies, read_questions
from benchmarks.report import print_report
from retrieval.bilingual import DIMENSION, bilingual
from retrieval.demo import DEMO_FOLDER, POLICIES_FILE
from retrieval.embedder import open_embedder
from retrieval.text import has_cjk
from retrieval.types import Matrix, Policy

QUESTIONS = Path(__file__).parent / "policy_questions"
SHARED = Path(__file__).parents[2] / "shared"
FAQ = Path("data/ecommerce_faq/Ecommerce_FAQ_Chatbot_dataset.json")
UNSEEN = ("cosmetics", "instruments", "stationery", "toys", "camping")
"""Shops that nothing is trained on."""

FALSE_REFUSALS = 0.08
CURVE = (0.03, 0.05, 0.08, 0.12, 0.2)
MAP_PENALTY = 3.0
USUAL_C = 0.3
ORDER_PENALTY = 0.01
SURE_C = 0.05
GROUPS = 6
FEW, KEPT, SEED = 8, 1.0, 7


@dataclass(frozen=True)
class Case:
    """One question measured against its pool, whose `centred` texts are `(n, 512 + d)`; `right` `(n,)` says which
    passages answer it."""

    measured: Measured
    centred: Matrix
    right: NDArray[np.bool_]
    is_chinese: bool

    @property
    def answerable(self) -> bool:
        return bool(self.right.any())


Sets = Mapping[str, Sequence[Case]]


def main(
    shared: Annotated[Path, typer.Option(help="Where the shared data lie.")] = SHARED,
    save: Annotated[bool, typer.Option(help="Write the weights of all sets into the package.")] = False,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Leave each group of shops out in turn; then fit all of them."""
    started = time.perf_counter()
    readers = Readers(bilingual(), open_embedder())
    sets = {name: cases_of(*pair, readers) for name, pair in load_sets(shared).items()}
    model_of = partial(fit, encoder=readers.english.fingerprint, bilingual=readers.both.fingerprint)
    rows: list[dict[str, Any]] = []
    apart: list[tuple[float, Case]] = []
    for group in groups(sets):
        model = model_of({name: cases for name, cases in sets.items() if name not in group})
        for name in group:
            judged = [(*model.judge(case.measured, case.centred), case) for case in sets[name]]
            rows.append({"system": f"without {name}", **figures_for(judged, model.threshold)})
            apart += [(chance, case) for _, chance, case in judged if name != "demo"]
    if save:
        counts = {name: len(cases) for name, cases in sets.items()}
        model_of(sets).save(Path(model_module.__file__).parent, sets=counts)
    rows = sorted(rows, key=lambda row: str(row["system"])) + [curve(apart, chinese) for chinese in (True, False)]
    data = {"questions": sum(map(len, sets.values())), "sets": len(sets)}
    print_report("train_policies", data, "", rows, time.perf_counter() - started, json_)


def load_sets(shared: Path) -> dict[str, tuple[list[Policy], list[Question]]]:
    """The sets by name; the FAQ's only where its passages are at hand."""
    files = {"demo": DEMO_FOLDER / POLICIES_FILE, "ecommerce_faq": shared / FAQ}
    written = {path.stem.removesuffix("_policies"): path for path in sorted(QUESTIONS.glob("*_policies.jsonl"))}
    files |= {name: path for name, path in written.items() if name not in UNSEEN}
    return {
        name: (read_policies(path), read_questions(QUESTIONS / f"{name}.jsonl"))
        for name, path in files.items()
        if path.is_file()
    }


def cases_of(policies: Sequence[Policy], questions: Sequence[Question], readers: Readers) -> list[Case]:
    """Every question against the passages in its language, and in the other one where the shop has both."""
    cases = []
    for language in sorted({policy.language for policy in policies}):
        passages = read_passages(tuple(policy for policy in policies if policy.language == language), readers)
        for question in questions:
            right = np.array([policy.id in question.expect for policy in passages.policies])
            measured = measure(question.text, passages, readers)
            cases.append(Case(measured, passages.centred, right, has_cjk(question.text)))
    return cases


def groups(sets: Sets) -> Iterator[list[str]]:
    """The names of the sets in `GROUPS` parts."""
    names = sorted(sets)
    yield from (names[first::GROUPS] for first in range(min(GROUPS, len(names))))


def fit(sets: Sets, encoder: str, bilingual: str) -> AnswerModel:
    """The weights of these sets; the threshold refuses `FALSE_REFUSALS` of the answerable ones, out of group."""
    whole, small = stacked(sets)
    order = fit_order([one.figures for one in whole], [one.case for one in whole])
    everything = [*whole, *small]
    evidence = np.array([evidence_of(o.figures, o.figures @ order, o.case.measured, o.usual) for o in everything])
    labels = np.array([one.case.answerable for one in everything])
    fold = np.array([one.fold for one in everything])
    mean, scale, sure, bias, threshold = fit_sure(evidence, labels, fold, len(whole))
    maps = fit_maps([one.case for one in whole])
    return AnswerModel(maps, order, mean, scale, sure, bias, threshold, encoder, bilingual)


@dataclass(frozen=True)
class Stacked:
    """A case with what maps of other shops say of it; `fold` is the group of its shop."""

    case: Case
    figures: Figures
    usual: Figures
    fold: int


def stacked(sets: Sets) -> tuple[list[Stacked], list[Stacked]]:
    """Every case by maps that did not see its shop; and each again as a shop of few rules would have it."""
    rng = np.random.default_rng(SEED)
    whole, small = [], []
    for fold, group in enumerate(groups(sets)):
        maps = fit_maps([case for name, of in sets.items() if name not in group for case in of])
        for case in (case for name in group for case in sets[name]):
            usual = maps.usually(case.measured.asked)
            few = of_few(case, rng)
            whole.append(Stacked(case, figures_of(case.measured, maps, case.centred), usual, fold))
            small.append(Stacked(few, figures_of(few.measured, maps, few.centred), usual, fold))
    return whole, small


def of_few(case: Case, rng: np.random.Generator) -> Case:
    """The case in a shop with at most `FEW` of the rules; the one that answers is among them in `KEPT`."""
    right, others = np.flatnonzero(case.right), np.flatnonzero(~case.right)
    kept = right if rng.random() < KEPT else right[:0]
    n = max(1, int(rng.integers(2, FEW + 1)) - len(kept))
    rows = np.sort(np.concatenate([kept, rng.permutation(others)[:n]]))
    about = case.measured.about.copy()
    about[ABOUT.index("log_passages")] = np.log(len(rows))
    centred = case.centred[rows] - case.centred[rows].mean(axis=0)
    return Case(
        Measured(case.measured.pairs[rows], about, case.measured.asked), centred, case.right[rows], case.is_chinese
    )


def fit_maps(cases: Sequence[Case]) -> Maps:
    """Ridge regressions of where the answer lies on the question's vectors, and which questions are answered at all."""
    from sklearn.linear_model import LogisticRegression

    told = [case for case in cases if case.answerable]
    asked = np.stack([case.measured.asked for case in told]).astype(np.float64)
    wanted = np.stack([case.centred[case.right].mean(axis=0) for case in told]).astype(np.float64)
    centre = asked.mean(axis=0)
    moved = asked - centre
    everything = np.stack([case.measured.asked for case in cases])
    labels = np.array([case.answerable for case in cases])
    solved, weights = [], []
    for part in (slice(None, DIMENSION), slice(DIMENSION, None)):
        of, to = moved[:, part], wanted[:, part]
        solved.append(np.linalg.solve(of.T @ of + MAP_PENALTY * np.eye(of.shape[1]), of.T @ to).astype(np.float32))
        head = LogisticRegression(C=USUAL_C, max_iter=500, class_weight="balanced", fit_intercept=False)
        weights.append(head.fit(everything[:, part], labels).coef_[0])
    return Maps(centre.astype(np.float32), solved[0], solved[1], np.concatenate(weights).astype(np.float32))


def fit_sure(
    evidence: Figures, labels: NDArray[np.bool_], fold: NDArray[np.intp], n_whole: int
) -> tuple[Figures, Figures, Figures, float, float]:
    """The mean, scale, weights, bias and threshold of the logistic regression that a passage answers; the threshold by
    the first `n_whole` cases alone."""
    from sklearn.linear_model import LogisticRegression

    mean, scale = evidence.mean(axis=0), np.maximum(evidence.std(axis=0), 1e-3)
    scaled = (evidence - mean) / scale
    apart = np.zeros(len(labels))
    for place in np.unique(fold):
        part = LogisticRegression(C=SURE_C, max_iter=1000).fit(scaled[fold != place], labels[fold != place])
        apart[fold == place] = part.predict_proba(scaled[fold == place])[:, 1]
    found = LogisticRegression(C=SURE_C, max_iter=1000).fit(scaled, labels)
    threshold = float(np.quantile(apart[:n_whole][labels[:n_whole]], FALSE_REFUSALS))
    return mean, scale, found.coef_[0], float(found.intercept_[0]), threshold


def fit_order(figures: Sequence[Figures], cases: Sequence[Case]) -> Figures:
    """`(n figures,)`: the conditional logit's weights, by maximum likelihood with an L2 penalty on scaled figures."""
    from scipy.optimize import minimize

    told = [(of, case.right) for of, case in zip(figures, cases, strict=True) if case.answerable]
    scale = np.concatenate([of for of, _ in told]).std(axis=0) + 1e-6

    def loss(weights: Figures) -> tuple[float, Figures]:
        total, gradient = 0.0, np.zeros_like(weights)
        for of, is_right in told:
            pairs = of / scale
            scores = pairs @ weights
            chances = np.exp(scores - scores.max())
            right = chances * is_right
            total -= float(np.log(right.sum() / chances.sum()))
            gradient += pairs.T @ (chances / chances.sum() - right / right.sum())
        penalty = ORDER_PENALTY * float(weights @ weights) / 2
        return total / len(told) + penalty, gradient / len(told) + ORDER_PENALTY * weights

    start = np.zeros(len(scale))
    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B").x / scale, dtype=np.float64)


def figures_for(judged: Sequence[tuple[Figures, float, Case]], threshold: float) -> dict[str, Any]:
    """The right passage first; unanswerable refused and answerable refused at the model's own threshold."""
    first = [bool(case.right[int(np.argmax(scores))]) for scores, _, case in judged if case.answerable]
    refused = [chance < threshold for _, chance, case in judged if not case.answerable]
    wrongly = [chance < threshold for _, chance, case in judged if case.answerable]
    shares = {"right_first": first, "refused": refused, "false_refusals": wrongly}
    counts = {"answerable": len(first), "unanswerable": len(refused)}
    return counts | {name: round(float(np.mean(of)), 4) for name, of in shares.items()}


def curve(apart: Sequence[tuple[float, Case]], chinese: bool) -> dict[str, Any]:
    """What share of the unanswerable questions in one language is refused at each share of false refusals."""
    met = [chance for chance, case in apart if case.is_chinese == chinese and case.answerable]
    none = np.array([chance for chance, case in apart if case.is_chinese == chinese and not case.answerable])
    row: dict[str, Any] = {"system": f"all left out, {'zh' if chinese else 'en'}"}
    return row | {f"refused@{share:.0%}": round(float(np.mean(none < np.quantile(met, share))), 4) for share in CURVE}


if __name__ == "__main__":
    typer.run(main)

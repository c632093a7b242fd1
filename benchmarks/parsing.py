"""How well messages are understood: `python -m benchmarks.parsing FILE [--json]`.

In: JSONL of `{"id", "turns", "expect", "around", "tags"}`. Out: one row for all cases, one per language, per tag and by
whether the parser was in doubt, from the real parser and dialogue on the demo shop's catalog; and `no dialogue`, the
same parser reading the last message alone. With `--llm` a row more: with that language model as its second reader.

A key missing from `expect` is not scored. `include` and `exclude` are complete when present. Sizes are compared by
number and unit; an 'around' is right when the amount is inside the window and the window inside 35 % of it. Brand is
on its own.
"""

import hashlib
import json
import os
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from assistant.config import LLM_KEY_VARIABLE, read_settings
from assistant.dialogue import advance
from assistant.llm import LlmSettings, open_language_model
from assistant.parser import Parser
from assistant.parsing.doubts import Doubts
from assistant.parsing.measures import same_size
from assistant.second_reading.reader import SecondReader
from assistant.shop_facts import ShopFacts
from assistant.types import SENTIMENTS, ParsedMessage, Session, ShownProduct
from benchmarks.report import print_report
from retrieval.demo import DEMO_FOLDER, MAPPING_FILE, PRODUCTS_FILE
from retrieval.feed import load_mapping, read_feed
from retrieval.filters import passing_variant
from retrieval.money import ExchangeRates, to_major
from retrieval.types import Filters, Product, Query
from retrieval.vocabulary import Vocabulary

N_SHOWN = 5
AROUND_SHARE = 0.35
_SCALARS = ("category", "price_min", "price_max", "currency", "sort", "quantity")
_ATTRIBUTES = ("audience", "season", "color", "material", "feature", "condition")
_OWN_SCORE = "brand"
WITH_MODEL = "parser and model"

Triple = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Case:
    """One utterance or dialogue with what is expected after its last turn."""

    id: str
    turns: tuple[str, ...]
    expect: Mapping[str, Any]
    around: float | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came out of one case; `doubts` are the parser's about its last message."""

    case: Case
    parsed: ParsedMessage
    filters: Filters
    latencies_ms: tuple[float, ...]
    doubts: Doubts


@dataclass(slots=True)
class Bench:
    """The demo shop's parser, with a second reader where there is one, and dialogue; between turns, products that meet
    the filters are shown."""

    products: Sequence[Product]
    reader: SecondReader | None = None
    parser: Parser = field(init=False)
    facts: ShopFacts = field(init=False)

    def __post_init__(self) -> None:
        vocabulary = Vocabulary.from_products(self.products)
        by_id = {product.id: product for product in self.products}

        def lookup(ids: Iterable[str]) -> Mapping[str, Product]:
            return {product_id: by_id[product_id] for product_id in ids if product_id in by_id}

        rates = read_settings(DEMO_FOLDER).rates or ExchangeRates("USD")
        self.parser = Parser(vocabulary, lookup)
        self.facts = ShopFacts("USD", rates, vocabulary, lookup)

    def run(self, case: Case, turns: Sequence[str] | None = None) -> Outcome:
        """The state after the case's turns (or the given ones)."""
        session = Session(id="benchmark", shopper_id="benchmark")
        latencies, doubts = [], Doubts()
        for turn in case.turns if turns is None else turns:
            doubts = self.parser.doubts(turn, session)
            started = time.perf_counter()
            parsed = self._parsed(turn, session)
            step = advance(session, parsed, self.facts)
            latencies.append((time.perf_counter() - started) * 1000)
            session = replace(step.session, turn=session.turn + 1)
            if step.query is not None:
                session = replace(session, shown=session.shown + self._shown(step.query, session.turn))
        return Outcome(case, parsed, session.filters, tuple(latencies), doubts)

    def _parsed(self, turn: str, session: Session) -> ParsedMessage:
        if self.reader is None:
            return self.parser.parse(turn, session)
        return self.reader.parse(turn, session, self.parser)

    def _shown(self, query: Query, turn: int) -> tuple[ShownProduct, ...]:
        new = [product for product in self.products if product.id not in query.exclude_ids]
        fitting = [product for product in new if passing_variant(product, query.filters)]
        near = [p for p in new if query.filters.category in (p.category, p.department)]
        shown = (fitting or near or new)[:N_SHOWN]
        return tuple(ShownProduct(product.id, turn, i + 1) for i, product in enumerate(shown))


def demo_products() -> list[Product]:
    """The demo shop's catalog, read as the shop reads it."""
    return list(read_feed([DEMO_FOLDER / PRODUCTS_FILE], load_mapping(DEMO_FOLDER / MAPPING_FILE)).products)


def read_cases(path: Path) -> list[Case]:
    """The cases in a JSONL file.

    Raises:
        ValueError: a line is no case; names the line.
    """
    cases = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            case = Case(
                str(row["id"]), tuple(row["turns"]), row["expect"], row.get("around"), tuple(row.get("tags", ()))
            )
        except (KeyError, TypeError, json.JSONDecodeError) as error:
            raise ValueError(f"{path}, line {number}: not a parsing case ({error})") from error
        cases.append(case)
    return cases


def expected_triples(case: Case) -> set[Triple]:
    """What the case wants to find in the state, as (key, attribute, value); the brand apart."""
    found: set[Triple] = set()
    for key in _SCALARS:
        if case.around is not None and key in ("price_min", "price_max"):
            continue
        found |= _scalar(key, case.expect.get(key))
    for name in ("size", *_ATTRIBUTES):
        found |= {("include", name, _plain(value)) for value in _listed(case.expect.get(name))}
    for key in ("include", "exclude"):
        for name, values in (case.expect.get(key) or {}).items():
            if name != _OWN_SCORE:
                found |= {(key, name, _plain(value)) for value in _listed(values)}
    if case.around is not None:
        found.add(("around", "", f"{case.around:g}"))
    return found


def found_triples(case: Case, filters: Filters) -> set[Triple]:
    """What the state holds under the keys that the case scores, in the expectation's own spelling where it is equal."""
    found: set[Triple] = set()
    scored = case.expect
    values = _stated(filters)
    for key in _SCALARS:
        windowed = case.around is not None and key in ("price_min", "price_max")
        if key in scored and not windowed:
            found |= _scalar(key, values[key])
    for name in ("size", *_ATTRIBUTES):
        if name in scored:
            found |= {("include", name, _plain(value)) for value in filters.include.get(name, ())}
    for key, stated in (("include", filters.include), ("exclude", filters.exclude)):
        if key in scored:
            unscored = {_OWN_SCORE} | ({"size"} - set(scored[key] or {}))
            found |= {(key, n, _plain(v)) for n, each in stated.items() if n not in unscored for v in each}
    if case.around is not None:
        found.add(("around", "", f"{case.around:g}" if _is_around(case.around, filters) else "wrong"))
    return _same_sizes(found, expected_triples(case))


def _stated(filters: Filters) -> dict[str, Any]:
    """The scalar keys as the cases write them: amounts in major units, no currency without a price."""
    low, high = _major(filters.price_min_minor, filters), _major(filters.price_max_minor, filters)
    return {
        "category": filters.category,
        "sort": filters.sort,
        "quantity": filters.quantity,
        "price_min": low,
        "price_max": high,
        "currency": None if low is None and high is None else filters.currency,
    }


def _same_sizes(found: set[Triple], expected: set[Triple]) -> set[Triple]:
    sizes = [value for _, name, value in expected if name == "size"]
    return {
        (key, name, next((size for size in sizes if name == "size" and same_size(size, value)), value))
        for key, name, value in found
    }


def _scalar(key: str, value: Any) -> set[Triple]:
    if value is None or (key == "quantity" and int(value) == 1):
        return set()
    return {(key, "", f"{float(value):g}" if isinstance(value, int | float | Decimal) else _plain(value))}


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def _plain(value: Any) -> str:
    return str(value).strip().casefold() if not str(value).isupper() or len(str(value)) != 3 else str(value)


def _major(amount_minor: int | None, filters: Filters) -> Decimal | None:
    return None if amount_minor is None else to_major(amount_minor, filters.currency or "USD")


def _is_around(amount: float, filters: Filters) -> bool:
    low, high = _major(filters.price_min_minor, filters), _major(filters.price_max_minor, filters)
    if low is None or high is None:
        return False
    return amount * (1 - AROUND_SHARE) <= float(low) <= amount <= float(high) <= amount * (1 + AROUND_SHARE)


def is_joint_right(outcome: Outcome) -> bool:
    """Whether every scored key of the state is right (the brand aside)."""
    return expected_triples(outcome.case) == found_triples(outcome.case, outcome.filters)


def score(system: str, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """One row of figures."""
    hits = wanted = given = 0
    for outcome in outcomes:
        expected, found = expected_triples(outcome.case), found_triples(outcome.case, outcome.filters)
        hits, wanted, given = hits + len(expected & found), wanted + len(expected), given + len(found)
    latencies = [latency for outcome in outcomes for latency in outcome.latencies_ms]
    return {
        "system": system,
        "n": len(outcomes),
        "intent_accuracy": _accuracy(outcomes, "intent", lambda o: o.parsed.intent),
        "slot_f1": round(2 * hits / (wanted + given), 4) if wanted + given else None,
        "joint_goal_accuracy": round(float(np.mean([is_joint_right(o) for o in outcomes])), 4),
        "sentiment_accuracy": _accuracy(outcomes, "sentiment", lambda o: o.parsed.sentiment),
        "sentiment_macro_f1": _macro_f1(outcomes),
        "language_accuracy": _accuracy(outcomes, "language", lambda o: o.parsed.language),
        "brand_accuracy": _accuracy(
            outcomes, _OWN_SCORE, lambda o: next(iter(o.filters.include.get("brand", ())), None)
        ),
        "p50_ms": round(float(np.percentile(latencies, 50)), 2),
        "p95_ms": round(float(np.percentile(latencies, 95)), 2),
        **{f"{name}_share": round(share, 4) for name, share in _read_by(outcomes).items()},
    }


def _read_by(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """How often a last message was read with a model, and how often one failed or said nothing that counts."""
    counts = Counter(outcome.parsed.read_by for outcome in outcomes)
    return {name: n / len(outcomes) for name, n in sorted(counts.items()) if name != "rules"}


def _accuracy(outcomes: Sequence[Outcome], key: str, said: Callable[[Outcome], str | None]) -> float | None:
    scored = [(_first(o.case.expect[key]), said(o)) for o in outcomes if key in o.case.expect]
    return round(sum(right == ours for right, ours in scored) / len(scored), 4) if scored else None


def _first(value: Any) -> Any:
    return next(iter(value), None) if isinstance(value, list) else value


def _macro_f1(outcomes: Sequence[Outcome]) -> float | None:
    """Mean F1 over the sentiments that occur."""
    pairs = [(o.case.expect["sentiment"], o.parsed.sentiment) for o in outcomes if "sentiment" in o.case.expect]
    counts = Counter(pairs)
    scores = []
    for sentiment in SENTIMENTS:
        right = counts[sentiment, sentiment]
        wanted = sum(n for (gold, _), n in counts.items() if gold == sentiment)
        given = sum(n for (_, ours), n in counts.items() if ours == sentiment)
        if wanted:
            scores.append(2 * right / (wanted + given))
    return round(float(np.mean(scores)), 4) if scores else None


def _language_of(case: Case) -> str:
    return str(
        case.expect.get("language") or ("zh" if any("\u4e00" <= c <= "\u9fff" for c in case.turns[-1]) else "en")
    )


def rows_of(bench: Bench, cases: Sequence[Case]) -> tuple[list[dict[str, Any]], list[Outcome]]:
    """All rows, and the outcomes of the served system."""
    outcomes = [bench.run(case) for case in cases]
    groups: defaultdict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        groups[f"language {_language_of(outcome.case)}"].append(outcome)
        groups["intent in doubt" if outcome.doubts.intents else "intent sure"].append(outcome)
        groups["words unread" if outcome.doubts.words else "words read"].append(outcome)
        for tag in outcome.case.tags:
            groups[f"tag {tag}"].append(outcome)
    alone = [bench.run(case, case.turns[-1:]) for case in cases]
    rows = [score("parser", outcomes), score("no dialogue", alone)]
    return rows + [score(f"parser, {name}", group) for name, group in sorted(groups.items())], outcomes


def main(
    file: Annotated[Path, typer.Argument(help="JSONL of parsing cases.")],
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    failures: Annotated[bool, typer.Option(help="Also print what went wrong, case by case.")] = False,
    llm: Annotated[str, typer.Option(help="A second reader, as under [llm] in shop.toml: provider:model.")] = "",
    llm_url: Annotated[str | None, typer.Option(help="Where it is served, if not at the provider's.")] = None,
    llm_timeout_s: Annotated[float, typer.Option(help="Seconds that it may take for a message.")] = 1.5,
) -> None:
    """Score the parser and the dialogue on the cases of FILE."""
    started = time.perf_counter()
    cases = read_cases(file)
    bench = Bench(demo_products())
    rows, outcomes = rows_of(bench, cases)
    settings = LlmSettings(llm, llm_url, os.environ.get(LLM_KEY_VARIABLE), parse=True, parse_timeout_s=llm_timeout_s)
    if model := open_language_model(settings.for_parsing()):
        bench = Bench(bench.products, SecondReader(model))
        outcomes = [bench.run(case) for case in cases]
        rows.insert(0, score(WITH_MODEL, outcomes))
    data = {
        "cases": len(cases),
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "products": len(bench.products),
    }
    print_report("parsing", data, WITH_MODEL if model else "parser", rows, time.perf_counter() - started, json_)
    if failures:
        for outcome in outcomes:
            print_failure(outcome)


def print_failure(outcome: Outcome) -> None:
    """What is wrong with one case, if anything, on a few lines."""
    case, wrong = outcome.case, []
    for key, ours in (
        ("intent", outcome.parsed.intent),
        ("sentiment", outcome.parsed.sentiment),
        ("language", outcome.parsed.language),
    ):
        if key in case.expect and case.expect[key] != ours:
            wrong.append(f"{key}: {case.expect[key]} wanted, {ours} found")
    expected, found = expected_triples(case), found_triples(case, outcome.filters)
    wrong += [f"missing {' '.join(triple)}" for triple in sorted(expected - found)]
    wrong += [f"too much {' '.join(triple)}" for triple in sorted(found - expected)]
    if wrong:
        typer.echo(f"{case.id} {' / '.join(case.turns)}\n    " + "\n    ".join(wrong))


if __name__ == "__main__":
    typer.run(main)

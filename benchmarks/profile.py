"""What a profile from the chat alone is worth: `python -m benchmarks.profile --interactions FILE --items FILE`, or
`--demo`, or `--shop DIR` of a shop with a catalog and events of its own; `[--shoppers N] [--seed 0] [--json]`.

In: who took up what. Out: NDCG@10 of what each shopper took up last, ranked by the ranker that comes with the program,
and by one that the shop trained on what was before, for an empty profile, for the shopper's own and for another one's.
Nobody's events are in any of the profiles: each holds what one message after another said, read by the shop's parser
and kept by its dialogue. What the shopper says are three preferences concluded from what they took up before
(`benchmarks.tastes`); what is measured on is no part of that, nor of the training.

A table of ratings becomes a shop in a temporary directory. Its products are the items, with title and attributes as the
file states them, one price for all, since files of ratings know none and a feed must, and the mean and number of the
ratings that nobody is measured on, as such shops show them (`--no-stars`: none). A product counts as taken up where it
was rated 4 or better. The last tenth of each shopper's ratings is the test. The search names the kind of thing and
nothing else ("movies", "电影"); all products are its candidates but those that the shopper rated before.

In a shop the test is what each shopper took up in their last search that led to an act. The search names the category
of that, and nothing else; they speak of values that tell products of the category apart, and of a product of it if they
took up any. The candidates are those that a turn has; what they took up before may be taken up again. For the demo
shop, whose shoppers are simulated, a last row tells what an order by their true tastes comes to.
"""

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console

from assistant.app import ShoppingAssistant
from assistant.dialogue import advance
from assistant.types import LANGUAGES, Session
from benchmarks.judgments import ndcg
from benchmarks.rated import Case, events_before, events_of, of_ratings, of_shop, rated_shop
from benchmarks.report import print_report
from benchmarks.tastes import Value, called, n_phrasings, utterance
from benchmarks.trained import trained_ranker
from ranking.features import PRODUCT
from ranking.metrics import compared
from ranking.ranker import Ranker
from ranking.simulator import simulate
from ranking.types import Event, ShopperProfile
from retrieval.errors import ConfigError, ModelError, ShopError
from retrieval.types import Product, Query, Retrieved

K = 10
EMPTY, OWN, OTHER = "empty profile", "own profile", "another's profile"
TRAINED = ", trained on the log"
ORACLE = "oracle: the simulator's tastes"


@dataclass(frozen=True, slots=True)
class Heard:
    """The profile after a shopper's statements, and for each whether it was read as meant, and whether its phrasing was
    kept out of the work on the parser."""

    profile: ShopperProfile
    as_meant: tuple[bool, ...]
    kept_out: tuple[bool, ...]


Figures = Mapping[tuple[str, str], NDArray[np.float64]]
"""(system, language) -> NDCG@10 a shopper."""


def main(
    interactions: Annotated[Path | None, typer.Option(help="A table of ratings.", exists=True)] = None,
    items: Annotated[Path | None, typer.Option(help="What is rated: JSON lines or a .item table.", exists=True)] = None,
    shop: Annotated[Path | None, typer.Option(help="A shop with a catalog and events.", exists=True)] = None,
    demo: Annotated[bool, typer.Option("--demo", help="The demo shop, made anew.")] = False,
    stars: Annotated[bool, typer.Option("--stars/--no-stars", help="Rated products show their ratings.")] = True,
    train: Annotated[
        bool, typer.Option("--train/--no-train", help="Also with a ranker trained on what was before.")
    ] = True,
    minutes: Annotated[float, typer.Option(help="About so long to train its networks.")] = 5.0,
    shoppers: Annotated[int | None, typer.Option(help="Measure so many shoppers, drawn by the seed.", min=2)] = None,
    seed: Annotated[int, typer.Option(help="Of everything drawn by chance.")] = 0,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Rank for empty profiles, shoppers' own and others'."""
    began = time.perf_counter()
    try:
        with ExitStack() as until_done:
            assistant, cases, about = opened(interactions, items, shop, demo=demo, stars=stars, until_done=until_done)
            cases = drawn(cases, shoppers, seed)
            rankers = {"": assistant.ranker}
            if train:
                events = events_of(interactions, assistant) if interactions else events_before(assistant)
                rankers |= trained(assistant, events, until_done, minutes, seed)
            rows = [row for how, ranker in rankers.items() for row in measured(assistant, ranker, cases, seed, how)]
            rows += oracle_row(assistant, cases, seed) if demo else ()
    except ShopError as error:
        Console(stderr=True).print(f"[bold red]error:[/] {error}", highlight=False, soft_wrap=True)
        raise typer.Exit(1) from error
    ways = {f"phrasings_{language}": n_phrasings(language) for language in LANGUAGES}
    print_report("profile", {**about, "shoppers": len(cases), **ways, "seed": seed}, OWN + max(rankers),
                 rows, time.perf_counter() - began, json_)  # fmt: skip


def trained(
    assistant: ShoppingAssistant, events: Sequence[Event], until_done: ExitStack, minutes: float, seed: int
) -> dict[str, Ranker]:
    """The ranker trained on some events, under its name; none where they are too few, which is said."""
    folder = Path(until_done.enter_context(tempfile.TemporaryDirectory()))
    try:
        return {TRAINED: trained_ranker(assistant, events, folder / "matcher", minutes, seed)}
    except ModelError as error:
        Console(stderr=True).print(f"not trained: {error}", highlight=False, soft_wrap=True)
        return {}


def opened(
    interactions: Path | None, items: Path | None, shop: Path | None, *, demo: bool, stars: bool, until_done: ExitStack
) -> tuple[ShoppingAssistant, list[Case], dict[str, Any]]:
    """The shop, its cases and what to say of it.

    Raises:
        ConfigError: none of the three sources is named, or more than one.
    """
    if sum((interactions is not None and items is not None, shop is not None, demo)) != 1:
        raise ConfigError("name --interactions with --items, or --shop, or --demo: one of the three")
    if shop is None:
        shop = Path(until_done.enter_context(tempfile.TemporaryDirectory()))
    if interactions is not None and items is not None:
        rated_shop(shop, items, interactions if stars else None)
    assistant = until_done.enter_context(ShoppingAssistant.open(shop, own=demo or interactions is not None))
    n_products = assistant.search.catalog.n_products()
    cases = of_ratings(interactions, assistant) if interactions else of_shop(assistant)
    return assistant, cases, {"products": n_products}


def drawn(cases: Sequence[Case], n: int | None, seed: int) -> list[Case]:
    """No more than n of the cases, in their order.

    Raises:
        ConfigError: there are fewer than two.
    """
    if len(cases) < 2:
        raise ConfigError("fewer than two shoppers have something to say and something to be measured on: bring more")
    places = np.random.default_rng(seed).permutation(len(cases))[: n or len(cases)]
    return [cases[place] for place in np.sort(places)]


def others(n: int, seed: int) -> list[int]:
    """For each of n shoppers another one, each taken once: one round through all in an order drawn by the seed.

    >>> other = others(5, seed=0)
    >>> sorted(other), any(place == own for own, place in enumerate(other))
    ([0, 1, 2, 3, 4], False)
    """
    round_ = np.random.default_rng(seed).permutation(n)
    other = np.empty(n, dtype=np.int64)
    other[round_] = np.roll(round_, -1)
    return [int(place) for place in other]


def measured(
    assistant: ShoppingAssistant, ranker: Ranker, cases: Sequence[Case], seed: int, how: str = ""
) -> list[dict[str, Any]]:
    """The table's rows for one ranker: both languages together, then each. `how` it came to be ends their names."""
    heard = {
        language: [hear(assistant, case, language, number) for number, case in enumerate(cases)]
        for language in LANGUAGES
    }
    figures = scored(assistant, ranker, cases, heard, others(len(cases), seed))
    rows = [_row(system, LANGUAGES, figures, heard, seed) for system in (EMPTY, OWN, OTHER)]
    rows += [
        _row(system, (language,), figures, heard, seed) for language in LANGUAGES for system in (EMPTY, OWN, OTHER)
    ]
    return [{**row, "system": row["system"] + how} for row in rows]


def hear(assistant: ShoppingAssistant, case: Case, language: str, number: int) -> Heard:
    """What the shop knows of a shopper after they have said all that they like, each in a conversation of its own.

    Args:
        assistant: the shop.
        case: the shopper.
        language: "en" or "zh".
        number: of the shopper; who comes later begins with a later phrasing.
    """
    profile, as_meant, kept_out = ShopperProfile(), [], []
    for value, turn in zip(case.likes, turns_of(case.likes, number), strict=True):
        what = called(value, lambda id_: _product(assistant, id_), language)
        text, is_kept_out = utterance(value, what, language, turn)
        session = Session(id="", shopper_id="", language=language, profile=profile)
        after, meant = _said(assistant, session, text, value)
        profile = after.profile
        as_meant.append(meant)
        kept_out.append(is_kept_out)
    return Heard(profile, tuple(as_meant), tuple(kept_out))


def turns_of(likes: Sequence[Value], number: int) -> list[int]:
    """Whose turn it is among the phrasings, for each like: they go round for values and for products apart.

    >>> turns_of([("color", "red"), ("color", "blue"), ("product", "p")], 5)
    [10, 11, 5]
    """
    products = [attribute == PRODUCT for attribute, _ in likes]
    return [number * products.count(kind) + products[:place].count(kind) for place, kind in enumerate(products)]


def _product(assistant: ShoppingAssistant, id_: str) -> Product:
    return assistant.search.catalog.get_many([id_])[id_]


def _said(assistant: ShoppingAssistant, session: Session, text: str, meant: Value) -> tuple[Session, bool]:
    """The session after a statement, and whether that was read as meant: as this like, which sets no condition. The
    kind of thing that it names beside ("action movies") may be read as liked, too."""
    now = assistant.live.now()
    parsed = now.parser.parse(text, session)
    after = advance(session, parsed, now.facts).session
    read = {(item.attribute, item.value.lower(), item.weight > 0) for item in parsed.preferences}
    as_meant = (meant[0], meant[1].lower(), True)
    beside = {item for item in read - {as_meant} if item[0] != "category" or not item[2]}
    sets_nothing = after.filters == session.filters and after.wish == session.wish
    return after, as_meant in read and not beside and sets_nothing


def scored(
    assistant: ShoppingAssistant,
    ranker: Ranker,
    cases: Sequence[Case],
    heard: Mapping[str, Sequence[Heard]],
    other: Sequence[int],
) -> Figures:
    """NDCG@10 of every shopper for every profile and language."""
    figures: dict[tuple[str, str], NDArray[np.float64]] = {}
    for language in LANGUAGES:
        own = [told.profile for told in heard[language]]
        systems = {EMPTY: [ShopperProfile()] * len(cases), OWN: own, OTHER: [own[place] for place in other]}
        search = searching(assistant)
        for system, profiles in systems.items():
            figures[system, language] = np.array(
                [quality(assistant, ranker, case, language, profile, search)
                 for case, profile in zip(cases, profiles, strict=True)]
            )  # fmt: skip
    return figures


Search = Callable[[str, int], tuple[Query, Retrieved]]


def searching(assistant: ShoppingAssistant) -> Search:
    """The shop's search, each text once."""
    found: dict[str, tuple[Query, Retrieved]] = {}

    def search(text: str, k: int) -> tuple[Query, Retrieved]:
        if text not in found:
            found[text] = assistant.find(text, k)
        return found[text]

    return search


def quality(
    assistant: ShoppingAssistant, ranker: Ranker, case: Case, language: str, profile: ShopperProfile, search: Search
) -> float:
    """NDCG@10 of what a shopper took up, for a profile: a new conversation of whom is known what the profile says."""
    text = case.query[language]
    now, session = assistant.live.now(), Session(id="", shopper_id="", language=language, profile=profile)
    step = advance(session, now.parser.parse(text, session), now.facts)
    query, retrieved = search(text, case.n_candidates)
    left = tuple(item for item in retrieved.candidates if item.product.id not in case.left_out)
    ranked = ranker.rank(query, replace(retrieved, candidates=left), step.profile or ShopperProfile(), K)
    return ndcg([item.product.id for item in ranked], case.gains, K)


def oracle_row(assistant: ShoppingAssistant, cases: Sequence[Case], seed: int) -> Iterator[dict[str, Any]]:
    """What an order by the simulated shoppers' own tastes comes to, price level and all: more than anybody can tell."""
    tastes = simulate(list(assistant.search.catalog.products())).tastes
    language, search = LANGUAGES[0], searching(assistant)
    best = []
    for case in cases:
        ids = [item.product.id for item in search(case.query[language], case.n_candidates)[1].candidates]
        likes = tastes.preferences[tastes.shoppers[case.shopper], [tastes.products[id_] for id_ in ids]]
        best.append(ndcg([ids[place] for place in np.argsort(-likes, kind="stable")], case.gains, K))
    empty = [quality(assistant, assistant.ranker, case, language, ShopperProfile(), search) for case in cases]
    figures = {(ORACLE, language): np.array(best), (EMPTY, language): np.array(empty)}
    yield _row(ORACLE, (language,), figures, {}, seed) | {"said in": None}


def _row(
    system: str, languages: Sequence[str], figures: Figures, heard: Mapping[str, Sequence[Heard]], seed: int
) -> dict[str, Any]:
    """One row, over the mean of the languages a shopper."""
    ours, empty = (np.mean([figures[name, language] for language in languages], axis=0) for name in (system, EMPTY))
    row: dict[str, Any] = {
        "system": system, "said in": "+".join(languages), "ndcg@10": round(float(ours.mean()), 4)
    }  # fmt: skip
    if system != EMPTY:
        found = compared(EMPTY, ours, empty, seed=seed)
        row |= {"over_empty": round(found.difference, 4), "low": round(found.low, 4), "high": round(found.high, 4)}
        row["relative"] = round(found.difference / float(empty.mean()), 3) if empty.any() else None
    if system == OWN:
        row |= {"read_as_meant": read_as_meant(languages, heard), "kept_out": read_as_meant(languages, heard, True)}
    return row


def read_as_meant(languages: Sequence[str], heard: Mapping[str, Sequence[Heard]], kept_out: bool = False) -> float:
    """The share of the statements that were read as meant; of those whose phrasing was kept out, or of the others."""
    told = [one for language in languages for one in heard[language]]
    read = [
        meant for one in told for meant, out in zip(one.as_meant, one.kept_out, strict=True) if out is kept_out
    ]  # fmt: skip
    return round(float(np.mean(read)), 3) if read else float("nan")


if __name__ == "__main__":
    typer.run(main)

"""What the command line shows: replies, the training table, a chat.

In: values of the other modules. Out: text on the terminal. Decides nothing.
"""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

from assistant.app import ShoppingAssistant
from assistant.progress import progress_bars
from assistant.shop import Shop
from assistant.types import Finished, ProductsFound, Recommendation, Reply, TextDelta
from assistant.writing.facts import variant_text
from ranking.synonyms import learn_synonyms, save_synonyms
from retrieval.errors import ModelError
from retrieval.money import format_money
from retrieval.retriever import open_retriever

if TYPE_CHECKING:
    from ranking.training import TrainingResult

console = Console()


@contextmanager
def open_with_progress(
    shop_dir: Path | None, *, must_own: bool = False, quiet: bool = False
) -> Iterator[ShoppingAssistant]:
    """The open assistant; what takes long (the demo, the first export, embedding) shows how far it is."""
    with progress_bars(quiet) as bars:
        bar = bars.add_task("Opening the shop", total=None)

        def report(done: int, total: int) -> None:
            bars.update(bar, description="Embedding products", completed=done, total=total)

        assistant = ShoppingAssistant.open(shop_dir, must_own=must_own, on_progress=report)
    with assistant:
        yield assistant


def run_training(shop_dir: Path | None, seed: int, always: bool) -> None:
    """Train on the shop's events; the new model serves from the next start if it is better."""
    with Shop(shop_dir, must_own=True) as shop:
        if shop.is_empty:
            shop.make_demo()
        learn_words(shop)
        with progress_bars() as bars:
            result = _train(shop, seed, bars)
        _print_training(result)
        if result.is_better or always:
            shop.promote(result.directory)
            console.print(f"The new model serves from the next start: {shop.paths.model}")
        else:
            shutil.rmtree(result.directory)
            raise ModelError(
                "the new model is not clearly better than popularity and relevance alone, so the old one keeps "
                "serving; collect more events, or insist with --always"
            )


def learn_words(shop: Shop) -> None:
    """Learn what shoppers call the catalog's things otherwise; search knows it from the next start."""
    learnt = learn_synonyms(shop.event_log.events(), shop.catalog.products())
    save_synonyms(shop.paths.synonyms, learnt)
    examples = ", ".join(f"{word} = {'/'.join(terms)}" for word, terms in list(learnt.items())[:3])
    console.print(f"{len(learnt)} words of shoppers' own learnt{f' ({examples})' if examples else ''}")


def print_reply(reply: Reply) -> None:
    """A reply with its products."""
    console.print(escape(reply.text), highlight=False)
    _print_products(reply.products, reply.language)


def chat(assistant: ShoppingAssistant) -> None:
    """Talk until an empty line or the end of input."""
    session = assistant.new_session()
    console.print("Ask for something, in English or Chinese; an empty line ends. 请说想买什么，空行结束。\n")
    while text := _read_line():
        found: tuple[Recommendation, ...] = ()
        for event in assistant.stream(text, session):
            if isinstance(event, ProductsFound):
                found = event.products
            elif isinstance(event, TextDelta):
                console.print(escape(event.text), end="", highlight=False)
            elif isinstance(event, Finished):
                session = event.reply.session
                console.print()
                _print_products(found, event.reply.language)
                if event.reply.quick_replies:
                    console.print("  ·  ".join(map(escape, event.reply.quick_replies)), style="dim")
                console.print()


def _read_line() -> str:
    try:
        return console.input("[bold]> [/]").strip()
    except (EOFError, KeyboardInterrupt):
        return ""


def _print_products(products: Sequence[Recommendation], language: str) -> None:
    if not products:
        return
    table = Table(show_header=False, box=None, pad_edge=False)
    for number, item in enumerate(products, 1):
        product, variant = item.ranked.product, item.ranked.variant
        price = format_money(variant.price_minor, product.currency, language)
        which = variant_text(product, variant, language, sized="size" in item.ranked.matched)
        title = f"{product.title_in(language)} ({which})" if which else product.title_in(language)
        why = "; ".join(reason.text for reason in item.reasons)
        table.add_row(str(number), escape(title), price, escape(why))
    console.print(table)


def _train(shop: Shop, seed: int, bars: Progress) -> "TrainingResult":
    from ranking.simulator import simulate
    from ranking.training import train

    retriever = open_retriever(
        shop.catalog,
        shop.embedder(),
        shop.paths.index,
        server=shop.chroma_server,
        synonyms=shop.learnt_words(),
    )
    products = list(shop.catalog.products())
    tasks = {
        "retrieve": bars.add_task("Retrieving candidates", total=None),
        "train": bars.add_task("Training", total=None),
    }
    return train(
        shop.event_log.events(),
        products,
        retriever,
        retriever.embedder.fingerprint,
        shop.paths.model.with_name("matcher.new"),
        seed,
        lambda stage, done, total: bars.update(tasks[stage], completed=done, total=total),
        vectors=retriever.vectors_of,
        embedder_name=retriever.embedder.name,
        catalog_version=shop.catalog.version(),
        utility=simulate(products).tastes.utility if shop.is_demo else None,
        created_by="shopping-assistant train",
    )


def _print_training(result: "TrainingResult") -> None:
    table = Table(
        title=f"Test searches: {result.n_searches['test']:,}; {result.seconds:.0f} s; best epoch {result.best_epoch}"
    )
    metrics = list(result.rows[0].metrics)
    for column in ("system", *metrics):
        table.add_column(column, justify="left" if column == "system" else "right")
    for row in result.rows:
        table.add_row(row.system, *(f"{row.metrics[metric]:.4f}" for metric in metrics))
    console.print(table)
    for other in result.comparisons:
        interval = f"95 % interval {other.low:+.4f} to {other.high:+.4f}"
        console.print(f"NDCG@5 against {other.baseline}: {other.difference:+.4f} ({interval})")

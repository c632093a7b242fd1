"""What the command line shows: replies, a chat.

In: values of the other modules. Out: text on the terminal. Decides nothing.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from assistant.app import ShoppingAssistant
from assistant.progress import progress_bars
from assistant.types import Finished, ProductsFound, Recommendation, Reply, TextDelta
from assistant.writing.facts import variant_text
from retrieval.money import format_money

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

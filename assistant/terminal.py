"""What the command line shows: replies, a chat.

In: values of the other modules. Out: text on the terminal. Decides nothing.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.box import SIMPLE
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from assistant.app import ShoppingAssistant
from assistant.progress import progress_bars
from assistant.types import Finished, ProductsFound, Recommendation, Reply, TextDelta
from assistant.writing.facts import variant_text
from assistant.writing.tables import table_rows
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
    shown = _Streamed()
    shown.add(reply.text)
    shown.end()
    _print_products(reply.products, reply.language)


def chat(assistant: ShoppingAssistant) -> None:
    """Talk until an empty line or the end of input."""
    session = assistant.new_session()
    console.print("Ask for something, in English or Chinese; an empty line ends. 请说想买什么，空行结束。\n")
    while text := _read_line():
        found: tuple[Recommendation, ...] = ()
        shown = _Streamed()
        for event in assistant.stream(text, session):
            if isinstance(event, ProductsFound):
                found = event.products
            elif isinstance(event, TextDelta):
                shown.add(event.text)
            elif isinstance(event, Finished):
                session = event.reply.session
                shown.end()
                _print_products(found, event.reply.language)
                if event.reply.quick_replies:
                    console.print("  ·  ".join(map(escape, event.reply.quick_replies)), style="dim")
                console.print()


class _Streamed:
    """A reply on the terminal as it comes; the lines of a table are held until it is whole."""

    def __init__(self) -> None:
        self._held = ""
        self._table: list[str] = []
        self._is_within_line = False

    def add(self, text: str) -> None:
        """Print what has come, but for the lines of a table."""
        for part in text.splitlines(keepends=True):
            self._add(part)

    def end(self) -> None:
        """The reply is whole."""
        if self._held:
            self._table.append(self._held)
        self._print_table()
        console.print()

    def _add(self, part: str) -> None:
        if self._held or (not self._is_within_line and part.startswith("|")):
            self._held += part
            if part.endswith("\n"):
                self._table.append(self._held)
                self._held = ""
            return
        self._print_table()
        console.print(escape(part), end="", highlight=False)
        self._is_within_line = not part.endswith("\n")

    def _print_table(self) -> None:
        if not self._table:
            return
        head, *rows = table_rows(self._table)
        table = Table(*map(escape, head), box=SIMPLE, pad_edge=False)
        for row in rows:
            table.add_row(*map(escape, row))
        console.print(table)
        self._table = []


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

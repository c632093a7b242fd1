"""Options that several commands of the command line share, and how a command opens a shop.

In: what was typed. Out: the open shop, or one line that says why there is none. Imports nothing heavy.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.told import told

if TYPE_CHECKING:
    from assistant.app import ShoppingAssistant

ShopOption = Annotated[
    Path | None,
    typer.Option("--shop", help="The shop's directory; by default one in your data folder.", show_default=False),
]
SessionOption = Annotated[str | None, typer.Option("--session", help="Go on with this session.")]
ProductOption = Annotated[
    str | None, typer.Option("--product", help="The product whose page the shopper is on: its id.")
]
CategoryOption = Annotated[str | None, typer.Option("--category", help="The category whose page they are on.")]
CartOption = Annotated[str, typer.Option("--cart", help="Ids of the products in their cart, with commas between.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@contextmanager
def opened(shop: Path | None, *, must_own: bool = False, quiet: bool = False) -> Iterator["ShoppingAssistant"]:
    """The open shop; errors of ours are told, and the command ends with exit code 1."""
    with told():
        from assistant.terminal import open_with_progress

        with open_with_progress(shop, must_own=must_own, quiet=quiet) as assistant:
            yield assistant

"""How the command line tells of errors. In: an error of ours. Out: one line on standard error, exit code 1."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.markup import escape

from retrieval.errors import ShopError

errors = Console(stderr=True)


class Stop(ShopError):
    """A wrong use of a command."""


@contextmanager
def told() -> Iterator[None]:
    """Errors of ours as one line that says what to do, and exit code 1."""
    try:
        yield
    except ShopError as error:
        errors.print("[bold red]error:[/]", escape(str(error)), highlight=False, soft_wrap=True)
        raise typer.Exit(1) from error

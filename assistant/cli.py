"""The command line: every command is a thin door to the same path that the page and Python use.

In: arguments. Out: text or JSON on standard output, an exit code. Imports nothing heavy before a command needs it.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from retrieval.errors import ShopError

if TYPE_CHECKING:
    from assistant.app import ShoppingAssistant

app = typer.Typer(
    help="A shopping assistant for one shop: chat in Chinese or English, real products, reasons you can check.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
errors = Console(stderr=True)

ShopOption = Annotated[
    Path | None,
    typer.Option("--shop", help="The shop's directory; by default one in your data folder.", show_default=False),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def serve(
    shop: ShopOption = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 7860,
    open_browser: Annotated[bool, typer.Option("--open/--no-open", help="Open the page in a browser.")] = False,
) -> None:
    """Serve the chat page. Without a catalog of yours it opens the demo shop."""
    with _opened(shop, must_own=True) as assistant:
        from assistant.web.server import run

        run(assistant, host=host, port=port, open_browser=open_browser)


@app.command()
def ask(
    message: Annotated[str, typer.Argument(help="What a shopper would write.")],
    shop: ShopOption = None,
    session: Annotated[str | None, typer.Option(help="Go on with this session.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Answer one message."""
    with _opened(shop, quiet=as_json) as assistant:
        known = assistant.load_session(session) if session else None
        if session and known is None:
            raise _Stop(f"there is no session {session!r} in this shop")
        reply = assistant.ask(message, known)
        if as_json:
            _print_json(reply.to_dict())
        else:
            from assistant.terminal import print_reply

            print_reply(reply)


@app.command()
def chat(shop: ShopOption = None) -> None:
    """Chat in the terminal."""
    with _opened(shop) as assistant:
        from assistant.terminal import chat as run_chat

        run_chat(assistant)


@app.command()
def parse(
    message: Annotated[str, typer.Argument(help="What a shopper would write.")],
    shop: ShopOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show how a first message is understood."""
    with _opened(shop, quiet=True) as assistant:
        from assistant.serialize import parsed_to_dict

        parsed, filters = assistant.understand(message)
        understood = parsed_to_dict(parsed, filters, assistant.facts.currency)
        if as_json:
            _print_json(understood)
        else:
            Console().print(understood)


@app.command("import")
def import_(
    files: Annotated[list[Path], typer.Argument(help="CSV, JSON or JSONL, plain or zipped.", exists=True)],
    mapping: Annotated[Path | None, typer.Option(help="TOML: which column is which field; default: as named.")] = None,
    report: Annotated[Path | None, typer.Option(help="Where to write rejected rows as CSV.")] = None,
    reviews: Annotated[
        list[Path] | None, typer.Option(help="A file of reviews; may be given again.", exists=True)
    ] = None,
    policies: Annotated[list[Path] | None, typer.Option(help="A file of shop policies.", exists=True)] = None,
    shop: ShopOption = None,
) -> None:
    """Replace the shop's catalog by a product feed, and index it."""
    from assistant.terminal import run_import

    with _told():
        run_import(shop, files, mapping, report, reviews or (), policies or ())


@app.command()
def train(
    shop: ShopOption = None,
    seed: Annotated[int, typer.Option(help="Of the start and the order of examples.")] = 0,
    always: Annotated[bool, typer.Option("--always", help="Serve the new model even if it is no better.")] = False,
) -> None:
    """Train the matcher on the shop's own events."""
    from assistant.terminal import run_training

    with _told():
        run_training(shop, seed, always)


@app.command()
def doctor(shop: ShopOption = None, as_json: JsonOption = False) -> None:
    """Check the shop's parts and say what serves and why."""
    from assistant.doctor import examine, print_findings

    with _told():
        findings = examine(shop)
        if as_json:
            _print_json([finding.to_dict() for finding in findings])
        else:
            print_findings(findings)
        if any(finding.level == "error" for finding in findings):
            raise typer.Exit(1)


class _Stop(ShopError):
    """A wrong use of a command."""


@contextmanager
def _told() -> Iterator[None]:
    """Errors of ours as one line that says what to do, and exit code 1."""
    try:
        yield
    except ShopError as error:
        errors.print("[bold red]error:[/]", escape(str(error)), highlight=False, soft_wrap=True)
        raise typer.Exit(1) from error


@contextmanager
def _opened(shop: Path | None, *, must_own: bool = False, quiet: bool = False) -> Iterator["ShoppingAssistant"]:
    with _told():
        from assistant.terminal import open_with_progress

        with open_with_progress(shop, must_own=must_own, quiet=quiet) as assistant:
            yield assistant


def _print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


if __name__ == "__main__":
    app()

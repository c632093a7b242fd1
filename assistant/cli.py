"""The command line: every command is a thin door to the same path that the page and Python use.

In: arguments. Out: text or JSON on standard output, an exit code. Imports nothing heavy before a command needs it.
"""

import json
import signal
import sys
import threading
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from assistant.cli_options import (
    CartOption,
    CategoryOption,
    JsonOption,
    ProductOption,
    SessionOption,
    ShopOption,
    opened,
)
from assistant.prompt_commands import prompts_app
from assistant.rewrite_command import rewrite
from assistant.told import Stop, told

app = typer.Typer(
    help="A shopping assistant for one shop: chat in Chinese or English, real products, reasons you can check.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

app.add_typer(prompts_app, name="prompts")
app.command()(rewrite)


@app.command()
def serve(
    shop: ShopOption = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 7860,
    open_browser: Annotated[bool, typer.Option("--open/--no-open", help="Open the page in a browser.")] = False,
) -> None:
    """Serve the chat page. Without a catalog of yours it opens the demo shop."""
    from assistant.supervisor import end_with_parent, is_supervised, supervise

    if not is_supervised():
        options = ["--host", host, "--port", str(port), "--open" if open_browser else "--no-open"]
        chosen = ["--shop", str(shop)] if shop else []
        raise typer.Exit(supervise([sys.executable, "-m", "assistant.cli", "serve", *options, *chosen]))
    end_with_parent()
    with opened(shop, must_own=True) as assistant:
        from assistant.handover import open_door
        from assistant.web.server import run

        # Being told to end closes the door and lets go of the lock, as Ctrl+C does.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        rules = threading.Thread(target=assistant.read_rules, name="rules-reader", daemon=True)
        rules.start()
        assistant.shop.reviews.start()
        try:
            with open_door(assistant):
                run(assistant, host=host, port=port, open_browser=open_browser)
        finally:
            # A thread inside an encoder would abort the process as it ends.
            rules.join()


@app.command()
def ask(
    message: Annotated[str, typer.Argument(help="What a shopper would write.")],
    shop: ShopOption = None,
    session: SessionOption = None,
    product: ProductOption = None,
    category: CategoryOption = None,
    cart: CartOption = "",
    as_json: JsonOption = False,
) -> None:
    """Answer one message."""
    with opened(shop, quiet=as_json) as assistant:
        known = assistant.load_session(session) if session else None
        if session and known is None:
            raise Stop(f"there is no session {session!r} in this shop")
        from assistant.looking.values import PageContext

        context = PageContext.cleaned(product, category, cart.split(","))
        reply = assistant.ask(message, known, context=context)
        if as_json:
            _print_json(reply.to_dict())
        else:
            from assistant.terminal import print_reply

            print_reply(reply)


@app.command()
def chat(shop: ShopOption = None) -> None:
    """Chat in the terminal."""
    with opened(shop) as assistant:
        from assistant.terminal import chat as run_chat

        run_chat(assistant)


@app.command()
def parse(
    message: Annotated[str, typer.Argument(help="What a shopper would write.")],
    shop: ShopOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show how a first message is understood."""
    with opened(shop, quiet=True) as assistant:
        from assistant.serialize import parsed_to_dict

        parsed, filters = assistant.understand(message)
        understood = parsed_to_dict(parsed, filters, assistant.facts.currency)
        if as_json:
            _print_json(understood)
        else:
            Console().print(understood)


FeedFiles = Annotated[
    list[Path],
    typer.Argument(help="CSV, TSV, JSON, JSONL, XML, Parquet or YAML, plain, gzipped or zipped.", exists=True),
]
MappingOption = Annotated[
    str | None, typer.Option(help="Which column is which field: a TOML file, or google, shopify, woocommerce …")
]
ReportOption = Annotated[Path | None, typer.Option(help="Where to write rejected rows as CSV.")]
ReviewsOption = Annotated[list[Path] | None, typer.Option(help="A file of reviews; may be given again.", exists=True)]
PoliciesOption = Annotated[list[Path] | None, typer.Option(help="A file of shop policies.", exists=True)]
CurrencyOption = Annotated[str | None, typer.Option(help="Currency of the prices, e.g. USD, where nothing says it.")]


@app.command("import")
def import_(
    files: FeedFiles,
    mapping: MappingOption = None,
    report: ReportOption = None,
    reviews: ReviewsOption = None,
    policies: PoliciesOption = None,
    currency: CurrencyOption = None,
    partial: Annotated[bool, typer.Option("--partial", help="The feed holds only what is new or changes.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would happen, and change nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Retire products, however many are not in the feed.")] = False,
    save_mapping: Annotated[
        Path | None, typer.Option(help="Write the guessed mapping there instead of importing.")
    ] = None,
    shop: ShopOption = None,
) -> None:
    """Bring the shop's catalog to what a product feed says, and index it.

    Exit code 0: all rows were taken; 3: some were rejected; 1: nothing was imported.
    """
    with told():
        from assistant.feed_import import run_import
        from assistant.importing import ImportRequest
        from retrieval.catalog import MAX_RETIRED_SHARE

        request = ImportRequest(
            files, mapping, currency, reviews or (), policies or (), partial, None if yes else MAX_RETIRED_SHARE, report
        )
        code = run_import(shop, request, dry_run=dry_run, save_mapping=save_mapping)
    if code:
        raise typer.Exit(code)


@app.command()
def validate(
    files: FeedFiles,
    mapping: MappingOption = None,
    report: ReportOption = None,
    reviews: ReviewsOption = None,
    policies: PoliciesOption = None,
    currency: CurrencyOption = None,
) -> None:
    """Check a product feed as `import` would, without a shop; the exit codes are the same."""
    with told():
        from assistant.feed_import import run_validate
        from assistant.importing import ImportRequest

        code = run_validate(ImportRequest(files, mapping, currency, reviews or (), policies or (), report=report))
    if code:
        raise typer.Exit(code)


@app.command("import-events")
def import_events(
    files: Annotated[
        list[Path], typer.Argument(help="Exports of GA4, Segment, RudderStack, PostHog, or tables.", exists=True)
    ],
    format_: Annotated[
        str | None,
        typer.Option("--format", help="ga4, segment, rudderstack, posthog, ratings or table; default: as it looks."),
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option(help="TOML: which column of a table is what; default: by their names.")
    ] = None,
    items: Annotated[
        list[Path] | None, typer.Option(help="Which product an item of a rating file is.", exists=True)
    ] = None,
    report: Annotated[Path | None, typer.Option(help="Where to write what was left out as CSV.")] = None,
    allow_column: Annotated[
        list[str] | None, typer.Option(help="A column that may look personal; may be given again.")
    ] = None,
    keep_unknown: Annotated[
        bool, typer.Option("--keep-unknown", help="Keep events on products that the catalog does not know.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be taken, and change nothing.")] = False,
    shop: ShopOption = None,
) -> None:
    """Add exported behaviour to the shop's event log; what is there already stays as it is."""
    from assistant.event_import import run_event_import

    with told():
        code = run_event_import(
            shop, files, format_, mapping, items or (), allow_column or (), report,
            keep_unknown=keep_unknown, dry_run=dry_run,
        )  # fmt: skip
    if code:
        raise typer.Exit(code)


@app.command()
def train(
    shop: ShopOption = None,
    model: Annotated[str, typer.Option(help="The model of tastes: a name of docs/matchers.md.")] = "hybrid",
    set_: Annotated[list[str] | None, typer.Option("--set", help="key=value of the model; may be given again.")] = None,
    compare: Annotated[
        list[str] | None,
        typer.Option(help="Models beside it in the table: names, all (the default), or baselines for the quickest."),
    ] = None,
    minutes: Annotated[float, typer.Option(help="About so long for the networks, in all.")] = 20.0,
    device: Annotated[str, typer.Option(help="cpu, cuda or auto.")] = "auto",
    seed: Annotated[int, typer.Option(help="Of the start and the order of examples.")] = 0,
    always: Annotated[bool, typer.Option("--always", help="Serve the new model even if it is no better.")] = False,
    rollback: Annotated[
        bool, typer.Option("--rollback", help="Train nothing: the model that served before serves again.")
    ] = False,
    embedder: Annotated[
        bool, typer.Option("--embedder", help="Tune how queries are read instead, on the catalog and any events.")
    ] = False,
) -> None:
    """Train the matcher on the shop's own events; with --embedder, tune the search to the shop's queries.

    Exit code 0: the new model serves from the next start; 3: it is no better, so the former one stays.
    """
    code = 0
    with told():
        if rollback:
            from assistant.training.train import run_rollback

            run_rollback(shop, embedder=embedder)
        elif embedder:
            from assistant.adapting import run_embedder_training

            run_embedder_training(shop, seed, always)
        else:
            from assistant.training.train import Training, run_training

            asked = Training(model, set_ or (), compare or ("all",), minutes, seed, device)
            code = run_training(shop, asked, always=always)
    if code:
        raise typer.Exit(code)


@app.command()
def evaluate(
    shop: ShopOption = None,
    since: Annotated[
        datetime | None, typer.Option(help="Measure on what was done from then on (UTC); default: the newest tenth.")
    ] = None,
    until: Annotated[datetime | None, typer.Option(help="And before then (UTC).")] = None,
    leave_one_out: Annotated[
        bool, typer.Option("--leave-one-out", help="Ask the matchers for each shopper's last act, whenever it was.")
    ] = False,
    compare: Annotated[
        list[str] | None, typer.Option(help="Models to fit beside the baselines: names, or all.")
    ] = None,
    minutes: Annotated[float, typer.Option(help="About so long for the networks, in all.")] = 20.0,
    seed: Annotated[int, typer.Option(help="Of the start and the intervals.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Measure the ranker that serves on any part of the log, beside the baselines; changes nothing."""
    from assistant.training.evaluate import Evaluation, run_evaluation

    with told():
        asked = Evaluation(since, until, leave_one_out, compare or ("baselines",), minutes, seed)
        run_evaluation(shop, asked, as_json=as_json)


@app.command()
def profile(
    shopper: Annotated[str, typer.Option(help="Your own id of the shopper, as in the events; or a guest's id.")],
    shop: ShopOption = None,
    as_json: JsonOption = False,
    export: Annotated[Path | None, typer.Option(help="Write all that is kept of them to this file, as JSON.")] = None,
    forget: Annotated[str | None, typer.Option(help="Forget one thing: its key in what is shown.")] = None,
    erase: Annotated[bool, typer.Option("--erase", help="Forget their events, conversations and preferences.")] = False,
    language: Annotated[str, typer.Option(help="en or zh.")] = "en",
) -> None:
    """Show what is known of a shopper; export it, forget one thing of it, or erase the shopper."""
    from assistant.profiling import run_profile

    with told():
        run_profile(shop, shopper, language, as_json=as_json, export=export, forget=forget, erase=erase)


@app.command()
def doctor(
    shop: ShopOption = None,
    as_json: JsonOption = False,
    mend: Annotated[bool, typer.Option("--repair", help="First mend what can be mended without loss.")] = False,
) -> None:
    """Check the shop's parts and say what serves and why."""
    from assistant.doctor import examine, mended, print_findings

    with told():
        findings = [*(mended(shop) if mend else ()), *examine(shop)]
        if as_json:
            _print_json([finding.to_dict() for finding in findings])
        else:
            print_findings(findings)
        if any(finding.level == "error" for finding in findings):
            raise typer.Exit(1)


@app.command("read-reviews")
def read_reviews(shop: ShopOption = None) -> None:
    """Read what buyers praise and complain about, so that the order heeds it; `serve` does so in the background."""
    from assistant.shop import Shop

    with told(), Shop(shop) as opened:
        n_read = opened.reviews.read()
        typer.echo(f"read the reviews of {n_read} products")


@app.command()
def backup(
    to: Annotated[
        Path | None, typer.Option("--to", help="The archive; by default a new one in the shop's backups/ folder.")
    ] = None,
    shop: ShopOption = None,
) -> None:
    """Back up the shop to one file, while it is served or not."""
    from assistant.archiving import run_backup

    with told():
        run_backup(shop, to)


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="What `backup` wrote, or a backups/before-….db.")],
    yes: Annotated[bool, typer.Option("--yes", help="Replace the shop that is there.")] = False,
    shop: ShopOption = None,
) -> None:
    """Bring a shop back from a backup that is whole."""
    from assistant.archiving import run_restore

    with told():
        run_restore(shop, file, replace=yes)


@app.command()
def handoffs(
    shop: ShopOption = None,
    retry: Annotated[bool, typer.Option("--retry", help="Send each of them again.")] = False,
) -> None:
    """List the conversations that wait to be handed to a person; with --retry send them again."""
    with told():
        from assistant.service.commands import handoffs_lines

        lines, n_left = handoffs_lines(shop, retry=retry)
        for line in lines:
            Console().print(line, highlight=False, markup=False)
        if retry and n_left:
            raise typer.Exit(1)


def _print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


if __name__ == "__main__":
    app()

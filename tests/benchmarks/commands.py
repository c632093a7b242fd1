"""A benchmark as a shell runs it."""

import json

import typer
from typer.testing import CliRunner


def reported(main, *options):
    """The one object that `python -m benchmarks.…` with the options and `--json` prints; `main` is its module's."""
    app = typer.Typer()
    app.command()(main)
    ran = CliRunner().invoke(app, [*map(str, options), "--json"], catch_exceptions=False)
    assert ran.exit_code == 0, ran.output
    return json.loads(ran.output)

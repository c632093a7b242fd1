"""A benchmark as a shell runs it."""

import json

import typer
from typer.testing import CliRunner


def reported(main, *options, may_fail=False):
    """The one object that `python -m benchmarks.…` with the options and `--json` prints; `main` is its module's.

    With `may_fail` it may end in status 1: a slow machine misses what was asked."""
    app = typer.Typer()
    app.command()(main)
    ran = CliRunner().invoke(app, [*map(str, options), "--json"], catch_exceptions=False)
    assert ran.exit_code in ((0, 1) if may_fail else (0,)), ran.output
    return json.loads(ran.output)

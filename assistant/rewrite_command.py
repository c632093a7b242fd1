"""`shopping-assistant rewrite`: a proposal for a product's title and description.

In: arguments. Out: text or JSON on standard output. Nothing is changed.
"""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from assistant.cli_options import JsonOption, ShopOption, opened


def rewrite(
    product: Annotated[str, typer.Argument(help="The product's id.")],
    audience: Annotated[str, typer.Option("--for", help="Whom it is written for: “parents of small children”.")] = "",
    language: Annotated[str, typer.Option(help="en or zh.")] = "en",
    shop: ShopOption = None,
    as_json: JsonOption = False,
) -> None:
    """Propose a title and a description of nothing but what the catalog states of the product."""
    with opened(shop, quiet=True) as assistant:
        found = assistant.rewrite(product, audience, language)
        if as_json:
            typer.echo(json.dumps(asdict(found), ensure_ascii=False, indent=2))
            return
        typer.echo(f"{found.title}\n\n{found.description}")
        for dropped in found.dropped:
            typer.echo(f"left out ({dropped.why}): {dropped.sentence}", err=True)

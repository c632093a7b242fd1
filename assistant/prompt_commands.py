"""`shopping-assistant prompts`: which prompts there are, and what one of them says in a conversation of this shop.

In: arguments. Out: text on standard output. Nothing is sent to a language model, and nothing is recorded.
"""

from typing import Annotated

import typer

from assistant.cli_options import CartOption, CategoryOption, ProductOption, SessionOption, ShopOption, opened
from assistant.told import told

prompts_app = typer.Typer(help="What a language model is told: one file a prompt.", no_args_is_help=True)


@prompts_app.command("list")
def list_() -> None:
    """List the prompts, with what each is for and its variables."""
    from assistant.prompt_showing import listed

    with told():
        for line in listed():
            typer.echo(line)


@prompts_app.command()
def show(
    name: Annotated[str, typer.Argument(help="A prompt, as `prompts list` names it.")],
    message: Annotated[
        list[str] | None,
        typer.Option("--message", help="What a shopper would write; given again, the last is asked about."),
    ] = None,
    shop: ShopOption = None,
    session: SessionOption = None,
    product: ProductOption = None,
    category: CategoryOption = None,
    cart: CartOption = "",
) -> None:
    """Show a prompt as a language model would get it, filled in for a message; without one, for an example."""
    with told():
        from assistant.prompt_showing import Asked, check_name, shown

        check_name(name)
        asked = Asked(name, tuple(message or ()), session, product, category, tuple(cart.split(",")))
        with opened(shop, quiet=True) as assistant:
            typer.echo(shown(assistant, asked))

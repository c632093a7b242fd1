"""The command `profile`: what the shop knows of one shopper, on the terminal.

In: a shop directory and a shopper's id. Out: text, JSON or a file; or fewer things known. Opens no index and no model.
"""

import json
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from assistant.config import default_shop_dir
from assistant.profile_words import Known
from assistant.shop import Shop, ShopPaths
from assistant.shoppers import Shoppers
from assistant.types import Session
from retrieval.errors import ConfigError


def run_profile(
    shop_dir: Path | None,
    shopper_id: str,
    language: str,
    *,
    as_json: bool = False,
    export: Path | None = None,
    forget: str | None = None,
    erase: bool = False,
) -> None:
    """Show what is known of a shopper, write it to a file, forget one thing of it, or all.

    Args:
        shop_dir: None: the default place.
        shopper_id: the merchant's id of the shopper, a pseudonym, or a guest's id.
        language: "en" or "zh", for the words.
        as_json: print JSON, everything that is kept included.
        export: write that JSON there instead.
        forget: the key of one thing that is known.
        erase: forget the shopper's events, conversations and preferences.

    Raises:
        CatalogError: nothing is known under the key.
        ConfigError: the file cannot be written.
    """
    console = Console()
    _expect_shop(shop_dir or default_shop_dir())
    with Shop(shop_dir, own=False) as shop:
        shoppers, pseudonym = Shoppers(shop), shop.pseudonym(shopper_id)
        if erase:
            counts = shoppers.erase(pseudonym)
            console.print("Erased: " + ", ".join(f"{n} {what.replace('_', ' ')}" for what, n in counts.items()))
            return
        session = shoppers.begin(Session("", pseudonym, language))
        if forget is not None:
            session = shoppers.forget(session, forget)
        if export is not None:
            _write(export, json.dumps(shoppers.export(session), ensure_ascii=False, indent=2) + "\n")
            console.print(f"Written to {export}", highlight=False, soft_wrap=True)
        elif as_json:
            console.file.write(json.dumps(shoppers.export(session), ensure_ascii=False, indent=2) + "\n")
        else:
            _print(console, shoppers.known(session), personalised=session.personalised)


def _expect_shop(shop_dir: Path) -> None:
    if not ShopPaths(shop_dir.expanduser()).database.is_file():
        raise ConfigError(f"there is no shop in {shop_dir}: name another --shop, or make one with `serve` or `import`")


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, "utf-8")
    except OSError as error:
        raise ConfigError(f"{file} cannot be written ({error.strerror}): name another file") from error


def _print(console: Console, known: tuple[Known, ...], *, personalised: bool) -> None:
    if not personalised:
        console.print("Personalisation is off: none of this counts.")
    if not known:
        console.print("Nothing is known of this shopper.")
        return
    for item in known:
        expires = item.preference.expires
        until = f"until {expires.date().isoformat()}" if expires else "for good"
        console.print(f"[bold]{escape(item.text)}[/]", highlight=False)
        details = f"key {item.key} · {item.origin} · confidence {item.preference.confidence:.2f} · {until}"
        console.print(f"  {escape(details)}", highlight=False, soft_wrap=True)

"""`prompts show`: what a language model would be told, from a real conversation that leaves no trace."""

from pathlib import Path

import pytest
from sqlalchemy import text
from test_cli import run

from assistant import ShoppingAssistant
from assistant.prompt_showing import PURPOSES, Asked, listed, shown
from assistant.told import Stop
from prompts import prompt_names

WISH = "waterproof hiking boots under 120 dollars, not brown"
TABLES = ("sessions", "turns", "shown_lists", "events")


@pytest.fixture
def shop(own_demo: Path):
    (own_demo / "shop.toml").write_text('[assistant]\nname = "Mia"\n', "utf-8")
    with ShoppingAssistant.open(own_demo) as assistant:
        yield assistant


def rows(shop: ShoppingAssistant) -> list[int]:
    with shop.shop.engine.connect() as connection:
        return [connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() for table in TABLES]


def test_every_prompt_is_listed_with_what_it_is_for():
    assert set(PURPOSES) == set(prompt_names())
    [line] = [line for line in listed() if line.startswith("recommend ")]
    assert line.endswith("products that were found: <<facts>> <<first>> <<message>> <<wish>>")


def test_each_prompt_is_shown_filled_in_and_nothing_is_recorded(shop: ShoppingAssistant):
    before = rows(shop)
    prompts = {name: shown(shop, Asked(name, (WISH,) if name == "recommend" else ())) for name in prompt_names()}
    assert all("<<" not in prompt for prompt in prompts.values())
    assert f"<data>{WISH}</data>" in prompts["recommend"]
    assert "{p1.title} = Tarnock Fellside Waterproof Hiking Boots in Grey" in prompts["recommend"]
    assert "{p1.price} = $99.00" in prompts["recommend"]
    assert "{p2.title} = " in prompts["compare"]
    assert "compare the first two" in prompts["compare"]
    assert "The shopper asks about a product." in prompts["answer"]
    assert "Your name: Mia" in prompts["merchant"]
    assert prompts["house_rules"].endswith(prompts["merchant"])
    assert "hiking boots" in prompts["parse"]
    assert "Words not understood" in prompts["parse_message"]
    assert "You propose a new title and description" in prompts["rewrite"]
    assert "{p1.title} = " in prompts["rewrite_product"]
    assert rows(shop) == before


def test_a_product_is_rewritten_for_whom_the_message_says(shop: ShoppingAssistant):
    told = shown(shop, Asked("rewrite_product", ("parents of small children",), product="hiking-boots-01"))
    assert "<data>parents of small children</data>" in told
    assert "{p1.title} = Tarnock Fellside Waterproof Hiking Boots in Grey" in told
    with pytest.raises(Stop, match="there is no product 'nope'"):
        shown(shop, Asked("rewrite", product="nope"))


def test_a_session_goes_on_and_stays_as_it_was(shop: ShoppingAssistant):
    session = shop.ask(WISH).session
    before = rows(shop)
    told = shown(shop, Asked("compare", ("compare the first two",), session.id))
    assert "Tarnock Fellside Waterproof Hiking Boots in Grey" in told
    assert rows(shop) == before
    assert shop.load_session(session.id).turn == 1


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (Asked("recommend", ("what is your return policy?",)), r"no language model is asked about .* \(faq\)"),
        (Asked("compare", (WISH, "and in grey?")), "is answered by the prompt 'recommend'"),
        (Asked("recommend", (WISH,), "no-such-session"), "there is no session 'no-such-session'"),
    ],
)
def test_what_leads_elsewhere_is_said(shop: ShoppingAssistant, asked: Asked, message: str):
    with pytest.raises(Stop, match=message):
        shown(shop, asked)


@pytest.mark.slow
def test_the_commands(own_demo: Path):
    told = run("prompts", "show", "recommend", "--message", WISH, "--shop", str(own_demo)).stdout
    assert told.startswith("The shopper wrote:\n<data>waterproof hiking boots")
    assert "house_rules" in run("prompts", "list").stdout
    assert "there is no prompt 'nope'; there are answer, compare" in run("prompts", "show", "nope", code=1).stderr
    assert "this shop adds nothing" in run("prompts", "show", "merchant", "--shop", str(own_demo), code=1).stderr

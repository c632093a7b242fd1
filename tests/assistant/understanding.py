"""The demo shop's products, parser and dialogue for tests, and a conversation that needs no retrieval."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path

from assistant.dialogue import advance
from assistant.parser import Parser
from assistant.shop_facts import ShopFacts
from assistant.types import Session, ShownProduct, Step
from benchmarks.parsing import Bench, demo_products
from retrieval.money import ExchangeRates

CASES = Path(__file__).parent / "cases"


@cache
def bench() -> Bench:
    return Bench(demo_products())


def parser() -> Parser:
    return bench().parser


def facts(rates: dict[str, str] | None = None) -> ShopFacts:
    stated = {"CNY": "7.2"} if rates is None else rates
    converted = {currency: Decimal(rate) for currency, rate in stated.items()}
    return replace(bench().facts, rates=ExchangeRates("USD", converted))


def new_session() -> Session:
    return Session(id="s", shopper_id="p")


def after(session: Session, *messages: str, shown: Sequence[str] = (), rates: dict[str, str] | None = None) -> Step:
    """The last step after the messages; `shown` are the products shown after every search or refinement."""
    for message in messages:
        step = advance(session, parser().parse(message, session), facts(rates))
        session = replace(step.session, turn=step.session.turn + 1)
        if step.query is not None:
            cards = tuple(ShownProduct(product_id, session.turn, i + 1) for i, product_id in enumerate(shown))
            session = replace(session, shown=session.shown + cards)
    return replace(step, session=session)


def say(*messages: str, shown: Sequence[str] = (), rates: dict[str, str] | None = None) -> Step:
    return after(new_session(), *messages, shown=shown, rates=rates)

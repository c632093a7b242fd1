"""What a language model would be told in a conversation, without one being asked.

In: an open shop, a prompt's name, what a shopper would write. Out: the prompt, filled in by the very stages that do so
for a shopper. Nothing is recorded, looked up elsewhere or handed over.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from assistant.app import ShoppingAssistant
from assistant.looking.values import PageContext
from assistant.rewriting import rewrite
from assistant.second_reading.prompting import system_message, user_message
from assistant.told import Stop
from assistant.types import Recommendation, Session, Step
from assistant.writer import Evidence, Writer
from assistant.writing.prompting import PROMPT_OF
from prompts import load_prompt, prompt_names

PURPOSES: Mapping[str, str] = {
    "answer": "a question about a product",
    "compare": "how products differ",
    "house_rules": "what holds for every reply; the system message",
    "merchant": "what the merchant adds to it: name, tone, house rules",
    "parse": "what holds for reading every message; the system message",
    "parse_message": "a message that the parser is unsure of",
    "recommend": "products that were found",
    "rewrite": "a new title and description of a product; the system message",
    "rewrite_product": "the product, and for whom it is rewritten",
}
_EXAMPLES: Mapping[str, tuple[str, ...]] = {
    "compare": ("compare the first two",),
    "answer": ("what is the first one made of?",),
}
"""What is asked of products that were shown before."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What to show: the prompt's name, what a shopper would write one after the other, and what they look at."""

    name: str
    messages: tuple[str, ...] = ()
    session_id: str | None = None
    product: str | None = None
    category: str | None = None
    cart: tuple[str, ...] = ()


class _Overhears:
    """A language model that keeps what it was told, and says nothing."""

    def __init__(self) -> None:
        self.told: tuple[str, str] | None = None

    def stream(self, system: str, user: str, session_id: str = "") -> Generator[str, None, None]:
        self.told = (system, user)
        yield from ()

    def hang_up(self, session_id: str) -> None:
        """Nothing is under way."""


class _Listening(Writer):
    """A writer that keeps what was decided of the last message."""

    action = ""

    def write(self, step: Step, recommendations: Sequence[Recommendation], evidence: Evidence) -> Iterator[str]:
        self.action = step.action
        yield from super().write(step, recommendations, evidence)


def check_name(name: str) -> None:
    """Raise unless there is such a prompt.

    Raises:
        Stop: names those that there are.
    """
    if name not in prompt_names():
        raise Stop(f"there is no prompt {name!r}; there are {', '.join(prompt_names())}")


def listed() -> list[str]:
    """A line for each prompt: its name, what it is for, its variables."""
    width = max(map(len, prompt_names()))
    lines = []
    for name in prompt_names():
        variables = " ".join(f"<<{variable}>>" for variable in sorted(load_prompt(name).variables))
        lines.append(f"{name:{width}}  {PURPOSES[name]}: {variables}")
    return lines


def shown(assistant: ShoppingAssistant, asked: Asked) -> str:
    """The prompt, filled in for the last of the messages.

    Raises:
        Stop: there is no such session, or this prompt is not what the message leads to.
    """
    assistant.keeps = False
    session, messages = _session(assistant, asked), _messages(assistant, asked)
    house = assistant.shop.settings.house
    if asked.name == "parse":
        return system_message(assistant.parser.vocabulary)
    if asked.name in ("rewrite", "rewrite_product"):
        return _rewriting(assistant, asked)
    if asked.name == "merchant" and house.is_empty:
        raise Stop("this shop adds nothing: see [assistant] in shop.toml, and prompts/house_rules_extra.md beside it")
    overhears = _Overhears()
    writer = assistant.writer = _Listening(overhears, house=house)
    context = PageContext.cleaned(asked.product, asked.category, asked.cart)
    for said in messages[:-1]:
        session = assistant.respond(said, session, context=context).session
    if asked.name == "parse_message":
        doubts = assistant.parser.doubts(messages[-1], session)
        return user_message(messages[-1], session, doubts, assistant.facts.currency)
    overhears.told = None
    assistant.respond(messages[-1], session, context=context)
    return _told(asked.name, messages[-1], writer.action, overhears.told)


def _told(name: str, message: str, action: str, told: tuple[str, str] | None) -> str:
    if told is None:
        raise Stop(f"no language model is asked about {message!r} ({action}): the plain writer knows what to say")
    system, user = told
    if name == "house_rules":
        return system
    if name == "merchant":
        return system[system.rindex(load_prompt("merchant").text.partition("<<")[0]) :]
    if PROMPT_OF[action] != name:
        raise Stop(f"{message!r} is answered by the prompt {PROMPT_OF[action]!r}: show that, or give another --message")
    return user


def _rewriting(assistant: ShoppingAssistant, asked: Asked) -> str:
    """Of the product on whose page the shopper is, or of any; for whom a message says."""
    catalog = assistant.shop.catalog
    product = assistant.product(asked.product) if asked.product else next(iter(catalog.products()), None)
    if product is None:
        raise Stop(f"there is no product {asked.product or ''!r} in this shop")
    overhears = _Overhears()
    rewrite(product, asked.messages[-1] if asked.messages else "everybody", "en", _shop_name(assistant), overhears)
    assert overhears.told is not None, "a model that is given is asked"
    return overhears.told[asked.name == "rewrite_product"]


def _shop_name(assistant: ShoppingAssistant) -> str:
    name = assistant.shop.settings.name
    return name.get("en", next(iter(name.values())))


def _session(assistant: ShoppingAssistant, asked: Asked) -> Session:
    fresh = assistant.new_session()
    if asked.session_id is None:
        return fresh
    known = assistant.load_session(asked.session_id)
    if known is None:
        raise Stop(f"there is no session {asked.session_id!r} in this shop")
    return replace(known, id=fresh.id)


def _messages(assistant: ShoppingAssistant, asked: Asked) -> tuple[str, ...]:
    """What is said; where products must have been shown before, a wish that this shop can meet comes first."""
    begins = () if asked.session_id or len(asked.messages) > 1 else assistant.starters("en")[:1]
    if asked.name not in _EXAMPLES:
        return asked.messages or assistant.starters("en")[:1]
    return (*begins, *(asked.messages or _EXAMPLES[asked.name]))

"""What a language model is told about one turn.

Comes in: a turn and its facts. Goes out: the system and the user message. Words of shoppers, buyers and suppliers enter
as capped data; nothing is ever built into a template. Knows no model.
"""

import re
from collections.abc import Mapping

from assistant.house import House
from assistant.rendering import Facts
from assistant.writing.checks.leaks import Told
from assistant.writing.plain import Turn
from assistant.writing.wishes import wish_phrase
from prompts import as_data, load_prompt

LANGUAGE_NAMES: Mapping[str, str] = {"en": "English", "zh": "Simplified Chinese"}
PROMPT_OF: Mapping[str, str] = {"recommend": "recommend", "compare": "compare", "ask_product": "answer"}
"""The prompt for each action that a language model writes; all others are the plain writer's."""
MESSAGE_LIMIT = 500
FACT_LIMIT = 200
MAX_SENTENCES = {"recommend": "six", "compare": "six", "answer": "three"}


def messages(turn: Turn, facts: Facts, house: House | None = None) -> tuple[str, str]:
    """The system and the user message for the turn; what the merchant adds stands after the rules that always hold.

    Raises:
        PromptError: a prompt file lacks or no longer uses a variable.
    """
    name, shop = PROMPT_OF[turn.step.action], turn.evidence.shop_name
    language = LANGUAGE_NAMES.get(turn.language, "English")
    system = load_prompt("house_rules").render(
        shop=as_data(shop, 80), language=language, max_sentences=MAX_SENTENCES[name]
    )
    if house is not None and not house.is_empty:
        system = f"{system}\n\n{house.added(shop, language)}"
    values = {"message": as_data(turn.step.parsed.text, MESSAGE_LIMIT), "facts": fact_lines(facts)}
    if name == "recommend":
        values |= {"wish": as_data(_wish(turn)), "first": "{p1.title}"}
    return system, load_prompt(name).render(**values)


def told(turn: Turn, facts: Facts, system: str) -> Told:
    """What the model was told by the messages of a turn: the rules of both, and the data that stand in them."""
    template = re.sub(r"<<\w+>>", "\n", load_prompt(PROMPT_OF[turn.step.action]).text)
    names = (name.replace("_", " ") for name in facts.values)
    data = [turn.step.parsed.text, _wish(turn), *names, *facts.values.values()]
    return Told(f"{system}\n{template}", "\n".join(" ".join(text.split()) for text in data))


def fact_lines(facts: Facts) -> str:
    """One line per fact.

    >>> fact_lines(Facts({"p1.title": "A {p2.price} boot"}))
    '{p1.title} = A (p2.price) boot'
    """
    return "\n".join(f"{{{name}}} = {as_data(text, FACT_LIMIT)}" for name, text in facts.values.items())


def _wish(turn: Turn) -> str:
    session = turn.step.session
    words = session.wish or turn.step.parsed.query_text
    return wish_phrase(session.filters, words, turn.evidence.currency, turn.language, shown=False)

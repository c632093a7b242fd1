"""What writes, and what reads again, as a shop's settings have it.

In: `LlmSettings`, and what conversations may use. Out: a `Writer` and a `SecondReader`. A shop serves whether or not
its language model can: a missing key is logged once, and the reply is written without.
"""

import logging
from contextlib import suppress

from assistant.builtin.model import shipped
from assistant.builtin.served import ServedBriefs
from assistant.house import House
from assistant.llm import LlmSettings, TokenBudget, open_language_model
from assistant.second_reading.reader import SecondReader
from assistant.writer import Writer
from retrieval.errors import NoLanguageModel

log = logging.getLogger(__name__)


def open_writer(settings: LlmSettings, budget: TokenBudget | None = None, house: House | None = None) -> Writer:
    """The writer that the settings describe, and what the merchant tells it.

    Raises:
        LanguageModelError: the configured provider is unknown, or its package is missing.
    """
    try:
        model = open_language_model(settings, budget)
    except NoLanguageModel as error:
        log.warning("%s; the shop answers without it", error)
        model = None
    for why in model.left_out if model else ():
        log.warning("%s; it is left out", why)
    if model is not None and settings.briefs:
        return Writer(voice=settings.voice, served=ServedBriefs(model))
    return Writer(model, shipped if settings.builtin else None, settings.voice, house)


def open_second_reader(settings: LlmSettings, currency: str, budget: TokenBudget | None = None) -> SecondReader | None:
    """What reads again where the parser is unsure, if the shop wants that and can.

    Raises:
        LanguageModelError: the configured provider is unknown, or its package is missing.
    """
    # Why there is none was said when the writer's was opened.
    with suppress(NoLanguageModel):
        model = open_language_model(settings.for_parsing(), budget) if settings.parse else None
        return SecondReader(model, currency) if model else None
    return None

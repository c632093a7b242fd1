"""What of a message its intent is chosen by.

In: what was read, and the session. Out: a `Heard`. Knows no rule of its own but whether anything is left to weigh.
"""

from assistant.parsing.choosing import Heard, carried_places, named_places, names_catalog
from assistant.parsing.measures import speaks_of_body
from assistant.parsing.reading import Reading, is_idle, observe
from assistant.parsing.stances import states_taste
from assistant.parsing.wording import is_all_said
from assistant.types import Session


def heard_in(text: str, reading: Reading, session: Session) -> Heard:
    """The message `text` as its intent is chosen by it."""
    observations = observe(reading, session)
    if reading.body.measures or speaks_of_body(reading.folded):
        observations = observations | {"body_measures"}
    references = reading.references
    points_at = (session.shown and references.ordinals) or (session.focus_id and references.focus)
    return Heard(
        text,
        reading.tokens,
        observations,
        carried_places(reading.items),
        named_places(reading.items),
        names_catalog(reading.items) or bool(points_at),
        _is_settled(reading, session),
        _says_only_names(reading),
    )


def _is_settled(reading: Reading, session: Session) -> bool:
    """Whether no classifier needs to be asked: the message moves on from what was shown, adds to or changes a wish that
    there is, asks for a size or tells of a body, or states a taste."""
    slots = reading.slots
    changed = (reading.refused_words, slots.dropped, slots.lifted, slots.exclude, slots.include, slots.sort)
    changes = any(changed) or not reading.price.is_empty
    references = reading.references
    points_at = references.ordinals or (references.product_ids and not references.focus)
    goes_on = reading.move is not None or reading.comparison is not None or (changes and not points_at)
    told = bool(reading.body.measures) or reading.body.asks or states_taste(reading.folded) is not None
    return told or reading.move in ("similar", "cheaper") or (goes_on and not is_idle(session))


def _says_only_names(reading: Reading) -> bool:
    """Whether the words of the wish all name a kind of thing that the shop sells, or what it should be like."""
    kinds = (sense for item in reading.items for sense in item.of("category", "department"))
    return any(sense.values for sense in kinds) and is_all_said(reading.tokens, reading.items)

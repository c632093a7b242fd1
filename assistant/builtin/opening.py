"""Opens the built-in language model when a reply first wants it, and no sooner.

The transformers library takes a second to import, which `shopping-assistant --help` should not.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assistant.builtin.model import BuiltinModel


def builtin_model() -> "BuiltinModel":
    """The model that comes with the package; opened once.

    Raises:
        LanguageModelError: its files are missing or are not those that were shipped.
    """
    from assistant.builtin.model import shipped

    return shipped()

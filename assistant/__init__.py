"""A conversational shopping assistant: `from assistant import ShoppingAssistant`.

Read `assistant.app.ShoppingAssistant.stream` first: it is the path of one message.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assistant.app import ShoppingAssistant
    from assistant.looking.values import PageContext

__all__ = ["PageContext", "ShoppingAssistant"]


def __getattr__(name: str) -> Any:
    # Loaded on first use, so that `shopping-assistant --help` answers at once.
    if name == "ShoppingAssistant":
        from assistant.app import ShoppingAssistant

        return ShoppingAssistant
    if name == "PageContext":
        from assistant.looking.values import PageContext

        return PageContext
    raise AttributeError(f"module 'assistant' has no attribute {name!r}")

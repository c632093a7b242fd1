"""The built-in language model where somebody else serves it: the same briefs, part by part, over any chat protocol.

Comes in: a chat model whose template passes the user's message on as it is. Goes out: what the built-in model's own
door gives. Without its rules: what such a reply breaks them with, the renderer takes out.
"""

from collections.abc import Iterator
from typing import Protocol

from assistant.builtin.brief import END, read_brief
from retrieval.errors import LanguageModelError


class ChatModel(Protocol):
    """What `assistant.llm` opens."""

    def stream(self, system: str, user: str) -> Iterator[str]: ...


class ServedBriefs:
    """Asks for one part after the other, each time with all that was written before."""

    def __init__(self, model: ChatModel) -> None:
        self._model = model

    def stream(self, system: str, user: str) -> Iterator[str]:
        """The reply to the brief that `user` stands for, piece by piece; `system` is not sent.

        Raises:
            LanguageModelError: `user` is no brief, or the server failed.
        """
        try:
            brief = read_brief(user)
        except ValueError as error:
            raise LanguageModelError(f"a served built-in language model was given no brief: {error}") from None
        told = brief.head()
        for part in brief.parts():
            told += part.text()
            for piece in _whole(self._model.stream("", told)):
                told += piece
                yield part.named(piece)
            told += END


def _whole(pieces: Iterator[str]) -> Iterator[str]:
    """The same text, cut nowhere inside a placeholder.

    >>> list(_whole(iter(["At {pr", "ice}, ", "{title}"])))
    ['At ', '{price}, ', '{title}']
    """
    held = ""
    for piece in pieces:
        held += piece
        opened = held.rfind("{")
        cut = len(held) if opened < 0 or "}" in held[opened:] else opened
        if cut:
            yield held[:cut]
        held = held[cut:]
    if held:
        yield held

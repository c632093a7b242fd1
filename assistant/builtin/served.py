"""The built-in language model where somebody else serves it: the same briefs, part by part, over any chat protocol.

Comes in: a chat model whose template passes the user's message on as it is. Goes out: what the built-in model's own
door gives, within the deadline that the chat model keeps for all parts together, and at the session's expense. Without
the built-in model's rules: what such a reply breaks them with, the renderer takes out.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Protocol

from assistant.builtin.brief import END, Brief, read_brief
from retrieval.errors import LanguageModelError


class ChatModel(Protocol):
    """What `assistant.llm` opens."""

    def stream_each(
        self, asking: Callable[[Sequence[str]], tuple[str, str] | None], session_id: str = ""
    ) -> Generator[tuple[int, str], None, None]:
        """Answers in turn, each number with its pieces."""
        ...

    def hang_up(self, session_id: str) -> None: ...


class ServedBriefs:
    """Asks for one part after the other, each time with all that was written before."""

    def __init__(self, model: ChatModel) -> None:
        self._model = model

    def stream(self, system: str, user: str, session_id: str = "") -> Generator[str, None, None]:
        """The reply to the brief that `user` stands for, piece by piece; `system` is not sent. Closing it hangs up.

        Raises:
            TokensSpent: the session has used its tokens.
            LanguageModelError: `user` is no brief, the server failed, or the deadline of all parts passed.
        """
        try:
            brief = read_brief(user)
        except ValueError as error:
            raise LanguageModelError(f"a served built-in language model was given no brief: {error}") from None
        parts = brief.parts()
        with closing(self._model.stream_each(partial(_next_of, brief), session_id)) as pieces:
            for number, said in groupby(pieces, key=itemgetter(0)):
                for piece in _whole(piece for _, piece in said):
                    yield parts[number].named(piece)

    def hang_up(self, session_id: str) -> None:
        """Let the session's reply under way end where it is."""
        self._model.hang_up(session_id)


def _next_of(brief: Brief, answers: Sequence[str]) -> tuple[str, str] | None:
    """What is sent after so many parts were written: all that was told and said, and the next part's facts.

    >>> _next_of(Brief("en", "hello"), ["Hello!"])
    ('', '<|en|><|hello|><|warm|><|full|><|calm|><|n0|><|open|><|say|>Hello!<|end|><|close|><|say|>')
    >>> _next_of(Brief("en", "hello"), ["Hello!", ""]) is None
    True
    """
    parts = brief.parts()
    if len(answers) == len(parts):
        return None
    said = "".join(part.text() + answer + END for part, answer in zip(parts, answers, strict=False))
    return "", brief.head() + said + parts[len(answers)].text()


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

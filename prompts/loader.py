"""Prompts: text files whose variables are written `<<name>>`, filled in one pass.

Comes in: the name of a file in this package and its values. Goes out: the text. A missing or unused variable is an
error that names it. Knows nothing of products: a value is never scanned for variables, whatever it holds.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

PROMPTS = Path(__file__).parent
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_VARIABLE = re.compile(r"<<([a-z][a-z0-9_]*)>>")


class PromptError(Exception):
    """A prompt file is missing, or a variable in it is missing or unused."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """One prompt as it stands in its file."""

    name: str
    text: str

    @property
    def variables(self) -> frozenset[str]:
        """The names of the variables in the text."""
        return frozenset(_VARIABLE.findall(self.text))

    def render(self, **values: str) -> str:
        """The text with every variable replaced by its value.

        >>> Prompt("greeting", "Hello, <<name>>.").render(name="<<name>>")
        'Hello, <<name>>.'

        Raises:
            PromptError: a variable has no value, or a value has no variable.
        """
        check_names(f"prompt {self.name!r}", self.variables, values)
        return _VARIABLE.sub(lambda found: values[found[1]], self.text)


def check_names(where: str, wanted: frozenset[str], values: Mapping[str, str]) -> None:
    """Raise unless the values are exactly the wanted ones.

    Raises:
        PromptError: names what is missing or unused.
    """
    missing = sorted(wanted - values.keys())
    unused = sorted(values.keys() - wanted)
    if missing:
        raise PromptError(f"{where} needs a value for {', '.join(missing)}")
    if unused:
        raise PromptError(f"{where} has no variable {', '.join(unused)}: remove the value or use it in the text")


@lru_cache(maxsize=64)
def load_prompt(name: str, directory: Path = PROMPTS) -> Prompt:
    """The prompt `name`, as `read_prompt` reads it, once."""
    return read_prompt(name, directory)


def prompt_names() -> tuple[str, ...]:
    """The prompts of this package, in order of the alphabet."""
    return tuple(sorted(path.stem for path in PROMPTS.glob("*.md")))


def read_prompt(name: str, directory: Path = PROMPTS) -> Prompt:
    """Read the prompt `name` (the file `<name>.md`) from `directory`.

    Raises:
        PromptError: there is no such file, or it holds a `<<` that opens no variable.
    """
    if not _NAME.fullmatch(name):
        raise PromptError(f"{name!r} cannot be a prompt's name: use lower-case letters, digits and underscores")
    path = directory / f"{name}.md"
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise PromptError(f"cannot read prompt {name!r} at {path}: {error}") from error
    stray = re.search(r"<<|>>", _VARIABLE.sub("", text))
    if stray:
        raise PromptError(f"prompt {name!r} holds {stray[0]!r} that belongs to no variable: write <<name>>")
    return Prompt(name, text)

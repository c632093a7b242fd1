"""README's map of the house is kept honest here."""

import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def dotted_names() -> list[str]:
    names = re.findall(r"`((?:assistant|retrieval|ranking|prompts)(?:\.\w+)+)`", README)
    return sorted(set(names))


def test_there_are_names_to_check() -> None:
    assert len(dotted_names()) >= 10


@pytest.mark.parametrize("name", dotted_names())
def test_every_dotted_name_exists(name: str) -> None:
    parts = name.split(".")
    module_parts = [part for part in parts if part.islower()]
    for end in range(len(module_parts), 0, -1):
        try:
            found = import_module(".".join(parts[:end]))
        except ModuleNotFoundError:
            continue
        for part in parts[end:]:
            found = getattr(found, part)
        return
    pytest.fail(f"{name} is nowhere")


@pytest.mark.parametrize("path", re.findall(r"\]\((docs/[^)]+)\)", README))
def test_every_page_exists(path: str) -> None:
    assert (ROOT / path).is_file()


@pytest.mark.parametrize("folder", re.findall(r"^(\w+)/ ", README, re.MULTILINE))
def test_every_folder_of_the_tree_exists(folder: str) -> None:
    assert (ROOT / folder).is_dir()


def test_commands_in_the_table_exist() -> None:
    from assistant.cli import app

    known = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    known |= {group.name for group in app.registered_groups}
    named = set(re.findall(r"^\| `([\w-]+)", README, re.MULTILINE)) | set(re.findall(r"`(\w+) \"…\"", README))
    assert named <= known
    assert known <= named


def test_the_command_line_loads_nothing_heavy() -> None:
    heavy = "torch transformers chromadb gradio fastapi langchain langchain_core pandas onnxruntime sqlalchemy numpy"
    code = f"import sys, assistant.cli; print([name for name in {heavy.split()!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"

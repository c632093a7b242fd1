"""The examples in the docstrings of what speaks to language models are true."""

import doctest
import importlib

import pytest


@pytest.mark.parametrize("name", ["background", "budget", "faults", "settings"])
def test_examples(name: str) -> None:
    found = doctest.testmod(importlib.import_module(f"assistant.llm.{name}"))
    assert found.attempted > 0
    assert found.failed == 0

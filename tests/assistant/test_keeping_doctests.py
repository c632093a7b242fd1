"""The examples in the docstrings of what keeps a shop are true."""

import doctest
import importlib

import pytest


@pytest.mark.parametrize("name", ["archive", "database_files", "ownership", "salvage"])
def test_examples(name: str) -> None:
    found = doctest.testmod(importlib.import_module(f"assistant.{name}"))
    assert found.attempted > 0
    assert found.failed == 0

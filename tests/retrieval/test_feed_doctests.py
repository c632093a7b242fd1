"""The examples in the docstrings of the feed hold."""

import doctest
import importlib
import pkgutil

import pytest

import retrieval.feed

MODULES = [info.name for info in pkgutil.walk_packages(retrieval.feed.__path__, "retrieval.feed.")]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_hold(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0

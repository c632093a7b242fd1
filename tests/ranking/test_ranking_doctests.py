import doctest
import importlib
import pkgutil

import pytest

import ranking

MODULES = [info.name for info in pkgutil.walk_packages(ranking.__path__, "ranking.")]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_the_docstrings_hold(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0

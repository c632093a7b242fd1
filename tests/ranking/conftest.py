from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import settings
from toy_shop import DIMENSION, WordSource, a_candidate, a_product, towers, toy_products

from ranking.matcher import TwoTowerMatcher
from retrieval.types import Candidate, Product

# The machines that run the tests are shared: a slow moment is not a failure.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.fixture
def make_product() -> Callable[..., Product]:
    return a_product


@pytest.fixture
def make_candidate() -> Callable[..., Candidate]:
    return a_candidate


@pytest.fixture
def make_tensors() -> Callable[..., dict[str, np.ndarray]]:
    return towers


@pytest.fixture
def make_matcher() -> Callable[..., TwoTowerMatcher]:
    return lambda seed=0, dimension=DIMENSION, rank=3: TwoTowerMatcher(towers(dimension, rank, seed), f"random-{seed}")


@pytest.fixture(scope="session")
def toy_source() -> WordSource:
    return WordSource(toy_products())

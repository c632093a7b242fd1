from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant import ShoppingAssistant


@pytest.fixture(scope="session")
def demo_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory that holds the demo shop, made once."""
    folder = tmp_path_factory.mktemp("demo-shop")
    ShoppingAssistant.open(folder).close()
    return folder


@pytest.fixture(scope="module")
def demo(demo_dir: Path) -> Iterator[ShoppingAssistant]:
    """The demo shop, every part the real one."""
    with ShoppingAssistant.open(demo_dir) as assistant:
        yield assistant

from collections.abc import Callable
from pathlib import Path

import pytest
from event_shop import EventShop, make_shop


@pytest.fixture
def shop(tmp_path: Path) -> EventShop:
    return make_shop(tmp_path)


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    def written(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text, "utf-8")
        return path

    return written

"""Which trained model serves: a freshly trained one takes the place of the former, and gives it back.

In: folders below `models/`. Out: the same, renamed. Knows no model.

Of each trained thing NAME there is the folder that serves, `NAME`, the one that served before, `NAME.previous`, and
while a training runs what it makes, `NAME.training`. Every step is a rename; `NAME.new` is only there while a model
takes its place. Killed between two steps, the next owner of the shop brings the change to its end
(`finish_promotions`), so that either the one or the other serves, whole.
"""

import shutil
from pathlib import Path

from retrieval.errors import ModelError

TRAINED = ("matcher", "embedder")
"""Folders below `models/` that training writes."""

TRAINING, CHECKPOINTS, NEW, PREVIOUS, RETURNING = ".training", ".checkpoints", ".new", ".previous", ".returning"

PASSING = tuple(f"{name}{end}" for name in TRAINED for end in (TRAINING, CHECKPOINTS, NEW, RETURNING))
"""Folders below `models/` that are there only while a training runs or a model takes its place."""


def promote(model: Path) -> None:
    """Let a freshly trained model, a folder NAME.training, serve as NAME; what served is kept as NAME.previous."""
    place = model.with_suffix("")
    if not place.is_dir():
        # What lies there was rolled back to what came with the program: that is what served before.
        shutil.rmtree(place.with_suffix(PREVIOUS), ignore_errors=True)
    model.rename(model.with_suffix(NEW))
    _take_place(place)


def _take_place(place: Path) -> None:
    previous = place.with_suffix(PREVIOUS)
    if place.is_dir():
        shutil.rmtree(previous, ignore_errors=True)
        place.rename(previous)
    place.with_suffix(NEW).rename(place)


def roll_back(place: Path) -> bool:
    """Let what served before serve again, and keep what serves now; where it was the first, nothing of the shop's own
    serves then.

    Returns:
        Whether there is something in `place` now.

    Raises:
        ModelError: there is nothing to go back to.
    """
    previous, returning = place.with_suffix(PREVIOUS), place.with_suffix(RETURNING)
    if not previous.is_dir() and not place.is_dir():
        raise ModelError(f"no training has put a {place.name} in place of another, so there is none to go back to")
    if previous.is_dir():
        previous.rename(returning)
    if place.is_dir():
        place.rename(previous)
    if returning.is_dir():
        returning.rename(place)
    return place.is_dir()


def finish_promotions(models: Path) -> list[str]:
    """Bring to its end what a killed process had begun; the names of what was concerned."""
    finished = []
    for place in (models / name for name in TRAINED):
        returning = place.with_suffix(RETURNING)
        if returning.is_dir():
            # The former model was on its way back: it takes the place if that is free, else it had not set out yet.
            returning.rename(place.with_suffix(PREVIOUS) if place.is_dir() else place)
            finished.append(place.name)
        if place.with_suffix(NEW).is_dir():
            _take_place(place)
            finished.append(place.name)
    return finished

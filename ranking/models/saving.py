"""A fitted matcher as two files, and back: tensors in safetensors, all else in JSON, bound together by a digest.

In: a matcher and what made it. Out: a folder. Knows no shop. Nothing is unpickled.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from ranking.interactions import Items
from ranking.models.protocol import Matcher
from ranking.models.registry import make
from retrieval.errors import ModelError

TENSORS_FILE, META_FILE = "model.safetensors", "model.json"
FORMAT = 1


def save_matcher(folder: Path, matcher: Matcher, items: Items, about: Mapping[str, Any]) -> str:
    """Write a fitted matcher with the ids of the items it was fitted on.

    Args:
        folder: made where it is missing; what is there is replaced.
        matcher: fitted.
        items: those it was fitted on.
        about: what made it (embedder, data hash, seed, metrics …); plain values.

    Returns:
        The SHA-256 of its tensors.

    Raises:
        ModelError: the folder cannot be written to.
    """
    content = save({name: np.ascontiguousarray(value) for name, value in matcher.tensors().items()})
    digest = hashlib.sha256(content).hexdigest()
    meta = {
        "format": FORMAT,
        "model": matcher.name,
        "settings": asdict(matcher.settings),
        "tensors_sha256": digest,
        "items": list(items.ids),
        **about,
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in ((TENSORS_FILE, content), (META_FILE, json.dumps(meta, ensure_ascii=False).encode())):
            (folder / f"{name}.part").write_bytes(data)
            (folder / f"{name}.part").replace(folder / name)
    except OSError as error:
        raise ModelError(f"the model cannot be written to {folder}: {error.strerror}") from error
    return digest


def read_meta(folder: Path) -> dict[str, Any]:
    """What stands beside the tensors.

    Raises:
        ModelError: there is no such file, it is damaged, or of another version.
    """
    path = folder / META_FILE
    try:
        meta = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} cannot be read ({error}): run `shopping-assistant train`") from error
    if not isinstance(meta, dict) or meta.get("format") != FORMAT:
        raise ModelError(f"{path} is not of format {FORMAT}: run `shopping-assistant train` with this version")
    return meta


def load_matcher(folder: Path, items: Items) -> Matcher:
    """The matcher in a folder, to score `items`: those it was fitted on are found by their ids, others are new.

    Args:
        folder: where `save_matcher` wrote.
        items: today's catalog, with the vectors of the embedder that the matcher was fitted with.

    Raises:
        ModelError: a file is missing, damaged or not the one that the other describes.
    """
    meta = read_meta(folder)
    try:
        content = (folder / TENSORS_FILE).read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        if digest != meta["tensors_sha256"]:
            raise ModelError(f"{folder / TENSORS_FILE} is not the file that {META_FILE} describes: train again")
        tensors = load(content)
    except (OSError, SafetensorError, KeyError) as error:
        raise ModelError(f"the model in {folder} cannot be read ({error}): run `shopping-assistant train`") from error
    matcher = make(meta["model"], meta["settings"])
    matcher.restore(tensors, _fitted_on(meta["items"], items))
    matcher.with_items(items)
    return matcher


def _fitted_on(ids: list[str], now: Items) -> Items:
    """The items as they were: with today's texts, where an item is still there."""
    rows = now.rows()
    place = np.array([rows.get(item_id, -1) for item_id in ids], dtype=np.int64)
    vectors = None
    if now.vectors is not None:
        vectors = np.where((place >= 0)[:, None], now.vectors[place], np.float32(0.0)).astype(np.float32)
    back = {row: own for own, row in enumerate(place.tolist()) if row >= 0}
    tags = {
        tag: np.array(sorted(back[row] for row in own.tolist() if row in back), dtype=np.int64)
        for tag, own in now.tags.items()
    }
    titles = tuple(now.titles[row] if row >= 0 else "" for row in place.tolist()) if now.titles else ()
    return Items(tuple(ids), vectors, {tag: own for tag, own in tags.items() if len(own)}, titles)

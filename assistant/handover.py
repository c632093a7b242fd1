"""What may be asked of the process that owns a shop: to take in a staged feed, and to delete products.

In: on one side an open assistant, on the other a change that a process without the lock wants to make. Out: what the
change did. Knows neither sockets (`assistant.door`) nor how a change is applied.

A feed is not sent through the door: whoever imports has staged it in a file of the shop directory, and only names it.
"""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.door import Answer, Door, Json, Tell, ask
from retrieval.changes import Applied
from retrieval.errors import CatalogError, ConfigError
from retrieval.staging import PREFIX, SUFFIX

if TYPE_CHECKING:
    from assistant.app import ShoppingAssistant


def open_door(assistant: "ShoppingAssistant") -> Door:
    """Let other processes hand their changes to `assistant`, until the door is closed.

    Raises:
        ConfigError: there is no place for a socket, or another process owns the shop.
    """
    if not assistant.shop.owner:
        raise assistant.shop.refusal()
    try:
        return Door(assistant.shop.paths.root, _handlers(assistant))
    except OSError as error:
        raise ConfigError(
            f"no local socket can be opened for imports from other processes ({error}): check that the folder for "
            "temporary files can be written to"
        ) from error


def hand_over_feed(
    root: Path, staged: Path, *, whole: bool, max_retired_share: float | None, on_progress: Tell | None = None
) -> Applied | None:
    """Have the owner of the shop in `root` take in a staging file, as `assistant.shop.Shop.apply` says.

    Returns:
        What it did; None where no owner answers.

    Raises:
        ServerGone: the owner went away meanwhile.
        CatalogError: as `Shop.apply`.
    """
    request = {"kind": "apply", "file": staged.name, "whole": whole, "max_retired_share": max_retired_share}
    return _applied(ask(root, request, on_progress))


def hand_over_ids(root: Path, ids: Sequence[str]) -> Applied | None:
    """Have the owner of the shop in `root` delete products.

    Returns:
        What it did; None where no owner answers.

    Raises:
        ServerGone: the owner went away meanwhile.
    """
    return _applied(ask(root, {"kind": "delete", "ids": list(ids)}))


def _handlers(assistant: "ShoppingAssistant") -> dict[str, Any]:
    def apply(request: Json, tell: Tell) -> Json:
        staged = _staged(assistant.shop.paths.root, request.get("file"))
        share = request.get("max_retired_share")
        tell({"stage": "applying"})
        applied = assistant.shop.apply(
            staged, whole=bool(request.get("whole")), max_retired_share=None if share is None else float(share)
        )
        tell({"stage": "indexing"})
        assistant.refresh()
        return asdict(applied)

    def delete(request: Json, tell: Tell) -> Json:
        return asdict(assistant.delete(_ids(request)))

    return {"apply": apply, "delete": delete}


def _staged(root: Path, name: Any) -> Path:
    """The staging file of that name, which must lie in the shop directory itself."""
    is_name = isinstance(name, str) and name.startswith(PREFIX) and name.endswith(SUFFIX)
    staged = root / Path(name).name if is_name else None
    if staged is None or staged.name != name or staged.is_symlink() or not staged.is_file():
        raise CatalogError(f"{name!r} is no staging file in {root}: import again")
    return staged


def _ids(request: Json) -> list[str]:
    ids = request.get("ids")
    if not isinstance(ids, list) or not all(isinstance(id_, str) for id_ in ids):
        raise CatalogError("ids must be a list of texts")
    return ids


def _applied(answer: Answer | None) -> Applied | None:
    return Applied(**answer.done) if answer else None

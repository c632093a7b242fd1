"""What `backup` and `restore` show on the terminal.

In: paths from the command line. Out: text. Decides nothing.
"""

from collections.abc import Mapping
from pathlib import Path

from rich.console import Console

from assistant.backup import backup, default_target
from assistant.config import default_shop_dir
from assistant.restore import restore

console = Console()
SHOWN = ("products", "events", "sessions")


def run_backup(shop_dir: Path | None, to: Path | None) -> None:
    """Back up the shop and say what is in the archive."""
    root = (shop_dir or default_shop_dir()).expanduser()
    done = backup(root, to or default_target(root))
    say(
        f"{_counts(done.manifest.counts)}; {len(done.manifest.files):,} files, {done.bytes / 2**20:,.1f} MiB: "
        f"{done.path}"
    )
    say("It holds what shoppers did, the key of their pseudonyms and the settings: keep it as safe as the shop.")
    if to is None:
        say("It lies beside the shop: copy it to another disk, or name one with --to.")


def run_restore(shop_dir: Path | None, file: Path, *, replace: bool) -> None:
    """Restore a shop and say what came back."""
    root = (shop_dir or default_shop_dir()).expanduser()
    done = restore(file, root, replace=replace)
    say(f"{_counts(done.counts)}, as of {done.created_at:%Y-%m-%d %H:%M} UTC, are back in {root}.")
    if done.migrated_from:
        say(f"The database was brought up to date from revision {done.migrated_from}.")
    if done.replaced:
        say(f"What was there before is in {done.replaced} until the next restore.")
    say("The index is built when the shop opens.")


def say(text: str) -> None:
    """One paragraph, paths with brackets included as they are."""
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{counts.get(name, 0):,} {name}" for name in SHOWN)

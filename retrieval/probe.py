"""Opens a generation's Chroma and lets products find themselves: `python -m retrieval.probe FOLDER`.

In: the folder of a generation that no other process uses. Out: the exit status, 0 where all is well; where Chroma's
native code crashes on a damaged file, this process is the one that dies.
"""

import sys
from pathlib import Path

from retrieval.errors import IndexDamaged
from retrieval.index import ProductIndex

N_PROBED = 1000
"""Products that must find themselves."""


def main(folder: Path) -> None:
    """Probe the generation in `folder`."""
    try:
        index = ProductIndex(folder, use_chroma=False)
        index.open_chroma(despite_mark=True, marking=False)
        index.check(N_PROBED)
    except IndexDamaged as damage:
        sys.exit(str(damage))


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""A great many short texts in little memory: as one stretch of bytes, in place of an object for each.

In: texts. Out: the same texts, and at which place each stands. Knows no product. A million ids of seven
characters take 123 MB as a list with a dictionary of their places, as many digests 121 MB; here they take 24 and 32.
"""

from abc import ABC, abstractmethod
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import overload

import numpy as np
from numpy.typing import NDArray

_HOWEVER = "surrogatepass"
"""An id may hold any character that JSON can: half a surrogate pair as well."""


class _Packed(Sequence[str], ABC):
    """A list of texts that are made when they are asked for."""

    @abstractmethod
    def at(self, place: int) -> str:
        """The text at a place >= 0."""

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> list[str]: ...
    def __getitem__(self, place: int | slice) -> str | list[str]:
        if isinstance(place, slice):
            return [self.at(each) for each in range(*place.indices(len(self)))]
        return self.at(_checked(place, len(self)))

    def __iter__(self) -> Iterator[str]:
        return map(self.at, range(len(self)))


class PackedTexts(_Packed):
    """Texts in UTF-8. Never changes; safe to share between threads.

    >>> texts = PackedTexts(["kettle", "", "水壶"])
    >>> list(texts), texts[-1], texts[:2]
    (['kettle', '', '水壶'], '水壶', ['kettle', ''])
    """

    def __init__(self, texts: Iterable[str]) -> None:
        encoded = [text.encode(errors=_HOWEVER) for text in texts]
        self._content = b"".join(encoded)
        self._ends = array("q", accumulate(map(len, encoded), initial=0))

    def __len__(self) -> int:
        return len(self._ends) - 1

    def at(self, place: int) -> str:
        """The text at a place >= 0."""
        return self._content[self._ends[place] : self._ends[place + 1]].decode(errors=_HOWEVER)

    def arrays(self) -> tuple[NDArray[np.generic], ...]:
        """Everything that is held, without a copy."""
        return np.frombuffer(self._content, dtype=np.uint8), np.frombuffer(self._ends, dtype=np.int64)


class PackedDigests(_Packed):
    """SHA-256 digests, given and told in hexadecimal. Never changes; safe to share between threads.

    >>> PackedDigests(["ab" * 32])[0] == "ab" * 32
    True
    """

    def __init__(self, digests: Iterable[str]) -> None:
        """Raises ValueError where one is not of 64 hexadecimal digits."""
        encoded = [bytes.fromhex(digest) for digest in digests]
        if any(len(digest) != _DIGEST_BYTES for digest in encoded):
            raise ValueError("not a SHA-256 digest")
        self._content = b"".join(encoded)

    def __len__(self) -> int:
        return len(self._content) // _DIGEST_BYTES

    def at(self, place: int) -> str:
        """The digest at a place >= 0."""
        return self._content[place * _DIGEST_BYTES : (place + 1) * _DIGEST_BYTES].hex()

    def arrays(self) -> tuple[NDArray[np.generic], ...]:
        """Everything that is held, without a copy."""
        return (np.frombuffer(self._content, dtype=np.uint8),)


_DIGEST_BYTES = 32


class Places:
    """At which place each of some texts stands; of equal ones the last. Never changes; safe to share between threads.

    >>> places = Places(PackedTexts(["kettle", "lamp"]))
    >>> places.get("lamp"), places.get("sofa"), places.of(["sofa", "kettle"]).tolist(), "lamp" in places
    (1, None, [-1, 0], True)
    """

    def __init__(self, texts: PackedTexts) -> None:
        self._text_at = texts.at
        self._mask = (1 << len(texts).bit_length()) - 1
        buckets = np.fromiter((hash(text) & self._mask for text in texts), dtype=np.int64, count=len(texts))
        order = np.argsort(buckets, kind="stable")
        self._order = array("i", order.astype(np.int32).tobytes())
        self._starts = array("i", np.searchsorted(buckets[order], np.arange(self._mask + 2)).astype(np.int32).tobytes())

    def get(self, text: str) -> int | None:
        """The place of a text; None where it is none of these."""
        bucket = hash(text) & self._mask
        for at in range(self._starts[bucket + 1] - 1, self._starts[bucket] - 1, -1):
            if self._text_at(self._order[at]) == text:
                return self._order[at]
        return None

    def __getitem__(self, text: str) -> int:
        found = self.get(text)
        if found is None:
            raise KeyError(text)
        return found

    def __contains__(self, text: object) -> bool:
        return isinstance(text, str) and self.get(text) is not None

    def of(self, texts: Iterable[str]) -> NDArray[np.int64]:
        """The place of each of these; -1 for what is none."""
        found = (self.get(text) for text in texts)
        return np.array([-1 if place is None else place for place in found], dtype=np.int64)

    def arrays(self) -> tuple[NDArray[np.generic], ...]:
        """Everything that is held beside the texts, without a copy."""
        return np.frombuffer(self._order, dtype=np.int32), np.frombuffer(self._starts, dtype=np.int32)


def _checked(place: int, n: int) -> int:
    if not -n <= place < n:
        raise IndexError(f"there is no place {place} of {n}")
    return place % n

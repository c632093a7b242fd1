"""Shopper and session ids as pseudonyms: the same person has always the same one, and nobody can count back.

In: ids as a merchant has them, and the shop's key. Out: HMAC-SHA256 of them. Knows no event and no database.

A pseudonym looks like ``shopper-`` and 32 hexadecimal digits. The ids that this project makes itself (pseudonyms,
guests' random ids, the demo's simulated shoppers) come through unchanged, so that whoever passes one on need not know
which kind it is.

Source: RFC 2104 (HMAC); Article 4(5) of the GDPR on what a pseudonym is: whoever has the key can tell it again.
"""

import hashlib
import hmac
import os
import re
import secrets
from functools import lru_cache
from pathlib import Path

from retrieval.errors import ConfigError

KEY_BYTES = 32
MIN_KEY_CHARACTERS = 16
N_REMEMBERED = 20_000
"""Each row of an export names a shopper; so many of the last ones need no new digest."""

OWN = re.compile(r"shopper-[0-9a-f]{32}|guest-[A-Za-z0-9_-]{32}|simulated-\d{5}")
OWN_SESSION = re.compile(r"session-[0-9a-f]{32}")


class Pseudonyms:
    """Makes pseudonyms with one shop's key. Safe to share between threads; never prints the key."""

    def __init__(self, key: str) -> None:
        """Work with `key`.

        Raises:
            ConfigError: the key is so short that it could be guessed.
        """
        if len(key) < MIN_KEY_CHARACTERS:
            raise ConfigError(
                f"the key for shoppers' pseudonyms has {len(key)} characters, at least {MIN_KEY_CHARACTERS} are "
                "needed: make one with `openssl rand -hex 32`"
            )
        secret = key.encode("utf-8", "surrogatepass")

        @lru_cache(maxsize=N_REMEMBERED)
        def digest(text: str) -> str:
            return hmac.new(secret, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:32]

        self._digest = digest

    def __repr__(self) -> str:
        return "Pseudonyms(key=***)"

    def shopper(self, shopper_id: str) -> str:
        """The pseudonym of a shopper; an id of our own making stays as it is.

        >>> ann = Pseudonyms("an example's key").shopper("ann@example.com")
        >>> ann, Pseudonyms("an example's key").shopper(ann) == ann
        ('shopper-9e661e9e411740d5d10716add270689d', True)
        """
        return shopper_id if OWN.fullmatch(shopper_id) else f"shopper-{self._digest(f'shopper:{shopper_id}')}"

    def session(self, shopper: str, session_id: str) -> str:
        """The pseudonym of one session of the shopper with that pseudonym: trackers reuse session ids across people."""
        if OWN_SESSION.fullmatch(session_id):
            return session_id
        return f"session-{self._digest(f'session:{shopper}:{session_id}')}"


def shop_key(path: Path) -> str:
    """The key in the file at `path`; where there is none, a new one is written there, for its owner only (mode 0600).

    Raises:
        ConfigError: the file cannot be read or made, or does not hold a key.
    """
    try:
        if not path.is_file():
            _make_key(path)
        key = path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read or make the key for shoppers' pseudonyms at {path}: {error}") from error
    if len(key) < MIN_KEY_CHARACTERS:
        raise ConfigError(
            f"{path} does not hold a key any more: bring it back from a backup; with another key, the shoppers of the "
            "events so far are not known again"
        )
    return key


def _make_key(path: Path) -> None:
    """Write beside and link: of two processes that come first at once, both then read the same whole key."""
    beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(KEY_BYTES) + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(beside, path)
    except FileExistsError:
        pass
    finally:
        beside.unlink()

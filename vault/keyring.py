"""Named keys: one per purpose, derived by label from the site's secret keys.

A key is named by the master key that it comes from, so that every stored value says which key
opens it. The first master key writes; the older ones (``SECRET_KEYS_OLD``) only read.
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from vault.errors import UnknownKey

KEY_BYTES = 32
NAME_DIGITS = 8


@dataclass(frozen=True)
class Key:
    """A key for one purpose; ``name`` is public, ``value`` is 32 bytes and never leaves vault."""

    name: str
    value: bytes

    def __repr__(self) -> str:
        return f"Key({self.name})"


def current(label: str) -> Key:
    """Give the key that new values of this purpose are written with."""
    return _derive(_masters()[0], label)


def named(label: str, name: str) -> Key:
    """Give the key of this purpose that bears ``name``; raises UnknownKey."""
    for master in _masters():
        if _name(master) == name:
            return _derive(master, label)
    raise UnknownKey(name)


def current_name() -> str:
    """Give the name that values written now bear: what ``rotate_keys`` brings all others to."""
    return _name(_masters()[0])


def _masters() -> list[str]:
    return [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]


@lru_cache(maxsize=256)
def _derive(master: str, label: str) -> Key:
    value = HKDF(
        algorithm=hashes.SHA256(), length=KEY_BYTES, salt=b"acsr.vault", info=label.encode()
    ).derive(master.encode())
    return Key(name=_name(master), value=value)


@lru_cache(maxsize=16)
def _name(master: str) -> str:
    return hashlib.sha256(b"acsr.vault.name:" + master.encode()).hexdigest()[:NAME_DIGITS]

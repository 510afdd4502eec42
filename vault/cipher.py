"""Encrypt short values at rest: ``name$token``, where the name says which key opens it."""

import base64

from cryptography.fernet import Fernet, InvalidToken

from vault import keyring
from vault.errors import BrokenCiphertext


def encrypt(label: str, text: str) -> str:
    """Encrypt under the current key of this purpose."""
    key = keyring.current(label)
    return f"{key.name}${_fernet(key).encrypt(text.encode()).decode()}"


def decrypt(label: str, stored: str) -> str:
    """Open what ``encrypt`` gave for the same label; raises UnknownKey, BrokenCiphertext."""
    name, dollar, token = stored.partition("$")
    if not dollar:
        raise BrokenCiphertext(label)
    try:
        return _fernet(keyring.named(label, name)).decrypt(token.encode()).decode()
    except InvalidToken as error:
        raise BrokenCiphertext(label) from error


def _fernet(key: keyring.Key) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(key.value))

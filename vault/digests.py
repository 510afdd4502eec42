"""Digests of what must be recognised and never read back.

Short codes are guessable, so they are kept as HMAC-SHA256 under a key of their own; long random
tokens are not, so a plain SHA-256 is enough and can be looked up.
"""

import hashlib
import hmac
import secrets

from vault import keyring
from vault.errors import UnknownKey

TOKEN_BYTES = 32


def keyed(value: str, *, purpose: str, subject: str = "") -> str:
    """Give ``name$hex``: what stands in the database for ``value``, for this purpose alone."""
    key = keyring.current(f"digest:{purpose}")
    return f"{key.name}${_hmac(key, value, subject)}"


def matches(stored: str, value: str, *, purpose: str, subject: str = "") -> bool:
    """Tell in constant time whether ``value`` is what ``stored`` was made from."""
    name, _, expected = stored.partition("$")
    try:
        key = keyring.named(f"digest:{purpose}", name)
    except UnknownKey:
        key = keyring.current(f"digest:{purpose}")
        expected = ""
    return hmac.compare_digest(_hmac(key, value, subject), expected)


def new_token() -> str:
    """Give 256 random bits for a link or a cookie, safe in a URL."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> str:
    """Give the SHA-256 of a long random token, as 64 hex digits: what the database keeps."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_code(digits: int) -> str:
    """Give a one-time code of that many decimal digits."""
    return "".join(secrets.choice("0123456789") for _ in range(digits))


def _hmac(key: keyring.Key, value: str, subject: str) -> str:
    # Lengths first, so that no two pairs of subject and value give the same bytes.
    # "surrogatepass": what a browser posts may be no proper text, and is then simply wrong.
    data = f"{len(subject)}:{subject}:{value}".encode("utf-8", "surrogatepass")
    return hmac.new(key.value, data, hashlib.sha256).hexdigest()

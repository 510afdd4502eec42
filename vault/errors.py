"""What can go wrong with keys and ciphertexts."""


class VaultError(Exception):
    """Base of the errors of this package."""

    code = "vault_error"


class UnknownKey(VaultError):
    """A stored value names a key that is in neither SECRET_KEY nor SECRET_KEYS_OLD."""

    code = "unknown_key"


class BrokenCiphertext(VaultError):
    """A stored value was changed, cut or written for another purpose."""

    code = "broken_ciphertext"

"""The portal's own hasher, cheap enough for a thousand tests."""

from accounts.hashers import PortalArgon2PasswordHasher


class CheapArgon2PasswordHasher(PortalArgon2PasswordHasher):
    """Same algorithm, same code, a thousandth of the work."""

    time_cost = 1
    memory_cost = 8  # KiB
    parallelism = 1

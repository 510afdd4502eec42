"""Password hashes: Argon2id for every row, and never more of them in flight than cores.

An imported Django hash is kept as ``wrapped$<recipe><Argon2 of the encoded hash>``: the database
then holds no fast hash, and a check computes the old hash and lets Argon2 verify it. The next right
sign-in replaces it by plain Argon2.

What a wrapped row costs beyond the Argon2 that every row costs is the old hash itself. That
difference would tell who was imported, so services.passwords spends it for all others as long as
imported hashes remain (models.ImportedWork). What stays: a millisecond between lanes of Argon2 and
of scrypt where the imported figures are not Django's own.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.hashers import (
    Argon2PasswordHasher,
    BasePasswordHasher,
    get_hasher,
)
from django.utils.translation import gettext_noop as _

from accounts import imported_hashes, policy
from accounts.errors import HashingBusy

# Argon2 takes 19 MiB and a core each: more at once only makes everybody wait longer.
_slots = threading.BoundedSemaphore(os.cpu_count() or 1)
_this_thread = threading.local()


@contextmanager
def hashing_slot() -> Iterator[None]:
    """Hold one of this process's slots, one per core; nests; raises HashingBusy after a wait."""
    if getattr(_this_thread, "has_slot", False):
        yield
        return
    if not _slots.acquire(timeout=policy.HASHING_WAIT.total_seconds()):
        raise HashingBusy
    _this_thread.has_slot = True
    try:
        yield
    finally:
        _this_thread.has_slot = False
        _slots.release()


class PortalArgon2PasswordHasher(Argon2PasswordHasher):
    """Argon2id with the figures of policy.py; raises HashingBusy where all cores are taken."""

    time_cost = policy.ARGON2_TIME
    memory_cost = policy.ARGON2_MEMORY_KIB
    parallelism = policy.ARGON2_LANES

    def encode(self, password: str, salt: str) -> str:
        with hashing_slot():
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with hashing_slot():
            return super().verify(password, encoded)


class WrappedPasswordHasher(BasePasswordHasher):
    """An imported Django hash inside the current Argon2."""

    algorithm = "wrapped"

    def wrap(self, encoded: str) -> str:
        """Give what is stored for a Django hash; raises ImportedHashRefused, HashingBusy."""
        recipe = imported_hashes.recipe_of(encoded)
        outer = get_hasher()
        return f"{self.algorithm}${recipe}{outer.encode(encoded, outer.salt())}"

    def work_of(self, encoded: str) -> tuple[str, int]:
        """Give (algorithm, work) of the old hash inside (imported_hashes.work_of)."""
        return imported_hashes.work_of(self._split(encoded)[0])

    def encode(self, password: str, salt: str) -> str:
        raise NotImplementedError("Passwords are wrapped at import only.")

    def verify(self, password: str, encoded: str) -> bool:
        recipe, outer = self._split(encoded)
        with hashing_slot():
            inner = imported_hashes.compute(recipe, password)
            return get_hasher().verify(inner, outer)

    def decode(self, encoded: str) -> dict[str, Any]:
        recipe, outer = self._split(encoded)
        return {
            "algorithm": self.algorithm,
            "recipe": recipe,
            "hash": outer,
            "salt": get_hasher().decode(outer)["salt"],
        }

    def must_update(self, encoded: str) -> bool:
        return True

    def harden_runtime(self, password: str, encoded: str) -> None:
        """Do nothing: services.passwords evens out what checks cost."""

    def safe_summary(self, encoded: str) -> Any:
        return {_("algorithm"): self.algorithm}

    def _split(self, encoded: str) -> tuple[str, str]:
        """Give (recipe, Argon2 of the encoded hash)."""
        rest = encoded.removeprefix(f"{self.algorithm}$")
        start = rest.rindex("argon2$argon2id")
        return rest[:start], rest[start:]

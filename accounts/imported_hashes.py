"""Password hashes of other Django sites: reading them, bounding their cost, computing them again.

A *recipe* is an encoded hash without the hash itself: ``pbkdf2_sha256$600000$salt$``. It says how
to get from a password to the encoded string, and gives nothing to compare a guess with.
"""

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from argon2 import low_level
from django.contrib.auth.hashers import (
    BCryptSHA256PasswordHasher,
    MD5PasswordHasher,
    PBKDF2PasswordHasher,
    PBKDF2SHA1PasswordHasher,
    ScryptPasswordHasher,
)

from accounts import policy
from accounts.errors import ImportedHashRefused

Fields = Mapping[str, str]
ARGON2_HASH_BYTES = 32
SCRYPT_N, SCRYPT_R = 2**14, 8  # Django's own


@dataclass(frozen=True)
class Shape:
    """One algorithm.

    recipe, hashed: patterns of the two halves of the encoded string.
    work: what one computation costs, in the unit of policy.IMPORTED_WORK_LIMITS.
    memory: likewise, of policy.IMPORTED_MEMORY_LIMITS.
    compute: gives the encoded string of a password.
    spend: burns that much work on nothing.
    """

    recipe: str
    hashed: str
    compute: Callable[[str, Fields], str]
    work: Callable[[Fields], int] = lambda _fields: 0
    memory: Callable[[Fields], int] = lambda _fields: 0
    spend: Callable[[int], object] = lambda _work: None


def recipe_of(encoded: str) -> str:
    """Give the recipe of a Django hash; raises ImportedHashRefused with the reason."""
    algorithm = encoded.partition("$")[0]
    shape = SHAPES.get(algorithm)
    if shape is None:
        raise ImportedHashRefused("the algorithm is not supported")
    if algorithm == "bcrypt_sha256" and find_spec("bcrypt") is None:
        raise ImportedHashRefused("this needs the Python package bcrypt")
    match = re.fullmatch(f"(?P<whole>{shape.recipe}){shape.hashed}", encoded, re.ASCII)
    if match is None:
        raise ImportedHashRefused("the hash is unsalted, cut or not as Django writes it")
    if (
        shape.work(match.groupdict()) > policy.IMPORTED_WORK_LIMITS[algorithm]
        or shape.memory(match.groupdict()) > policy.IMPORTED_MEMORY_LIMITS[algorithm]
    ):
        raise ImportedHashRefused("its cost is beyond the limit")
    return match["whole"]


def compute(recipe: str, password: str) -> str:
    """Give the encoded string that ``password`` has under this recipe."""
    shape, fields = _read(recipe)
    return shape.compute(password, fields)


def work_of(recipe: str) -> tuple[str, int]:
    """Give (algorithm, work) of computing this recipe once."""
    shape, fields = _read(recipe)
    return recipe.partition("$")[0], shape.work(fields)


def spend(algorithm: str, work: int) -> None:
    """Burn what a hash of this algorithm and work costs, for a check that has none."""
    if work > 0:
        SHAPES[algorithm].spend(work)


def _read(recipe: str) -> tuple[Shape, Fields]:
    shape = SHAPES[recipe.partition("$")[0]]
    match = re.fullmatch(shape.recipe, recipe, re.ASCII)
    if match is None:
        raise ImportedHashRefused("the recipe is broken")
    return shape, match.groupdict()


def _pbkdf2(hasher: PBKDF2PasswordHasher, digest: str) -> Shape:
    return Shape(
        recipe=rf"{hasher.algorithm}\$(?P<iterations>[1-9]\d{{0,9}})\$(?P<salt>[^$\s]{{1,64}})\$",
        hashed=r"[A-Za-z0-9+/]{27,43}=",
        compute=lambda password, fields: hasher.encode(
            password, fields["salt"], int(fields["iterations"])
        ),
        work=lambda fields: int(fields["iterations"]),
        spend=lambda work: hashlib.pbkdf2_hmac(digest, b"spent", b"spent", work),
    )


def _compute_scrypt(password: str, fields: Fields) -> str:
    n, r, p = (int(fields[name]) for name in ("n", "r", "p"))
    return ScryptPasswordHasher().encode(password, fields["salt"], n, r, p)


def _spend_scrypt(work: int) -> None:
    passes = max(1, work // (SCRYPT_N * SCRYPT_R))
    hashlib.scrypt(b"spent", salt=b"spent", n=SCRYPT_N, r=SCRYPT_R, p=passes)


def _bcrypt(password: str, salt: str) -> str:
    # Django hands the salt to the bcrypt package, which takes bytes.
    hasher: Any = BCryptSHA256PasswordHasher()
    encoded: str = hasher.encode(password, salt.encode())
    return encoded


def _spend_bcrypt(work: int) -> None:
    # Rounds come in powers of two, so a difference is the sum of its binary digits.
    for bits in range(4, work.bit_length()):
        if work >> bits & 1:
            _bcrypt("spent", f"$2b${bits:02d}${'.' * 22}")


def _argon2(password: str, salt: bytes, *, memory: int, passes: int, lanes: int) -> str:
    data = low_level.hash_secret(
        password.encode(),
        salt,
        time_cost=passes,
        memory_cost=memory,
        parallelism=lanes,
        hash_len=ARGON2_HASH_BYTES,
        type=low_level.Type.ID,
    )
    return f"argon2{data.decode()}"


def _compute_argon2(password: str, fields: Fields) -> str:
    salt = fields["salt"]  # base 64 without its padding
    return _argon2(
        password,
        base64.b64decode(salt + "=" * (-len(salt) % 4)),
        memory=int(fields["memory"]),
        passes=int(fields["passes"]),
        lanes=int(fields["lanes"]),
    )


def _spend_argon2(work: int) -> None:
    _argon2("spent", b"spentspent", memory=max(64, work // 2), passes=2, lanes=8)


SHAPES = {
    "pbkdf2_sha256": _pbkdf2(PBKDF2PasswordHasher(), "sha256"),
    "pbkdf2_sha1": _pbkdf2(PBKDF2SHA1PasswordHasher(), "sha1"),
    "scrypt": Shape(
        recipe=r"scrypt\$(?P<n>[1-9]\d{0,9})\$(?P<salt>[^$\s]{1,64})\$(?P<r>[1-9]\d{0,3})"
        r"\$(?P<p>[1-9]\d{0,3})\$",
        hashed=r"[A-Za-z0-9+/]{86}==",
        compute=_compute_scrypt,
        work=lambda fields: int(fields["n"]) * int(fields["r"]) * int(fields["p"]),
        memory=lambda fields: int(fields["n"]) * int(fields["r"]),
        spend=_spend_scrypt,
    ),
    "bcrypt_sha256": Shape(
        recipe=r"bcrypt_sha256\$(?P<salt>\$2[aby]\$(?P<bits>0[4-9]|[12]\d|3[01])\$[A-Za-z0-9./]{22})",
        hashed=r"[A-Za-z0-9./]{31}",
        compute=lambda password, fields: _bcrypt(password, fields["salt"]),
        work=lambda fields: 2 ** int(fields["bits"]),
        spend=_spend_bcrypt,
    ),
    "argon2": Shape(
        recipe=r"argon2\$argon2id\$v=19\$m=(?P<memory>[1-9]\d{0,9}),t=(?P<passes>[1-9]\d{0,3})"
        r",p=(?P<lanes>[1-9]|1[0-6])\$(?P<salt>[A-Za-z0-9+/]{11,64})\$",
        hashed=r"[A-Za-z0-9+/]{43}",
        compute=_compute_argon2,
        work=lambda fields: int(fields["memory"]) * int(fields["passes"]),
        memory=lambda fields: int(fields["memory"]),
        spend=_spend_argon2,
    ),
    # Fast, but salted: inside Argon2 it is no longer fast.
    "md5": Shape(
        recipe=r"md5\$(?P<salt>[^$\s]{1,64})\$",
        hashed=r"[0-9a-f]{32}",
        compute=lambda password, fields: MD5PasswordHasher().encode(password, fields["salt"]),
    ),
}

import threading

import pytest
from django.contrib.auth import hashers as django_hashers
from django.contrib.auth.hashers import check_password, get_hasher, make_password

from accounts import hashers, imported_hashes, policy
from accounts.errors import HashingBusy, ImportedHashRefused

RIGHT, WRONG = "Sénégal 1978 railway", "Sénégal 1978 Railway"


def encode_cheaply(algorithm: str) -> str:
    """Give what a Django site keeps for RIGHT, with figures that take no time."""
    if algorithm == "argon2":
        cheap = django_hashers.Argon2PasswordHasher()
        cheap.memory_cost, cheap.parallelism = 64, 2
        return cheap.encode(RIGHT, "saltsaltsalt")
    if algorithm == "scrypt":
        return django_hashers.ScryptPasswordHasher().encode(RIGHT, "saltsalt", 16, 8, 1)
    if algorithm == "md5":
        return django_hashers.MD5PasswordHasher().encode(RIGHT, "saltsalt")
    kinds = {
        "pbkdf2_sha256": django_hashers.PBKDF2PasswordHasher,
        "pbkdf2_sha1": django_hashers.PBKDF2SHA1PasswordHasher,
    }
    return kinds[algorithm]().encode(RIGHT, "saltsalt", 10)


ALGORITHMS = ["pbkdf2_sha256", "pbkdf2_sha1", "scrypt", "argon2", "md5"]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_wrapped_hash_takes_the_right_password_alone(algorithm):
    wrapped = hashers.WrappedPasswordHasher().wrap(encode_cheaply(algorithm))

    assert [check_password(raw, wrapped) for raw in (RIGHT, WRONG, "")] == [True, False, False]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_wrapped_hash_holds_nothing_of_the_old_hash(algorithm):
    old = encode_cheaply(algorithm)

    wrapped = hashers.WrappedPasswordHasher().wrap(old)

    assert old.rpartition("$")[2] not in wrapped
    assert len(wrapped) <= 255


def test_wrapped_hash_is_due_for_renewal():
    wrapped = hashers.WrappedPasswordHasher().wrap(encode_cheaply("md5"))

    assert get_hasher("wrapped").must_update(wrapped) is True


@pytest.mark.parametrize(
    "encoded",
    [
        "pbkdf2_sha256$2000001$saltsalt$uCdCNnmPvIvKaUJrYaOOgRm0rTuDFy+sGsN4Q5ubYqA=",
        "pbkdf2_sha256$999999999999$saltsalt$uCdCNnmPvIvKaUJrYaOOgRm0rTuDFy+sGsN4Q5ubYqA=",
        f"scrypt$1048576$saltsalt$8$1${'A' * 86}==",
        f"scrypt$16384$saltsalt$8$11${'A' * 86}==",
        f"argon2$argon2id$v=19$m=102401,t=1,p=8$c2FsdHNhbHRzYWx0${'A' * 43}",
        f"argon2$argon2id$v=19$m=102400,t=5,p=8$c2FsdHNhbHRzYWx0${'A' * 43}",
    ],
)
def test_absurd_cost_is_refused(encoded):
    with pytest.raises(ImportedHashRefused):
        imported_hashes.recipe_of(encoded)


@pytest.mark.parametrize(
    "encoded",
    [
        "",
        "!",
        "plain",
        "5f4dcc3b5aa765d61d8327deb882cf99",
        "md5$$5f4dcc3b5aa765d61d8327deb882cf99",
        "sha1$salt$5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8",
        "pbkdf2_sha256$10$saltsalt$short=",
        "pbkdf2_sha256$-1$saltsalt$uCdCNnmPvIvKaUJrYaOOgRm0rTuDFy+sGsN4Q5ubYqA=",
        "wrapped$md5$salt$argon2$argon2id$v=19$m=8,t=1,p=1$c2FsdA$AAAA",
        "argon2$argon2i$v=19$m=512,t=2,p=2$c2FsdHNhbHRzYWx0$" + "A" * 43,
    ],
)
def test_unsalted_cut_and_unknown_hashes_are_refused(encoded):
    with pytest.raises(ImportedHashRefused):
        imported_hashes.recipe_of(encoded)


def test_real_hasher_has_the_figures_of_the_policy(settings):
    settings.PASSWORD_HASHERS = ["accounts.hashers.PortalArgon2PasswordHasher"]

    encoded = make_password(RIGHT)

    assert encoded.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert check_password(RIGHT, encoded) is True


def test_slots_are_as_many_as_cores_and_then_busy(monkeypatch):
    monkeypatch.setattr(policy, "HASHING_WAIT", policy.HASHING_WAIT * 0)
    monkeypatch.setattr(hashers, "_slots", threading.BoundedSemaphore(1))
    is_taken, may_end = threading.Event(), threading.Event()

    def hash_for_long() -> None:
        with hashers.hashing_slot():
            is_taken.set()
            may_end.wait(10)

    other = threading.Thread(target=hash_for_long)
    other.start()
    is_taken.wait(10)
    try:
        with pytest.raises(HashingBusy):
            make_password(RIGHT)
    finally:
        may_end.set()
        other.join()
    assert make_password(RIGHT)


def test_slots_nest_within_a_thread(monkeypatch):
    monkeypatch.setattr(hashers, "_slots", threading.BoundedSemaphore(1))

    with hashers.hashing_slot():
        encoded = make_password(RIGHT)

    assert check_password(RIGHT, encoded) is True


def test_slot_is_given_back_after_an_error(monkeypatch):
    monkeypatch.setattr(policy, "HASHING_WAIT", policy.HASHING_WAIT * 0)
    monkeypatch.setattr(hashers, "_slots", threading.BoundedSemaphore(1))

    for _ in range(2):
        with pytest.raises(ZeroDivisionError), hashers.hashing_slot():
            1 / 0  # noqa: B018 - any error

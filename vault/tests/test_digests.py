import hashlib
import re

import pytest

from vault import digests, keyring


def test_a_digest_names_its_key_and_hides_the_code():
    stored = digests.keyed("12345678", purpose="recovery.code", subject="ticket:1")

    assert re.fullmatch(rf"{keyring.current_name()}\$[0-9a-f]{{64}}", stored)
    assert "12345678" not in stored


def test_the_same_value_for_the_same_purpose_and_subject_matches():
    stored = digests.keyed("12345678", purpose="recovery.code", subject="ticket:1")

    assert digests.matches(stored, "12345678", purpose="recovery.code", subject="ticket:1")


@pytest.mark.parametrize(
    ("value", "purpose", "subject"),
    [
        ("12345679", "recovery.code", "ticket:1"),
        ("12345678", "accounts.sign_up_code", "ticket:1"),
        ("12345678", "recovery.code", "ticket:2"),
        ("", "recovery.code", "ticket:1"),
        ("\ud800", "recovery.code", "ticket:1"),
    ],
)
def test_another_value_purpose_or_subject_does_not_match(value, purpose, subject):
    stored = digests.keyed("12345678", purpose="recovery.code", subject="ticket:1")

    assert not digests.matches(stored, value, purpose=purpose, subject=subject)


def test_the_border_between_subject_and_value_counts():
    stored = digests.keyed("23", purpose="p", subject="ticket:1")

    assert not digests.matches(stored, "3", purpose="p", subject="ticket:12")


@pytest.mark.parametrize("stored", ["", "0", "$", "deadbeef$", "12345678"])
def test_nothing_matches_a_stored_value_that_is_no_digest(stored):
    assert not digests.matches(stored, "", purpose="p")
    assert not digests.matches(stored, "0", purpose="p")


def test_a_digest_is_not_a_plain_hash_that_can_be_searched():
    stored = digests.keyed("12345678", purpose="p")

    assert hashlib.sha256(b"12345678").hexdigest() not in stored


def test_old_digests_match_after_a_rotation_until_the_old_secret_goes(settings):
    settings.SECRET_KEY = "first-secret"
    stored = digests.keyed("12345678", purpose="p")

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "second-secret", ["first-secret"]
    assert digests.matches(stored, "12345678", purpose="p")

    settings.SECRET_KEY_FALLBACKS = []
    assert not digests.matches(stored, "12345678", purpose="p")


def test_tokens_are_256_random_bits_that_fit_into_a_link():
    tokens = {digests.new_token() for _ in range(100)}

    assert len(tokens) == 100
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", token) for token in tokens)


def test_a_token_is_kept_as_its_hash():
    assert digests.token_hash("token") == hashlib.sha256(b"token").hexdigest()


@pytest.mark.parametrize("digits", [6, 8])
def test_codes_have_the_digits_asked_for_and_keep_leading_zeros(digits):
    codes = [digests.new_code(digits) for _ in range(500)]

    assert all(re.fullmatch(rf"[0-9]{{{digits}}}", code) for code in codes)
    assert {code[0] for code in codes} == set("0123456789")

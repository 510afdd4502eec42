import pytest

from vault import keyring
from vault.errors import UnknownKey


def test_every_label_has_a_key_of_its_own():
    first = keyring.current("digest:recovery.code")
    second = keyring.current("digest:accounts.sign_up_code")

    assert first.name == second.name
    assert first.value != second.value
    assert len(first.value) == len(second.value) == keyring.KEY_BYTES


def test_the_same_secret_gives_the_same_key_in_every_process():
    assert keyring.current("label") == keyring.current("label")


def test_a_key_is_found_by_its_name_after_the_secret_was_rotated(settings):
    settings.SECRET_KEY = "first-secret"
    before = keyring.current("label")

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "second-secret", ["first-secret"]

    assert keyring.current("label") != before
    assert keyring.named("label", before.name) == before


def test_new_values_bear_the_name_of_the_first_secret(settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "second-secret", ["first-secret"]

    assert keyring.current("label").name == keyring.current_name()


def test_a_name_that_no_secret_has_is_refused(settings):
    settings.SECRET_KEY = "first-secret"
    name = keyring.current_name()
    settings.SECRET_KEY = "second-secret"

    with pytest.raises(UnknownKey):
        keyring.named("label", name)


def test_neither_name_nor_repr_shows_the_key(settings):
    settings.SECRET_KEY = "first-secret"
    key = keyring.current("label")

    shown = repr(key) + key.name

    assert key.value.hex() not in shown
    assert str(key.value) not in shown
    assert "first-secret" not in shown

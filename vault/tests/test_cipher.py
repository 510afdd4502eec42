import pytest

from vault import cipher, keyring
from vault.errors import BrokenCiphertext, UnknownKey


@pytest.mark.parametrize("text", ["", "1234-5678", "Zürich ✓", "a$b$c", "x" * 5000])
def test_what_was_encrypted_is_read_back(text):
    assert cipher.decrypt("label", cipher.encrypt("label", text)) == text


def test_a_stored_value_names_its_key_and_hides_its_text():
    stored = cipher.encrypt("label", "1234-5678")

    assert stored.startswith(f"{keyring.current_name()}$")
    assert "1234-5678" not in stored


def test_two_encryptions_of_one_text_differ():
    assert cipher.encrypt("label", "same") != cipher.encrypt("label", "same")


def test_a_value_of_another_column_is_refused():
    stored = cipher.encrypt("accounts.totp.seed", "secret")

    with pytest.raises(BrokenCiphertext):
        cipher.decrypt("outbox.message.secrets", stored)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda s: s[:-4] + "AAA=",
        lambda s: s[:40],
        lambda s: s.replace("$g", "$h"),
    ],
)
def test_a_value_that_was_changed_is_refused(spoil):
    stored = cipher.encrypt("label", "1234-5678")

    with pytest.raises(BrokenCiphertext):
        cipher.decrypt("label", spoil(stored))


@pytest.mark.parametrize("stored", ["", "plain text"])
def test_a_value_without_the_name_of_a_key_is_refused(stored):
    with pytest.raises(BrokenCiphertext):
        cipher.decrypt("label", stored)


def test_old_values_are_read_after_a_rotation_until_the_old_secret_goes(settings):
    settings.SECRET_KEY = "first-secret"
    stored = cipher.encrypt("label", "1234-5678")

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "second-secret", ["first-secret"]
    read = cipher.decrypt("label", stored)
    written_again = cipher.encrypt("label", read)
    settings.SECRET_KEY_FALLBACKS = []

    assert read == "1234-5678"
    assert cipher.decrypt("label", written_again) == "1234-5678"
    with pytest.raises(UnknownKey):
        cipher.decrypt("label", stored)

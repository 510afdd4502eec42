import pytest

from vault import cipher
from vault.fields import EncryptedJSONField, EncryptedTextField


def test_text_is_encrypted_on_its_way_in_and_plain_on_its_way_out():
    field = EncryptedTextField(label="label")

    stored = field.get_prep_value("1234-5678")

    assert cipher.decrypt("label", stored) == "1234-5678"
    assert field.from_db_value(stored, None, None) == "1234-5678"


@pytest.mark.parametrize("value", [{"code": "1234-5678"}, [], "text", 0, {"ü": None}])
def test_json_comes_back_as_it_was(value):
    field = EncryptedJSONField(label="label")

    assert field.from_db_value(field.get_prep_value(value), None, None) == value


@pytest.mark.parametrize("field_class", [EncryptedTextField, EncryptedJSONField])
def test_none_is_null_on_both_sides(field_class):
    field = field_class(label="label")

    assert field.get_prep_value(None) is None
    assert field.from_db_value(None, None, None) is None


def test_no_form_shows_an_encrypted_field():
    assert EncryptedTextField(label="label", null=True).editable is False


def test_migrations_keep_the_label():
    field = EncryptedTextField(label="label", null=True)

    _name, path, args, kwargs = field.deconstruct()

    assert path == "vault.fields.EncryptedTextField"
    assert (args, kwargs) == ([], {"label": "label", "null": True})


@pytest.mark.parametrize("lookup", ["exact", "in", "contains", "startswith", "gt"])
def test_an_encrypted_column_cannot_be_searched(lookup):
    assert EncryptedTextField(label="label").get_lookup(lookup) is None


def test_an_encrypted_column_can_be_asked_whether_it_is_empty():
    assert EncryptedTextField(label="label").get_lookup("isnull") is not None

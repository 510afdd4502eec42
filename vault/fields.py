"""Model fields that are encrypted in the database and plain in Python."""

import json
from typing import Any

from django.db import models

from vault import cipher


class EncryptedTextField(models.TextField):
    """Text, encrypted at rest; ``label`` parts it from every other column.

    Cannot be searched or ordered by. ``None`` is stored as NULL: that is how it is emptied.
    """

    def __init__(self, *args: Any, label: str, **kwargs: Any) -> None:
        self.label = label
        kwargs["editable"] = False
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("editable", None)
        return name, path, args, {**kwargs, "label": self.label}

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        return None if value is None else self.to_plain(cipher.decrypt(self.label, value))

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else cipher.encrypt(self.label, self.to_text(value))

    def get_lookup(self, lookup_name: str) -> Any:
        """Allow ``isnull`` only: two encryptions of one value differ."""
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None

    def to_plain(self, text: str) -> Any:
        return text

    def to_text(self, value: Any) -> str:
        return str(value)

    def to_python(self, value: Any) -> Any:
        return value


class EncryptedJSONField(EncryptedTextField):
    """A JSON value, encrypted at rest."""

    def to_plain(self, text: str) -> Any:
        return json.loads(text)

    def to_text(self, value: Any) -> str:
        return json.dumps(value, separators=(",", ":"))

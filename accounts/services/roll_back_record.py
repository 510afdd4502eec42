"""What a roll-back wrote, row by row, so that it can be taken back."""

from datetime import datetime
from typing import Any, NamedTuple

from django.db import IntegrityError, models, transaction

from accounts.models import (
    CodeDevice,
    Contact,
    Device,
    Passkey,
    RecoveryCodeSet,
    TotpDevice,
    User,
)

TABLES: dict[str, type[models.Model]] = {
    model._meta.model_name or "": model
    for model in (CodeDevice, Contact, Device, Passkey, RecoveryCodeSet, TotpDevice, User)
}


class Change(NamedTuple):
    """One row: its table and key, and its columns before and after, as JSON holds them."""

    table: str
    key: str
    before: dict[str, Any]
    after: dict[str, Any]


class Record:
    """Collects changes, in their order."""

    def __init__(self) -> None:
        self.changes: list[Change] = []

    def write(self, row: models.Model, **values: Any) -> None:
        """Change columns of a row, here and in the database, and note what they were."""
        before = {name: getattr(row, name) for name in values}
        type(row)._base_manager.filter(pk=row.pk).update(**values)
        for name, value in values.items():
            setattr(row, name, value)
        self.note(row, before, values)

    def note(self, row: models.Model, before: dict[str, Any], after: dict[str, Any]) -> None:
        """Note what somebody else wrote."""
        table = row._meta.model_name or ""
        self.changes.append(Change(table, str(row.pk), _plain(before), _plain(after)))


def reads(change: Change) -> Any:
    """Give the row as it is now; None where it is gone."""
    return TABLES[change.table]._base_manager.filter(pk=change.key).first()


def put_back(user: User, change: Change) -> bool:
    """Give a row its columns back; False where it is no longer as the roll-back left it."""
    model = TABLES[change.table]
    own = model._base_manager.filter(**({"pk": user.pk} if model is User else {"user": user}))
    rows = own.filter(pk=change.key).filter(**_typed(model, change.after))
    try:
        with transaction.atomic():
            return bool(rows.update(**_typed(model, change.before)))
    except IntegrityError:
        return False


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in values.items()
    }


def _typed(model: type[models.Model], values: dict[str, Any]) -> dict[str, Any]:
    """Read the columns back."""
    fields = {field.name: field for field in model._meta.concrete_fields}
    return {name: fields[name].to_python(value) for name, value in values.items()}

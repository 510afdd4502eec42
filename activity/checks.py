"""What must be true of the database before audit entries may be trusted."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder

from activity.models import audit_triggers

CREATED_BY = ("activity", "0002_audit_triggers")


@register(Tags.database)
def require_audit_triggers(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **_kwargs: Any
) -> list[CheckMessage]:
    """Report triggers of the audit table that are gone (``activity.E001``).

    Where their migration has not run yet they are not missed: ``migrate`` runs the checks first.
    """
    messages: list[CheckMessage] = []
    for alias in databases or ():
        connection = connections[alias]
        if CREATED_BY not in MigrationRecorder(connection).applied_migrations():
            continue
        absent = audit_triggers.missing(connection)
        if absent:
            messages.append(
                Error(
                    f"Audit entries can be changed: {', '.join(absent)} missing in '{alias}'.",
                    hint="Run `manage.py repair_audit_triggers`, then `verify_audit_chain`.",
                    id="activity.E001",
                )
            )
    return messages

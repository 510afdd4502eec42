"""The triggers that make audit entries append-only, on both databases.

Any ``AlterField`` on the table remakes it on SQLite and silently drops its triggers: a migration
that touches AuditEntry must call ``create`` afterwards (the check ``activity.E001`` notices).
"""

from django.db.backends.base.base import BaseDatabaseWrapper

TABLE = "activity_auditentry"
NO_UPDATE = "activity_audit_no_update"
NO_DELETE = "activity_audit_no_delete"
NO_REPLACE = "activity_audit_no_replace"
NO_TRUNCATE = "activity_audit_no_truncate"
REFUSAL = "audit entries are append-only"

_SQLITE = {
    NO_UPDATE: f"CREATE TRIGGER {NO_UPDATE} BEFORE UPDATE ON {TABLE} "
    f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
    NO_DELETE: f"CREATE TRIGGER {NO_DELETE} BEFORE DELETE ON {TABLE} "
    f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
    # INSERT OR REPLACE deletes the former row without firing delete triggers
    # (sqlite.org/lang_conflict.html).
    NO_REPLACE: f"CREATE TRIGGER {NO_REPLACE} BEFORE INSERT ON {TABLE} "  # noqa: S608 - constants
    f"WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE number = NEW.number OR digest = NEW.digest) "
    f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
}
_POSTGRESQL_FUNCTION = (
    "CREATE OR REPLACE FUNCTION activity_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'restrict_violation'; END $$"
)
_POSTGRESQL = {
    NO_UPDATE: f"CREATE TRIGGER {NO_UPDATE} BEFORE UPDATE ON {TABLE} "
    "FOR EACH ROW EXECUTE FUNCTION activity_audit_refuse()",
    NO_DELETE: f"CREATE TRIGGER {NO_DELETE} BEFORE DELETE ON {TABLE} "
    "FOR EACH ROW EXECUTE FUNCTION activity_audit_refuse()",
    NO_TRUNCATE: f"CREATE TRIGGER {NO_TRUNCATE} BEFORE TRUNCATE ON {TABLE} "
    "FOR EACH STATEMENT EXECUTE FUNCTION activity_audit_refuse()",
}
# "O" and "A" fire in ordinary sessions; triggers that are switched off count as missing.
_POSTGRESQL_PRESENT = (
    "SELECT tgname FROM pg_trigger WHERE tgrelid = to_regclass(%s) AND tgenabled IN ('O', 'A')"
)
_SQLITE_PRESENT = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s"


def create(connection: BaseDatabaseWrapper) -> None:
    """Create those triggers that are missing."""
    absent = missing(connection)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_POSTGRESQL_FUNCTION)
        for name in absent:
            cursor.execute(_statements(connection)[name])


def drop(connection: BaseDatabaseWrapper, *names: str) -> None:
    """Drop the named triggers, all of them without a name; for reverse migrations and tests."""
    on_table = f" ON {TABLE}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        for name in names or _statements(connection):
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on_table}")


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Name the triggers that this database should have and has not."""
    present_sql = _POSTGRESQL_PRESENT if connection.vendor == "postgresql" else _SQLITE_PRESENT
    with connection.cursor() as cursor:
        cursor.execute(present_sql, [TABLE])
        present = {name for (name,) in cursor.fetchall()}
    return [name for name in _statements(connection) if name not in present]


def _statements(connection: BaseDatabaseWrapper) -> dict[str, str]:
    return _POSTGRESQL if connection.vendor == "postgresql" else _SQLITE

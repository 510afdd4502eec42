import pytest
from django.db import DatabaseError, connection, transaction

from activity.errors import AuditIsAppendOnly
from activity.models import AuditEntry, audit_triggers
from activity.services import audit


@pytest.fixture
def entry(db) -> AuditEntry:
    return audit.append(actor="system", action="test:entry:made")


def refuse(sql: str) -> None:
    refused = pytest.raises(DatabaseError, match=audit_triggers.REFUSAL)
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_model_refuses_to_save_again(entry):
    entry.reason = "another"

    with pytest.raises(AuditIsAppendOnly):
        entry.save()


def test_model_refuses_to_delete(entry):
    with pytest.raises(AuditIsAppendOnly):
        entry.delete()


def test_database_refuses_the_update_of_a_queryset(entry):
    with pytest.raises(DatabaseError, match=audit_triggers.REFUSAL), transaction.atomic():
        AuditEntry.objects.update(reason="another")

    assert AuditEntry.objects.get().reason == ""


def test_database_refuses_the_delete_of_a_queryset(entry):
    with pytest.raises(DatabaseError, match=audit_triggers.REFUSAL), transaction.atomic():
        AuditEntry.objects.all().delete()

    assert AuditEntry.objects.count() == 1


def test_database_refuses_raw_update_and_delete(entry):
    refuse("UPDATE activity_auditentry SET reason = 'x' WHERE number = 1")
    refuse("DELETE FROM activity_auditentry")

    assert AuditEntry.objects.values_list("number", "reason").get() == (1, "")


def test_sqlite_refuses_to_replace_an_entry(entry):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has no REPLACE; its upsert is an UPDATE")

    refuse(
        "INSERT OR REPLACE INTO activity_auditentry "
        "SELECT number, at, 'forged', action, subject, reason, details, previous, digest "
        "FROM activity_auditentry"
    )


@pytest.mark.services
def test_postgresql_refuses_to_truncate(entry):
    audit_triggers.create(connection)  # tests drop this one (root conftest)

    refuse("TRUNCATE activity_auditentry")


def test_triggers_can_be_dropped_and_created_again(db):
    audit_triggers.drop(connection)
    dropped = audit_triggers.missing(connection)

    audit_triggers.create(connection)
    audit_triggers.create(connection)

    assert len(dropped) == 3
    assert audit_triggers.missing(connection) == []

from django.db import connection

from activity import checks
from activity.models import audit_triggers


def test_database_with_its_triggers_passes(db):
    audit_triggers.create(connection)  # tests on PostgreSQL drop one of them (root conftest)

    assert checks.require_audit_triggers(None, databases=["default"]) == []


def test_missing_trigger_is_reported(db):
    audit_triggers.create(connection)
    audit_triggers.drop(connection, audit_triggers.NO_DELETE)

    [message] = checks.require_audit_triggers(None, databases=["default"])

    assert message.id == "activity.E001"
    assert audit_triggers.NO_DELETE in message.msg


def test_without_databases_nothing_is_asked(db, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert checks.require_audit_triggers(None) == []

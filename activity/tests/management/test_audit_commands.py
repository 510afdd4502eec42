from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from activity.models import AuditEntry, audit_triggers
from activity.services import audit


@pytest.fixture
def chain(db) -> list[AuditEntry]:
    return [audit.append(actor="system", action="test:entry:made") for _ in range(3)]


def run(name: str, *arguments: str) -> str:
    out = StringIO()
    call_command(name, *arguments, stdout=out, stderr=out)
    return out.getvalue()


def test_whole_chain_prints_count_and_head(chain):
    assert run("verify_audit_chain") == f"3 entries, unbroken. Head: {chain[-1].digest}\n"


def test_broken_chain_fails(chain):
    audit_triggers.drop(connection)
    AuditEntry.objects.filter(number=2).update(reason="another")

    with pytest.raises(CommandError, match="broken: 1 problems"):
        run("verify_audit_chain")


def test_digest_of_an_earlier_run_is_found_in_the_chain(chain):
    assert "unbroken" in run("verify_audit_chain", "--contains", chain[0].digest)


def test_chain_that_was_cut_short_fails_for_its_former_head(chain):
    audit_triggers.drop(connection)
    AuditEntry.objects.filter(number=3).delete()
    audit.AuditHead.objects.update(number=2, digest=chain[1].digest)

    assert audit.verify() == []
    with pytest.raises(CommandError, match="broken"):
        run("verify_audit_chain", "--contains", chain[2].digest)


def test_missing_triggers_are_put_back_and_noted(db):
    audit_triggers.create(connection)
    audit_triggers.drop(connection, audit_triggers.NO_UPDATE)

    dry = run("repair_audit_triggers", "--dry-run")
    still_missing = audit_triggers.missing(connection)
    output = run("repair_audit_triggers")

    assert dry == "1 triggers created (dry run).\n"
    assert still_missing == [audit_triggers.NO_UPDATE]
    assert output == "1 triggers created.\n"
    assert audit_triggers.missing(connection) == []
    assert AuditEntry.objects.values_list("actor", "details").get() == (
        "command:repair_audit_triggers",
        {"triggers": [audit_triggers.NO_UPDATE]},
    )

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import F

from activity import policy
from activity.models import AuditEntry, AuditHead, audit_triggers
from activity.services import audit


def append(reason: str = "") -> AuditEntry:
    return audit.append(
        actor="user:1",
        action="staff:user:frozen",
        subject="user:2",
        reason=reason,
        details={"b": [1, None, True], "a": {"ü": "é"}},
    )


@pytest.fixture
def chain(db) -> list[AuditEntry]:
    return [append(f"reason {number}") for number in range(1, 6)]


@pytest.fixture
def unlocked(chain) -> None:
    """A database whose owner dropped the triggers."""
    audit_triggers.drop(connection)


def test_entries_are_numbered_and_linked(chain):
    entries = list(AuditEntry.objects.order_by("number"))

    assert [entry.number for entry in entries] == [1, 2, 3, 4, 5]
    assert [entry.previous for entry in entries] == [
        audit.FIRST_PREVIOUS,
        *[entry.digest for entry in entries[:-1]],
    ]
    assert AuditHead.objects.values_list("number", "digest").get() == (5, entries[-1].digest)


def test_whole_chain_has_no_problems(chain):
    assert audit.verify() == []


def test_empty_chain_has_no_problems(db):
    assert audit.verify() == []


def test_chain_is_read_in_batches(chain, monkeypatch):
    monkeypatch.setattr(policy, "AUDIT_BATCH", 2)

    assert audit.verify() == []


@pytest.mark.parametrize(
    "change",
    [
        {"reason": "another"},
        {"actor": "user:9"},
        {"action": "staff:user:seen"},
        {"subject": ""},
        {"details": {"a": {"ü": "e"}, "b": [1, None, True]}},
        {"at": F("at") + timedelta(microseconds=1)},
    ],
)
def test_any_changed_column_is_found(unlocked, change):
    AuditEntry.objects.filter(number=3).update(**change)

    assert audit.verify() == ["changed: entry 3"]


def test_changed_entry_with_a_digest_made_to_fit_is_found(unlocked):
    entry = AuditEntry.objects.get(number=3)
    entry.reason = "another"
    AuditEntry.objects.filter(number=3).update(reason="another", digest=audit.digest_of(entry))

    assert audit.verify() == ["out of order: entry 4 does not follow entry 3"]


def test_missing_entries_are_found(unlocked):
    AuditEntry.objects.filter(number__in=[2, 3]).delete()

    assert audit.verify() == ["missing: entries 2 to 3"]


def test_missing_last_entry_is_found(unlocked):
    AuditEntry.objects.filter(number=5).delete()

    assert audit.verify() == ["missing: entries 5 to 5"]


def test_exchanged_entries_are_found(unlocked):
    AuditEntry.objects.filter(number=2).update(number=99)
    AuditEntry.objects.filter(number=3).update(number=2)
    AuditEntry.objects.filter(number=99).update(number=3)

    assert audit.verify() == [
        "out of order: entry 2 does not follow entry 1",
        "changed: entry 2",
        "out of order: entry 3 does not follow entry 2",
        "changed: entry 3",
        "out of order: entry 4 does not follow entry 3",
    ]


def test_wrong_head_is_found(chain):
    AuditHead.objects.update(digest="f" * 64)

    assert audit.verify() == ["wrong head: it names entry 5, the chain ends at 5"]


def test_head_set_back_is_found(chain):
    AuditHead.objects.update(number=4, digest=chain[3].digest)

    assert audit.verify() == ["wrong head: it names entry 4, the chain ends at 5"]


def test_missing_head_is_found(chain):
    AuditHead.objects.all().delete()

    assert audit.verify() == ["wrong head: it names entry 0, the chain ends at 5"]


def test_entry_is_undone_with_its_cause(chain):
    @transaction.atomic
    def act_and_fail() -> None:
        append("undone")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        act_and_fail()

    assert AuditEntry.objects.count() == 5
    assert audit.verify() == []


def test_text_that_does_not_fit_is_refused_on_every_database(db):
    with pytest.raises(ValidationError):
        append("x" * 301)

    assert AuditEntry.objects.count() == 0


def test_details_that_databases_may_change_are_refused(db):
    with pytest.raises(TypeError):
        audit.append(actor="system", action="test", details={"score": 1e100})


@pytest.mark.django_db(transaction=True)
def test_parallel_appends_leave_no_gap():
    def append_once(number: int) -> None:
        try:
            append(f"thread {number}")
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as threads:
        list(threads.map(append_once, range(20)))

    assert list(AuditEntry.objects.order_by("number").values_list("number", flat=True)) == list(
        range(1, 21)
    )
    assert audit.verify() == []

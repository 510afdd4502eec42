from datetime import timedelta

from django.utils import timezone

from activity import policy
from activity.models import AuditEntry, Notice, SecurityEvent
from activity.services import audit, notices, retention
from activity.tests.factories import make_event, make_user


def test_events_are_kept_for_ninety_days(db):
    now = timezone.now()
    user = make_user()
    make_event(user, at=now - policy.EVENTS_KEPT - timedelta(seconds=1))
    kept = make_event(user, at=now - policy.EVENTS_KEPT)

    pruned = retention.prune(now)

    assert pruned == 1
    assert list(SecurityEvent.objects.all()) == [kept]


def test_old_events_go_in_batches_with_their_notices(db, monkeypatch):
    monkeypatch.setattr(policy, "PRUNE_BATCH", 2)
    now = timezone.now()
    for _ in range(5):
        notices.announce(make_event(None, at=now - timedelta(days=91)))

    assert retention.prune(now) == 5
    assert (SecurityEvent.objects.count(), Notice.objects.count()) == (0, 0)


def test_audit_entries_stay(db):
    audit.append(actor="system", action="test:entry:made")

    retention.prune(timezone.now() + timedelta(days=4000))

    assert AuditEntry.objects.count() == 1

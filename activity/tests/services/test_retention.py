from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from activity import policy
from activity.assessors import assess_sign_in
from activity.enums import IncidentState
from activity.models import AuditEntry, FeatureCount, Incident, Notice, ReportLink, SecurityEvent
from activity.services import audit, learning, notices, retention
from activity.tests.factories import make_event, make_incident, make_user
from activity.tests.sign_ins import FRANCE, browser_at, common_counts, own_counts


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


def test_counts_of_what_nobody_had_for_ninety_days_go(db):
    now = timezone.now()
    user = make_user()
    learning.learn(make_event(user, client=browser_at(FRANCE), at=now - timedelta(days=91)))
    learning.learn(make_event(user, client=browser_at(), at=now))
    learning.count_due()

    retention.prune(now)

    # The numbers of sign-ins keep both: France is as rare as what was never seen.
    left = {("country", "DE"): 1, ("known:country", ""): 2, ("all", ""): 2}
    assert left.items() <= own_counts(user).items()
    assert ("country", "FR") not in own_counts(user)
    assert common_counts() == own_counts(user)


def test_a_count_that_was_seen_meanwhile_stays(db, monkeypatch):
    now = timezone.now()
    user = make_user()
    learning.learn(make_event(user, client=browser_at(), at=now - timedelta(days=91)))
    asked = QuerySet.values_list

    def sign_in_between(rows, *fields, **options):
        found = list(asked(rows, *fields, **options))
        if rows.model is FeatureCount:
            FeatureCount.objects.update(last_at=now)
        return found

    monkeypatch.setattr(QuerySet, "values_list", sign_in_between)
    retention.prune(now)

    assert FeatureCount.objects.filter(user=user).exists()


def test_an_account_that_was_away_for_ninety_days_begins_anew(db):
    now = timezone.now()
    user = make_user()
    learning.learn(make_event(user, client=browser_at(), at=now - timedelta(days=91)))

    retention.prune(now)

    assert own_counts(user) == {}
    assert not assess_sign_in(user, browser_at(FRANCE)).is_unusual


def test_report_links_go_with_their_end(db):
    now = timezone.now()
    event = make_event(make_user(), at=now - timedelta(days=31))
    ReportLink.objects.create(token_hash="a" * 64, event=event, expires_at=now)
    kept = ReportLink.objects.create(
        token_hash="b" * 64, event=event, expires_at=now + timedelta(seconds=1)
    )

    retention.prune(now)

    assert list(ReportLink.objects.all()) == [kept]


def test_closed_incidents_go_after_ninety_days_and_open_ones_stay(db):
    now = timezone.now()
    user = make_user()
    long_ago = now - policy.INCIDENTS_KEPT - timedelta(seconds=1)
    closed = {"state": IncidentState.CLOSED, "opened_at": long_ago}
    make_incident(user, closed_at=long_ago, **closed)
    kept = make_incident(user, closed_at=now - policy.INCIDENTS_KEPT, **closed)
    waits = make_incident(user, opened_at=long_ago)

    retention.prune(now)

    assert set(Incident.objects.all()) == {kept, waits}

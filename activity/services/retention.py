"""Forget what is older than the portal promises to keep it."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from activity import policy
from activity.models import (
    AccountView,
    CommonCount,
    FeatureCount,
    Incident,
    ReportLink,
    SecurityEvent,
)


def prune(now: datetime) -> int:
    """Delete events older than 90 days, with their notices, in batches; gives how many.

    What staff looked at goes too, and what was made from events: report links that ran out, closed
    incidents, counts of values that nobody had for so long. Open incidents stay until somebody
    closes them. Audit entries stay: they are no personal history but the proof of what staff did.
    """
    AccountView.objects.filter(last_at__lt=now - policy.VIEWS_KEPT).delete()
    _delete(ReportLink.objects.filter(expires_at__lte=now).order_by("expires_at"))
    _delete(Incident.objects.filter(closed_at__lt=now - policy.INCIDENTS_KEPT))
    # The numbers of sign-ins keep those in them: what was seen once in a hundred times and then no
    # more is as rare as what was never seen (docs/decisions/0062).
    _delete(FeatureCount.objects.filter(last_at__lt=now - policy.COUNTS_KEPT).order_by("last_at"))
    _delete(CommonCount.objects.filter(last_at__lt=now - policy.COUNTS_KEPT).order_by("last_at"))
    return _delete(SecurityEvent.objects.filter(at__lt=now - policy.EVENTS_KEPT).order_by("at"))


def _delete(old: QuerySet[Any]) -> int:
    """Delete these rows, and those that hang on them, in batches; gives how many of them."""
    total = 0
    while batch := list(old.values_list("pk", flat=True)[: policy.PRUNE_BATCH]):
        # Asked again: a count may have been seen since.
        _deleted, by_model = old.filter(pk__in=batch).order_by().delete()
        total += by_model.get(old.model._meta.label, 0)
    return total

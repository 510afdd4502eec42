"""Forget what is older than the portal promises to keep it."""

from datetime import datetime

from activity import policy
from activity.models import AccountView, SecurityEvent


def prune(now: datetime) -> int:
    """Delete events older than 90 days, with their notices, in batches; gives how many.

    What staff looked at goes too. Audit entries stay: they are no personal history but the proof of
    what staff did.
    """
    AccountView.objects.filter(last_at__lt=now - policy.VIEWS_KEPT).delete()
    old = SecurityEvent.objects.filter(at__lt=now - policy.EVENTS_KEPT).order_by("at")
    total = 0
    while batch := list(old.values_list("pk", flat=True)[: policy.PRUNE_BATCH]):
        _deleted, by_model = SecurityEvent.objects.filter(pk__in=batch).delete()
        total += by_model.get(SecurityEvent._meta.label, 0)
    return total

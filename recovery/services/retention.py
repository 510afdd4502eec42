"""What is kept of a ticket after its end (design.md section 4, last row of the figures)."""

from django.utils import timezone

from recovery import policy
from recovery.enums import ENDED_STATES
from recovery.models import ClaimFreeze, RecoveryTicket


def prune(limit: int = 1000) -> int:
    """Empty identifier and contact of tickets that ended long enough ago; give how many.

    Their limit keys stay for budgets and staff.
    """
    now = timezone.now()
    ClaimFreeze.objects.filter(until__lte=now).delete()
    old = RecoveryTicket.objects.filter(
        state__in=ENDED_STATES, moved_at__lte=now - policy.CLEAR_AFTER_END
    ).exclude(identifier="", contact="")
    batch = list(old.values_list("pk", flat=True)[:limit])
    return RecoveryTicket.objects.filter(pk__in=batch).update(
        identifier="", contact="", contact_match_key="", agent="", address=None
    )

"""What is kept of a ticket after its end (design.md section 4, last row of the figures)."""

from django.db.models import Q
from django.utils import timezone

from recovery import policy, queries
from recovery.enums import ENDED_STATES
from recovery.models import ClaimFreeze, RecoveryTicket


def prune(limit: int = 1000) -> int:
    """Empty identifier and contact of tickets that ended long enough ago; give how many.

    Their limit keys stay for budgets and staff.
    """
    now = timezone.now()
    ClaimFreeze.objects.filter(until__lte=now).delete()
    until = now - policy.CLEAR_AFTER_END
    # What was stopped looks open to its claimant until its own end, and so is cleared after that.
    looks_open = Q(
        cancel_cause__in=queries.SILENT_CAUSES,
        cancelled_from__in=queries.UNPROVED_STATES,
        expires_at__gt=until,
    )
    old = (
        RecoveryTicket.objects.filter(state__in=ENDED_STATES, moved_at__lte=until)
        .exclude(looks_open)
        .exclude(identifier="", contact="")
    )
    batch = list(old.values_list("pk", flat=True)[:limit])
    return RecoveryTicket.objects.filter(pk__in=batch).update(
        identifier="", contact="", contact_match_key="", agent="", address=None
    )

"""Votes that do not count any more, because the ground that they stood on has changed."""

from typing import Any

from django.utils import timezone

from accounts.models import User
from recovery.models import RecoveryTicket

EPOCH, MORE_ASKED = "epoch", "more_asked"


def void_all(ticket: RecoveryTicket, reason: str) -> int:
    """Void the votes of a ticket whose ground has changed, and what they agreed on; how many.

    Only for what design.md lists: the account's epoch, an objection, a competing completion; and
    where more is asked ("more_asked", which leaves the verdict to be read) or two superusers'
    hour is over ("window"). Inside the transaction that holds the account's lock.
    """
    now = timezone.now()
    voided = ticket.votes.filter(voided_at=None).update(voided_at=now, void_reason=reason)
    fields: dict[str, Any] = {"effect_at": None, "carry_out_until": None}
    if reason != MORE_ASKED:
        fields |= {"verdict": "", "told_reasons": []}
        part(RecoveryTicket.objects.filter(folded_into=ticket.pk, effect_at__isnull=False))
    if reason == EPOCH and ticket.user_id:
        fields["epoch"] = User.objects.values_list("epoch", flat=True).get(pk=ticket.user_id)
    RecoveryTicket.objects.filter(pk=ticket.pk).update(**fields)
    for name, value in fields.items():
        setattr(ticket, name, value)
    return voided


def part(tickets: Any) -> int:
    """Let folded tickets wait for decisions of their own again; give how many."""
    parted: int = tickets.update(
        folded_into=None, verdict="", told_reasons=[], effect_at=None, decided_at=None
    )
    return parted

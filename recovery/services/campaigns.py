"""Many tickets alike: found by network and contact, folded into one case, refused at once."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.client import Client
from accounts.models import User
from activity.services import audit
from recovery import eligibility, lanes, policy
from recovery.enums import StaffReason, Verdict
from recovery.errors import MayNotDecide, StaleTicket
from recovery.models import IdentityCheck, Proof, RecoveryTicket, Vote
from recovery.services import reviews, verdicts
from recovery.services.verdicts import Choice


def alike(ticket: RecoveryTicket) -> QuerySet[RecoveryTicket]:
    """Give the other tickets in review of the last day from its network or its contact.

    None that somebody has, or has decided on, or into which others are folded: what people work
    on is not taken from them. None that has shown a proof, or appeals: many people share a
    network, and nobody's good claim is refused with the bad ones beside it.
    """
    now = timezone.now()
    same = Q(contact_limit_key=ticket.contact_limit_key)
    if ticket.network:
        same |= Q(network=ticket.network)
    begun = Vote.objects.filter(ticket=OuterRef("pk"), voided_at=None)
    folded = RecoveryTicket.objects.filter(folded_into=OuterRef("pk"))
    proved = Proof.objects.filter(ticket=OuterRef("pk"), is_strong=True)
    checked = IdentityCheck.objects.filter(ticket=OuterRef("pk"))
    return (
        lanes.waiting()
        .filter(same, opened_at__gt=now - policy.ALIKE_WITHIN, appeal_of=None)
        .exclude(Exists(begun) | Exists(folded) | Exists(proved) | Exists(checked))
        .exclude(pk=ticket.pk)
        .exclude(lanes.with_somebody(now))
    )


def fold(ticket: RecoveryTicket, others: list[RecoveryTicket], staff: User) -> int:
    """Fold tickets alike into one, with an audit entry; what is decided on it is for all.

    Raises MayNotDecide where something stands against ``staff`` on one of them, and StaleTicket
    where one is not alike, or the case was begun: who voted first must have seen all of it.
    """
    now = timezone.now()
    with transaction.atomic():
        staff = User.objects.get(pk=staff.pk)
        head, _folded = _lock(ticket, [other.pk for other in others])
        if head.votes.filter(voided_at=None).exists() or _is_with_another(head, staff, now):
            raise StaleTicket(head.pk)
        keys = {other.pk for other in others}
        found = list(alike(head).filter(pk__in=keys))
        if not keys or len(found) != len(keys):
            raise StaleTicket(head.pk)
        for one in [head, *found]:
            _require_may_decide(staff, one)
        count = RecoveryTicket.objects.filter(pk__in=keys).update(
            folded_into=head, claimed_by=None, claimed_until=None
        )
        _tell(staff, head, "recovery:campaign:folded", found)
    return count


def unfold(ticket: RecoveryTicket, staff: User) -> int:
    """Part folded tickets again; each waits for a decision of its own.

    Raises MayNotDecide, and StaleTicket once the case is decided.
    """
    now = timezone.now()
    with transaction.atomic():
        staff = User.objects.get(pk=staff.pk)
        head, folded = _lock(ticket, [])
        if _is_with_another(head, staff, now):
            raise StaleTicket(head.pk)
        _require_may_decide(staff, head)
        rows = RecoveryTicket.objects.filter(folded_into=head, effect_at=None)
        count = rows.update(folded_into=None)
        _tell(staff, head, "recovery:campaign:parted", folded)
    return count


def refuse(ticket: RecoveryTicket, staff: User, *, client: Client, note: str = "") -> int:
    """Refuse a case with all that is folded into it, as its second of two people where needed.

    Gives how many tickets are refused with it: 0 while another person must agree. Counts as one
    case. Raises LimitReached, ClaimLost, MayNotDecide, VerdictRefused and StaleTicket.
    """
    reviews.take(ticket, staff)
    choice = Choice(Verdict.DENY, (StaffReason.CAMPAIGN,), note=note)
    refused: list[RecoveryTicket] = []
    with transaction.atomic():
        vote = verdicts.cast(ticket, staff, choice, client=client)
        if vote:
            refused = _refused_with(ticket)
        # Told once people agree: who decides next must not read what the first one chose.
        if refused:
            _tell(staff, ticket, "recovery:campaign:refused", refused)
    if vote is None:
        raise StaleTicket(ticket.pk)
    return len(refused)


def _refused_with(ticket: RecoveryTicket) -> list[RecoveryTicket]:
    decided = RecoveryTicket.objects.filter(Q(pk=ticket.pk) | Q(folded_into=ticket.pk))
    return list(decided.filter(verdict=Verdict.DENY, effect_at__isnull=False))


def _lock(
    ticket: RecoveryTicket, others: list[object]
) -> tuple[RecoveryTicket, list[RecoveryTicket]]:
    """Lock a case that waits, what is folded into it, and others; give the first two."""
    members = Q(pk=ticket.pk) | Q(folded_into=ticket.pk) | Q(pk__in=others)
    rows = list(RecoveryTicket.objects.locked().filter(members).order_by("pk"))
    head = lanes.waiting().filter(pk=ticket.pk).first()
    if head is None:
        raise StaleTicket(ticket.pk)
    return head, [row for row in rows if row.folded_into_id == head.pk]


def _is_with_another(ticket: RecoveryTicket, staff: User, now: datetime) -> bool:
    is_free = ticket.claimed_until is None or ticket.claimed_until <= now
    return not is_free and ticket.claimed_by_id != staff.pk


def _require_may_decide(staff: User, ticket: RecoveryTicket) -> None:
    found = eligibility.bars(staff, ticket)
    if found:
        raise MayNotDecide([bar.value for bar in found])


def _tell(staff: User, head: RecoveryTicket, action: str, members: list[RecoveryTicket]) -> None:
    audit.append(
        actor=f"user:{staff.pk}",
        action=action,
        subject=head.subject,
        details={"references": [one.reference for one in members]},
    )

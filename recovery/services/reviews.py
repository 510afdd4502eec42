"""Who has which ticket: dealt by urgency, for a quarter of an hour, and put back seldom."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import User
from accounts.services import budgets
from accounts.services.budgets import Use
from activity.services import audit
from recovery import eligibility, lanes, policy
from recovery.enums import DealEnd
from recovery.errors import ClaimLost, MayNotDecide, PutBackTooOften
from recovery.models import CaseView, Deal, RecoveryTicket, ReviewDraft

TRIES = 5  # others press Next at the same time


def next_for(staff: User) -> RecoveryTicket | None:
    """Deal the most urgent ticket that ``staff`` may decide; what they have already comes first.

    None: nothing waits for them. Raises LimitReached past policy.REVIEWS_PER_PERSON.
    """
    held = _held_by(staff)
    if held or not eligibility.dealable_to(staff).exists():
        return held
    counted = Use(policy.REVIEWS_PER_PERSON, (str(staff.pk),))
    # Counted first, durably: pressing Next in many tabs deals no more than the limit.
    budgets.consume_all([counted])
    dealt, is_new = _deal_one(staff)
    if not is_new:
        budgets.give_back_all([counted])
    return dealt


def take(ticket: RecoveryTicket, staff: User) -> None:
    """Deal this very ticket, for whoever settles many alike; counts as any other.

    Raises LimitReached, MayNotDecide, and ClaimLost where somebody else has it.
    """
    if _held_by(staff) == ticket:
        require_claim(ticket, staff)
        return
    found = eligibility.bars(staff, ticket)
    if found:
        raise MayNotDecide([bar.value for bar in found])
    counted = Use(policy.REVIEWS_PER_PERSON, (str(staff.pk),))
    budgets.consume_all([counted])
    with transaction.atomic():
        _lock_person(staff)
        is_claimed = _claim(ticket.pk, staff, timezone.now())
    if not is_claimed:
        budgets.give_back_all([counted])
        raise ClaimLost(ticket.pk)


def require_claim(ticket: RecoveryTicket, staff: User) -> None:
    """Lengthen the claim of ``staff``; raises ClaimLost where it is not theirs any more.

    A claim that lapsed and that nobody else took is theirs again.
    """
    until = timezone.now() + policy.CLAIM_LIVES
    if not lanes.waiting().filter(pk=ticket.pk, claimed_by=staff).update(claimed_until=until):
        raise ClaimLost(ticket.pk)
    ticket.claimed_by, ticket.claimed_until = staff, until


def put_back(ticket: RecoveryTicket, staff: User) -> None:
    """Give a ticket back to the queue; raises PutBackTooOften, ClaimLost."""
    now = timezone.now()
    with transaction.atomic():
        # One at a time: two tabs must not both find that one time is left.
        _lock_person(staff)
        lately = Deal.objects.filter(
            reviewer=staff, end=DealEnd.RETURNED, ended_at__gt=now - timedelta(days=1)
        )
        if lately.count() >= policy.BACK_AT_MOST:
            raise PutBackTooOften
        _let_go(ticket, staff, DealEnd.RETURNED, now)


def recuse(ticket: RecoveryTicket, staff: User) -> None:
    """Give a ticket back for good, because this person should not decide it; raises ClaimLost."""
    with transaction.atomic():
        _let_go(ticket, staff, DealEnd.RECUSED, timezone.now())
        ReviewDraft.objects.filter(ticket=ticket, reviewer=staff).delete()
        audit.append(
            actor=f"user:{staff.pk}", action="recovery:case:recused", subject=ticket.subject
        )


def note_view(ticket: RecoveryTicket, staff: User) -> CaseView:
    """Write that somebody opened the case file, in the audit chain too (once a claim).

    After a pause as long as a claim it is told of again, for those who have none.
    """
    now = timezone.now()
    newer_deal = Deal.objects.filter(
        ticket=OuterRef("ticket"), reviewer=OuterRef("viewer"), dealt_at__gt=OuterRef("last_at")
    )
    views = CaseView.objects.filter(ticket=ticket, viewer=staff)
    seen = views.annotate(is_dealt_anew=Exists(newer_deal)).first()
    if seen and seen.last_at > now - policy.CLAIM_LIVES and not seen.is_dealt_anew:
        views.filter(last_at__lt=now).update(last_at=now)
        seen.last_at = now
        return seen
    with transaction.atomic():
        view, _is_new = CaseView.objects.get_or_create(
            ticket=ticket, viewer=staff, defaults={"first_at": now, "last_at": now}
        )
        entry = audit.append(
            actor=f"user:{staff.pk}", action="recovery:case:viewed", subject=ticket.subject
        )
        view.last_at, view.audit_number = max(now, view.first_at), entry.number
        view.save(update_fields=["last_at", "audit_number"])
    return view


def save_draft(ticket: RecoveryTicket, staff: User, form: dict[str, Any]) -> None:
    """Keep what was filled in; it outlives step-up and lapses."""
    kept: dict[str, Any] = {"form": form, "saved_at": timezone.now()}
    ReviewDraft.objects.update_or_create(ticket=ticket, reviewer=staff, defaults=kept)


def end_claim(ticket: RecoveryTicket, staff: User, now: datetime) -> None:
    """End the claim of somebody who has decided, with their draft; in the caller's transaction."""
    _let_go(ticket, staff, DealEnd.DECIDED, now)
    ReviewDraft.objects.filter(ticket=ticket, reviewer=staff).delete()


def _held_by(staff: User) -> RecoveryTicket | None:
    """Give what somebody has and may still decide; a lapsed claim that nobody took is renewed."""
    held = eligibility.dealable_to(staff).filter(claimed_by=staff).first()
    if held is None:
        return None
    try:
        require_claim(held, staff)
    except ClaimLost:
        return None
    return held


def _deal_one(staff: User) -> tuple[RecoveryTicket | None, bool]:
    """Claim the most urgent one that nobody else takes meanwhile; tell whether it is a new one."""
    for _ in range(TRIES):
        with transaction.atomic():
            # One at a time: two tabs must not hold two cases and so choose between them.
            _lock_person(staff)
            now = timezone.now()
            held = eligibility.dealable_to(staff).filter(claimed_by=staff).first()
            ticket = held or eligibility.dealable_to(staff).first()
            if ticket is None:
                return None, False
            if _claim(ticket.pk, staff, now):
                ticket.claimed_by, ticket.claimed_until = staff, now + policy.CLAIM_LIVES
                return ticket, held is None
    return None, False


def _claim(pk: Any, staff: User, now: datetime) -> bool:
    """Take a free ticket with one conditional UPDATE; whoever had it has let it lapse."""
    free = Q(claimed_by=None) | Q(claimed_by=staff) | Q(claimed_until__lte=now)
    until = now + policy.CLAIM_LIVES
    if not lanes.waiting().filter(free, pk=pk).update(claimed_by=staff, claimed_until=until):
        return False
    running = Deal.objects.filter(ticket=pk, ended_at__isnull=True)
    running.exclude(reviewer=staff).update(ended_at=now, end=DealEnd.LAPSED)
    if not running.exists():
        Deal.objects.create(ticket_id=pk, reviewer=staff, dealt_at=now)
    return True


def _let_go(ticket: RecoveryTicket, staff: User, end: DealEnd, now: datetime) -> None:
    mine = RecoveryTicket.objects.filter(pk=ticket.pk, claimed_by=staff)
    if not mine.update(claimed_by=None, claimed_until=None):
        raise ClaimLost(ticket.pk)
    Deal.objects.filter(ticket=ticket, reviewer=staff, ended_at__isnull=True).update(
        ended_at=now, end=end
    )


def _lock_person(staff: User) -> None:
    list(User.objects.select_for_update(no_key=True).filter(pk=staff.pk).values_list("pk"))

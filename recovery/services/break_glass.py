"""Protected accounts: two superusers approve, a command carries it out once, within the hour."""

import logging
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from accounts.client import Client
from accounts.models import User
from activity.enums import EventKind
from activity.services import audit
from activity.services.events import record_event
from outbox.enums import MessageState
from recovery import eligibility, policy
from recovery.enums import ContestedReason, NoticeKind, Outcome, TicketState, Verdict
from recovery.errors import NotReady
from recovery.models import RecoveryTicket, Vote
from recovery.services import (
    decisions,
    notices,
    references,
    suspensions,
    transitions,
    voiding,
)

logger = logging.getLogger(__name__)
SYSTEM = Client()
WINDOW = "window"


def carry_out(reference: str, *, command: str) -> RecoveryTicket:
    """Approve the ticket that two superusers approved; audit and notices have gone out before.

    command: who runs it, for the audit chain. Raises NotReady, with what is missing.
    """
    refusal = ""
    with transaction.atomic():
        ticket, account = _lock(references.read_reference(reference))
        # Before anything else: what was carried out, or is no such request, is left as it is.
        _require_approved(ticket)
        votes = list(ticket.votes.filter(voided_at=None, verdict=Verdict.APPROVE))
        if any(vote.epoch != account.epoch for vote in votes):
            # Committed, and refused afterwards: what was approved is another account now.
            decisions.contest(ticket, ContestedReason.EPOCH_CHANGED)
            voiding.void_all(ticket, voiding.EPOCH)
            record_event(
                account, EventKind.TICKET_CONTESTED, client=SYSTEM, reference=ticket.reference
            )
            refusal = "The account has changed since it was approved: two superusers decide again."
        else:
            _require_ready(ticket, votes)
            _approve(ticket, account, votes, command)
    if refusal:
        raise NotReady(refusal)
    return ticket


def lapse_due(limit: int = 100) -> int:
    """Void the approvals whose hour went by unused; give how many. On the database's clock."""
    over = _over().values_list("pk", flat=True)
    return sum(_lapse(pk) for pk in list(over[:limit]))


def _over() -> QuerySet[RecoveryTicket]:
    return RecoveryTicket.objects.filter(state=TicketState.IN_REVIEW, carry_out_until__lte=Now())


def _lapse(pk: UUID) -> int:
    with transaction.atomic():
        user_id = RecoveryTicket.objects.values_list("user_id", flat=True).get(pk=pk)
        list(User.objects.select_for_update(no_key=True).filter(pk=user_id).values_list("pk"))
        ticket = _over().filter(pk=pk).select_for_update(of=("self",), no_key=True).first()
        if ticket is None:
            return 0
        voiding.void_all(ticket, WINDOW)
        audit.append(actor="system", action="recovery:ticket:lapsed", subject=ticket.subject)
    return 1


def _lock(reference: str) -> tuple[RecoveryTicket, User]:
    """Lock the account and the ticket of a reference; raises NotReady where there is none."""
    named = RecoveryTicket.objects.filter(reference=reference, user__isnull=False)
    user_id = named.values_list("user_id", flat=True).first()
    accounts = User.objects.select_for_update(no_key=True)
    account = accounts.filter(pk=user_id, is_active=True).first() if user_id else None
    ticket = RecoveryTicket.objects.locked().filter(reference=reference).first()
    if ticket is None or account is None:
        raise NotReady("There is no such request, or no account that it could give back.")
    return ticket, account


def _require_approved(ticket: RecoveryTicket) -> None:
    if ticket.outcome != Outcome.SUPERUSERS:
        raise NotReady("This command is for protected accounts alone.")
    if ticket.state != TicketState.IN_REVIEW or ticket.verdict != Verdict.APPROVE:
        raise NotReady(f"It is not approved (it is: {ticket.get_state_display()}).")


def _require_ready(ticket: RecoveryTicket, votes: list[Vote]) -> None:
    if ticket.carry_out_until is None:
        raise NotReady(f"It may be carried out from {ticket.effect_at:%d %B %Y, %H:%M} UTC on.")
    if ticket.carry_out_until <= timezone.now():
        raise NotReady("Its hour is over: two superusers have to approve it again.")
    voters = eligibility.whose_votes_count([v.decider_id for v in votes if v.decider_id], ticket)
    if len(voters) < max(policy.PEOPLE_AT_LEAST, ticket.people):
        raise NotReady("It takes two superusers, and those who approved are not both any more.")
    if not _is_told(ticket):
        raise NotReady("The notices have not gone out yet: try again in a moment.")


def _is_told(ticket: RecoveryTicket) -> bool:
    """Tell whether the owner could hear of it: handed over on each channel, or settled for good."""
    notice = ticket.notices.filter(kind=NoticeKind.APPROVED, settled_at__isnull=False).first()
    if notice is None:
        return False
    messages = list(notices.messages_to_contacts(notice))
    handed = {one.channel for one in messages if one.state == MessageState.ACCEPTED}
    return handed == {one.channel for one in messages} or all(one.settled_at for one in messages)


def _approve(ticket: RecoveryTicket, account: User, votes: list[Vote], command: str) -> None:
    """Move the ticket on, once; what the votes named loses its rights first.

    Where the superusers chose a wait, or the case asked for one, it begins here.
    """
    now = timezone.now()
    suspensions.carry_out(account, votes, client=SYSTEM)
    is_held = bool(ticket.hold_length)
    wait = {"hold_from": None, "hold_until": None}
    life = {"expires_at": now + policy.INVITATION_LIVES}
    transitions.move(
        ticket,
        TicketState.ON_HOLD if is_held else TicketState.APPROVED,
        now=now,
        only_if=Q(carry_out_until__gt=Now()),
        epoch=account.epoch,
        decided_at=ticket.decided_at or now,
        carry_out_until=None,
        contested_at=None,
        contested_reason="",
        is_frozen=False,
        claimed_by=None,
        claimed_until=None,
        **(wait if is_held else life),
    )
    if is_held:
        notices.plan_wait(ticket, due_at=now)
    else:
        notices.plan(ticket, NoticeKind.RELEASED, due_at=now)
    kind = EventKind.TICKET_HELD if is_held else EventKind.TICKET_APPROVED
    record_event(account, kind, client=SYSTEM, reference=ticket.reference)
    logger.info("break_glass", extra={"ticket": str(ticket.pk)})
    audit.append(
        actor=f"command:{command}",
        action="recovery:ticket:carried_out",
        subject=ticket.subject,
        details={"votes": [vote.pk for vote in votes]},
    )

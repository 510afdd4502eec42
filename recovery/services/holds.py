"""Waiting periods: they start when the owner could hear of it, and end by day."""

import logging
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from accounts.client import Client
from accounts.models import User
from activity.enums import EventKind
from activity.services.events import record_event
from outbox.enums import MessageState
from recovery import policy, queries
from recovery.enums import ContestedReason, NoticeKind, TicketState
from recovery.errors import StaleTicket
from recovery.models import Notice, RecoveryTicket
from recovery.services import decisions, notices, transitions

logger = logging.getLogger(__name__)
SYSTEM = Client()


def start_due(limit: int = 100) -> int:
    """Start the waits whose first notice was handed over on every channel; give how many."""
    waiting = RecoveryTicket.objects.filter(
        state=TicketState.ON_HOLD,
        hold_from__isnull=True,
        notices__kind=NoticeKind.HELD,
        notices__settled_at__isnull=False,
    )
    return sum(_start(ticket) for ticket in list(waiting.select_related("user")[:limit]))


def release_due(limit: int = 100) -> int:
    """Approve the tickets whose waiting period has ended; give how many."""
    due = RecoveryTicket.objects.holds_to_release().values_list("pk", flat=True)
    return sum(_release(pk) for pk in list(due[:limit]))


def count_due() -> int:
    """Count what ``release_due`` would look at."""
    return RecoveryTicket.objects.holds_to_release().count()


def _start(ticket: RecoveryTicket) -> int:
    notice = ticket.notices.get(kind=NoticeKind.HELD)
    messages = list(notices.messages_to_contacts(notice))
    handed = [m for m in messages if m.state == MessageState.ACCEPTED]
    is_everywhere = {m.channel for m in handed} == {m.channel for m in messages}
    if not is_everywhere and not all(m.settled_at for m in messages):
        return 0
    if handed:
        return _begin(ticket, max(m.settled_at for m in handed if m.settled_at))
    if ticket.people:
        # People have looked at it already; what nobody else could hear of waits longer.
        longest = max(ticket.hold_length or policy.UNREACHABLE_HOLD, policy.UNREACHABLE_HOLD)
        return _begin(ticket, timezone.now(), longest)
    _hand_to_people(ticket)
    return 0


def _hand_to_people(ticket: RecoveryTicket) -> None:
    """Contest a wait of which nobody could be told, so that nobody could object."""
    logger.warning("hold_without_notice", extra={"ticket": str(ticket.pk)})
    # Whoever moves it first, its claimant or a stop link, decides where it goes.
    with suppress(StaleTicket), transaction.atomic():
        decisions.contest(ticket, ContestedReason.NOBODY_REACHABLE)
        record_event(
            ticket.user, EventKind.TICKET_CONTESTED, client=SYSTEM, reference=ticket.reference
        )


def _begin(ticket: RecoveryTicket, start: datetime, length: timedelta | None = None) -> int:
    """Set both ends and plan the later notices. length: another than was decided."""
    length = length or ticket.hold_length or timedelta(0)
    until = queries.end_of_hold(start, length)
    with transaction.atomic():
        as_read = RecoveryTicket.objects.filter(
            pk=ticket.pk,
            state=TicketState.ON_HOLD,
            hold_from__isnull=True,
            # More may have been shown meanwhile, which made it shorter.
            hold_length=ticket.hold_length,
        )
        if not as_read.update(hold_from=start, hold_until=until, hold_length=length):
            return 0
        ticket.hold_from, ticket.hold_until, ticket.hold_length = start, until, length
        notices.tell_of_wait(ticket)
        notices.plan_reminders(ticket, start)
    return 1


def _release(pk: UUID) -> int:
    """Release one hold under its locks, on the database's clock."""
    with transaction.atomic():
        user_id = RecoveryTicket.objects.values_list("user_id", flat=True).get(pk=pk)
        accounts = User.objects.select_for_update(no_key=True)
        user = accounts.filter(pk=user_id, is_active=True).first()
        ticket = (
            RecoveryTicket.objects.locked()
            .filter(
                pk=pk,
                state=TicketState.ON_HOLD,
                contested_at__isnull=True,
                hold_until__lte=Now(),
            )
            .first()
        )
        if ticket is None or user is None or _has_untold(ticket):
            return 0
        try:
            return _approve_or_ask_again(ticket, user)
        except StaleTicket:
            return 0


def _approve_or_ask_again(ticket: RecoveryTicket, user: User) -> int:
    """Approve; where the account has changed since the decision, ask for the proofs again.

    What people decided they decide anew: they looked at another account than it is by now.
    """
    is_outdated = decisions.is_outdated(ticket, user)
    if is_outdated and ticket.people:
        decisions.contest(ticket, ContestedReason.EPOCH_CHANGED)
        record_event(user, EventKind.TICKET_CONTESTED, client=SYSTEM, reference=ticket.reference)
        return 0
    if is_outdated:
        transitions.move(ticket, TicketState.AWAITING_PROOF, hold_from=None, hold_until=None)
        return 0
    transitions.move(ticket, TicketState.APPROVED)
    notices.plan(ticket, NoticeKind.RELEASED, due_at=timezone.now())
    record_event(user, EventKind.TICKET_APPROVED, client=SYSTEM, reference=ticket.reference)
    return 1


def _has_untold(ticket: RecoveryTicket) -> bool:
    """Tell whether a notice that was due has not gone out yet."""
    return Notice.objects.filter(ticket=ticket, settled_at__isnull=True, due_at__lte=Now()).exists()

"""The last step: one transaction in which the account changes hands back."""

import logging

from django.db import transaction
from django.utils import timezone

from accounts.client import Client
from accounts.enums import PasswordCause
from accounts.models import Challenge, User
from accounts.services import passwords, restrictions, sessions
from activity.enums import EventKind
from activity.services.events import record_event
from recovery import policy, queries
from recovery.enums import CancelCause, NoticeKind, Resets, TicketState
from recovery.errors import NotApproved, ProofLapsed, StaleTicket
from recovery.models import RecoveryTicket
from recovery.services import decisions, notices, transitions
from vault import digests

logger = logging.getLogger(__name__)


def require_ready(ticket: RecoveryTicket, *, client: Client) -> None:
    """Raise NotApproved or ProofLapsed unless this browser may set the password now."""
    now = timezone.now()
    if ticket.state != TicketState.APPROVED or ticket.contested_at or ticket.user is None:
        raise NotApproved
    if ticket.expires_at <= now or ticket.user.epoch != ticket.epoch:
        raise ProofLapsed
    held = queries.held_proofs(ticket, digests.token_hash(client.browser), now)
    # After a wait one proof shows that it is still the same person; without a wait all that the
    # decision rested on must stand in this browser.
    needed = (
        1
        if ticket.hold_until
        else ticket.proofs.filter(is_strong=True).values("proof_class").distinct().count()
    )
    if sum(proof.is_strong for proof in held) < needed:
        raise ProofLapsed


def ask_again(ticket: RecoveryTicket) -> None:
    """Send an approved self-service ticket back to its proofs, which lapsed."""
    if ticket.hold_until is None:
        transitions.move(ticket, TicketState.AWAITING_PROOF)


def complete(ticket: RecoveryTicket, raw_password: str, *, client: Client) -> list[str]:
    """Set the new password and end everything that was open; give coded words for what was done.

    Raises NotApproved, ProofLapsed, StaleTicket, and PasswordRefused of accounts. The password is
    checked and hashed before the transaction; the ticket's move inside it is the lock.
    """
    require_ready(ticket, client=client)
    prepared = passwords.prepare(ticket.user, raw_password)
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=ticket.user_id)
        if user.epoch != ticket.epoch:
            raise ProofLapsed
        locked = RecoveryTicket.objects.select_for_update(of=("self",)).get(pk=ticket.pk)
        if locked.contested_at:
            raise StaleTicket(ticket.pk)
        now = timezone.now()
        transitions.move(locked, TicketState.COMPLETED, now=now, completed_at=now)
        if ticket.resets != Resets.SECOND_STEP:
            passwords.store(user, prepared, cause=PasswordCause.RECOVERY, client=client)
        ended = _end_everything(user, client)
        _settle_mode(user, locked, client)
        _settle_rivals(locked)
        record_event(user, EventKind.TICKET_COMPLETED, client=client, reference=ticket.reference)
        notices.plan(locked, NoticeKind.COMPLETED, due_at=now)
    logger.info("ticket_completed", extra={"ticket": str(ticket.pk)})
    return ["password", f"sessions:{ended}"]


def _end_everything(user: User, client: Client) -> int:
    """End sessions, half-done sign-ins and open codes; give the count of sessions."""
    ended = sessions.end_all(user, client=client)
    sessions.raise_epoch(user)
    Challenge.objects.filter(user=user, used_at__isnull=True).delete()
    return ended


def _settle_mode(user: User, ticket: RecoveryTicket, client: Client) -> None:
    """End a pause, of which this is the way out; restrict what came from a place never seen."""
    if user.frozen_at:
        restrictions.unfreeze(user, "recovered", client)
    if "new_place" in ticket.reasons:
        restrictions.restrict(user, timezone.now() + policy.RESTRICTED_AFTER_NEW_PLACE)


def _settle_rivals(ticket: RecoveryTicket) -> None:
    """Cancel other claims; those with an accepted proof become one case for staff."""
    for rival in queries.rivals_of(ticket):
        if rival.has_proof:
            decisions.contest(rival, "rival_completed")
        elif rival.state == TicketState.AWAITING_CODE:
            # Its life is an hour; a code that suddenly failed would tell that somebody got in.
            RecoveryTicket.objects.filter(pk=rival.pk).update(is_frozen=True)
        else:
            transitions.move(
                rival,
                TicketState.CANCELLED,
                cancel_cause=CancelCause.RIVAL,
                answer_at=rival.answer_at or decisions.draw_answer_time(timezone.now()),
            )

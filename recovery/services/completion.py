"""The last step: one transaction in which the account changes hands back."""

import logging
from contextlib import suppress

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.client import Client
from accounts.enums import PasswordCause
from accounts.errors import AccountChanged
from accounts.models import User
from accounts.services import passwords, restrictions, sessions
from activity.enums import EventKind
from activity.services.events import record_events
from recovery import policy
from recovery.enums import NoticeKind, TicketState
from recovery.errors import NotApproved, ProofLapsed, StaleTicket
from recovery.models import RecoveryTicket
from recovery.services import notices, rivals, transitions
from vault import digests

logger = logging.getLogger(__name__)


def require_ready(ticket: RecoveryTicket, *, client: Client) -> User:
    """Give the account whose password this browser may set now; raises NotApproved, ProofLapsed."""
    now = timezone.now()
    if ticket.state != TicketState.APPROVED or ticket.contested_at:
        raise NotApproved
    if ticket.user is None or not ticket.user.is_active:
        raise NotApproved
    if ticket.expires_at <= now or ticket.user.epoch != ticket.epoch:
        raise ProofLapsed
    own = ticket.proofs.filter(is_strong=True, browser_hash=digests.token_hash(client.browser))
    shown_at = list(own.values_list("proved_at", flat=True))
    held = [at for at in shown_at if at > now - policy.HELD_PROOF_LIVES]
    # After a wait one proof shows that it is still the same person; without a wait all that the
    # decision rested on must stand in this browser, which is the one that it was made for.
    decided_at = ticket.decided_at or now
    rested_on = [at for at in shown_at if at > decided_at - policy.HELD_PROOF_LIVES]
    if not held or (ticket.hold_until is None and len(held) < len(rested_on)):
        raise ProofLapsed
    return ticket.user


def ask_again(ticket: RecoveryTicket) -> None:
    """Send an approved ticket back to its proofs, which lapsed or which the account outdated.

    A wait that was served stays served, unless the account has changed since. Somebody else may
    have been first: then the ticket stays where that led.
    """
    is_outdated = ticket.user is None or ticket.user.epoch != ticket.epoch
    fields = {"hold_from": None, "hold_until": None} if is_outdated else {}
    with suppress(StaleTicket):
        transitions.move(ticket, TicketState.AWAITING_PROOF, **fields)


def complete(ticket: RecoveryTicket, raw_password: str, *, client: Client) -> None:
    """Set the new password and end everything that was open.

    Raises NotApproved, ProofLapsed, StaleTicket, and PasswordRefused of accounts. The password is
    checked and hashed before the transaction. In it the account comes first, by the one UPDATE
    that also requires its epoch; then the ticket's move, which only one of two can make.
    """
    user = require_ready(ticket, client=client)
    prepared = passwords.prepare(user, raw_password)
    try:
        with transaction.atomic():
            passwords.store(user, prepared, cause=PasswordCause.RECOVERY, client=client)
            now = timezone.now()
            uncontested = Q(contested_at__isnull=True)
            transitions.move(
                ticket, TicketState.COMPLETED, now=now, only_if=uncontested, completed_at=now
            )
            ended = sessions.delete_all(user)
            _settle_mode(user, ticket, client)
            rivals.stop_all(ticket, now)
            _record(ticket, ended, client)
            notices.plan(ticket, NoticeKind.COMPLETED, due_at=now)
    except AccountChanged as error:
        raise ProofLapsed from error
    logger.info("ticket_completed", extra={"ticket": str(ticket.pk)})


def _settle_mode(user: User, ticket: RecoveryTicket, client: Client) -> None:
    """End a pause, of which this is the way out; restrict what came from a place never seen."""
    if user.frozen_at:
        restrictions.unfreeze(user, "recovered", client)
    if "new_place" in ticket.reasons:
        restrictions.restrict(user, timezone.now() + policy.RESTRICTED_AFTER_NEW_PLACE)


def _record(ticket: RecoveryTicket, ended: int, client: Client) -> None:
    kinds = [EventKind.TICKET_COMPLETED, EventKind.PASSWORD_CHANGED]
    if ended:
        kinds.append(EventKind.SESSIONS_ENDED)
    record_events(
        ticket.user,
        kinds,
        client=client,
        reference=ticket.reference,
        cause=PasswordCause.RECOVERY,
        count=ended,
    )

"""The last step: one transaction in which the account changes hands back."""

import logging
from contextlib import suppress
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.client import Client
from accounts.enums import PasswordCause
from accounts.errors import AccountChanged, AddressRefused, Forbidden
from accounts.models import User
from accounts.normalise import address
from accounts.services import (
    authenticators,
    passwords,
    recovered_contacts,
    restrictions,
    sessions,
)
from accounts.services.passwords import Prepared
from activity.enums import EventKind
from activity.services.events import record_events
from recovery import eligibility, policy
from recovery.enums import ContestedReason, NoticeKind, Resets, TicketState
from recovery.errors import CodeLapsed, NotApproved, ProofLapsed, StaleTicket
from recovery.models import RecoveryTicket
from recovery.services import decisions, notices, rivals, transitions
from vault import digests

logger = logging.getLogger(__name__)


def require_ready(ticket: RecoveryTicket, *, client: Client) -> User:
    """Give the account that this browser may complete now.

    Raises NotApproved, ProofLapsed, and CodeLapsed where people decided: then it is completed in
    the browser that typed the claimant's code lately, in none of those who decided.
    """
    now = timezone.now()
    if ticket.state != TicketState.APPROVED or ticket.contested_at:
        raise NotApproved
    if ticket.user is None or not ticket.user.is_active:
        raise NotApproved
    if ticket.people and ticket.expires_at <= now:
        raise NotApproved  # there is nothing that could be shown anew
    if ticket.expires_at <= now or decisions.is_outdated(ticket, ticket.user):
        raise ProofLapsed
    if ticket.people:
        _require_claimant(ticket, client, now)
    if not ticket.people or ticket.needs_held_proof:
        _require_proof(ticket, client, now)
    return ticket.user


def _require_claimant(ticket: RecoveryTicket, client: Client, now: datetime) -> None:
    if eligibility.is_browser_of_staff(ticket, client):
        raise NotApproved
    is_bound = ticket.browser_hash == digests.token_hash(client.browser)
    shown_at = ticket.claimant_shown_at
    if not (is_bound and shown_at and shown_at > now - policy.CLAIMANT_CODE_LIVES):
        raise CodeLapsed


def _require_proof(ticket: RecoveryTicket, client: Client, now: datetime) -> None:
    own = ticket.proofs.filter(
        is_strong=True, browser_hash=digests.token_hash(client.browser), epoch=ticket.epoch
    )
    shown_at = list(own.values_list("proved_at", flat=True))
    held = [at for at in shown_at if at > now - policy.HELD_PROOF_LIVES]
    # After a wait one proof shows that it is still the same person; without a wait all that the
    # decision rested on must stand in this browser, which is the one that it was made for.
    decided_at = ticket.decided_at or now
    rested_on = [at for at in shown_at if at > decided_at - policy.HELD_PROOF_LIVES]
    is_at_once = ticket.hold_until is None and not ticket.people
    if not held or (is_at_once and len(held) < len(rested_on)):
        raise ProofLapsed


def ask_again(ticket: RecoveryTicket) -> None:
    """Send an approved ticket back to its proofs, which lapsed or which the account outdated.

    A wait that was served stays served, unless the account has changed since. Somebody else may
    have been first: then the ticket stays where that led. What people decided they decide anew
    where the account is another one by now.
    """
    if ticket.people and ticket.user:
        ticket.user.refresh_from_db(fields=["epoch"])
    is_outdated = ticket.user is None or decisions.is_outdated(ticket, ticket.user)
    if is_outdated and ticket.people:
        _have_decided_anew(ticket)
        return
    fields = {"hold_from": None, "hold_until": None} if is_outdated else {}
    with suppress(StaleTicket):
        transitions.move(ticket, TicketState.AWAITING_PROOF, **fields)


def _have_decided_anew(ticket: RecoveryTicket) -> None:
    with suppress(StaleTicket), transaction.atomic():
        if ticket.user_id:
            User.objects.select_for_update(no_key=True).get(pk=ticket.user_id)
        decisions.contest(ticket, ContestedReason.EPOCH_CHANGED)
        record_events(
            ticket.user,
            [EventKind.TICKET_CONTESTED],
            client=Client(),
            reference=ticket.reference,
        )


def complete(ticket: RecoveryTicket, raw_password: str, *, client: Client) -> None:
    """Change what was decided and end everything that was open.

    raw_password: "" where only the second step is reset. Raises what ``require_ready`` raises,
    StaleTicket, and PasswordRefused of accounts. The password is checked and hashed before the
    transaction. In it the account comes first, locked and with its epoch required; then the
    ticket's move, which only one of two can make.
    """
    user = require_ready(ticket, client=client)
    prepared = passwords.prepare(user, raw_password) if sets_password(ticket) else None
    try:
        with transaction.atomic():
            _change(user, ticket, prepared, client)
            now = timezone.now()
            uncontested = Q(contested_at__isnull=True)
            transitions.move(
                ticket, TicketState.COMPLETED, now=now, only_if=uncontested, completed_at=now
            )
            ended = sessions.delete_all(user)
            if ticket.people:
                _put_on_file(user, ticket, client)
            _settle_mode(user, ticket, client)
            rivals.stop_all(ticket, now)
            _record(ticket, client, count=ended)
            notices.plan(ticket, NoticeKind.COMPLETED, due_at=now)
    except AccountChanged as error:
        raise ProofLapsed from error
    logger.info("ticket_completed", extra={"ticket": str(ticket.pk)})


def _put_on_file(user: User, ticket: RecoveryTicket, client: Client) -> None:
    """Let the claimant's address join the account, but not one that people took off it."""
    with suppress(AddressRefused, Forbidden):
        recovered_contacts.join(user, address(ticket.contact), client=client)


def sets_password(ticket: RecoveryTicket) -> bool:
    """Tell whether completion asks for a new password."""
    return ticket.resets != Resets.SECOND_STEP


def _change(user: User, ticket: RecoveryTicket, prepared: Prepared | None, client: Client) -> None:
    """Set the password and take off the second step, as it was decided; locks the account first.

    Where the second step stays, passkeys that did not count yet go all the same: each opens the
    account without the password, so a thief's would outlive the recovery.

    Raises AccountChanged where it is not as it was read.
    """
    if prepared:
        passwords.store(user, prepared, cause=PasswordCause.RECOVERY, client=client)
    else:
        sessions.lock_account(user)
    if _resets_second_step(ticket):
        authenticators.remove_all(user, client=client)
    elif policy.WITHOUT_TWO_STEP.isdisjoint(ticket.reasons):
        authenticators.remove_young_passkeys(user, ticket.opened_at, client=client)


def _resets_second_step(ticket: RecoveryTicket) -> bool:
    return ticket.resets in (Resets.SECOND_STEP, Resets.BOTH)


def _settle_mode(user: User, ticket: RecoveryTicket, client: Client) -> None:
    """End a pause, of which a new password is the way out.

    Restrict what people gave or came from afar.
    """
    if user.frozen_at and sets_password(ticket):
        restrictions.unfreeze(user, "recovered", client)
    if ticket.resets == Resets.BOTH and not ticket.needs_held_proof:
        restrictions.restrict(user, timezone.now() + policy.RESTRICTED_AFTER_BOTH)
    elif ticket.people:
        restrictions.restrict(user, timezone.now() + policy.RESTRICTED_AFTER_EVIDENCE)
    elif "new_place" in ticket.reasons:
        restrictions.restrict(user, timezone.now() + policy.RESTRICTED_AFTER_NEW_PLACE)


def _record(ticket: RecoveryTicket, client: Client, *, count: int) -> None:
    """Write what happened. count: of the sessions that ended."""
    happened = {
        EventKind.TICKET_COMPLETED: True,
        EventKind.PASSWORD_CHANGED: sets_password(ticket),
        EventKind.SECOND_STEP_RESET: _resets_second_step(ticket),
        EventKind.SESSIONS_ENDED: bool(count),
    }
    record_events(
        ticket.user,
        [kind for kind, is_so in happened.items() if is_so],
        client=client,
        reference=ticket.reference,
        cause=PasswordCause.RECOVERY,
        count=count,
    )

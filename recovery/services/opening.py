"""The first two steps: a ticket is opened, and its code is typed in."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Case, F, Q, When
from django.utils import timezone

from accounts.client import Client
from accounts.errors import ChallengeExhausted, LimitReached, WrongCode
from accounts.models import User
from accounts.normalise import Address, identifier_key
from accounts.policy import (
    KNOWN_CODES_PER_CONTACT,
    OWN_TICKET_CODES_PER_CONTACT,
    START_CODES_PER_CONTACT,
    START_CODES_PER_CONTACT_AND_NETWORK,
)
from accounts.queries import find_account
from accounts.services import budgets, challenges, devices
from accounts.services.budgets import Use
from activity.enums import EventKind
from activity.services import audit
from activity.services.events import record_event, record_events
from outbox.services.queue import queue_message
from recovery import facts, policy, queries
from recovery.enums import CancelCause, NoticeKind, Reason, TicketState
from recovery.errors import StaleTicket
from recovery.models import RecoveryTicket
from recovery.services import decisions, notices, proofs, references, transitions
from vault import digests


def open_ticket(
    identifier: str,
    contact: Address,
    *,
    reason: Reason = Reason.FORGOT,
    opened_by: User | None = None,
    client: Client,
) -> RecoveryTicket:
    """Open a ticket and mail its code to ``contact``, whoever the identifier names.

    identifier: as typed. opened_by: of the help desk, for a caller. Raises LimitReached when no
    more codes may go to this address today.
    """
    now = timezone.now()
    user = _account_meant(identifier)
    _spend_a_start_code(contact, user, client)
    ticket = RecoveryTicket(
        reference=references.new_reference(),
        user=user,
        reason=reason,
        identifier=identifier,
        identifier_key=identifier_key(identifier),
        contact=contact.value,
        contact_match_key=contact.match_key,
        contact_limit_key=contact.limit_key,
        **asked_from(client),
        is_frozen=facts.is_frozen_claim(user, contact.limit_key, client, now),
        opened_at=now,
        opened_by=opened_by,
        expires_at=now + policy.LIVES[TicketState.AWAITING_CODE],
    )
    with transaction.atomic():
        _withdraw_former(ticket, now)
        insert(ticket)
        _issue_code(ticket, contact, client)
        _record_opening(ticket, client)
    return ticket


def resend_code(ticket: RecoveryTicket, contact: Address, *, client: Client) -> None:
    """Send a new code, which replaces the old one; raises ResendTooSoon, LimitReached."""
    challenges.require_resend(policy.OPENING_CODE, ticket.subject)
    budgets.consume(OWN_TICKET_CODES_PER_CONTACT, *queries.sends_counted_by(ticket, client))
    with transaction.atomic():
        _issue_code(ticket, contact, client)
        record_event(
            ticket.user, EventKind.TICKET_CODE_SENT, client=client, reference=ticket.reference
        )


def accept_code(ticket: RecoveryTicket, code: str, *, client: Client) -> None:
    """Take the code that was mailed; the contact, where it is on file, is the first proof.

    Raises StaleTicket for a ticket that waits for no code, WrongCode, and ChallengeExhausted,
    which ends the ticket.
    """
    if ticket.state != TicketState.AWAITING_CODE:
        raise StaleTicket(ticket.pk)
    try:
        challenges.verify(policy.OPENING_CODE, ticket.subject, code)
    except WrongCode as error:
        _record(ticket, EventKind.TICKET_CODE_WRONG, client)
        if _was_last_try_wrong(ticket):
            _end_for_wrong_codes(ticket, client)
            raise ChallengeExhausted from error
        raise
    except ChallengeExhausted:
        # Out of tries: the last of them ends the ticket itself, and it may be the right code that
        # is just being taken. With tries left it is the day's count that is used up.
        if _has_tries_left(ticket):
            _end_for_wrong_codes(ticket, client)
        raise
    now = timezone.now()
    with transaction.atomic():
        account, contact = facts.lock_contact(ticket, ticket.contact, client)
        # A new ticket has no other proofs, so what was just shown is all that is held.
        proof = proofs.write(proofs.of_contact(ticket, contact, client)) if contact else None
        events = decisions.follow(
            ticket,
            account,
            [proof] if proof else [],
            on_the_way=(TicketState.AWAITING_PROOF,),
            code_accepted_at=now,
        )
        notices.plan(ticket, NoticeKind.OPENED, due_at=now)
        record_events(
            ticket.user,
            [EventKind.TICKET_CODE_ACCEPTED, *events],
            client=client,
            reference=ticket.reference,
        )


def _account_meant(identifier: str) -> User | None:
    """Give the account, if it may be recovered at all; a disabled one is as good as none."""
    user = find_account(identifier, timezone.now())
    return user if user and user.is_active else None


def _spend_a_start_code(contact: Address, user: User | None, client: Client) -> None:
    """Count one code; the person's own browser has a budget that no stranger can use up."""
    try:
        budgets.consume_all(
            [
                Use(START_CODES_PER_CONTACT_AND_NETWORK, (contact.limit_key, client.network)),
                Use(START_CODES_PER_CONTACT, (contact.limit_key,)),
            ]
        )
    except LimitReached:
        if not (devices.is_known(user, client) or devices.is_known_network(user, client)):
            raise
        budgets.consume(KNOWN_CODES_PER_CONTACT, contact.limit_key)


def asked_from(client: Client) -> dict[str, Any]:
    """Give what a ticket keeps of the browser that asks."""
    return {
        "browser_hash": digests.token_hash(client.browser),
        "device_hash": client.device,
        "address": client.address or None,
        "network": client.network,
        "agent": client.agent,
        "language": client.language,
        "time_zone": client.time_zone,
    }


def insert(ticket: RecoveryTicket) -> None:
    """Insert a ticket under a reference that no other has; drawn anew when one had it."""
    for is_last in (False, False, True):
        try:
            with transaction.atomic():
                ticket.save(force_insert=True)
                return
        except IntegrityError:
            if is_last or not RecoveryTicket.objects.filter(reference=ticket.reference).exists():
                raise
            ticket.reference = references.new_reference()


def _record_opening(ticket: RecoveryTicket, client: Client) -> None:
    """Record what was asked for; of the help desk in the audit chain too."""
    record_events(
        ticket.user,
        [EventKind.TICKET_OPENED, EventKind.TICKET_CODE_SENT],
        client=client,
        reference=ticket.reference,
    )
    if ticket.opened_by_id:
        audit.append(
            actor=f"user:{ticket.opened_by_id}",
            action="recovery:ticket:opened_for_caller",
            subject=ticket.subject,
        )


def _withdraw_former(ticket: RecoveryTicket, now: datetime) -> None:
    """End what this browser began and did not prove; one UPDATE, always.

    What was stopped before it proved anything ends anew, or the list of requests would go on
    calling it open and so tell that somebody stopped it.
    """
    unproved = [TicketState.AWAITING_CODE, TicketState.AWAITING_PROOF]
    stopped = Q(state=TicketState.CANCELLED, cancel_cause__in=queries.SILENT_CAUSES)
    RecoveryTicket.objects.filter(
        Q(state__in=unproved) | stopped & Q(cancelled_from__in=unproved),
        browser_hash=ticket.browser_hash,
    ).update(
        state=TicketState.CANCELLED,
        cancel_cause=CancelCause.REPLACED,
        cancelled_from=Case(When(stopped, then=F("cancelled_from")), default=F("state")),
        cancelled_at=now,
        moved_at=now,
    )


def _issue_code(ticket: RecoveryTicket, contact: Address, client: Client) -> None:
    challenges.issue(
        policy.OPENING_CODE,
        ticket.subject,
        proofs.as_stored(ticket, contact),
        client=client,
        context={"reference": ticket.reference},
        # Wrong codes typed on other networks leave those of this one their tries (attacks.md 11);
        # how many codes go out to an address is counted over all of them.
        pool=challenges.pool_of(client.network),
    )


def _has_tries_left(ticket: RecoveryTicket) -> bool:
    sent = challenges.state(policy.OPENING_CODE, ticket.subject)
    return challenges.tries_left(policy.OPENING_CODE, sent) > 0


def _was_last_try_wrong(ticket: RecoveryTicket) -> bool:
    """Tell whether the last try was a wrong one; a right one that waits its turn goes on."""
    sent = challenges.state(policy.OPENING_CODE, ticket.subject)
    is_open = sent is None or sent.used_at is None
    return is_open and not challenges.tries_left(policy.OPENING_CODE, sent)


def _end_for_wrong_codes(ticket: RecoveryTicket, client: Client) -> None:
    with transaction.atomic():
        transitions.move(ticket, TicketState.CANCELLED, cancel_cause=CancelCause.CODES)
        _record(ticket, EventKind.TICKET_CANCELLED, client)
        _tell_of_wrong_codes(ticket)


def _tell_of_wrong_codes(ticket: RecoveryTicket) -> None:
    """Tell the address, once a day, that somebody guesses at codes that were mailed to it."""
    day = timezone.now().date().isoformat()
    queue_message(
        "recovery.guessed",
        address=ticket.contact,
        context={"reference": ticket.reference, "guessed_at": timezone.now()},
        dedupe_key=f"recovery:guessed:{digests.token_hash(ticket.contact_limit_key)}:{day}",
        language=ticket.language,
        time_zone=ticket.time_zone,
    )


def _record(ticket: RecoveryTicket, kind: EventKind, client: Client) -> None:
    record_event(ticket.user, kind, client=client, reference=ticket.reference)

"""Proofs that exist now: the contact itself, and a code to another contact typed in full."""

from dataclasses import replace

from django.db import transaction
from django.utils import timezone

from accounts.client import Client
from accounts.enums import ContactKind
from accounts.errors import LimitReached
from accounts.models import Contact
from accounts.normalise import Address
from accounts.policy import KNOWN_CODES_PER_CONTACT, SMS_PER_NUMBER, Rule
from accounts.queries import match_contact
from accounts.services import budgets, challenges, devices
from activity.enums import EventKind
from activity.services.events import record_events
from outbox.enums import Channel
from recovery import facts, policy
from recovery.enums import LIVE_STATES, ProofClass, TicketState
from recovery.errors import StaleTicket
from recovery.models import Proof, RecoveryTicket
from recovery.models.proof import LONG_UNPROVED, TOO_YOUNG
from recovery.services import decisions
from vault import digests

POOL_LENGTH = 10  # of Challenge.pool


def keep(ticket: RecoveryTicket, contact: Contact, client: Client) -> Proof:
    """Keep the proof that a typed code of this contact makes, in one statement.

    A newer proof of a class replaces the older one of the same browser.
    """
    proof = _of_contact(ticket, contact, client)
    Proof.objects.bulk_create(
        [proof],
        update_conflicts=True,
        unique_fields=["ticket", "proof_class", "browser_hash"],
        update_fields=["is_strong", "marks", "contact", "limit_key", "since", "proved_at"],
    )
    return proof


def as_stored(ticket: RecoveryTicket, typed: Address) -> Address:
    """Give the address as it is on file of the claimed account, else as typed; one statement.

    Codes go to the stored bytes, never to a spelling of them: some servers tell JOSE@ and jose@
    apart, and the mailbox of one must not prove the other (Django CVE-2019-19844).
    """
    contact = match_contact(ticket.user, typed.value)
    return replace(typed, value=contact.value) if contact else typed


def send_contact_code(ticket: RecoveryTicket, typed: Address, *, client: Client) -> None:
    """Send a code to an address of the account, if it is one; the same work if it is not.

    Raises LimitReached for the claimant's own tries, and ResendTooSoon.
    """
    challenges.require_resend(policy.CONTACT_CODE, ticket.subject)
    budgets.consume(policy.CONTACT_TRIES_PER_CLAIMANT, ticket.contact_limit_key, client.network)
    contact = match_contact(ticket.user if facts.counts(ticket) else None, typed.value)
    may_send = _spend_silently(ticket, typed, client) and contact is not None
    to = replace(typed, value=contact.value) if contact else typed
    with transaction.atomic():
        challenges.issue(
            policy.CONTACT_CODE,
            ticket.subject,
            to,
            client=client,
            channel=Channel.SMS if typed.kind == ContactKind.PHONE else Channel.EMAIL,
            context={"reference": ticket.reference},
            pool=pool_of(ticket.contact_limit_key),
            is_decoy=not may_send,
        )


def accept_contact_code(ticket: RecoveryTicket, code: str, *, client: Client) -> None:
    """Take the code that went to another contact; raises WrongCode, ChallengeExhausted.

    A ticket that was stopped looks as if it still waited, so its codes are taken and change
    nothing. Raises StaleTicket for one that has gone on.
    """
    if ticket.state in LIVE_STATES and ticket.state != TicketState.AWAITING_PROOF:
        raise StaleTicket(ticket.pk)
    challenge = challenges.verify(policy.CONTACT_CODE, ticket.subject, code)
    now = timezone.now()
    with transaction.atomic():
        account, contact = facts.lock_contact(ticket, challenge.address, client)
        events = [EventKind.TICKET_CODE_ACCEPTED]
        if contact:
            keep(ticket, contact, client)
            held = facts.held_proofs(ticket, digests.token_hash(client.browser), now)
            events = [EventKind.PROOF_ACCEPTED, *decisions.follow(ticket, account, held)]
        record_events(ticket.user, events, client=client, reference=ticket.reference)


def pool_of(key: str) -> str:
    """Name those who share one daily count of wrong codes for an address.

    Strangers who use up theirs on purpose leave the person's own tries alone.
    """
    return digests.token_hash(key)[:POOL_LENGTH]


def _of_contact(ticket: RecoveryTicket, contact: Contact, client: Client) -> Proof:
    is_mail = contact.kind == ContactKind.EMAIL
    counts = contact.counts_from is not None and contact.counts_from <= ticket.opened_at
    # Whoever used the account lately would have noticed that the address is not theirs any more.
    shown = [contact.proved_at, contact.verified_at, contact.user.last_login]
    is_stale = max(filter(None, shown)) < ticket.opened_at - policy.UNPROVED_TOO_LONG
    return Proof(
        ticket=ticket,
        proof_class=ProofClass.MAIL if is_mail else ProofClass.PHONE,
        is_strong=counts,
        marks=[LONG_UNPROVED] * is_stale + [TOO_YOUNG] * (not counts),
        contact=contact,
        limit_key=contact.limit_key,
        since=contact.verified_at,
        browser_hash=digests.token_hash(client.browser),
        proved_at=timezone.now(),
    )


def _spend_silently(ticket: RecoveryTicket, typed: Address, client: Client) -> bool:
    """Count what goes to one address over all claimants; past it nothing goes out.

    Who used it up on purpose leaves a browser or network of the account its own (attacks.md 11).
    """
    try:
        budgets.consume(policy.CONTACT_CODES_PER_CONTACT, typed.limit_key)
    except LimitReached:
        if not _is_known(ticket, client) or not _spend(KNOWN_CODES_PER_CONTACT, typed):
            return False
    return typed.kind != ContactKind.PHONE or _spend(SMS_PER_NUMBER, typed)


def _is_known(ticket: RecoveryTicket, client: Client) -> bool:
    return devices.is_known(ticket.user, client) or devices.is_known_network(ticket.user, client)


def _spend(rule: Rule, typed: Address) -> bool:
    try:
        budgets.consume(rule, typed.limit_key)
    except LimitReached:
        return False
    return True

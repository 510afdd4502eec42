"""What was shown is kept and counts; and the proofs by a code to a contact of the account."""

from dataclasses import replace

from django.db import transaction
from django.utils import timezone

from accounts.client import Client
from accounts.enums import ContactKind
from accounts.errors import LimitReached
from accounts.models import Contact
from accounts.normalise import Address
from accounts.policy import KNOWN_CODES_PER_CONTACT, MARK_COUNTS_AFTER, SMS_PER_NUMBER, Rule
from accounts.queries import match_contact
from accounts.services import budgets, challenges, devices
from activity.enums import EventKind
from activity.services.events import record_events
from recovery import facts, policy, queries
from recovery.enums import LIVE_STATES, PEOPLE_DECIDE, PROOF_STATES, ProofClass, TicketState
from recovery.errors import StaleTicket
from recovery.facts import AccountFacts
from recovery.models import Proof, RecoveryTicket
from recovery.models.proof import LONG_UNPROVED, MARKED, TOO_YOUNG
from recovery.services import additions, decisions, waits
from vault import digests


def show(ticket: RecoveryTicket, account: AccountFacts, proof: Proof) -> list[EventKind]:
    """Keep a proof and let all that its browser holds lead where it does; gives what to record.

    Inside the transaction that holds the account's lock. Raises StaleTicket.
    """
    held = keep(ticket, proof)
    if ticket.state == TicketState.ON_HOLD:
        return [EventKind.PROOF_ACCEPTED, *waits.shorten(ticket, account, held)]
    if ticket.state in PEOPLE_DECIDE:
        return [EventKind.PROOF_ACCEPTED, *additions.add(ticket, account, held)]
    return [EventKind.PROOF_ACCEPTED, *decisions.follow(ticket, account, held)]


def keep(ticket: RecoveryTicket, proof: Proof) -> list[Proof]:
    """Keep a proof and give all that its browser holds, with it.

    The newest of a class counts, unless it is worse: showing more must never take anything away.
    """
    if proof.proof_class == ProofClass.PASSKEY and proof.is_strong:
        # Nothing beside it leads further, and its ceremony has cost statements enough.
        return [write(proof)]
    held = facts.held_proofs(ticket, proof.browser_hash, proof.proved_at)
    former = [one for one in held if one.proof_class == proof.proof_class]
    if any(_worth(one) > _worth(proof) for one in former):
        return held
    return [write(proof), *(one for one in held if one not in former)]


def write(proof: Proof) -> Proof:
    """Write a proof in one statement, over an older one of its class and browser."""
    Proof.objects.bulk_create(
        [proof],
        update_conflicts=True,
        unique_fields=["ticket", "proof_class", "browser_hash"],
        update_fields=[
            "is_strong",
            "marks",
            "contact",
            "limit_key",
            "since",
            "epoch",
            "proved_at",
        ],
    )
    return proof


def of_contact(ticket: RecoveryTicket, contact: Contact, client: Client) -> Proof:
    """Give the unsaved proof that a typed code of this contact makes."""
    is_mail = contact.kind == ContactKind.EMAIL
    is_old_enough = contact.counts_from is not None and contact.counts_from <= ticket.opened_at
    # What a report put back may be of whom its owner had removed: it counts for nothing, to people
    # neither.
    if ticket.contested_at and contact.verified_at is not None and not contact.is_in_doubt:
        # A thief who removes and restores a contact must not make an old one count for nothing:
        # people decide, and they see it.
        kept_long = contact.verified_at <= ticket.opened_at - policy.KEPT_LONG
        is_old_enough = is_old_enough or kept_long
    marked_until = ticket.opened_at - MARK_COUNTS_AFTER
    is_marked = contact.marked_at is not None and contact.marked_at <= marked_until
    # Whoever used the account lately would have noticed that the address is not theirs any more.
    shown = [contact.proved_at, contact.verified_at, contact.user.last_login]
    is_stale = max(filter(None, shown)) < ticket.opened_at - policy.UNPROVED_TOO_LONG
    marks = {LONG_UNPROVED: is_stale, TOO_YOUNG: not is_old_enough, MARKED: is_marked}
    return Proof(
        ticket=ticket,
        proof_class=ProofClass.MAIL if is_mail else ProofClass.PHONE,
        is_strong=is_old_enough and not is_marked,
        marks=[mark for mark, stands in marks.items() if stands],
        contact=contact,
        limit_key=contact.limit_key,
        since=contact.verified_at,
        epoch=contact.user.epoch,
        browser_hash=digests.token_hash(client.browser),
        proved_at=timezone.now(),
    )


def require_open(ticket: RecoveryTicket) -> None:
    """Raise StaleTicket for a ticket that has gone on.

    One that was stopped looks as if it still waited, so it takes what is typed and gets nowhere.
    """
    # Asked of all alike: what a stopped one costs must not differ.
    takes_more = queries.takes_proofs(ticket, timezone.now())
    is_open = ticket.state in PROOF_STATES or (ticket.state in PEOPLE_DECIDE and takes_more)
    if ticket.state in LIVE_STATES and not is_open:
        raise StaleTicket(ticket.pk)


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
    contact = facts.match_contact(ticket, typed.match_key)
    may_send = _spend_silently(ticket, typed, client) and contact is not None
    to = replace(typed, value=contact.value) if contact else typed
    with transaction.atomic():
        challenges.issue(
            policy.CONTACT_CODE,
            ticket.subject,
            to,
            client=client,
            context={"reference": ticket.reference},
            pool=challenges.pool_of(ticket.contact_limit_key),
            is_decoy=not may_send,
        )


def accept_contact_code(ticket: RecoveryTicket, code: str, *, client: Client) -> None:
    """Take the code that went to another contact; raises WrongCode, ChallengeExhausted.

    Raises StaleTicket for a ticket that has gone on.
    """
    require_open(ticket)
    challenge = challenges.verify(policy.CONTACT_CODE, ticket.subject, code)
    with transaction.atomic():
        account, contact = facts.lock_contact(ticket, challenge.address, client)
        events = [EventKind.TICKET_CODE_ACCEPTED]
        if contact:
            events = show(ticket, account, of_contact(ticket, contact, client))
        record_events(ticket.user, events, client=client, reference=ticket.reference)


def _worth(proof: Proof) -> tuple[bool, bool]:
    return proof.is_strong, LONG_UNPROVED not in proof.marks


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

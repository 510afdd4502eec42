"""How a request is doing: a code to its address binds it to the browser that asks."""

import uuid
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone, translation

from accounts.client import Client
from accounts.enums import ContactKind
from accounts.errors import WrongCode
from accounts.models import Challenge, Contact
from accounts.normalise import Address, email
from accounts.policy import OWN_TICKET_CODES_PER_CONTACT
from accounts.queries import names_of_accounts
from accounts.services import budgets, challenges
from activity.enums import EventKind
from activity.services.events import record_events
from outbox.services.queue import queue_message
from recovery import facts, policy, queries, wording
from recovery.enums import PEOPLE_DECIDE, PROOF_STATES, TicketState
from recovery.facts import AccountFacts
from recovery.models import RecoveryTicket
from recovery.services import decisions, proofs
from vault import digests

# Codes that are queued for the look of it are never sent; this domain exists nowhere (RFC 2606).
NOBODY = email("nobody@portal.invalid")


@dataclass(frozen=True)
class Asked:
    """A question of how a ticket is doing, as the browser's session keeps it.

    key: random, so that the code belongs to the browser that asked. ticket: id or "".
    """

    key: str
    ticket: str

    @property
    def subject(self) -> str:
        """What the challenge calls it."""
        return f"status:{self.key}"


def ask(reference: str, contact: Address | None, *, client: Client) -> Asked:
    """Send a code for the ticket of a reference to its address; the same work if there is none.

    contact: given, it must be the ticket's. Raises LimitReached.
    """
    ticket = RecoveryTicket.objects.filter(reference=reference).first()
    if ticket and contact and ticket.contact_match_key != contact.match_key:
        ticket = None
    to = _address_of(ticket)
    unknown = (f"reference:{reference}",)
    counted_by = queries.sends_counted_by(ticket, client) if ticket else unknown
    budgets.consume(OWN_TICKET_CODES_PER_CONTACT, *counted_by)
    asked = Asked(key=uuid.uuid4().hex, ticket=str(ticket.pk) if ticket else "")
    with transaction.atomic():
        challenges.issue(
            policy.STATUS_CODE,
            asked.subject,
            to,
            client=client,
            context={"reference": reference} if ticket else {},
            pool=challenges.pool_of(client.network),
            is_decoy=ticket is None or not ticket.contact,
        )
    return asked


def accept_code(asked: Asked, code: str, *, client: Client) -> RecoveryTicket:
    """Give the ticket whose code was typed, bound to this browser.

    Where the address is on the account, its code is a proof as any other, unless the time of the
    ticket is over. Raises ChallengeError, and StaleTicket where the ticket moved meanwhile.
    """
    challenges.verify(policy.STATUS_CODE, asked.subject, code)
    if not asked.ticket:
        raise WrongCode  # the code of a decoy, guessed
    ticket = RecoveryTicket.objects.select_related("user").get(pk=asked.ticket)
    with transaction.atomic():
        account, contact = facts.lock_contact(ticket, ticket.contact, client)
        ticket.browser_hash = digests.token_hash(client.browser)
        ticket.claimant_shown_at = timezone.now()
        ticket.save(update_fields=["browser_hash", "claimant_shown_at"])
        if contact and _takes_proof(ticket):
            _count_as_proof(ticket, account, contact, client)
    return ticket


def state(asked: Asked) -> Challenge | None:
    """Give the challenge of a question."""
    return challenges.state(policy.STATUS_CODE, asked.subject)


def mail_requests(contact: Address, *, client: Client) -> None:
    """Mail an address the list of its requests, or that there is none; raises LimitReached."""
    budgets.consume(policy.LIST_MAILS_PER_CONTACT, contact.limit_key)
    now = timezone.now()
    with translation.override(client.language):
        requests = [
            {
                "reference": ticket.reference,
                "opened_at": ticket.opened_at.isoformat(),
                "words": wording.state_in_words(queries.shown_state(ticket, now), ticket.resets),
            }
            for ticket in queries.requests_of(contact.match_key, now - policy.REQUESTS_LISTED_FOR)
        ]
    queue_message(
        "recovery.requests",
        address=contact.value,
        context={"requests": requests},
        language=client.language,
        time_zone=client.time_zone,
    )


def mail_names(contact: Address, *, client: Client) -> None:
    """Mail an address the names of the accounts that hold it, or that none does.

    Raises LimitReached. The names ride with the secrets: they are nobody else's business.
    """
    budgets.consume(policy.NAME_MAILS_PER_CONTACT, contact.limit_key)
    queue_message(
        "recovery.names",
        address=contact.value,
        secrets={"names": names_of_accounts(contact)},
        language=client.language,
        time_zone=client.time_zone,
    )


def _takes_proof(ticket: RecoveryTicket) -> bool:
    now = timezone.now()
    shown = queries.shown_state(ticket, now)
    return shown == TicketState.APPROVED or queries.takes_proofs(ticket, now)


def _count_as_proof(
    ticket: RecoveryTicket, account: AccountFacts, contact: Contact, client: Client
) -> None:
    """Keep the proof that the code makes, and let it lead where it does.

    What was approved without a wait rested on the proofs of one browser, so another one is judged
    anew by its own; after a wait, or by people, what was decided stands.
    """
    proof = proofs.of_contact(ticket, contact, client)
    if ticket.state in (*PROOF_STATES, *PEOPLE_DECIDE):
        events = proofs.show(ticket, account, proof)
    else:
        events = [EventKind.PROOF_ACCEPTED]
        held = proofs.keep(ticket, proof)
        if ticket.hold_until is None and not ticket.people:
            on_the_way = (TicketState.AWAITING_PROOF,)
            events += decisions.follow(ticket, account, held, on_the_way=on_the_way)
    record_events(ticket.user, events, client=client, reference=ticket.reference)


def _address_of(ticket: RecoveryTicket | None) -> Address:
    """Give where the code goes; without a ticket, or after retention, nobody's address."""
    if ticket is None or not ticket.contact:
        return NOBODY
    return Address(
        ContactKind.EMAIL,
        value=ticket.contact,
        match_key=ticket.contact_match_key,
        limit_key=ticket.contact_limit_key,
    )

"""Builders of tickets: valid by default, no surprises."""

from datetime import timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from accounts.models import Contact, User
from accounts.normalise import email
from accounts.tests.factories import make_client
from recovery import policy
from recovery.enums import CancelCause, LinkRight, Outcome, ProofClass, TicketState
from recovery.models import NoticeLink, Proof, RecoveryTicket
from recovery.services import references
from vault import digests

BROWSER = "the-browser"
_numbers = count(1)


def make_ticket(
    user: User | None = None,
    *,
    state: TicketState = TicketState.AWAITING_CODE,
    contact: str = "",
    **fields: Any,
) -> RecoveryTicket:
    """Make a ticket of ``BROWSER`` that was opened a minute ago, consistent with its state."""
    now = timezone.now()
    address = email(contact or f"claimant{next(_numbers)}@example.net")
    values: dict[str, Any] = {
        "reference": references.new_reference(),
        "user": user,
        "state": state,
        "identifier": "someone@example.org",
        "identifier_key": "someone@example.org",
        "contact": address.value,
        "contact_match_key": address.match_key,
        "contact_limit_key": address.limit_key,
        "browser_hash": digests.token_hash(BROWSER),
        "network": "203.0.113.9",
        "opened_at": now - timedelta(minutes=1),
        "expires_at": now + timedelta(days=7),
    }
    return RecoveryTicket.objects.create(**values | _of_state(state, user, now) | fields)


def make_proof(
    ticket: RecoveryTicket, proof_class: ProofClass = ProofClass.MAIL, **fields: Any
) -> Proof:
    """Make a strong proof of what is on file since sign-up, shown by ``BROWSER`` a minute ago."""
    values: dict[str, Any] = {
        "ticket": ticket,
        "proof_class": proof_class,
        "is_strong": True,
        "since": ticket.user.created_at if ticket.user else None,
        "epoch": ticket.user.epoch if ticket.user else None,
        "browser_hash": digests.token_hash(BROWSER),
        "proved_at": timezone.now() - timedelta(minutes=1),
    }
    return Proof.objects.create(**values | fields)


def make_link(
    ticket: RecoveryTicket, contact: Contact, right: LinkRight = LinkRight.STOP, **fields: Any
) -> str:
    """Make the link of a notice to this contact; give its token."""
    token = digests.new_token()
    NoticeLink.objects.create(
        token_hash=digests.token_hash(token), right=right, ticket=ticket, contact=contact, **fields
    )
    return token


def make_claimant(**fields: Any) -> Any:
    """Make the asking browser that ``make_ticket`` names."""
    return make_client(**{"browser": BROWSER} | fields)


def _of_state(state: TicketState, user: User | None, now: Any) -> dict[str, Any]:
    """Give what the database asks of a row in this state."""
    accepted = {} if state == TicketState.AWAITING_CODE else {"code_accepted_at": now}
    decided = {"epoch": user.epoch if user else 1, "decided_at": now, "policy_version": "test"}
    match state:
        case TicketState.ON_HOLD:
            return accepted | decided | {"outcome": Outcome.HOLD, "hold_length": policy.DAY}
        case TicketState.APPROVED:
            return accepted | decided | {"outcome": Outcome.APPROVE}
        case TicketState.COMPLETED:
            return accepted | decided | {"outcome": Outcome.APPROVE, "completed_at": now}
        case TicketState.CANCELLED:
            return accepted | {
                "cancelled_at": now,
                "cancelled_from": TicketState.AWAITING_PROOF,
                "cancel_cause": CancelCause.OBJECTION,
            }
    return accepted

"""What a decision looks at: the account of a ticket, its proofs, and who outranks it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.client import Client
from accounts.errors import AddressRefused
from accounts.models import Contact, Device, User
from accounts.normalise import address
from accounts.policy import MADE_AT_SIGN_UP, REMOVED_CONTACT_KEEPS_RIGHTS
from accounts.queries import second_steps, uses_second_step
from activity.enums import EventKind
from activity.models import SecurityEvent
from activity.places import country_of
from activity.queries import has_changed_recently
from recovery import policy
from recovery.enums import LIVE_STATES, CancelCause
from recovery.models import ClaimFreeze, Proof, RecoveryTicket

NOBODY = UUID(int=0)


@dataclass(frozen=True)
class AccountFacts:
    """The account of a ticket, locked, with what the decision table asks about it.

    user: None where no contact matched; then all else is False.
    """

    user: User | None
    had_two_step: bool = False  # policy.TWO_STEP_AS_OF before the ticket was opened
    has_two_step: bool = False
    is_known_device: bool = False
    is_new_place: bool = False


def lock_account(ticket: RecoveryTicket, client: Client) -> AccountFacts:
    """Lock the claimed account, with its facts; one statement, whether or not there is one.

    All locks here are "no key": a full one would wait for every row that names the account, and
    with the locks of other rows that makes a circle.
    """
    accounts = User.objects.filter(pk=_account_id(ticket), is_active=True)
    user = accounts.select_for_update(no_key=True).annotate(**_asked("pk", ticket, client)).first()
    return _facts_of(user, user, client) if user else AccountFacts(user=None)


def lock_contact(
    ticket: RecoveryTicket, typed: str, client: Client
) -> tuple[AccountFacts, Contact | None]:
    """Find a contact on file of the claimed account and lock the account, with its facts.

    typed: the address as it was typed. One statement, whether or not there is such an account or
    contact; without one nothing is locked and there is nothing to decide.
    """
    contact = (
        contacts_that_count(ticket)
        .filter(user=_account_id(ticket), user__is_active=True, match_key=_match_key(typed))
        .order_by(F("removed_at").desc(nulls_first=True))
        .select_related("user")
        .select_for_update(of=("user",), no_key=True)
        .annotate(**_asked("user", ticket, client))
        .first()
    )
    if contact is None:
        return AccountFacts(user=None), None
    return _facts_of(contact.user, contact, client), contact


def contacts_that_count(ticket: RecoveryTicket) -> QuerySet[Contact]:
    """Give the contacts, of any account, that can be shown on a ticket: those on file.

    On a contested one also what was removed lately after long on file: whoever removes the owner's
    address gains nothing by it.
    """
    if ticket.contested_at is None:
        return Contact.objects.on_file()
    on_file = Q(removed_at__isnull=True) | Q(
        removed_at__gt=timezone.now() - REMOVED_CONTACT_KEEPS_RIGHTS,
        removed_at__gte=F("verified_at") + policy.KEPT_LONG,
    )
    return Contact.objects.filter(on_file, verified_at__isnull=False, suspended_at__isnull=True)


def match_contact(ticket: RecoveryTicket, match_key: str) -> Contact | None:
    """Give the contact of the claimed account that a code may go to; always one statement."""
    own = contacts_that_count(ticket).filter(user=_account_id(ticket), match_key=match_key)
    return own.order_by(F("removed_at").desc(nulls_first=True)).first()


def account_of(ticket: RecoveryTicket) -> User | None:
    """Give the account that proofs are compared with; None where they may not count."""
    return ticket.user if ticket.user and ticket.user.is_active and counts(ticket) else None


def as_it_was_at(ticket: RecoveryTicket) -> datetime:
    """Give the moment whose account a decision is compared with: some days before the ticket.

    What was made in the first hours of an account is old enough, for younger accounts too.
    """
    as_of = ticket.opened_at - policy.TWO_STEP_AS_OF
    if ticket.user is None:
        return as_of
    return min(max(as_of, ticket.user.created_at + MADE_AT_SIGN_UP), ticket.opened_at)


def _asked(owner: str, ticket: RecoveryTicket, client: Client) -> dict[str, Any]:
    """Give what a row that leads to an account is asked besides. owner: its column of the key."""
    user = OuterRef(owner)
    device = Device.objects.filter(
        user=user, token_hash=client.device or "-", forgotten_at__isnull=True
    )
    signed_in = SecurityEvent.objects.filter(user=user, kind=EventKind.SIGNED_IN)
    country = country_of(client.address)
    return {
        "had_two_step": _as_column(uses_second_step(user, as_it_was_at(ticket))),
        "has_two_step": _as_column(uses_second_step(user)),
        "is_known_device": Exists(device),
        "has_seen_country": Exists(signed_in.filter(country=country)),
    }


def _facts_of(user: User, row: Any, client: Client) -> AccountFacts:
    """Read the facts off the row that ``_asked`` was asked of."""
    return AccountFacts(
        user=user,
        had_two_step=row.had_two_step,
        has_two_step=row.has_two_step,
        is_known_device=row.is_known_device,
        # A place that nobody knows never counts as new.
        is_new_place=bool(country_of(client.address))
        and not (row.is_known_device or row.has_seen_country),
    )


def _account_id(ticket: RecoveryTicket) -> UUID:
    return ticket.user_id if ticket.user_id and counts(ticket) else NOBODY


def _as_column(condition: Q) -> ExpressionWrapper:
    return ExpressionWrapper(condition, output_field=BooleanField())


def _match_key(typed: str) -> str:
    try:
        return address(typed).match_key
    except AddressRefused:
        return ""


def counts(ticket: RecoveryTicket) -> bool:
    """Tell whether proofs on this ticket may count; never shown to the claimant."""
    return ticket.state in LIVE_STATES and ticket.cancel_cause != CancelCause.RIVAL


def is_frozen_claim(user: User | None, limit_key: str, client: Client, now: datetime) -> bool:
    """Tell whether the pair (account, contact) or (account, network) is frozen; one statement.

    A browser that has signed in to the account is never frozen.
    """
    known = Device.objects.filter(
        user=OuterRef("user"), token_hash=client.device or "-", forgotten_at__isnull=True
    )
    return (
        ClaimFreeze.objects.filter(
            user_id=user.pk if user else NOBODY,
            key__in=[f"contact:{limit_key}", f"network:{client.network}"],
            until__gt=now,
        )
        .exclude(Exists(known))
        .exists()
    )


def held_proofs(ticket: RecoveryTicket, browser_hash: str, now: datetime) -> list[Proof]:
    """Give the proofs that this browser showed and that have not lapsed.

    They lapse by time, and with every change of the account: what they rest on may be gone.
    """
    since = now - policy.HELD_PROOF_LIVES
    own = ticket.proofs.filter(browser_hash=browser_hash, proved_at__gt=since)
    return list(own.filter(epoch=F("ticket__user__epoch")))


def is_old_session(user: User, ticket: RecoveryTicket, client: Client, now: datetime) -> bool:
    """Tell whether a session outranks a ticket (design.md section 2, Notices and objections).

    It does with an authenticator and a device that are old enough, where nothing on the account
    was changed in the 30 days before the ticket.
    """
    before = now - policy.OLD_SESSION
    has_old_device = Device.objects.filter(
        user=user,
        token_hash=client.device or "-",
        first_seen_at__lte=before,
        forgotten_at__isnull=True,
    ).exists()
    has_old_authenticator = any(
        step.made_at is not None and step.made_at <= before for step in second_steps(user)
    )
    return (
        has_old_device
        and has_old_authenticator
        and not has_changed_recently(
            user, since=ticket.opened_at - policy.OLD_SESSION, until=ticket.opened_at
        )
    )

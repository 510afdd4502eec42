"""What a decision looks at: the account of a ticket, its proofs, and who outranks it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef

from accounts.client import Client
from accounts.errors import AddressRefused
from accounts.models import Contact, Device, TotpDevice, User
from accounts.normalise import address
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


def lock_contact(
    ticket: RecoveryTicket, typed: str, client: Client
) -> tuple[AccountFacts, Contact | None]:
    """Find a contact on file of the claimed account and lock the account, with its facts.

    typed: the address as it was typed. One statement, whether or not there is such an account or
    contact; without one nothing is locked and there is nothing to decide.
    """
    country = country_of(client.address)
    authenticators = TotpDevice.objects.filter(user=OuterRef("user"), confirmed=True)
    signed_in = SecurityEvent.objects.filter(user=OuterRef("user"), kind=EventKind.SIGNED_IN)
    device = Device.objects.filter(
        user=OuterRef("user"), token_hash=client.device or "-", forgotten_at__isnull=True
    )
    # All locks here are "no key": a full one would wait for every row that names the account, and
    # with the locks of other rows that makes a circle.
    as_of = ticket.opened_at - policy.TWO_STEP_AS_OF
    contact = (
        Contact.objects.on_file()
        .filter(user=_account_id(ticket), user__is_active=True, match_key=_match_key(typed))
        .select_related("user")
        .select_for_update(of=("user",), no_key=True)
        .annotate(
            had_two_step=Exists(authenticators.filter(made_at__lte=as_of)),
            has_two_step=Exists(authenticators),
            is_known_device=Exists(device),
            has_seen_country=Exists(signed_in.filter(country=country)),
        )
        .first()
    )
    if contact is None:
        return AccountFacts(user=None), None
    facts = AccountFacts(
        user=contact.user,
        had_two_step=contact.had_two_step,
        has_two_step=contact.has_two_step,
        is_known_device=contact.is_known_device,
        # A place that nobody knows never counts as new.
        is_new_place=bool(country) and not (contact.is_known_device or contact.has_seen_country),
    )
    return facts, contact


def _account_id(ticket: RecoveryTicket) -> UUID:
    """Give the account that proofs are compared with: nobody's, where they may not count."""
    return ticket.user_id if ticket.user_id and counts(ticket) else NOBODY


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
    """Give the proofs that this browser showed and that have not lapsed."""
    since = now - policy.HELD_PROOF_LIVES
    return list(ticket.proofs.filter(browser_hash=browser_hash, proved_at__gt=since))


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
    has_old_authenticator = TotpDevice.objects.filter(
        user=user, confirmed=True, made_at__lte=before
    ).exists()
    return (
        has_old_device
        and has_old_authenticator
        and not has_changed_recently(
            user, since=ticket.opened_at - policy.OLD_SESSION, until=ticket.opened_at
        )
    )

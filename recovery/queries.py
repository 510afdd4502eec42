"""What recovery reads: facts for the decision, where a ticket stands for its claimant."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.client import Client
from accounts.errors import AddressRefused
from accounts.hooks import Banner
from accounts.models import Contact, Device, TotpDevice, User
from accounts.normalise import address
from activity.enums import EventKind
from activity.models import SecurityEvent
from activity.places import country_of
from activity.queries import has_changed_recently
from recovery import policy
from recovery.enums import LIVE_STATES, CancelCause, ProofClass, TicketState
from recovery.models import ClaimFreeze, Proof, RecoveryTicket

NOBODY = UUID(int=0)
# Ended by somebody else than the claimant, who is not told that anybody did.
SILENT_CAUSES = (CancelCause.OBJECTION, CancelCause.SESSION, CancelCause.RIVAL)
UNPROVED_STATES = (TicketState.AWAITING_CODE, TicketState.AWAITING_PROOF)


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
    as_of = ticket.opened_at - policy.TWO_STEP_AS_OF
    contact = (
        Contact.objects.on_file()
        .filter(user=account_id(ticket), user__is_active=True, match_key=_match_key(typed))
        .select_related("user")
        .select_for_update(of=("user",))
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


def account_id(ticket: RecoveryTicket) -> UUID:
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


def sends_counted_by(ticket: RecoveryTicket, client: Client) -> tuple[str, ...]:
    """Give what the codes of a ticket are counted under, besides those that open one.

    Whoever typed its code owns the address. Until then anybody may have opened the ticket, and on
    another network they leave the owner of the address hers.
    """
    if ticket.code_accepted_at:
        return (ticket.contact_limit_key,)
    return (ticket.contact_limit_key, client.network)


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


def end_of_hold(start: datetime, length: timedelta) -> datetime:
    """Give the end of a wait: by day in the site's zone, later rather than earlier."""
    end = timezone.localtime(start + length, timezone.get_default_timezone())
    if policy.HOLD_ENDS_FROM_HOUR <= end.hour < policy.HOLD_ENDS_UNTIL_HOUR:
        return end
    if end.hour >= policy.HOLD_ENDS_UNTIL_HOUR:
        end += timedelta(days=1)
    return end.replace(hour=policy.HOLD_ENDS_FROM_HOUR, minute=0, second=0, microsecond=0)


def shown_state(ticket: RecoveryTicket, now: datetime) -> str:
    """Give the state that the claimant may see (design.md section 2, the five faces).

    A ticket that somebody stopped before anything was accepted looks as one that was never
    touched, because nobody has earned to know that an owner exists. A stopped ticket that was
    accepted looks *evaluating* until its answer time, then ended. What has run out looks so at
    once, and not when the sweep comes by, or the moment would tell the two apart.
    """
    if ticket.state == TicketState.IN_REVIEW or _stands_still(ticket):
        return TicketState.EVALUATING
    if ticket.state == TicketState.DENIED or _was_stopped(ticket):
        if ticket.cancelled_from in UNPROVED_STATES:
            return TicketState.EXPIRED if ticket.expires_at <= now else ticket.cancelled_from
        waits = ticket.answer_at and ticket.answer_at > now
        return TicketState.EVALUATING if waits else TicketState.CANCELLED
    if ticket.state in UNPROVED_STATES and ticket.expires_at <= now:
        return TicketState.EXPIRED
    return ticket.state


def _stands_still(ticket: RecoveryTicket) -> bool:
    """Tell of a decision that was contested and that staff have not been given yet."""
    decided = (TicketState.ON_HOLD, TicketState.APPROVED)
    return ticket.contested_at is not None and ticket.state in decided


def _was_stopped(ticket: RecoveryTicket) -> bool:
    return ticket.state == TicketState.CANCELLED and ticket.cancel_cause in SILENT_CAUSES


def claims_of(user: User) -> QuerySet[RecoveryTicket]:
    """Give the live tickets of an account whose claimant has typed the code."""
    return RecoveryTicket.objects.filter(
        user=user, state__in=LIVE_STATES, code_accepted_at__isnull=False
    ).order_by("-opened_at")


def rivals_to_settle(reason: str) -> QuerySet[RecoveryTicket]:
    """Give the live tickets that lost to a completed one and are not yet where they belong.

    ``has_proof`` tells whether a strong proof was accepted: then they belong to staff.
    """
    strong = Proof.objects.filter(ticket=OuterRef("pk"), is_strong=True)
    lost = RecoveryTicket.objects.live().filter(contested_reason=reason)
    return lost.annotate(has_proof=Exists(strong)).filter(
        Q(has_proof=False) | Q(state__in=[TicketState.ON_HOLD, TicketState.APPROVED])
    )


def sessions_ended(ticket: RecoveryTicket) -> int:
    """Give how many browsers a completed ticket signed out."""
    event = SecurityEvent.objects.filter(
        user=ticket.user_id, kind=EventKind.SESSIONS_ENDED, at__gte=ticket.completed_at
    ).first()
    return int(event.details.get("count", 0)) if event else 0


def requests_of(match_key: str, since: datetime) -> QuerySet[RecoveryTicket]:
    """Give the tickets that were opened with this contact, newest first."""
    return RecoveryTicket.objects.filter(
        Q(state__in=LIVE_STATES) | Q(opened_at__gt=since), contact_match_key=match_key
    ).order_by("-opened_at")[: policy.REQUESTS_LISTED]


def accepted_classes(ticket: RecoveryTicket, browser_hash: str, now: datetime) -> list[str]:
    """Give the words for what this browser has shown so far."""
    return [
        str(ProofClass(proof.proof_class).label) for proof in held_proofs(ticket, browser_hash, now)
    ]


def banners_for(user: User) -> list[Banner]:
    """Tell a signed-in owner of running recoveries (settings.ACCOUNT_BANNERS)."""
    ticket = claims_of(user).first()
    if ticket is None:
        return []
    return [
        Banner(
            title=_("Someone is trying to get into this account"),
            text=_("Asked for on %(when)s. If it was not you, you can stop it.")
            % {"when": date_format(timezone.localtime(ticket.opened_at), "j F, H:i")},
            action_url=reverse("recovery:object"),
            action_label=_("See the request"),
            style="problem",
        )
    ]


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

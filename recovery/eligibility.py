"""Who of the staff may decide which ticket, and why not."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Exists, ExpressionWrapper, OuterRef, Q, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.client import Client
from accounts.models import Contact, Device, User
from activity.models import AccountView
from recovery import lanes, policy
from recovery.enums import DealEnd, Outcome
from recovery.models import Deal, IdentityCheck, RecoveryTicket, Vote
from vault import digests

REVIEW, APPROVE = "review_recoveryticket", "approve_recoveryticket"
SECURE, OPEN = "secure_recoveryticket", "open_recoveryticket"
PASSED_ON = "passed_on"  # void reason of the vote that passed a ticket on: its caster is done
PUT_BACK_FOR = timedelta(days=1)


class Bar(models.TextChoices):
    """Why somebody may not decide a ticket; the label is what they read."""

    NO_ROLE = "no_role", _("Your role does not decide cases")
    OWN_ACCOUNT = "own_account", _("It is your own account")
    OPENED = "opened", _("You opened this case")
    SHARED_ADDRESS = "shared_address", _("An address of yours is on it")
    OWN_DEVICE = "own_device", _("It was asked for from a browser of yours")
    SAME_BROWSER = "same_browser", _("Somebody else decided on it in this browser")
    SAW_ACCOUNT = "saw_account", _("You opened this account's profile or events")
    VOTED = "voted", _("You have decided on it already")
    RECUSED = "recused", _("You said that you should not decide it")
    SECURITY_ONLY = "security_only", _("The people of security decide it")
    SUPERUSERS_ONLY = "superusers_only", _("Two superusers decide it")


# What may come about after an honest vote and takes nothing from it.
AFTER_A_VOTE = frozenset({Bar.VOTED, Bar.RECUSED, Bar.SAW_ACCOUNT})


def has_right(staff: User, *codenames: str) -> bool:
    """Tell whether somebody is staff now, not paused, and has one of these permissions."""
    if not (staff.is_active and staff.is_staff and staff.frozen_at is None):
        return False
    return any(staff.has_perm(f"recovery.{codename}") for codename in codenames)


def bars(
    staff: User,
    ticket: RecoveryTicket,
    *,
    client: Client | None = None,
    rights: tuple[str, ...] = (REVIEW,),
) -> list[Bar]:
    """Give every reason why ``staff`` may not decide ``ticket``; empty: they may.

    What is folded into the ticket is decided with it, so a reason that stands against one of them
    stands against all. client: the browser they decide in, which must not be the claimant's.
    One statement beside those of the permissions.
    """
    asked = {
        bar: _as_column(condition | Q(Exists(_folded_where(condition))))
        for bar, condition in _conditions(staff).items()
    }
    row: dict[str, Any] = (
        RecoveryTicket.objects.filter(pk=ticket.pk)
        .annotate(**{f"bar_{bar.value}": column for bar, column in asked.items()})
        .values(*[f"bar_{bar.value}" for bar in asked])
        .get()
    )
    found = {bar for bar in asked if row[f"bar_{bar.value}"]}
    if not has_right(staff, *rights):
        found.add(Bar.NO_ROLE)
    if client and _is_of_browser(ticket, client):
        found.add(Bar.OWN_DEVICE)
    if client and ticket.outcome == Outcome.SUPERUSERS and _is_of_voter(staff, ticket, client):
        found.add(Bar.SAME_BROWSER)
    return [bar for bar in Bar if bar in found]


def dealable_to(staff: User) -> models.QuerySet[RecoveryTicket]:
    """Give the tickets that wait for a decision of ``staff``, the most urgent first.

    The same rules as ``bars``, in one statement; without what somebody else has and what they
    put back themselves a short while ago.
    """
    now = timezone.now()
    tickets = lanes.by_urgency(lanes.waiting().filter(expires_at__gt=now))
    if not has_right(staff, REVIEW):
        return tickets.none()
    barred = Q(pk__in=[])
    for condition in _conditions(staff).values():
        barred |= condition
    free = Q(claimed_by=None) | Q(claimed_by=staff) | Q(claimed_until__lte=now)
    returned = Deal.objects.filter(
        ticket=OuterRef("pk"),
        reviewer=staff,
        end=DealEnd.RETURNED,
        ended_at__gt=now - PUT_BACK_FOR,
    )
    return tickets.filter(free, ~barred, ~Exists(_folded_where(barred)), ~Exists(returned))


def count_with(*codenames: str, only: Q | None = None) -> int:
    """Count the active staff who have one of these permissions."""
    return people_with(*codenames).filter(only or Q()).count()


def people_with(*codenames: str) -> models.QuerySet[User]:
    """Give the active staff who have one of these permissions, superusers among them."""
    own = Q(
        user_permissions__codename__in=codenames,
        user_permissions__content_type__app_label="recovery",
    )
    of_role = Q(
        groups__permissions__codename__in=codenames,
        groups__permissions__content_type__app_label="recovery",
    )
    staff = User.objects.filter(is_active=True, is_staff=True, frozen_at__isnull=True)
    return staff.filter(Q(is_superuser=True) | own | of_role).distinct()


def whose_votes_count(voters: Iterable[UUID], ticket: RecoveryTicket) -> list[User]:
    """Give those of earlier voters who are still staff with the right, and nothing against them.

    Read anew, because a role may have been taken and an address come to light since they voted.
    """
    return [
        staff
        for staff in User.objects.filter(pk__in=list(voters))
        if not set(bars(staff, ticket)) - AFTER_A_VOTE
    ]


def is_browser_of_staff(ticket: RecoveryTicket, client: Client) -> bool:
    """Tell whether a browser signed in for somebody who decided, checked or opened the ticket."""
    devices = Device.objects.filter(token_hash=client.device or "-")
    voted = Vote.objects.filter(ticket=ticket, decider=OuterRef("user"))
    checked = IdentityCheck.objects.filter(ticket=ticket, checked_by=OuterRef("user"))
    opened = RecoveryTicket.objects.filter(pk=ticket.pk, opened_by=OuterRef("user"))
    return devices.filter(Exists(voted) | Exists(checked) | Exists(opened)).exists()


def _conditions(staff: User) -> dict[Bar, Q]:
    """Give what stands against ``staff``, as conditions on a ticket."""
    now = timezone.now()
    own = Contact.objects.filter(user=staff)  # removed and suspended ones too
    ticket = OuterRef("pk")
    is_on_account = Contact.objects.filter(
        user=OuterRef("user"), limit_key__in=own.values("limit_key")
    )
    claims_with = own.filter(limit_key=OuterRef("contact_limit_key"))
    devices = Device.objects.filter(
        Q(token_hash=OuterRef("device_hash")) | Q(token_hash=OuterRef("appeal_of__device_hash")),
        user=staff,
    )
    views = AccountView.objects.filter(
        staff=staff, user=OuterRef("user"), last_at__gt=now - policy.SAW_ACCOUNT_FOR
    )
    votes = Vote.objects.filter(
        Q(voided_at__isnull=True) | Q(void_reason=PASSED_ON), ticket=ticket, decider=staff
    )
    recused = Deal.objects.filter(ticket=ticket, reviewer=staff, end=DealEnd.RECUSED)
    conditions = {
        Bar.OWN_ACCOUNT: Q(user=staff),
        Bar.OPENED: Q(opened_by=staff) | Q(appeal_of__opened_by=staff),
        Bar.SHARED_ADDRESS: Q(Exists(claims_with)) | Q(Exists(is_on_account)),
        Bar.OWN_DEVICE: Q(Exists(devices)),
        Bar.SAW_ACCOUNT: Q(Exists(views)),
        Bar.VOTED: Q(Exists(votes)),
        Bar.RECUSED: Q(Exists(recused)),
    }
    if not has_right(staff, SECURE):
        conditions[Bar.SECURITY_ONLY] = Q(is_passed_on=True)
    if not staff.is_superuser:
        # Two reviewers must not be able to take over somebody who may do more than they.
        conditions[Bar.SUPERUSERS_ONLY] = (
            Q(outcome=Outcome.SUPERUSERS)
            | Q(user__is_superuser=True)
            | Q(user__is_staff=True)
            | Q(user__is_protected=True)
        )
    return conditions


def _folded_where(condition: Q) -> models.QuerySet[RecoveryTicket]:
    return RecoveryTicket.objects.filter(condition, folded_into=OuterRef("pk"))


def _as_column(condition: Q) -> ExpressionWrapper | Value:
    return ExpressionWrapper(condition, output_field=models.BooleanField())


def _is_of_voter(staff: User, ticket: RecoveryTicket, client: Client) -> bool:
    """Tell whether another of the deciders has signed in to this browser: each has their own."""
    voted = Vote.objects.filter(ticket=ticket, voided_at=None, decider=OuterRef("user"))
    devices = Device.objects.filter(token_hash=client.device or "-").exclude(user=staff)
    return devices.filter(Exists(voted)).exists()


def _is_of_browser(ticket: RecoveryTicket, client: Client) -> bool:
    """Tell whether the claim was made in this very browser, signed in to or not."""
    has_device = bool(client.device) and client.device == ticket.device_hash
    return has_device or (
        bool(client.browser) and digests.token_hash(client.browser) == ticket.browser_hash
    )

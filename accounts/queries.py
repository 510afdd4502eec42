"""Who is meant, and what is on file; reads only."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from accounts import normalise, policy
from accounts.enums import AuthenticatorKind, ContactKind
from accounts.errors import AddressRefused
from accounts.models import (
    CodeDevice,
    Contact,
    Passkey,
    RecoveryCode,
    RecoveryCodeSet,
    TotpDevice,
    User,
)
from accounts.normalise import Address

SecondStep = Passkey | TotpDevice | CodeDevice

NBSP = "\N{NO-BREAK SPACE}"
SHORT_NAME = 9  # with both ends shown, a shorter one would be nearly whole
NOBODY = uuid.UUID(int=0)  # what unknown accounts are asked about, so that the work is the same


def find_account(identifier: str, now: datetime, **columns: Any) -> User | None:
    """Give the account that ``identifier`` names, only where it names one; always one query.

    Present names are primary e-mail, external id and primary phone; a primary that was removed, or
    that another took the place of, names its account for policy.REMOVED_CONTACT_KEEPS_RIGHTS,
    unless it names another by now. So whoever changed it last has not hidden the account.
    Inactive and frozen accounts are given too: the caller answers for them as for an unknown one.
    columns: what else is asked of the account, in the same query, as attributes.
    """
    key = _match_key(identifier)
    since = now - policy.REMOVED_CONTACT_KEEPS_RIGHTS
    own = Contact.objects.filter(match_key=key, suspended_at=None)
    present = own.filter(signs_in=True, removed_at=None)
    former = own.filter(Q(signs_in=True, removed_at__gt=since) | Q(demoted_at__gt=since))
    users = User.objects.annotate(**columns)
    named: list[User] = list(
        _ranked(users.filter(pk__in=present.values("user")), 0).union(
            _ranked(users.filter(external_id=normalise.external_id(identifier)), 0),
            _ranked(users.filter(pk__in=former.values("user")), 1),
        )
    )
    by_rank = [
        {user.pk: user for user in named if user.name_rank <= rank}  # type: ignore[attr-defined]
        for rank in (0, 1)
    ]
    meant = by_rank[0] or by_rank[1]
    return next(iter(meant.values())) if len(meant) == 1 else None


def match_contact(user: User | None, typed: str) -> Contact | None:
    """Give the contact on file of ``user`` that ``typed`` is, by match key; always one query.

    Messages go to its ``value``, never to what was typed.
    """
    return (
        Contact.objects.on_file()
        .filter(user_id=user.pk if user else NOBODY, match_key=_match_key(typed))
        .first()
    )


def primary_contact(user: User) -> Contact | None:
    """Give the e-mail address that the account signs in with."""
    return user.contacts.on_file().filter(signs_in=True, kind=ContactKind.EMAIL).first()


def names_of_accounts(address: Address) -> list[str]:
    """Give the names of the accounts that hold ``address`` as a verified contact, sorted.

    Always one query: a second one for who has an account would tell by its time.
    """
    holders = Contact.objects.on_file().filter(match_key=address.match_key).values("user")
    contacts = Contact.objects.filter(user__in=holders).select_related("user").order_by("user")
    by_account = groupby(contacts, key=lambda contact: contact.user)
    return sorted(account_name_of(user, list(own)) for user, own in by_account)


def account_name(user: User) -> str:
    """Give what the person types to name the account: primary e-mail, external id or phone."""
    return account_name_of(user, user.contacts.all())


def account_name_of(user: User, contacts: Iterable[Contact]) -> str:
    """Give the same from contacts that were read already."""
    primaries = {
        contact.kind: contact.value
        for contact in contacts
        if contact.signs_in and contact.removed_at is None
    }
    return (
        primaries.get(ContactKind.EMAIL)
        or user.external_id
        or primaries.get(ContactKind.PHONE)
        or str(user)
    )


def primary_by_address(address: Address) -> Contact | None:
    """Give the contact by which somebody signs in with this address."""
    return Contact.objects.filter(
        match_key=address.match_key, signs_in=True, removed_at=None
    ).first()


def second_steps(user: User) -> list[SecondStep]:
    """Give the authenticators in use besides the password and printed codes, the strongest first.

    Two-step verification is on while there is one.
    """
    return [
        *Passkey.objects.in_use().filter(user=user).order_by("pk"),
        *TotpDevice.objects.in_use().filter(user=user).order_by("pk"),
        *CodeDevice.objects.in_use()
        .filter(user=user)
        .select_related("contact")
        .order_by("-contact__kind", "pk"),
    ]


def has_second_step(user: User) -> bool:
    """Tell whether two-step verification is on; one query."""
    owners = User.objects.filter(pk=user.pk)
    return owners.filter(uses_second_step(OuterRef("pk"))).exists()


@dataclass(frozen=True)
class Held:
    """How many second steps of each kind are in use, and whether kept printed codes are left."""

    counts: dict[AuthenticatorKind, int]
    has_kept_codes: bool

    @property
    def is_on(self) -> bool:
        """Tell whether two-step verification is on."""
        return any(self.counts.values())


def held_by(user: User) -> Held:
    """Count what a new second step would stand beside; one query."""
    codes = CodeDevice.objects.in_use()
    rows = {
        AuthenticatorKind.PASSKEY: Passkey.objects.in_use(),
        AuthenticatorKind.TOTP: TotpDevice.objects.in_use(),
        AuthenticatorKind.SMS: codes.filter(contact__kind=ContactKind.PHONE),
        AuthenticatorKind.EMAIL: codes.filter(contact__kind=ContactKind.EMAIL),
    }
    kept = RecoveryCode.objects.filter(
        code_set__user=OuterRef("pk"),
        code_set__confirmed=True,
        code_set__kept_at__isnull=False,
        used_at=None,
    )
    *counts, has_kept_codes = User.objects.values_list(
        *(_counted(each) for each in rows.values()), Exists(kept)
    ).get(pk=user.pk)
    return Held(dict(zip(rows, counts, strict=True)), has_kept_codes)


def uses_second_step(owner: Any, as_of: Any = None) -> Q:
    """Give the condition that two-step verification is on, or was at that time.

    owner: the account's key, for use in a query over other rows (``OuterRef("user")``).
    """
    found = Q()
    for model in (Passkey, TotpDevice, CodeDevice):
        rows = model.objects.in_use() if as_of is None else model.objects.as_of(as_of)
        found |= Q(Exists(rows.filter(user=owner)))
    return found


def recovery_codes_of(user: User) -> RecoveryCodeSet | None:
    """Give the set of printed codes in use."""
    found: RecoveryCodeSet | None = RecoveryCodeSet.objects.in_use().filter(user=user).first()
    return found


def recovery_codes(user: User) -> list[RecoveryCode]:
    """Give the printed codes in use, used ones too, in the order of the sheet, with their set."""
    rows = RecoveryCode.objects.filter(code_set__user=user, code_set__confirmed=True)
    return list(rows.select_related("code_set").order_by("number"))


def recovery_codes_left(user: User) -> int:
    """Give how many printed codes are still unused; 0 without any."""
    return RecoveryCode.objects.filter(
        code_set__user=user, code_set__confirmed=True, used_at=None
    ).count()


def mask(value: str) -> str:
    """Give an address as a young session may see it: "m•••a@example.org", "+33 •• 12"."""
    local, at, domain = value.rpartition("@")
    if not at and len(value) < SHORT_NAME:
        return f"{value[:1]}•••"
    if not at:
        # In one piece: broken over two lines, it would read as two numbers.
        return f"{value[:3]}{NBSP}••{NBSP}{value[-2:]}"
    end = local[-1] if len(local) > 2 else ""  # noqa: PLR2004 - of shorter ones it shows all
    return f"{local[:1]}•••{end}@{domain}"


def _counted(rows: QuerySet[Any]) -> Coalesce:
    """Count the rows of an account, in a query over accounts."""
    own = rows.filter(user=OuterRef("pk")).order_by().values("user")
    return Coalesce(Subquery(own.annotate(number=Count("pk")).values("number")), 0)


def _ranked(users: QuerySet[User], rank: int) -> QuerySet[User]:
    """Mark users by how they were named: 0 at present, 1 formerly."""
    return users.annotate(name_rank=Value(rank))


def _match_key(typed: str) -> str:
    """Give the key that contacts are found by; what is no address has one that none has."""
    try:
        return normalise.address(typed).match_key
    except AddressRefused:
        return ""

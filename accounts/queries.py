"""Who is meant, and what is on file; reads only."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from itertools import groupby

from django.db.models import QuerySet, Value

from accounts import normalise, policy
from accounts.enums import ContactKind
from accounts.errors import AddressRefused
from accounts.models import Contact, TotpDevice, User
from accounts.normalise import Address

NOBODY = uuid.UUID(int=0)  # what unknown accounts are asked about, so that the work is the same


def find_account(identifier: str, now: datetime) -> User | None:
    """Give the account that ``identifier`` names, only where it names one; always one query.

    Present names are primary e-mail, external id and primary phone; a primary that was removed
    names its account for policy.REMOVED_CONTACT_KEEPS_RIGHTS, unless it names another by now.
    Inactive and frozen accounts are given too: the caller answers for them as for an unknown one.
    """
    key = _match_key(identifier)
    primary = User.objects.filter(
        contacts__match_key=key, contacts__signs_in=True, contacts__suspended_at=None
    )
    removed_since = now - policy.REMOVED_CONTACT_KEEPS_RIGHTS
    named: list[User] = list(
        _ranked(primary.filter(contacts__removed_at=None), 0).union(
            _ranked(User.objects.filter(external_id=normalise.external_id(identifier)), 0),
            _ranked(primary.filter(contacts__removed_at__gt=removed_since), 1),
        )
    )
    present = {user.pk: user for user in named if user.name_rank == 0}  # type: ignore[attr-defined]
    former = {user.pk: user for user in named}
    meant = present or former
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


def has_second_step(user: User, at: datetime) -> bool:
    """Tell whether a confirmed authenticator besides the password existed at that time."""
    return bool(TotpDevice.objects.filter(user=user, confirmed=True, made_at__lte=at).exists())


def mask(value: str) -> str:
    """Give an address as a young session may see it: "m•••a@example.org", "+33 •• 12"."""
    local, at, domain = value.rpartition("@")
    if not at:
        return f"{value[:3]} •• {value[-2:]}"
    end = local[-1] if len(local) > 2 else ""  # noqa: PLR2004 - of shorter ones it shows all
    return f"{local[:1]}•••{end}@{domain}"


def _ranked(users: QuerySet[User], rank: int) -> QuerySet[User]:
    """Mark users by how they were named: 0 at present, 1 formerly."""
    return users.annotate(name_rank=Value(rank))


def _match_key(typed: str) -> str:
    """Give the key that contacts are found by; what is no address has one that none has."""
    try:
        return normalise.address(typed).match_key
    except AddressRefused:
        return ""

"""Everything that lets a person in or reaches them, read at once: five queries, whoever asks."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Prefetch, Q, prefetch_related_objects

from accounts.enums import AuthenticatorKind
from accounts.models import (
    CodeDevice,
    Contact,
    RecoveryCodeSet,
    TotpDevice,
    User,
)
from accounts.queries import SecondStep

STEPS = ("passkey_set", "totpdevice_set", "codedevice_set")


@dataclass(frozen=True)
class Holdings:
    """What an account has now.

    contacts: verified and on file. second_steps: in use, the strongest first; two-step
    verification is on while there is one. codes: the printed codes in use, None without; codes_left
    of them are unused.
    """

    contacts: list[Contact]
    second_steps: list[SecondStep]
    codes: RecoveryCodeSet | None
    codes_left: int


def read_ahead(users: list[User]) -> None:
    """Read all that is asked of these accounts at once; as many statements for one as for many."""
    codes = RecoveryCodeSet.objects.annotate(left=Count("codes", filter=Q(codes__used_at=None)))
    prefetch_related_objects(
        users,
        "contacts",
        "passkey_set",
        Prefetch("totpdevice_set", TotpDevice.objects.defer("seed")),
        Prefetch("codedevice_set", CodeDevice.objects.select_related("contact")),
        Prefetch("recoverycodeset_set", codes),
    )


def holdings_of(user: User) -> Holdings:
    """Give what the account has; asked again of the same object it costs nothing."""
    read_ahead([user])
    contacts = [
        contact
        for contact in user.contacts.all()
        if contact.verified_at and contact.removed_at is None and contact.suspended_at is None
    ]
    codes = next((row for row in _rows(user, "recoverycodeset_set") if row.confirmed), None)
    return Holdings(
        contacts=sorted(contacts, key=lambda contact: contact.added_at),
        second_steps=[
            row
            for name in STEPS
            for row in sorted(_rows(user, name), key=lambda row: (_is_mailed(row), row.pk))
            if row.confirmed
        ],
        codes=codes,
        codes_left=codes.left if codes else 0,
    )


def had_second_step(user: User, at: datetime) -> bool:
    """Tell whether two-step verification was on at that time, without a further query."""
    read_ahead([user])
    return any(row.was_in_use(at, user.created_at) for name in STEPS for row in _rows(user, name))


def _rows(user: User, name: str) -> list[Any]:
    return list(getattr(user, name).all())


def _is_mailed(row: SecondStep) -> bool:
    """Tell of the weakest: a mailbox often opens with the same phone or password."""
    return isinstance(row, CodeDevice) and row.kind == AuthenticatorKind.EMAIL

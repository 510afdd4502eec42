"""Second steps of every kind, for tests that go through them all."""

from typing import Any

from django.db import transaction

from accounts import queries
from accounts.enums import AuthenticatorKind
from accounts.models import User
from accounts.services import authenticators
from accounts.services.authenticators import Row
from accounts.tests.factories import (
    make_client,
    make_code_device,
    make_contact,
    make_passkey,
    make_recovery_codes,
    make_totp,
)

KINDS = AuthenticatorKind
MAKERS: dict[AuthenticatorKind, Any] = {
    KINDS.PASSKEY: make_passkey,
    KINDS.TOTP: make_totp,
    KINDS.SMS: make_code_device,
    KINDS.EMAIL: lambda user, **fields: make_code_device(user, make_contact(user), **fields),
    KINDS.RECOVERY_CODES: lambda user, **fields: make_recovery_codes(user, **fields)[0],
}
# Those that may stand alone.
STEPS = [KINDS.PASSKEY, KINDS.TOTP, KINDS.SMS]
# For settings.ACCOUNT_DISPUTES.
ALWAYS_DISPUTED = ["accounts.tests.second_steps.always"]


def always(user: User) -> bool:
    """Say that a claim stands, whoever's account it is."""
    return True


def make_pending(user: User, kind: AuthenticatorKind = KINDS.TOTP) -> Row:
    """Make one that is being set up."""
    row: Row = MAKERS[kind](user, confirmed=False, made_at=None)
    return row


def activate(row: Row, **options: bool) -> None:
    """Put it in use."""
    with transaction.atomic():
        authenticators.activate(row, client=make_client(), **options)


def remove(row: Row, **options: bool) -> list[Row]:
    """Take it out of use."""
    return authenticators.remove(row, client=make_client(), **options)


def in_use(user: User) -> list[Row]:
    """Give what answers a second step, the printed codes last."""
    codes = queries.recovery_codes_of(user)
    return [*queries.second_steps(user), *([codes] if codes else [])]

"""The life of second steps of every kind: added, renamed, asked about, removed."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, cast

from django.db import transaction
from django.utils import timezone

from accounts import errors, policy, queries, signals
from accounts.client import Client
from accounts.enums import Action, AuthenticatorKind, ContactKind
from accounts.models import (
    CodeDevice,
    Passkey,
    RecoveryCode,
    RecoveryCodeSet,
    TotpDevice,
    User,
)
from accounts.services import restrictions, sessions

Row = Passkey | TotpDevice | CodeDevice | RecoveryCodeSet

MODELS: dict[AuthenticatorKind, type[Row]] = {
    AuthenticatorKind.PASSKEY: Passkey,
    AuthenticatorKind.TOTP: TotpDevice,
    AuthenticatorKind.SMS: CodeDevice,
    AuthenticatorKind.EMAIL: CodeDevice,
    AuthenticatorKind.RECOVERY_CODES: RecoveryCodeSet,
}
CONTACT_KINDS = {
    AuthenticatorKind.SMS: ContactKind.PHONE,
    AuthenticatorKind.EMAIL: ContactKind.EMAIL,
}
# What must not be kept of one that was removed; printed codes are rows of their own.
SECRETS: dict[type[Row], dict[str, Any]] = {
    Passkey: {"credential_id": b"", "public_key": b""},
    TotpDevice: {"seed": None},
    CodeDevice: {},
    RecoveryCodeSet: {},
}


def find(user: User, kind: AuthenticatorKind, pk: int) -> Row:
    """Give an authenticator in use of this account; raises NoSuchAuthenticator."""
    rows = MODELS[kind].objects.in_use().filter(user=user, pk=pk)
    if kind in CONTACT_KINDS:
        rows = rows.filter(contact__kind=CONTACT_KINDS[kind]).select_related("contact")
    row: Row | None = rows.first()
    if row is None:
        raise errors.NoSuchAuthenticator
    # The same object, so that what asks sees the epoch that a change of the row raises.
    row.user = user
    return row


def require_may_add(user: User, kind: AuthenticatorKind, *, is_strong: bool = False) -> None:
    """Raise Forbidden, TooMany, SecondWayMissing or OnlyBesideAnother where it may not be added.

    is_strong: the session has shown two strong proofs (step_up.is_strong).
    """
    restrictions.require_as_read(user, Action.ADD_AUTHENTICATOR, is_strong=is_strong)
    if kind is AuthenticatorKind.RECOVERY_CODES:
        return  # a new set takes the place of the old one
    _require_room(kind, queries.held_by(user))


def activate(row: Row, *, client: Client, is_strong: bool = False) -> None:
    """Put an authenticator in use, inside the caller's transaction; ends all sessions.

    row: stored, with ``confirmed`` False and ``made_at`` None. Whether it may be added is asked
    here, under the account's lock: of an addition and the removal that it leans on, one wins.
    Sends ``authenticator_added``. Raises what ``require_may_add`` raises, and AccountChanged
    where it was removed or put in use meanwhile, or the session's own account has changed.
    """
    with transaction.atomic():
        restrictions.lock(row.user, Action.ADD_AUTHENTICATOR, is_strong=is_strong)
        held = queries.held_by(row.user)
        _require_room(row.kind, held)
        put_in_use(row, client=client, is_first=not held.is_on)


def put_in_use(row: Row, *, client: Client, is_first: bool) -> None:
    """Do the same without asking, for who has asked; ``is_first`` turns two-step on."""
    waiting = type(row).objects.filter(
        pk=row.pk, confirmed=False, made_at__isnull=True, removed_at__isnull=True
    )
    row.confirmed, row.made_at = True, timezone.now()
    if not waiting.update(confirmed=True, made_at=row.made_at):
        raise errors.AccountChanged
    sessions.raise_epoch(row.user)
    signals.authenticator_added.send(
        sender=type(row),
        user=row.user,
        client=client,
        kind=row.kind,
        is_first=is_first,
    )


def rename(row: Row, name: str) -> None:
    """Give it another name; raises NoSuchAuthenticator where it was removed meanwhile."""
    row.name = name.strip()[: policy.AUTHENTICATOR_NAME_LONGEST]
    if not type(row).objects.in_use().filter(pk=row.pk).update(name=row.name):
        raise errors.NoSuchAuthenticator


def answer_works(row: Row, *, now: datetime) -> None:
    """Note that the owner was asked whether it still works."""
    type(row).objects.filter(pk=row.pk).update(asked_at=now)
    row.asked_at = now


def due_to_ask(rows: Iterable[Row], *, now: datetime) -> Row | None:
    """Give the first of these to ask about (``is_due_to_ask``)."""
    return next((row for row in rows if is_due_to_ask(row, now=now)), None)


def is_due_to_ask(row: Row, *, now: datetime) -> bool:
    """Tell whether to ask: in use for policy.STILL_WORKS_AFTER, neither used since nor asked."""
    since = now - policy.STILL_WORKS_AFTER
    is_old = row.made_at is not None and row.made_at <= since
    return is_old and row.asked_at is None and (row.used_at is None or row.used_at <= since)


def remove(row: Row, *, client: Client, is_strong: bool = False) -> list[Row]:
    """Take one away; gives what fell with it: e-mail steps do with their last companion.

    Softly, with what is secret emptied. Ends all sessions. Raises Forbidden, and AccountChanged
    where it is gone already.
    """
    with transaction.atomic():
        restrictions.lock(row.user, Action.REMOVE_AUTHENTICATOR, is_strong=is_strong)
        fallen = _left_alone(row.user, without=[row])
        take_away(row.user, [*fallen, row], client=client)
    return fallen


def falling_with(row: Row) -> list[Row]:
    """Give what would fall with this one if it were removed now."""
    return _left_alone(row.user, without=[row])


def turn_off(user: User, *, client: Client, is_strong: bool = False) -> int:
    """Remove every second step; printed codes stay, as a way back.

    Gives how many. Raises Forbidden, AccountChanged.
    """
    with transaction.atomic():
        restrictions.lock(user, Action.REMOVE_AUTHENTICATOR, is_strong=is_strong)
        rows: list[Row] = [*queries.second_steps(user)]
        take_away(user, rows, client=client)
    return len(rows)


def remove_all(user: User, *, client: Client) -> int:
    """Remove every second step and the printed codes, for a recovery that decided it.

    Gives how many. Inside the caller's transaction, which holds the account's lock.
    """
    codes = queries.recovery_codes_of(user)
    rows: list[Row] = [*([codes] if codes else []), *queries.second_steps(user)]
    take_away(user, rows, client=client, is_quiet=True)
    return len(rows)


def remove_young_passkeys(user: User, at: datetime, *, client: Client) -> int:
    """Remove the passkeys that were no strong proof yet at that time; gives how many.

    Inside the caller's transaction, which holds the account's lock.
    """
    rows: list[Row] = [
        passkey
        for passkey in Passkey.objects.in_use().filter(user=user)
        if policy.authenticator_counts_from(passkey.made_at, user.created_at) > at
    ]
    if rows:
        take_away(user, [*_left_alone(user, without=rows), *rows], client=client)
    return len(rows)


def remove_in_doubt(user: User, rows: Sequence[Row], *, client: Client) -> int:
    """Remove what people decided is not the owner's, with what would stand alone without it.

    Inside the caller's transaction, which holds the account's lock. Gives how many.
    """
    if not rows:
        return 0
    fallen = [row for row in _left_alone(user, without=rows) if row not in rows]
    take_away(user, [*fallen, *rows], client=client)
    return len(fallen) + len(rows)


def suspend_since(user: User, at: datetime, *, client: Client) -> list[Row]:
    """Take out of use what was put in use since then, and what would stand alone without it.

    Inside the caller's transaction, which holds the account's lock. What is secret stays until it
    cannot be taken back any more (services.roll_back). Ends all sessions.
    """
    kinds: tuple[type[Row], ...] = (Passkey, TotpDevice, CodeDevice, RecoveryCodeSet)
    young: list[Row] = [
        row
        for kind in kinds
        for row in kind.objects.in_use().filter(user=user, made_at__gte=at).order_by("pk")
    ]
    if not young:
        return []
    fallen = [row for row in _left_alone(user, without=young) if row not in young]
    now = timezone.now()
    rows = [*fallen, *young]
    for row in rows:
        _suspend(row, now)
        row.user = user
    sessions.raise_epoch(user)
    for row in rows:
        signals.authenticator_suspended.send(
            sender=type(row), user=user, client=client, kind=row.kind, is_quiet=True
        )
    return rows


def empty_suspended(user: User) -> int:
    """Remove for good what is suspended, with what is secret; gives how many.

    Inside the caller's transaction, which holds the account's lock. Nothing is told: their
    suspension was.
    """
    now = timezone.now()
    kinds = (Passkey, TotpDevice, CodeDevice, RecoveryCodeSet)
    count = 0
    for kind in kinds:
        rows = kind.objects.filter(user=user, suspended_at__isnull=False, removed_at=None)
        if kind is RecoveryCodeSet:
            RecoveryCode.objects.filter(code_set__in=rows).delete()
        count += rows.update(removed_at=now, **SECRETS[kind])
    return count


def remove_for_contact(user: User, contact_id: int, *, client: Client) -> int:
    """Remove the sent codes of a contact of ``user`` that goes off file.

    Inside the caller's transaction, which holds the account's lock. What they leave alone falls
    with them; gives how many.
    """
    steps = queries.second_steps(user)
    own: list[Row] = [
        step for step in steps if isinstance(step, CodeDevice) and step.contact_id == contact_id
    ]
    if not own:
        return 0
    rows = [*_left_alone(user, without=own), *own]
    # The message about the contact tells of it, unless two-step verification is off since.
    take_away(user, rows, client=client, is_quiet=len(rows) < len(steps))
    return len(rows)


def take_away(user: User, rows: Sequence[Row], *, client: Client, is_quiet: bool = False) -> None:
    """Take these out of use, inside a transaction that holds the account's lock.

    The last of them is what the owner is told of; with ``is_quiet`` none. Ends all sessions.
    Raises AccountChanged where one was out of use already.
    """
    if not rows:
        return
    now = timezone.now()
    for row in rows:
        _empty(row, now)
    sessions.raise_epoch(user)
    is_spare = all(isinstance(row, RecoveryCodeSet) for row in rows)
    is_off = not is_spare and not queries.has_second_step(user)
    for row in rows:
        is_final = row is rows[-1]
        signals.authenticator_removed.send(
            sender=type(row),
            user=user,
            client=client,
            kind=row.kind,
            is_last=is_off and is_final,
            is_quiet=is_quiet or not is_final,
        )


def _require_room(kind: AuthenticatorKind, held: queries.Held) -> None:
    """Raise where another of this kind would be too many, or stand on nothing."""
    if held.counts[kind] >= policy.AUTHENTICATORS_MOST:
        raise errors.TooMany
    if kind is AuthenticatorKind.EMAIL:
        if sum(held.counts.values()) == held.counts[kind]:
            raise errors.OnlyBesideAnother
    elif not held.is_on and not held.has_kept_codes:
        raise errors.SecondWayMissing


def _left_alone(user: User, *, without: Sequence[Row]) -> list[Row]:
    """Give the e-mail steps that would stand alone: whoever reads the mail has the password too."""
    left = [step for step in queries.second_steps(user) if step not in without]
    is_alone = all(step.kind == AuthenticatorKind.EMAIL for step in left)
    return cast("list[Row]", left) if is_alone else []


def _suspend(row: Row, now: datetime) -> None:
    rows = type(row).objects.in_use().filter(pk=row.pk)
    if not rows.update(confirmed=False, suspended_at=now):
        raise errors.AccountChanged
    row.confirmed, row.suspended_at = False, now


def _empty(row: Row, now: datetime) -> None:
    rows = type(row).objects.in_use().filter(pk=row.pk)
    if not rows.update(confirmed=False, removed_at=now, **SECRETS[type(row)]):
        raise errors.AccountChanged
    row.confirmed, row.removed_at = False, now
    if isinstance(row, RecoveryCodeSet):
        row.codes.all().delete()

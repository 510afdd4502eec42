"""Members of staff: made and promoted from the command line, each with a role and an app."""

import secrets
from dataclasses import dataclass
from itertools import chain

from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts import normalise, signals, validators
from accounts.client import Client
from accounts.enums import PasswordCause
from accounts.errors import AddressRefused, StaffRefused
from accounts.models import Contact, TotpDevice, User
from accounts.normalise import Address
from accounts.services import authenticators, contacts, passwords, sessions, totp
from accounts.services.passwords import Prepared

SUPERUSER = "superuser"
# Without letters and digits that are taken for one another.
PASSWORD_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789"  # noqa: S105
PASSWORD_GROUPS, PASSWORD_GROUP = 5, 5


@dataclass(frozen=True)
class Made:
    """What became of a member of staff; ``set_up_url`` is "" where the app stays as it was."""

    user: User
    is_new: bool
    set_up_url: str

    def __repr__(self) -> str:
        return f"Made({self.user.pk})"


def role_names() -> list[str]:
    """Give the roles of settings.STAFF_ROLES, and superuser."""
    return [*_roles(), SUPERUSER]


def sync_roles(*, is_dry_run: bool = False) -> list[str]:
    """Bring the groups to what settings.STAFF_ROLES says; safe to run at any time.

    Gives what changes, in words; the audit chain is told of it. Groups that are no roles stay as
    they are. Raises StaffRefused for a permission that does not exist.
    """
    known = {
        f"{label}.{codename}": pk
        for pk, label, codename in Permission.objects.values_list(
            "pk", "content_type__app_label", "codename"
        )
    }
    missing = sorted(set(chain.from_iterable(_roles().values())) - set(known))
    if missing:
        raise StaffRefused(f"No such permission: {', '.join(missing)} (is the database migrated?)")
    changes = []
    with transaction.atomic():
        for name, permissions in _roles().items():
            held = _held_by(name)
            wanted = set(permissions)
            changes += [f"{name}: may {permission}" for permission in sorted(wanted - held)]
            changes += [f"{name}: may no longer {each}" for each in sorted(held - wanted)]
            if not is_dry_run:
                group, _is_new = Group.objects.get_or_create(name=name)
                group.permissions.set([known[permission] for permission in permissions])
        if changes and not is_dry_run:
            signals.staff_acted.send(
                sender=Group,
                actor=None,
                action="accounts:roles:synced",
                subject="",
                reason=f"{len(changes)} permissions changed",
            )
    return changes


def find(email: str) -> User | None:
    """Give the account that signs in with this address; raises StaffRefused for a broken one."""
    contact = (
        Contact.objects.filter(
            match_key=_address(email).match_key, signs_in=True, removed_at__isnull=True
        )
        .select_related("user")
        .first()
    )
    return contact.user if contact else None


def make_staff(
    email: str,
    role: str,
    *,
    password: Prepared | None,
    names: dict[str, str] | None = None,
    renew_app: bool = False,
) -> Made:
    """Create a member of staff, or give an existing account this role and no other.

    password: None keeps the present one. names: ``first_name``, ``last_name`` to set.
    renew_app: replaces authenticator apps that are there. What changes in standing ends all
    sessions. Raises StaffRefused, for a paused account too, and then nothing is done.
    """
    if role not in role_names():
        raise StaffRefused(f"{role} is no role; there are {', '.join(role_names())}.")
    sync_roles()
    address, user = _address(email), find(email)
    if user is None and password is None:
        raise StaffRefused("A new member of staff needs a password.")
    with transaction.atomic():
        is_new = user is None
        if user is None:
            user = _create(address)
        _promote(user, role, names or {})
        if password is not None:
            passwords.store(user, password, cause=PasswordCause.STAFF, client=Client())
        set_up_url = _give_app(user, renew=renew_app)
        sessions.end_all(user, client=Client())
        signals.staff_acted.send(
            sender=User,
            actor=None,
            action="accounts:staff:created" if is_new else "accounts:staff:promoted",
            subject=f"user:{user.pk}",
            reason=f"role {role}",
        )
    return Made(user, is_new, set_up_url)


def generate_password() -> str:
    """Give a random password that keeps every rule: about 140 bits, in groups."""
    while True:
        groups = (
            "".join(secrets.choice(PASSWORD_ALPHABET) for _ in range(PASSWORD_GROUP))
            for _ in range(PASSWORD_GROUPS)
        )
        password = "-".join(groups)
        if not validators.broken_rules(password):
            return password


def _held_by(role: str) -> set[str]:
    rows = Permission.objects.filter(group__name=role)
    names = rows.values_list("content_type__app_label", "codename")
    return {f"{label}.{codename}" for label, codename in names}


def _roles() -> dict[str, tuple[str, ...]]:
    roles: dict[str, tuple[str, ...]] = import_string(settings.STAFF_ROLES)
    return roles


def _address(email: str) -> Address:
    try:
        return normalise.email(email)
    except AddressRefused as error:
        raise StaffRefused(f"{email} is not an e-mail address we can write to.") from error


def _create(address: Address) -> User:
    """Make the account; whoever runs commands here vouches for the address."""
    now = timezone.now()
    user = User.objects.create(created_at=now)
    contacts.add_first(user, address, now)
    return user


def _promote(user: User, role: str, names: dict[str, str]) -> None:
    if user.frozen_at or not user.is_active:
        raise StaffRefused("This account is paused or switched off; settle that first.")
    user.is_staff, user.is_superuser = True, role == SUPERUSER
    for name, value in names.items():
        setattr(user, name, value)
    user.save(update_fields=["is_staff", "is_superuser", *names])
    user.groups.set(Group.objects.filter(name=role))
    sessions.raise_epoch(user)


def _give_app(user: User, *, renew: bool) -> str:
    """Enrol an app where there is none; gives its set-up address, or ""."""
    former: list[TotpDevice] = list(TotpDevice.objects.in_use().filter(user=user))
    if former and not renew:
        return ""
    # The new one first: what stands beside the old ones does not fall with them.
    _device, url = totp.enrol(user, "Authenticator app")
    authenticators.take_away(user, former, client=Client())
    return url

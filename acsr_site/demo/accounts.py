"""Accounts of the demo: people, contacts, browsers and sessions."""

from datetime import timedelta
from itertools import chain
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group

from accounts import policy
from accounts.enums import ContactMark
from accounts.models import Contact, Device, KnownNetwork, SignUp, User, UserSession
from accounts.services import staff
from accounts.session_store import SessionStore
from acsr_site.demo import cast, memories, second_steps, world
from acsr_site.demo.cast import Figure
from acsr_site.demo.scene import Scene, contact_of

THIEFS_ADDRESS = "a.haddad.new@example.com"
THIEFS_PHONE = "+447700900999"
SHARED = ("becker@example.org",)
DOUBTED = "other35"  # has a contact that was suspended
UNDONE = "recovery_undone"


def make(scene: Scene) -> None:
    """Write all accounts and what belongs to them, and put them on the scene."""
    passwords = {raw: make_password(raw) for raw in (cast.PASSWORD, cast.STAFF_PASSWORD)}
    for number, figure in enumerate(cast.EVERYBODY, start=1):
        if figure.has_account:
            scene.add_home(figure, number)
            scene.users[figure.key] = _user(scene, figure, passwords[figure.password])
    User.objects.bulk_create(scene.users.values())
    _make_contacts(scene)
    _give_roles(scene)
    second_steps.make(scene)
    memories.make(scene)
    _make_browsers(scene)
    _make_sessions(scene)
    _make_sign_ups(scene, passwords[cast.PASSWORD])


def figures(scene: Scene) -> list[Figure]:
    """Give those who have an account."""
    return [figure for figure in cast.EVERYBODY if figure.key in scene.users]


def _user(scene: Scene, figure: Figure, encoded_password: str) -> User:
    first_name, last_name = figure.name.split(" ", 1)
    created_at = scene.ago(days=figure.age_days)
    values = {
        "id": figure.id,
        "password": encoded_password,
        "external_id": figure.external_id or None,
        "first_name": first_name,
        "last_name": last_name,
        "country": figure.country,
        "birth_date": memories.born(figure),
        "postal_code": memories.postal_code(figure),
        "time_zone": world.HOMES[figure.country].time_zone,
        "is_staff": bool(figure.role),
        "is_superuser": figure.role == staff.SUPERUSER,
        "created_at": created_at,
        "password_changed_at": created_at,
    }
    return User(**values | _standing(scene, figure))


def _standing(scene: Scene, figure: Figure) -> dict[str, Any]:
    """Give what is special about an account."""
    match figure.key:
        case "amira":
            return {"contested_at": scene.after_last_night(0.4)}
        case "ingrid":
            return {
                "restricted_until": scene.now + timedelta(days=4),
                "password_changed_at": scene.ago(days=3),
            }
        case "lucia":
            return {"frozen_at": scene.ago(days=2), "frozen_cause": UNDONE}
        case "oskar":
            return {"is_active": False}
        case "ruth":
            return {"is_protected": True}
    return {}


def _make_contacts(scene: Scene) -> None:
    for figure in figures(scene):
        scene.contacts[figure.key] = [
            _contact(scene, figure, typed) for typed in (figure.email, figure.phone) if typed
        ]
    amira = scene.users["amira"]
    # A few minutes after the owner's were removed; they count a week later.
    added_at = scene.last_night + timedelta(minutes=3)
    young = {"counts_from": added_at + policy.CONTACT_COUNTS_AFTER}
    scene.contacts["amira"] += [
        contact_of(amira, typed, since=added_at, signs_in=True, **young)
        for typed in (THIEFS_ADDRESS, THIEFS_PHONE)
    ]
    doubted = scene.users[DOUBTED]
    since, suspended_at = scene.ago(days=16), scene.ago(days=15)
    scene.contacts[DOUBTED].append(
        contact_of(doubted, "unknown@example.net", since=since, suspended_at=suspended_at)
    )
    Contact.objects.bulk_create(chain.from_iterable(scene.contacts.values()))


def _contact(scene: Scene, figure: Figure, typed: str) -> Contact:
    since = scene.ago(days=figure.age_days)
    is_shared = typed in SHARED
    return contact_of(
        scene.users[figure.key],
        typed,
        since=since,
        mark=ContactMark.SHARED if is_shared else "",
        marked_at=since if is_shared else None,
        signs_in=not (figure.shares_email and typed == figure.email),
        removed_at=scene.last_night if figure.key == "amira" else None,
    )


def _give_roles(scene: Scene) -> None:
    staff.sync_roles()
    groups = dict(Group.objects.values_list("name", "pk"))
    through = User.groups.through
    through.objects.bulk_create(
        through(user_id=figure.id, group_id=groups[figure.role])
        for figure in cast.STAFF
        if figure.role in groups
    )


def _make_browsers(scene: Scene) -> None:
    """Make the browser and the network of everybody who has signed in."""
    used = [figure for figure in figures(scene) if figure.sign_ins]
    Device.objects.bulk_create(
        Device(
            id=scene.new_id(),
            user=scene.users[figure.key],
            token_hash=scene.homes[figure.key].device,
            agent=figure.agent,
            first_seen_at=scene.ago(days=figure.age_days - 1),
            last_seen_at=scene.ago(days=1),
        )
        for figure in used
    )
    KnownNetwork.objects.bulk_create(
        KnownNetwork(
            user=scene.users[figure.key],
            network=scene.homes[figure.key].network,
            days=figure.sign_ins,
            first_day=scene.ago(days=85).date(),
            last_day=scene.ago(days=1).date(),
        )
        for figure in used
    )


def _make_sessions(scene: Scene) -> None:
    """Sign some people in for two weeks, in browsers that nobody holds the cookie of."""
    signed_in = ["amira", "elif", "wei", "sam", *(f"other{number}" for number in range(8))]
    devices = {device.user_id: device for device in Device.objects.all()}
    UserSession.objects.bulk_create(
        UserSession(
            session_key=scene.new_token_hash(),
            session_data=SessionStore().encode({SESSION_KEY: str(scene.users[key].pk)}),
            expire_date=scene.ago(days=days) + policy.SESSION_KEPT,
            user=scene.users[key],
            device=devices[scene.users[key].pk],
            created_at=scene.ago(days=days),
            signed_in_at=scene.ago(days=days),
            last_seen_at=scene.ago(hours=days),
            is_kept=True,
            address=scene.homes[key].address,
            agent=scene.homes[key].agent,
        )
        for days, key in enumerate(signed_in, start=1)
    )


def _make_sign_ups(scene: Scene, encoded_password: str) -> None:
    SignUp.objects.bulk_create(
        SignUp(
            id=figure.id,
            address=figure.email,
            match_key=figure.email,
            encoded_password=encoded_password,
            browser_hash=scene.new_token_hash(),
            created_at=scene.ago(minutes=25),
        )
        for figure in cast.PEOPLE
        if not figure.has_account
    )

"""What the organisation knows of people, and what it knew before."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts import normalise
from accounts.models import FormerProfile, ProfileFact, User
from accounts.queries import NOBODY
from vault import digests

PURPOSE = "accounts.profile_fact"
# What people are asked for; of these the former values are kept for a year.
REMEMBERED = ("first_name", "last_name", "birth_date", "country", "postal_code")


def compare_fact(user: User | None, name: str, typed: str) -> bool | None:
    """Tell whether ``typed`` is the fact of that name; None where the account has none.

    One query and one digest, for nobody too.
    """
    owner = user.pk if user else NOBODY
    stored = ProfileFact.objects.filter(user_id=owner, name=name)
    digest = stored.values_list("digest", flat=True).first()
    is_match = digests.matches(
        digest or "", normalise.fact(typed), purpose=PURPOSE, subject=str(owner)
    )
    return None if digest is None else is_match


def build_facts(user: User, facts: Mapping[str, str]) -> list[ProfileFact]:
    """Give the unsaved rows of an account's facts, which hold keyed digests alone."""
    return [
        ProfileFact(
            user=user,
            name=name,
            digest=digests.keyed(normalise.fact(value), purpose=PURPOSE, subject=str(user.pk)),
        )
        for name, value in facts.items()
    ]


def change(user: User, **values: Any) -> list[str]:
    """Change fields of the profile; gives those that are new. What was there is kept for a year.

    values: fields of User, as their columns hold them. Safe to run twice.
    """
    with transaction.atomic():
        current = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        changed = changes_of(current, values)
        if changed:
            FormerProfile.objects.bulk_create(former_of(current, changed))
            User.objects.filter(pk=user.pk).update(**{name: values[name] for name in changed})
    for name in changed:
        setattr(user, name, values[name])
    return changed


def set_facts(user: User, facts: Mapping[str, str]) -> list[str]:
    """Set facts of an account, by name; gives those that are new. Others stay. Safe to run twice.

    A former value of a fact is not kept: it was the organisation's, not the person's, to know.
    """
    changed = [name for name, value in facts.items() if not compare_fact(user, name, value)]
    ProfileFact.objects.bulk_create(
        build_facts(user, {name: facts[name] for name in changed}),
        update_conflicts=True,
        unique_fields=["user", "name"],
        update_fields=["digest"],
    )
    return changed


def changes_of(user: User, values: Mapping[str, Any]) -> list[str]:
    """Give the names of the values that differ from the account's."""
    return [name for name, value in values.items() if getattr(user, name) != value]


def former_of(user: User, names: Iterable[str]) -> list[FormerProfile]:
    """Give the unsaved rows that keep what the account has now of these fields."""
    now = timezone.now()
    return [
        FormerProfile(user=user, field=name, value=_as_text(value), replaced_at=now)
        for name in names
        if name in REMEMBERED and (value := getattr(user, name))
    ]


def _as_text(value: date | str) -> str:
    return value.isoformat() if isinstance(value, date) else value

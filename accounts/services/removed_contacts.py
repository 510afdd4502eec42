"""Removed contacts: put back in a session, or by the link that was mailed to them.

Who removed the address is not known here: a thief the owner's, or the owner that of an ex-partner.
So it is told of everything again, and counts for nothing before both had days to act.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from accounts import errors, policy, signals
from accounts.client import Client
from accounts.enums import Action
from accounts.models import Contact, ContactUndo, User
from accounts.services import contacts, restrictions, sessions
from vault import digests


def listed(user: User, now: datetime) -> QuerySet[Contact]:
    """Give the contacts that were removed not long ago and are not on the account again."""
    present = user.contacts.filter(removed_at=None).values("match_key")
    removed = user.contacts.may_object(now).filter(removed_at__isnull=False)
    return removed.exclude(match_key__in=present).order_by("-removed_at")


def restore(user: User, pk: int, *, client: Client, is_strong: bool) -> Contact:
    """Put one contact of the account back, in a session; ends all sessions.

    Raises NotOnFile, OnFileAlready, AccountChanged, Forbidden.
    """
    with transaction.atomic():
        restrictions.lock(user, Action.RESTORE_CONTACT, is_strong=is_strong)
        now = timezone.now()
        contact = user.contacts.may_object(now).filter(pk=pk, removed_at__isnull=False).first()
        if contact is None:
            raise errors.NotOnFile
        put_back(user, [contact], now, client)
    return contact


def gets_undo_link(contact: Contact, user: User, at: datetime) -> bool:
    """Tell whether the message of a contact that is removed then lets it put itself back.

    Not one that was there for days alone: it may be a thief's that the owner has just removed. One
    that a thief removed, put back and removed again is as old as it was.
    """
    verified_at = contact.verified_at
    if verified_at is None:
        return False
    is_first = verified_at < user.created_at + policy.MADE_AT_SIGN_UP
    return is_first or verified_at <= at - policy.FULL_NOTICE_AFTER


def new_undo_link(contact: Contact, now: datetime) -> str:
    """Make a link that puts a removed contact back; gives its token, of which the hash is kept.

    It works until the contact's other rights end, for the removal before it and no later one.
    """
    token = digests.new_token()
    ContactUndo.objects.create(
        token_hash=digests.token_hash(token),
        contact=contact,
        made_at=now,
        expires_at=(contact.removed_at or now) + policy.CONTACT_UNDO_LIVES,
    )
    return token


def find_undo(token: str) -> ContactUndo:
    """Give the link of this token; raises DeadLink for one that is guessed, used or late.

    A link is dead too when its contact is on file again or has lost its rights, and when the
    contact was put back and removed anew since it was mailed.
    """
    link = _live(timezone.now()).filter(token_hash=digests.token_hash(token)).first()
    if link is None:
        raise errors.DeadLink
    return link


def use_undo(link: ContactUndo, *, client: Client) -> Contact:
    """Put the contact back that the link was mailed to; ends all sessions of the account.

    Raises DeadLink where another press was first, OnFileAlready where the address is on the account
    again, Forbidden while the account is paused.
    """
    user = link.contact.user
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        # A standing claim is no obstacle: no session does this, and it gives nobody a proof.
        restrictions.require(user, Action.RESTORE_CONTACT, is_strong=True)
        now = timezone.now()
        found = _live(now).filter(pk=link.pk).first()
        if found is None:
            raise errors.DeadLink
        put_back(user, [found.contact], now, client)
    return found.contact


def replaced_until(user: User) -> datetime | None:
    """Give until when the account is restricted because its contacts were replaced.

    None where it is not, or is for another reason. The restriction ends to the microsecond so long
    after the removal that caused it: that tells it from others without a column of its own.
    """
    until = user.restricted_until
    if until is None or until <= timezone.now():
        return None
    began_at = until - policy.RESTRICTED_AFTER_REPLACEMENT
    return until if user.contacts.filter(removed_at=began_at).exists() else None


def undo_replacement(user: User, *, client: Client, is_strong: bool) -> list[Contact]:
    """Put back all that was removed lately, and end the restriction that replacing it began.

    Ends all sessions. The restriction stays where the password was set since: a recovery may rest
    on it then. Whoever undoes the replacement is where they were before it, so that a thief wins
    nothing by doing so. Raises NotOnFile where nothing was replaced, AccountChanged, Forbidden.
    """
    now = timezone.now()
    with transaction.atomic():
        restrictions.lock(user, Action.RESTORE_CONTACT, is_strong=is_strong)
        until = replaced_until(user)
        removed = list(listed(user, now))
        if until is None or not removed:
            raise errors.NotOnFile
        put_back(user, _one_per_address(removed), now, client)
        began_at = until - policy.RESTRICTED_AFTER_REPLACEMENT
        if user.password_changed_at is None or user.password_changed_at <= began_at:
            User.objects.filter(pk=user.pk, restricted_until=until).update(restricted_until=None)
            user.restricted_until = None
    return removed


def _live(now: datetime) -> QuerySet[ContactUndo]:
    return ContactUndo.objects.select_related("contact__user").filter(
        used_at=None,
        expires_at__gt=now,
        made_at__gte=F("contact__removed_at"),
        contact__suspended_at=None,
        contact__user__is_active=True,
    )


def put_back(user: User, removed: Iterable[Contact], now: datetime, client: Client) -> None:
    """Put contacts on file again, inside the caller's transaction and under the account's lock."""
    sessions.raise_epoch(user)
    for contact in removed:
        if user.contacts.filter(match_key=contact.match_key, removed_at=None).exists():
            raise errors.OnFileAlready
        values = _as_restored(user, contact, now)
        Contact.objects.filter(pk=contact.pk).update(**values)
        for name, value in values.items():
            setattr(contact, name, value)
        # Also those that were not used: each was for this removal, and there may be a next one.
        contact.undo_links.filter(used_at=None).update(used_at=now)
        signals.contact_restored.send(sender=Contact, user=user, client=client, contact=contact)


def _as_restored(user: User, contact: Contact, now: datetime) -> dict[str, Any]:
    # Of one that waits to be confirmed, to be removed and put back is no way around that.
    counts_from = policy.NEVER if contact.is_in_doubt else now + policy.CONTACT_COUNTS_AFTER
    values: dict[str, Any] = {"removed_at": None, "counts_from": counts_from}
    primaries = user.contacts.filter(kind=contact.kind, signs_in=True, removed_at=None)
    is_name = not primaries.exists() and not contacts.names_another(user, contact.match_key)
    if contact.signs_in and not is_name:
        # It names the account as long as it would have, removed.
        values |= {"signs_in": False, "demoted_at": contact.removed_at}
    return values


def _one_per_address(removed: list[Contact]) -> list[Contact]:
    """Of an address that was removed twice, give the row removed last."""
    return list({contact.match_key: contact for contact in reversed(removed)}.values())

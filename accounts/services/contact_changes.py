"""Changes of contacts in a session: the primary, the mark, the removal."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from accounts import errors, policy, signals
from accounts.client import Client
from accounts.enums import Action, ContactMark
from accounts.models import Contact, User
from accounts.models.contact import ContactQuerySet
from accounts.services import authenticators, contacts, restrictions, sessions


def make_primary(user: User, pk: int, *, client: Client, is_strong: bool) -> Contact:
    """Let the account be named by this contact instead of the present one of its kind.

    The former one names it for a while longer (queries.find_account), so that a thief's change
    hides no account. Ends all sessions. Raises NotOnFile, AddressTaken, AccountChanged, Forbidden.
    """
    now = timezone.now()
    with transaction.atomic():
        contact = _locked(user, pk, Action.CHANGE_CONTACT, is_strong=is_strong)
        if contact.signs_in:
            return contact
        if contact.verified_at is None:
            raise errors.NotOnFile
        if contacts.names_another(user, contact.match_key):
            raise errors.AddressTaken
        present = user.contacts.filter(kind=contact.kind, signs_in=True, removed_at=None)
        present.update(signs_in=False, demoted_at=now)
        contact.signs_in, contact.demoted_at = True, None
        try:
            contact.save(update_fields=["signs_in", "demoted_at"])
        except IntegrityError as error:
            # Another account was first, a moment ago; what was done above is undone by leaving.
            raise errors.AddressTaken from error
        sessions.raise_epoch(user)
        signals.primary_changed.send(sender=Contact, user=user, client=client, contact=contact)
    return contact


def confirm(user: User, pk: int, *, client: Client, is_strong: bool) -> Contact:
    """Let a contact count from now on that a report had put back; ends all sessions.

    is_strong: the session has shown two strong proofs that are old (step_up.is_strong); nothing
    less confirms it. One that counts already is given as it is.
    Raises NotOnFile, AccountChanged, Forbidden.
    """
    if not is_strong:
        raise errors.Forbidden
    with transaction.atomic():
        # What the report began ends with it: a mode that allows to put back allows this.
        contact = _locked(user, pk, Action.RESTORE_CONTACT, is_strong=is_strong)
        if not contact.is_in_doubt:
            return contact
        contact.is_in_doubt, contact.counts_from = False, timezone.now()
        contact.save(update_fields=["is_in_doubt", "counts_from"])
        sessions.raise_epoch(user)
        signals.contact_confirmed.send(sender=Contact, user=user, client=client, contact=contact)
    return contact


def mark(
    user: User, pk: int, mark: ContactMark | None, *, client: Client, is_strong: bool
) -> Contact:
    """Note that others read a contact or that nobody can open it; None takes the mark away.

    A mark takes its rights as a proof only some days later (policy.MARK_COUNTS_AFTER), and what has
    lost them by a mark gets them back as slowly: neither is a thief's to give in a moment. Ends all
    sessions. Raises NotOnFile, AccountChanged, Forbidden.
    """
    now = timezone.now()
    with transaction.atomic():
        contact = _locked(user, pk, Action.CHANGE_CONTACT, is_strong=is_strong)
        if contact.mark == (mark or ""):
            return contact
        if mark:
            contact.marked_at = contact.marked_at or now
        else:
            contact.counts_from = _counts_from_unmarked(contact, now)
            contact.marked_at = None
        contact.mark = mark or ""
        contact.save(update_fields=["mark", "marked_at", "counts_from"])
        sessions.raise_epoch(user)
        signals.contact_marked.send(sender=Contact, user=user, client=client, contact=contact)
    return contact


def remove(user: User, pk: int, *, client: Client, is_strong: bool) -> Contact:
    """Take a contact off file; it keeps notice, objection and an undo link for a while.

    ``signs_in`` stays: a removed primary still names the account for that time. Its sent-code
    second step goes with it. Where nothing is left that was there for long, the account is
    restricted. Ends all sessions.
    Raises NotOnFile, LastContact, AccountChanged, Forbidden.
    """
    now = timezone.now()
    with transaction.atomic():
        contact = _locked(user, pk, Action.REMOVE_CONTACT, is_strong=is_strong)
        _require_others(user, contact)
        contact.removed_at = now
        contact.save(update_fields=["removed_at"])
        is_all_new = leaves_nothing_old(user, contact, now)
        sessions.raise_epoch(user)
        authenticators.remove_for_contact(user, contact.pk, client=client)
        # Under our lock nobody else raised it, so the acting session need not end.
        user.refresh_from_db(fields=["epoch"])
        signals.contact_removed.send(
            sender=Contact, user=user, client=client, contact=contact, is_quiet=is_all_new
        )
        if is_all_new:
            # Of the same instant: removed_contacts tells by it where the restriction came from.
            restrictions.restrict(user, now + policy.RESTRICTED_AFTER_REPLACEMENT)
            signals.contacts_replaced.send(sender=Contact, user=user, client=client)
    return contact


def leaves_nothing_old(user: User, contact: Contact, now: datetime) -> bool:
    """Tell whether every contact is new without this one, while one that was old went lately.

    Its removal restricts the account then; the page that offers it asks too. One query.
    """
    if now - user.created_at < policy.MADE_AT_SIGN_UP:
        return False
    went_lately = Q(removed_at__gt=now - policy.CONTACTS_ALL_NEW)
    old = _old(user, now).filter(Q(removed_at=None) | went_lately)
    is_gone = [
        pk == contact.pk or removed_at is not None
        for pk, removed_at in old.values_list("pk", "removed_at")
    ]
    return bool(is_gone) and all(is_gone)


def can_remove(others: list[Contact], external_id: str | None) -> bool:
    """Tell whether without a contact the account keeps an address that can be opened, and a name.

    others: the contacts on file besides it. Pages ask it too, so that they offer nothing in vain.
    """
    can_be_reached = any(other.mark != ContactMark.LOST for other in others)
    has_name = bool(external_id) or any(other.signs_in for other in others)
    return can_be_reached and has_name


def _locked(user: User, pk: int, action: Action, *, is_strong: bool) -> Contact:
    """Lock the account and give its contact as it is now; raises NotOnFile."""
    # Under the lock, since a claim that begins to stand takes it too.
    restrictions.lock(user, action, is_strong=is_strong)
    contact = contacts.find(user, pk)
    if contact is None:
        raise errors.NotOnFile
    return contact


def _require_others(user: User, contact: Contact) -> None:
    others = list(user.contacts.on_file().exclude(pk=contact.pk))
    if not can_remove(others, user.external_id):
        raise errors.LastContact


def _counts_from_unmarked(contact: Contact, now: datetime) -> datetime | None:
    """Give from when a contact counts that is marked no more: a mark that counted ends slowly."""
    has_counted = contact.marked_at and contact.marked_at + policy.MARK_COUNTS_AFTER <= now
    if not has_counted or contact.counts_from is None:
        return contact.counts_from
    return max(contact.counts_from, now + policy.CONTACT_COUNTS_AFTER)


def _old(user: User, now: datetime) -> ContactQuerySet:
    """Give contacts, removed ones among them, that are no newcomers on this account."""
    return Contact.objects.filter(
        Q(verified_at__lte=now - policy.CONTACTS_ALL_NEW)
        | Q(verified_at__lt=user.created_at + policy.MADE_AT_SIGN_UP),
        user=user,
        suspended_at=None,
    )

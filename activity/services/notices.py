"""Tell the owner's contacts of a change to the account: one due row, many messages."""

import logging
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import policy as accounts_policy
from accounts.enums import ContactKind
from accounts.models import Contact
from activity import policy
from activity.enums import EventKind
from activity.models import Notice, SecurityEvent
from outbox.enums import Channel
from outbox.errors import AddressNotAllowed
from outbox.services.queue import queue_message, wake

logger = logging.getLogger(__name__)

MESSAGE_KIND = "activity.account_changed"
TASK = "activity.send_due_notices"
CHANNELS = {ContactKind.EMAIL: Channel.EMAIL, ContactKind.PHONE: Channel.SMS}
# The kinds that are announced, and what a full notice says of each.
WHAT = {
    EventKind.PASSWORD_CHANGED: _("The password of your account was changed."),
    EventKind.CONTACT_ADDED: _("An e-mail address or phone was added to your account."),
    EventKind.CONTACT_REMOVED: _("An e-mail address or phone was removed from your account."),
    EventKind.CONTACT_SUSPENDED: _("An e-mail address or phone of your account was suspended."),
    EventKind.AUTHENTICATOR_ADDED: _("A second step for signing in was added to your account."),
    EventKind.AUTHENTICATOR_REMOVED: _(
        "A second step for signing in was removed from your account."
    ),
    EventKind.ACCOUNT_FROZEN: _("Your account was paused: nobody can sign in to it for now."),
    EventKind.ACCOUNT_UNFROZEN: _("Your account is no longer paused."),
}


def announce(event: SecurityEvent) -> Notice:
    """Write the one row that makes an event known to every contact, in the caller's transaction."""
    notice = Notice.objects.create(event=event, due_at=event.at)
    wake(TASK, notice.pk)
    return notice


def send_due(limit: int = policy.NOTICES_PER_SWEEP) -> int:
    """Fan out what is due; gives how many notices were settled.

    A notice whose worker died is fanned out again after its lease, and the dedupe key of each
    message keeps every contact from hearing twice.
    """
    now = timezone.now()
    due = list(_claimable(now).order_by("due_at").values_list("pk", flat=True)[:limit])
    return sum(_fan_out(pk) for pk in due if _claim(pk, now))


def _claimable(now: datetime) -> QuerySet[Notice]:
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lte=now)
    return Notice.objects.filter(free, settled_at__isnull=True, due_at__lte=now)


def _claim(pk: int, now: datetime) -> bool:
    until = now + policy.NOTICE_LEASE
    return bool(_claimable(now).filter(pk=pk).update(claimed_until=until))


@transaction.atomic
def _fan_out(pk: int) -> bool:
    """Queue one message for each contact and settle, all or nothing."""
    notice = Notice.objects.select_related("event__user").get(pk=pk)
    for contact in _contacts_of(notice.event):
        _queue(notice, contact)
    settled = Notice.objects.filter(pk=pk, settled_at__isnull=True)
    return bool(settled.update(settled_at=timezone.now()))


def _contacts_of(event: SecurityEvent) -> Iterable[Contact]:
    """Give who may object to the event, as of its time; contacts removed by it are among them."""
    if event.user_id is None:
        return ()
    return Contact.objects.may_object(event.at).filter(user=event.user_id).order_by("pk")


def _queue(notice: Notice, contact: Contact) -> None:
    event = notice.event
    language = event.user.language if event.user else "en"
    with translation.override(language):
        context = _context(event, contact)
    try:
        queue_message(
            MESSAGE_KIND,
            address=contact.value,
            channel=CHANNELS[ContactKind(contact.kind)],
            context=context,
            dedupe_key=f"activity:{notice.pk}:{contact.pk}",
            language=language,
            time_zone=event.user.time_zone if event.user else "UTC",
        )
    except AddressNotAllowed:
        # One stored address that nobody can write to must not keep the others from hearing.
        logger.warning("notice_address_refused", extra={"contact": contact.pk})


def _context(event: SecurityEvent, contact: Contact) -> dict[str, Any]:
    """Give what the message may say: everything to old contacts, the bare fact to younger ones.

    A contact that was added last week may be the thief's: it learns nothing of the owner.
    """
    if not is_told_in_full(contact, event.at):
        return {
            "is_full": False,
            "title": gettext("Something changed on your account"),
            "what": gettext("Something changed on your account. Sign in to see what it was."),
            "at": event.at.isoformat(),
            "device": "",
            "place": "",
            "name": "",
        }
    return {
        "is_full": True,
        "title": event.get_kind_display(),
        "what": str(WHAT[EventKind(event.kind)]),
        "at": event.at.isoformat(),
        "device": event.agent_words,
        "place": event.place,
        "name": event.user.first_name if event.user else "",
    }


def is_told_in_full(contact: Contact, at: datetime) -> bool:
    """Tell whether a contact was on file long enough, at that time, to hear details."""
    verified_at = contact.verified_at
    return verified_at is not None and verified_at <= at - accounts_policy.FULL_NOTICE_AFTER

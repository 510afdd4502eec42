"""Tell the owner's contacts of a change to the account: one due row, many messages."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, cast

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext

from accounts import policy as accounts_policy
from accounts.enums import ContactKind
from accounts.models import Contact
from accounts.services import removed_contacts
from activity import policy, wording
from activity.enums import EventKind
from activity.models import Notice, SecurityEvent
from activity.services import telling
from outbox.enums import Channel
from outbox.errors import AddressNotAllowed
from outbox.models import Message
from outbox.services.queue import queue_message, wake

logger = logging.getLogger(__name__)

MESSAGE_KIND = "activity.account_changed"
TASK = "activity.send_due_notices"
CHANNELS = {ContactKind.EMAIL: Channel.EMAIL, ContactKind.PHONE: Channel.SMS}
# Of these a contact that is off file hears how it is put back.
REMOVALS = (EventKind.CONTACT_REMOVED, EventKind.CONTACTS_REPLACED)


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
    if _has_heard_enough(event, contact):
        logger.warning("notice_by_sms_left_out", extra={"contact": contact.pk})
        return
    language = event.user.language if event.user else "en"
    with translation.override(language):
        context = _context(event, contact)
    try:
        queue_message(
            MESSAGE_KIND,
            address=contact.value,
            channel=CHANNELS[ContactKind(contact.kind)],
            context=context,
            secrets=_secrets(event, contact),
            dedupe_key=f"activity:{notice.pk}:{contact.pk}",
            language=language,
            time_zone=event.user.time_zone if event.user else "UTC",
        )
    except AddressNotAllowed:
        # One stored address that nobody can write to must not keep the others from hearing.
        logger.warning("notice_address_refused", extra={"contact": contact.pk})


def _has_heard_enough(event: SecurityEvent, contact: Contact) -> bool:
    """Tell of a number that was told so often today that it must have been noticed."""
    if contact.kind != ContactKind.PHONE:
        return False
    since = timezone.now() - timedelta(days=1)
    sent = Message.objects.filter(address=contact.value, kind=MESSAGE_KIND, created_at__gt=since)
    most = policy.SMS_A_DAY * (2 if _may_put_back(event, contact) else 1)
    return sent.count() >= most


def _context(event: SecurityEvent, contact: Contact) -> dict[str, Any]:
    """Give what the message may say: everything to old contacts, the bare fact to younger ones.

    A contact that was added last week may be the thief's: it learns nothing of the owner.
    """
    undo = _undo_context(event, contact)
    if not is_told_in_full(contact, event.at):
        return undo | {
            "is_full": False,
            "title": gettext("Something changed on your account"),
            "what": gettext("Something changed on your account. Sign in to see what it was."),
            "at": event.at.isoformat(),
            "device": "",
            "place": "",
            "name": "",
            "page": reverse("activity:log"),
            "page_label": gettext("See what happened"),
        }
    way = telling.way_of(event)
    return undo | {
        "is_full": True,
        "title": wording.title_of(event),
        "what": _what(event, contact),
        "at": event.at.isoformat(),
        "device": event.agent_words,
        "place": event.place,
        "name": event.user.first_name if event.user else "",
        "page": way.path,
        "page_label": way.label,
    }


def _what(event: SecurityEvent, contact: Contact) -> str:
    is_own = event.details.get("contact") == contact.pk
    if is_own and event.kind == EventKind.CONTACT_REMOVED:
        return telling.what_of_own_removal(contact.kind)
    return telling.what_of(event)


def _undo_context(event: SecurityEvent, contact: Contact) -> dict[str, Any]:
    if not _may_put_back(event, contact):
        return {}
    until = cast("datetime", contact.removed_at) + accounts_policy.CONTACT_UNDO_LIVES
    return {"undo_until": until.isoformat()}


def _secrets(event: SecurityEvent, contact: Contact) -> dict[str, str] | None:
    """Give the link that puts a removed contact back, made for this one message."""
    if not _may_put_back(event, contact):
        return None
    token = removed_contacts.new_undo_link(contact, timezone.now())
    return {"link": settings.SITE_URL + reverse("accounts:undo_contact", args=[token])}


def _may_put_back(event: SecurityEvent, contact: Contact) -> bool:
    """Tell whether this message lets a removed contact put itself back."""
    if event.kind not in REMOVALS or contact.removed_at is None or event.user is None:
        return False
    return removed_contacts.gets_undo_link(contact, event.user, contact.removed_at)


def is_told_in_full(contact: Contact, at: datetime) -> bool:
    """Tell whether a contact was on file long enough, at that time, to hear details.

    One that was put back waits until it counts again: it may be its former reader's.
    """
    counts_from = contact.counts_from
    return _is_of_old(contact, at) and counts_from is not None and counts_from <= at


def _is_of_old(contact: Contact, at: datetime) -> bool:
    verified_at = contact.verified_at
    return verified_at is not None and verified_at <= at - accounts_policy.FULL_NOTICE_AFTER

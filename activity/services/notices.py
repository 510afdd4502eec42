"""Tell the owner's contacts what happened on the account: one due row, many messages."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone, translation

from accounts.enums import ContactKind
from accounts.models import Contact
from activity import policy
from activity.models import Notice, SecurityEvent
from activity.services import contents, folding
from activity.services.folding import More
from outbox.enums import Channel
from outbox.errors import AddressNotAllowed
from outbox.models import Message
from outbox.services.queue import queue_message, wake

logger = logging.getLogger(__name__)

TASK = "activity.send_due_notices"
CHANNELS = {ContactKind.EMAIL: Channel.EMAIL, ContactKind.PHONE: Channel.SMS}


def announce(event: SecurityEvent, *, after: timedelta = timedelta()) -> Notice:
    """Write the one row that makes an event known to every contact, in the caller's transaction.

    after: how long to wait for what may make it no news (folding.is_no_news).
    """
    notice = Notice.objects.create(event=event, due_at=event.at + after)
    if not after:  # later ones are the sweep's
        wake(TASK, notice.pk)
    return notice


def send_due(limit: int = policy.NOTICES_PER_SWEEP) -> int:
    """Fan out what is due; gives how many notices were settled.

    A notice whose worker died is fanned out again after its lease, and the dedupe key of each
    message keeps every contact from hearing twice.
    """
    now = timezone.now()
    due = list(_claimable(now).order_by("due_at", "pk").values_list("pk", flat=True)[:limit])
    return sum(_fan_out(pk) for pk in due if _claim(pk, now))


def _claimable(now: datetime) -> QuerySet[Notice]:
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lte=now)
    return Notice.objects.filter(free, settled_at__isnull=True, due_at__lte=now)


def _claim(pk: int, now: datetime) -> bool:
    until = now + policy.NOTICE_LEASE
    return bool(_claimable(now).filter(pk=pk).update(claimed_until=until))


@transaction.atomic
def _fan_out(pk: int) -> bool:
    """Queue one message for each contact and settle, all or nothing; or put the notice off."""
    now = timezone.now()
    notice = folding.lock(pk, now)
    if notice is None:
        return False
    if folding.is_no_news(notice.event):
        return _settle(notice, now, is_folded=True)
    if until := folding.waits_until(notice, now):
        folding.put_off(notice, until)
        return False
    more = folding.take_in(notice, now)
    for contact in _contacts_of(notice.event):
        _queue(notice, contact, more, now)
    return _settle(notice, now, is_folded=False)


def _settle(notice: Notice, now: datetime, *, is_folded: bool) -> bool:
    rows = Notice.objects.filter(pk=notice.pk, settled_at__isnull=True)
    return bool(rows.update(settled_at=now, is_folded=is_folded))


def _contacts_of(event: SecurityEvent) -> Iterable[Contact]:
    """Give who may object to the event, as of its time; contacts removed by it are among them."""
    if event.user_id is None:
        return ()
    return Contact.objects.may_object(event.at).filter(user=event.user_id).order_by("pk")


def _queue(notice: Notice, contact: Contact, more: More, now: datetime) -> None:
    event = notice.event
    if _has_heard_enough(event, contact):
        logger.warning("notice_by_sms_left_out", extra={"contact": contact.pk})
        return
    language = event.user.language if event.user else "en"
    with translation.override(language):
        context = contents.context_of(event, contact, more, now)
    try:
        queue_message(
            contents.kind_of(event),
            address=contact.value,
            channel=CHANNELS[ContactKind(contact.kind)],
            context=context,
            secrets=contents.secrets_of(event, contact, now),
            dedupe_key=f"activity:{notice.pk}:{contact.pk}",
            language=language,
            # Where its owner lives is more than the bare form tells.
            time_zone=event.user.time_zone if event.user and context["is_full"] else "UTC",
        )
    except AddressNotAllowed:
        # One stored address that nobody can write to must not keep the others from hearing.
        logger.warning("notice_address_refused", extra={"contact": contact.pk})


def _has_heard_enough(event: SecurityEvent, contact: Contact) -> bool:
    """Tell of a number that was told so often today that it must have been noticed."""
    if contact.kind != ContactKind.PHONE:
        return False
    since = timezone.now() - timedelta(days=1)
    sent = Message.objects.filter(
        address=contact.value, kind=contents.kind_of(event), created_at__gt=since
    )
    most = policy.SMS_A_DAY * (2 if contents.may_put_back(event, contact) else 1)
    return sent.count() >= most

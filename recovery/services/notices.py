"""Due rows and what they tell: the request writes one row, the worker fans out."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts import policy as accounts_policy
from accounts.enums import ContactKind
from accounts.models import Contact
from accounts.queries import account_name, mask
from activity import places, useragents
from activity.services import audit
from outbox.enums import Channel
from outbox.errors import AddressNotAllowed
from outbox.models import Message
from outbox.services.queue import queue_message, wake
from recovery import policy, queries
from recovery.enums import LinkRight, NoticeKind, TicketState
from recovery.models import Notice, NoticeLink, RecoveryTicket
from vault import digests

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)
CHANNELS = {ContactKind.EMAIL: Channel.EMAIL, ContactKind.PHONE: Channel.SMS}
# What a claimant hears, at the address that the code went to.
CLAIMANT_KINDS = {
    # Of a wait only when it has begun (tell_of_wait): its end is not known before.
    NoticeKind.HALFWAY: "recovery.held",
    NoticeKind.LAST_DAY: "recovery.held",
    NoticeKind.RELEASED: "recovery.invitation",
    NoticeKind.COMPLETED: "recovery.completed",
    NoticeKind.ANSWERED: "recovery.ended",
}
# Not told to an address that has just proved itself.
NOT_TO_PROVED = (NoticeKind.OPENED, NoticeKind.APPROVED)
HOLD_KINDS = (NoticeKind.HELD, NoticeKind.HALFWAY, NoticeKind.LAST_DAY, NoticeKind.RELEASED)


def plan(ticket: RecoveryTicket, kind: NoticeKind, *, due_at: datetime) -> None:
    """Write one due row, for known and unknown accounts alike; planned twice, told once."""
    Notice.objects.bulk_create(
        [Notice(ticket=ticket, kind=kind, due_at=due_at)], ignore_conflicts=True
    )
    wake("recovery.send_due_notices", 0)


def plan_wait(ticket: RecoveryTicket, *, due_at: datetime) -> None:
    """Write the first row of a waiting period; what an earlier one of this ticket told is over.

    Otherwise a second wait would begin with the notices of the first, and nobody would hear of it.
    """
    Notice.objects.filter(ticket=ticket, kind__in=HOLD_KINDS).delete()
    plan(ticket, NoticeKind.HELD, due_at=due_at)


def send_due(limit: int = 100) -> int:
    """Tell what is due; give how many rows were settled. Safe to run twice and side by side."""
    now = timezone.now()
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lte=now)
    due = Notice.objects.filter(free, settled_at__isnull=True, due_at__lte=now)
    settled = 0
    for pk in list(due.order_by("due_at").values_list("pk", flat=True)[:limit]):
        if due.filter(pk=pk).update(claimed_until=now + LEASE):
            settled += _tell(pk, now)
    return settled


def messages_to_contacts(notice: Notice) -> QuerySet[Message]:
    """Give what one notice sent to the contacts of the account, not to its claimant."""
    mine = Message.objects.filter(dedupe_key__startswith=f"recovery:{notice.pk}:")
    return mine.exclude(dedupe_key__endswith=":claimant").defer("secrets")


def tell_of_wait(ticket: RecoveryTicket) -> None:
    """Tell the claimant of a wait that has just begun, and when it ends."""
    _tell_claimant(ticket.notices.get(kind=NoticeKind.HELD), "recovery.held")


def _tell(pk: int, now: datetime) -> int:
    """Fan one notice out and settle it, in one transaction."""
    with transaction.atomic():
        # The row first: a worker that comes second waits for it and finds nothing to do.
        if not Notice.objects.filter(pk=pk, settled_at__isnull=True).update(settled_at=now):
            return 0
        notice = Notice.objects.select_related("ticket", "ticket__user").get(pk=pk)
        if _still_holds(notice):
            for contact in _recipients(notice, now):
                _tell_contact(notice, contact, now)
            kind = CLAIMANT_KINDS.get(NoticeKind(notice.kind))
            if kind:
                _tell_claimant(notice, kind)
        _note_proved(notice.ticket)
        if notice.kind == NoticeKind.COMPLETED:
            audit.append(
                actor="system",
                action="recovery:ticket:completed",
                subject=notice.ticket.subject,
                reason=",".join(notice.ticket.reasons),
            )
    return 1


def _note_proved(ticket: RecoveryTicket) -> None:
    """Note on the contacts of a ticket when somebody last showed to read them."""
    for proof in ticket.proofs.all():
        older = Q(proved_at=None) | Q(proved_at__lt=proof.proved_at)
        Contact.objects.filter(older, proof=proof).update(proved_at=proof.proved_at)


def _still_holds(notice: Notice) -> bool:
    """Tell whether what the row was written for is still so: a stopped hold has no half-way.

    Nor may a late worker say that nothing has changed on an account that was recovered meanwhile.
    """
    if notice.kind in (NoticeKind.HELD, NoticeKind.HALFWAY, NoticeKind.LAST_DAY):
        return bool(notice.ticket.state == TicketState.ON_HOLD)
    if notice.kind == NoticeKind.ANSWERED:
        return bool(notice.ticket.state == TicketState.CANCELLED)
    if notice.kind != NoticeKind.COMPLETED:
        return bool(notice.ticket.state != TicketState.COMPLETED)
    return True


def _recipients(notice: Notice, now: datetime) -> list[Contact]:
    """Give the contacts of the account that are told; the claimant's own address never is.

    Of an opened or approved ticket the address that just proved itself hears nothing; of a hold
    it does, because for some accounts that address is the only one.
    """
    ticket = notice.ticket
    if ticket.user is None or ticket.is_frozen or notice.kind == NoticeKind.ANSWERED:
        return []
    contacts = Contact.objects.may_object(now).filter(user=ticket.user)
    if notice.kind != NoticeKind.COMPLETED:
        contacts = contacts.exclude(limit_key=ticket.contact_limit_key)
    if notice.kind in NOT_TO_PROVED:
        contacts = contacts.exclude(limit_key__in=ticket.proofs.values("limit_key"))
    return list(contacts.order_by("pk"))


def _tell_contact(notice: Notice, contact: Contact, now: datetime) -> None:
    ticket = notice.ticket
    kind, dedupe_key = _message_of(notice, contact, now)
    if Message.objects.filter(dedupe_key=dedupe_key).exists():
        return  # told already; a link that nobody gets would only lie about
    right = LinkRight.UNDO if notice.kind == NoticeKind.COMPLETED else LinkRight.STOP
    # Whoever came to the account a few days ago may not pause it.
    has_right = right == LinkRight.STOP or bool(contact.counts_from and contact.counts_from <= now)
    verified = contact.verified_at or now
    is_full = verified <= now - accounts_policy.FULL_NOTICE_AFTER
    try:
        queue_message(
            kind,
            address=contact.value,
            channel=CHANNELS[ContactKind(contact.kind)],
            context={**_facts(ticket, is_full, now), "is_full": is_full},
            secrets={"link": _new_link(ticket, contact, right, now)} if has_right else None,
            dedupe_key=dedupe_key,
            language=ticket.user.language if ticket.user else ticket.language,
            time_zone=ticket.user.time_zone if ticket.user else ticket.time_zone,
        )
    except AddressNotAllowed:
        # One stored address that nobody can write to must not keep the others from hearing.
        logger.warning("notice_address_refused", extra={"contact": contact.pk})


def _message_of(notice: Notice, contact: Contact, now: datetime) -> tuple[str, str]:
    """Give message kind and dedupe key; after the day's third opened notice one summary.

    A ticket that its first code approved is never folded away.
    """
    key = f"recovery:{notice.pk}:{contact.pk}"
    if notice.kind != NoticeKind.OPENED or notice.ticket.state == TicketState.APPROVED:
        return f"recovery.notice:{notice.kind}", key
    told = Notice.objects.filter(
        ticket__user=notice.ticket.user,
        ticket__is_frozen=False,
        kind=NoticeKind.OPENED,
        settled_at__gt=now - timedelta(days=1),
    ).exclude(pk=notice.pk)
    if told.count() < policy.OPENED_NOTICES_A_DAY:
        return "recovery.notice:opened", key
    return "recovery.notice:summary", f"recovery:summary:{contact.pk}:{now:%Y-%m-%d}"


def _facts(ticket: RecoveryTicket, is_full: bool, now: datetime) -> dict[str, object]:
    """Give what a message may show; to a young contact no more than that something happened."""
    if not is_full:
        return {"reference": ticket.reference}
    user = ticket.user
    return {
        "reference": ticket.reference,
        "name": user.first_name if user else "",
        "account_shown": mask(account_name(user)) if user else "",
        "opened_at": ticket.opened_at.isoformat(),
        "device": useragents.read(ticket.agent).label,
        "place": places.find(ticket.address or "").words,
        **_times(ticket, now),
    }


def _times(ticket: RecoveryTicket, now: datetime) -> dict[str, object]:
    times = {"hold_until_at": _wait_until(ticket, now), "until_at": _open_until(ticket)}
    return {name: at.isoformat() for name, at in times.items() if at}


def _wait_until(ticket: RecoveryTicket, now: datetime) -> datetime | None:
    """Give the end of a wait; before it has begun the earliest there can be."""
    if ticket.state != TicketState.ON_HOLD or ticket.hold_length is None:
        return None
    return ticket.hold_until or queries.end_of_hold(now, ticket.hold_length)


def _open_until(ticket: RecoveryTicket) -> datetime | None:
    """Give until when the password can be set, or a finished recovery be undone; None: neither."""
    if ticket.state == TicketState.APPROVED:
        return ticket.expires_at
    return ticket.completed_at + policy.UNDO_LIVES if ticket.completed_at else None


def _new_link(ticket: RecoveryTicket, contact: Contact, right: LinkRight, now: datetime) -> str:
    token = digests.new_token()
    NoticeLink.objects.create(
        token_hash=digests.token_hash(token),
        right=right,
        ticket=ticket,
        contact=contact,
        expires_at=now + policy.UNDO_LIVES if right == LinkRight.UNDO else None,
    )
    return f"{settings.SITE_URL}{reverse('recovery:stop', args=[token])}"


def _tell_claimant(notice: Notice, kind: str) -> None:
    """Tell the claimant's address, unless it is on file and hears of it as such."""
    ticket = notice.ticket
    if not ticket.contact:
        return
    if notice.kind == NoticeKind.COMPLETED and _is_on_file(ticket):
        return
    queue_message(
        kind,
        address=ticket.contact,
        context={"reference": ticket.reference, **_times(ticket, timezone.now())},
        dedupe_key=f"recovery:{notice.pk}:claimant",
        language=ticket.language,
        time_zone=ticket.time_zone,
    )


def _is_on_file(ticket: RecoveryTicket) -> bool:
    contacts = Contact.objects.on_file().filter(user=ticket.user)
    return contacts.filter(limit_key=ticket.contact_limit_key).exists()

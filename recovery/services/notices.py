"""Due rows and what they tell: the request writes one row, the worker fans out."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts import policy as accounts_policy
from accounts.models import Contact
from accounts.queries import account_name, mask
from activity import places, useragents
from outbox.models import Message
from outbox.services.queue import queue_message, wake
from recovery import policy
from recovery.enums import LinkRight, NoticeKind, Resets, TicketState
from recovery.models import Notice, NoticeLink, RecoveryTicket
from vault import digests

LEASE = timedelta(minutes=2)
# What a claimant hears, at the address that the code went to.
CLAIMANT_KINDS = {
    NoticeKind.HELD: "recovery.held",
    NoticeKind.HALFWAY: "recovery.held",
    NoticeKind.LAST_DAY: "recovery.held",
    NoticeKind.RELEASED: "recovery.invitation",
    NoticeKind.COMPLETED: "recovery.completed",
}
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


def _tell(pk: int, now: datetime) -> int:
    """Fan one notice out and settle it, in one transaction."""
    with transaction.atomic():
        notice = Notice.objects.select_related("ticket", "ticket__user").get(pk=pk)
        if _still_holds(notice):
            for contact in _recipients(notice, now):
                _tell_contact(notice, contact, now)
            _tell_claimant(notice)
        return Notice.objects.filter(pk=pk, settled_at__isnull=True).update(settled_at=now)


def _still_holds(notice: Notice) -> bool:
    """Tell whether what the row was written for is still so: a stopped hold has no half-way."""
    if notice.kind in (NoticeKind.HELD, NoticeKind.HALFWAY, NoticeKind.LAST_DAY):
        return bool(notice.ticket.state == TicketState.ON_HOLD)
    return True


def _recipients(notice: Notice, now: datetime) -> list[Contact]:
    """Give the contacts of the account that are told; the claimant's own address never is.

    Of an opened ticket the address that just proved itself hears nothing; of a hold everybody
    does, because for some accounts that address is the only one.
    """
    ticket = notice.ticket
    if ticket.user is None or ticket.is_frozen:
        return []
    contacts = Contact.objects.may_object(now).filter(user=ticket.user)
    if notice.kind != NoticeKind.COMPLETED:
        contacts = contacts.exclude(limit_key=ticket.contact_limit_key)
    if notice.kind == NoticeKind.OPENED:
        contacts = contacts.exclude(limit_key__in=ticket.proofs.values("limit_key"))
    return list(contacts.order_by("pk"))


def _tell_contact(notice: Notice, contact: Contact, now: datetime) -> None:
    ticket = notice.ticket
    kind, dedupe_key = _message_of(notice, contact, now)
    if not kind:
        return
    right = LinkRight.UNDO if notice.kind == NoticeKind.COMPLETED else LinkRight.STOP
    # Whoever came to the account a few days ago may not pause it.
    has_right = right == LinkRight.STOP or bool(contact.counts_from and contact.counts_from <= now)
    verified = contact.verified_at or now
    is_full = verified <= now - accounts_policy.FULL_NOTICE_AFTER
    queue_message(
        kind,
        address=contact.value,
        channel="sms" if contact.kind == "phone" else "email",
        context={**_facts(ticket, contact, is_full), "is_full": is_full},
        secrets={"link": _new_link(ticket, contact, right, now)} if has_right else None,
        dedupe_key=dedupe_key,
        language=ticket.user.language if ticket.user else ticket.language,
        time_zone=ticket.user.time_zone if ticket.user else ticket.time_zone,
    )


def _message_of(notice: Notice, contact: Contact, now: datetime) -> tuple[str, str]:
    """Give message kind and dedupe key; after the day's third opened notice one summary."""
    key = f"recovery:{notice.pk}:{contact.pk}"
    if notice.kind != NoticeKind.OPENED:
        return f"recovery.notice_{notice.kind}", key
    told = Notice.objects.filter(
        ticket__user=notice.ticket.user,
        kind=NoticeKind.OPENED,
        settled_at__gt=now - timedelta(days=1),
    ).count()
    if told < policy.OPENED_NOTICES_A_DAY:
        return "recovery.notice_opened", key
    return "recovery.notice_summary", f"recovery:summary:{contact.pk}:{now:%Y-%m-%d}"


def _facts(ticket: RecoveryTicket, contact: Contact, is_full: bool) -> dict[str, object]:
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
        **_times(ticket),
    }


def _times(ticket: RecoveryTicket) -> dict[str, object]:
    times = {
        "hold_until_at": ticket.hold_until,
        "until_at": _open_until(ticket),
        "completed_at": ticket.completed_at,
    }
    return {name: at.isoformat() for name, at in times.items() if at} | {
        "hold_days": ticket.hold_length.days if ticket.hold_length else 0,
        "resets_second_step": ticket.resets != Resets.PASSWORD,
    }


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


def _tell_claimant(notice: Notice) -> None:
    """Tell the claimant's address, unless it is on file and hears of it as such."""
    ticket = notice.ticket
    kind = CLAIMANT_KINDS.get(NoticeKind(notice.kind))
    if kind is None or not ticket.contact:
        return
    if notice.kind == NoticeKind.COMPLETED and _is_on_file(ticket):
        return
    queue_message(
        kind,
        address=ticket.contact,
        context={"reference": ticket.reference, **_times(ticket)},
        dedupe_key=f"recovery:{notice.pk}:claimant",
        language=ticket.language,
        time_zone=ticket.time_zone,
    )


def _is_on_file(ticket: RecoveryTicket) -> bool:
    contacts = Contact.objects.on_file().filter(user=ticket.user)
    return contacts.filter(limit_key=ticket.contact_limit_key).exists()

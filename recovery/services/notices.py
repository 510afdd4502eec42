"""Due rows: a request writes one for everybody, and the worker has it told."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import Contact
from accounts.services import devices
from activity.services import audit
from outbox.models import Message
from outbox.services.queue import wake
from recovery import policy, queries
from recovery.enums import NoticeKind, TicketState
from recovery.models import Notice, RecoveryTicket
from recovery.services import telling

HOLD_KINDS = (NoticeKind.HELD, NoticeKind.HALFWAY, NoticeKind.LAST_DAY, NoticeKind.RELEASED)


def plan(ticket: RecoveryTicket, kind: NoticeKind, *, due_at: datetime) -> None:
    """Write one due row, for known and unknown accounts alike; planned twice, told once."""
    Notice.objects.bulk_create(
        [Notice(ticket=ticket, kind=kind, due_at=due_at)], ignore_conflicts=True
    )
    wake("recovery.send_due_notices", 0)


def plan_answer(ticket: RecoveryTicket, *, due_at: datetime) -> None:
    """Write the row by which the claimant hears; one of "more asked" may have gone out before."""
    Notice.objects.filter(
        ticket=ticket, kind=NoticeKind.ANSWERED, settled_at__isnull=False
    ).delete()
    plan(ticket, NoticeKind.ANSWERED, due_at=due_at)


def plan_approval(ticket: RecoveryTicket, *, due_at: datetime) -> None:
    """Write the row of an approval by people; what was told of one before it was another one."""
    Notice.objects.filter(ticket=ticket, kind=NoticeKind.APPROVED).delete()
    plan(ticket, NoticeKind.APPROVED, due_at=due_at)


def plan_wait(ticket: RecoveryTicket, *, due_at: datetime) -> None:
    """Write the first row of a waiting period; what an earlier one of this ticket told is over.

    Otherwise a second wait would begin with the notices of the first, and nobody would hear of it.
    """
    Notice.objects.filter(ticket=ticket, kind__in=HOLD_KINDS).delete()
    plan(ticket, NoticeKind.HELD, due_at=due_at)


def tell_after_all(ticket: RecoveryTicket, *, since: datetime) -> None:
    """Make due again what a wait had to tell while it was stopped, and was not told."""
    untold = Notice.objects.filter(ticket=ticket, kind__in=HOLD_KINDS, settled_at__gte=since)
    untold.update(settled_at=None, claimed_until=None)


def plan_reminders(ticket: RecoveryTicket, since: datetime) -> None:
    """Write the later rows of a wait whose ends are known: half-way from ``since``, and a day."""
    if ticket.hold_until is None:
        return
    halfway = since + (ticket.hold_until - since) / 2
    last = ticket.hold_until - policy.HOLD_LAST_NOTICE
    if last - halfway >= policy.HOLD_NOTICES_APART:
        plan(ticket, NoticeKind.HALFWAY, due_at=halfway)
    if last - since >= policy.HOLD_NOTICES_APART:
        plan(ticket, NoticeKind.LAST_DAY, due_at=last)


def send_due(limit: int = 100) -> int:
    """Tell what is due; give how many rows were settled. Safe to run twice and side by side."""
    now = timezone.now()
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lte=now)
    due = Notice.objects.filter(free, settled_at__isnull=True, due_at__lte=now)
    settled = 0
    for pk in list(due.order_by("due_at").values_list("pk", flat=True)[:limit]):
        if due.filter(pk=pk).update(claimed_until=now + policy.NOTICE_LEASE):
            settled += _tell(pk, now)
    return settled


def messages_to_contacts(notice: Notice) -> QuerySet[Message]:
    """Give what one notice sent to the contacts of the account, not to its claimant."""
    mine = Message.objects.filter(dedupe_key__startswith=f"recovery:{notice.pk}:")
    return mine.exclude(dedupe_key__endswith=":claimant").defer("secrets")


def tell_of_wait(ticket: RecoveryTicket) -> None:
    """Tell the claimant of a wait that has just begun, and when it ends."""
    telling.tell_claimant(ticket.notices.get(kind=NoticeKind.HELD), timezone.now(), has_begun=True)


def _tell(pk: int, now: datetime) -> int:
    """Fan one notice out and settle it, in one transaction."""
    with transaction.atomic():
        # The row first: a worker that comes second waits for it and finds nothing to do.
        if not Notice.objects.filter(pk=pk, settled_at__isnull=True).update(settled_at=now):
            return 0
        notice = Notice.objects.select_related("ticket", "ticket__user").get(pk=pk)
        if _still_holds(notice):
            telling.tell_contacts(notice, now)
            telling.tell_claimant(notice, now)
        _note_proved(notice.ticket)
        if notice.kind == NoticeKind.COMPLETED:
            _forget_browsers(notice.ticket)
            audit.append(
                actor="system",
                action="recovery:ticket:completed",
                subject=notice.ticket.subject,
                reason=",".join(notice.ticket.reasons),
            )
    return 1


def _still_holds(notice: Notice) -> bool:
    """Tell whether what the row was written for is still so: a stopped hold has no half-way.

    Nor may a late worker say that nothing has changed on an account that was recovered meanwhile.
    """
    if notice.kind in (NoticeKind.HELD, NoticeKind.HALFWAY, NoticeKind.LAST_DAY):
        return bool(notice.ticket.state == TicketState.ON_HOLD)
    if notice.kind == NoticeKind.ANSWERED:
        return queries.has_answer(notice.ticket)
    if notice.kind != NoticeKind.COMPLETED:
        return bool(notice.ticket.state != TicketState.COMPLETED)
    return True


def _note_proved(ticket: RecoveryTicket) -> None:
    """Note on the contacts of a ticket when somebody last showed to read them."""
    for proof in ticket.proofs.all():
        older = Q(proved_at=None) | Q(proved_at__lt=proof.proved_at)
        Contact.objects.filter(older, proof=proof).update(proved_at=proof.proved_at)


def _forget_browsers(ticket: RecoveryTicket) -> None:
    """Make the browsers and networks unknown that came to the account in the weeks before.

    A thief's must not stay known. What was known for longer stays so, or a thief who recovers an
    account would make its owner's own browser a stranger; and so does what signed in since.
    """
    if ticket.user and ticket.completed_at:
        since = ticket.opened_at - policy.OLD_SESSION
        devices.forget_all(ticket.user, since=since, until=ticket.completed_at)

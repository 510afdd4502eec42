"""Messages of the last week, in every state that a message can be left in."""

from datetime import datetime, timedelta
from typing import Any

from acsr_site.demo import cast
from acsr_site.demo.cases import Case
from acsr_site.demo.scene import Scene
from outbox import errors
from outbox import policy as outbox_policy
from outbox.enums import Channel, MessageState, Queue
from outbox.models import Message
from recovery import policy
from recovery.enums import NoticeKind
from recovery.models import Notice

HANDING_OVER = timedelta(seconds=2)
FIRST_DAYS = timedelta(days=6.5)  # older settled ones would be pruned at once
LATE_EVERY = 9  # one code in so many comes too late
GONE = "550 5.1.1 mailbox does not exist"
BUSY = "421 4.3.2 The mail server is out of order for a while"
NO_DOMAIN = "550 5.4.4 no mail server for this domain"


def make(scene: Scene, cases: list[Case]) -> None:
    """Write what was sent for the tickets, what waits, and what was given up."""
    lately = [case for case in cases if case.ticket.opened_at > scene.now - FIRST_DAYS]
    Message.objects.bulk_create(
        [
            *(_code(case, is_late=n % LATE_EVERY == 4) for n, case in enumerate(lately)),  # noqa: PLR2004
            *_told(scene, lately),
            *_put_off(scene),
            *_given_up(scene, cases),
        ]
    )


def _code(case: Case, *, is_late: bool) -> Message:
    """Give the message that carried the code of a ticket."""
    ticket = case.ticket
    kind = policy.OPENING_CODE
    context = {
        "reference": ticket.reference,
        "number": 1,
        "lifetime_seconds": int(kind.lifetime.total_seconds()),
        "sent_at": ticket.opened_at.isoformat(),
    }
    return _message(
        kind.message_kind,
        ticket.contact or f"{ticket.reference.lower()}@example.net",
        ticket.opened_at,
        MessageState.LATE if is_late else MessageState.ACCEPTED,
        queue=Queue.CODES,
        context=context,
        carries_secrets=True,
        expires_at=ticket.opened_at + kind.longest,
        **({"reason": errors.AskedToWait.code, "reply": BUSY, "attempts": 6} if is_late else {}),
    )


def _told(scene: Scene, cases: list[Case]) -> list[Message]:
    """Give what contacts heard of the tickets: one message for each settled notice and contact."""
    by_ticket = {case.ticket.pk: case for case in cases if case.key}
    notices = Notice.objects.filter(ticket__in=by_ticket, settled_at__isnull=False)
    messages = []
    # The claimant's answer is told to nobody else.
    for notice in notices.exclude(kind=NoticeKind.ANSWERED).order_by("pk"):
        case = by_ticket[notice.ticket_id]
        for contact in scene.contacts[case.key]:
            if contact.limit_key == case.ticket.contact_limit_key:
                continue
            is_gone = contact.value == cast.CLOSED_MAILBOX
            messages.append(
                _message(
                    f"recovery.notice:{notice.kind}",
                    contact.value,
                    notice.due_at,
                    MessageState.ABANDONED if is_gone else MessageState.ACCEPTED,
                    channel=Channel.SMS if contact.kind == "phone" else Channel.EMAIL,
                    context={"is_full": False, "reference": case.ticket.reference},
                    carries_secrets=True,
                    dedupe_key=f"recovery:{notice.pk}:{contact.pk}",
                    **({"reason": errors.MailboxUnknown.code, "reply": GONE} if is_gone else {}),
                )
            )
    return messages


def _put_off(scene: Scene) -> list[Message]:
    """Give what the mail server asked us to bring later; it really goes out when its time comes."""
    reasons = (errors.AskedToWait.code, errors.AskedToWait.code, errors.ServerUnreachable.code)
    return [
        _message(
            "recovery.names",
            f"waiting{number}@example.net",
            scene.ago(minutes=40 + number),
            MessageState.DEFERRED,
            secrets={"names": []},
            carries_secrets=True,
            due_at=scene.now + timedelta(minutes=50 + 25 * number),
            attempts=len(outbox_policy.NOTICE_LADDER) - 1,
            reason=reason,
            reply=BUSY if reason == errors.AskedToWait.code else "",
        )
        for number, reason in enumerate(reasons, start=1)
    ]


def _given_up(scene: Scene, cases: list[Case]) -> list[Message]:
    """Give what could not be delivered for good; without secrets, so that staff may try again."""
    reference = next(case.ticket.reference for case in cases if case.key == "jonas")
    jonas = [
        _message(
            "recovery.held",
            cast.CLOSED_MAILBOX,
            scene.ago(days=days),
            MessageState.ABANDONED,
            context={"reference": reference, "hold_days": 7},
            reason=errors.MailboxUnknown.code,
            reply=GONE,
        )
        for days in (3, 2)
    ]
    lost = _message(
        "recovery.requests",
        "somebody@gone.example",
        scene.ago(days=8),
        MessageState.ABANDONED,
        context={"requests": []},
        reason=errors.DomainUnknown.code,
        reply=NO_DOMAIN,
    )
    return [*jonas, lost]


def _message(kind: str, address: str, at: datetime, state: MessageState, **fields: Any) -> Message:
    """Give one unsaved message that was queued at ``at``."""
    values: dict[str, Any] = {"due_at": at, "attempts": 1}
    if state != MessageState.DEFERRED:
        late = policy.OPENING_CODE.longest if state == MessageState.LATE else HANDING_OVER
        values["settled_at"] = at + late
    if state == MessageState.ACCEPTED:
        values["reply"] = "250 OK: in the demo mailbox"
    return Message(kind=kind, address=address, created_at=at, state=state, **values | fields)

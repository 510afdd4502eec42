"""Account, ticket and messages on one line, the newest first."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from accounts.queries import mask
from activity.models import SecurityEvent
from activity.wording import BADGES, authenticators_of, title_of
from outbox.enums import Channel, MessageState
from outbox.models import Message
from recovery import staff_wording
from recovery.cases.parts import Line
from recovery.cases.rows import Entry
from recovery.enums import NoticeKind, ProofClass
from recovery.models import Evidence, RecoveryTicket

MESSAGE_STYLES = {
    MessageState.ACCEPTED: "good",
    MessageState.ABANDONED: "danger",
    MessageState.LATE: "danger",
    MessageState.DEFERRED: "time",
}


def timeline(
    ticket: RecoveryTicket,
    *,
    events: Iterable[SecurityEvent],
    messages: Iterable[Message],
    entries: Iterable[Entry],
    evidence: Evidence | None,
) -> tuple[Line, ...]:
    """Give every line; what an event of the account tells already is not told twice."""
    own = [event for event in events if _is_of(event, ticket)]
    lines = [_of_event(event, ticket) for event in events]
    lines += [_of_message(message) for message in messages]
    lines += [_of_notice(entry) for entry in entries if entry.source == "notice"]
    if not own:
        lines += _of_ticket(ticket, entries, evidence)
    # Of one moment, what was written later stands higher.
    return tuple(sorted(lines, key=lambda line: line.at)[::-1])


def _is_of(event: SecurityEvent, ticket: RecoveryTicket) -> bool:
    return bool(event.details.get("reference") == ticket.reference)


def _of_event(event: SecurityEvent, ticket: RecoveryTicket) -> Line:
    badge, style = BADGES.get(event.kind, ("", ""))  # type: ignore[call-overload]
    reference = event.details.get("reference", "")
    is_recovery = event.kind.startswith("recovery:")
    other = f"{reference[:4]}-{reference[4:]}" if reference and not _is_of(event, ticket) else ""
    details = (other, event.place, event.agent_words, authenticators_of(event))
    return Line(
        at=event.at,
        part="ticket" if is_recovery else "account",
        title=title_of(event),
        detail=" · ".join(words for words in details if words),
        badge="" if is_recovery else str(badge),
        style=style,
    )


def _of_message(message: Message) -> Line:
    to = mask(message.address) if message.channel == Channel.SMS else message.domain
    return Line(
        at=message.settled_at or message.created_at,
        part="messages",
        title=staff_wording.message(message.kind),
        detail=_("to %(address)s") % {"address": to},
        badge=str(MessageState(message.state).label),
        style=MESSAGE_STYLES.get(MessageState(message.state), ""),
    )


def _of_notice(entry: Entry) -> Line:
    """Tell of a due row: what is to be told when, and whether it was."""
    kind = NoticeKind(entry.code)
    return Line(
        at=entry.until or entry.at,
        part="messages",
        title=_("Notice: %(kind)s") % {"kind": kind.label},
        detail=_("sent out") if entry.until else _("due then"),
        style="" if entry.until else "time",
    )


def _of_ticket(
    ticket: RecoveryTicket, entries: Iterable[Entry], evidence: Evidence | None
) -> list[Line]:
    """Tell the ticket's own times, for an account that does not exist and has no events."""
    times = [
        (ticket.opened_at, _("Recovery asked for")),
        (ticket.code_accepted_at, _("Recovery code accepted")),
        (evidence.submitted_at if evidence else None, _("Questions answered")),
        (ticket.in_review_at, _("Recovery with staff")),
        (ticket.contested_at, _("Recovery contested")),
    ]
    times += [
        (entry.at, str(ProofClass(entry.code).label))
        for entry in entries
        if entry.source == "proof"
    ]
    return [Line(at=at, part="ticket", title=title) for at, title in times if at]

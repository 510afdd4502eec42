"""What the person would read of a decision: the mail itself, written and not sent."""

import copy
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings

from accounts.queries import mask
from outbox.channels.base import Rendered
from outbox.models import Message
from outbox.services.render import render
from recovery import policy
from recovery.enums import NoticeKind, StaffReason, TicketState, Verdict
from recovery.models import RecoveryTicket
from recovery.services import answers


def preview(
    ticket: RecoveryTicket,
    verdict: Verdict,
    reasons: Iterable[StaffReason],
    hold: timedelta,
    now: datetime,
) -> Rendered | None:
    """Write the mail to the claimant as this decision would have it sent; None where none is.

    Nothing is saved: the ticket is a copy, as it would stand when the decision takes effect.
    """
    if verdict == Verdict.PASS_ON:
        return None
    effect_at = max(now, ticket.answer_at or now)
    decided = _as_decided(ticket, verdict, hold, effect_at)
    decided.told_reasons = [str(reason) for reason in reasons]
    told = answers.message_of(decided, _notice_of(verdict, hold), effect_at)
    if told is None:
        return None
    kind, context = told
    message = Message(
        kind=kind,
        address=decided.contact,
        language=ticket.language,
        time_zone=ticket.time_zone,
        context=context,
    )
    message.secrets = {"link": f"{settings.SITE_URL}/acsr/go-on/..."}
    return render(message, effect_at)


def _notice_of(verdict: Verdict, hold: timedelta) -> NoticeKind:
    if verdict == Verdict.APPROVE:
        return NoticeKind.HELD if hold else NoticeKind.APPROVED
    return NoticeKind.ANSWERED


def _as_decided(
    ticket: RecoveryTicket, verdict: Verdict, hold: timedelta, effect_at: datetime
) -> RecoveryTicket:
    """Give a copy of the ticket with what the effect of a verdict sets."""
    decided = copy.copy(ticket)
    # The person reads it in full; staff do so by a reveal, which is recorded.
    decided.identifier, decided.contact = mask(ticket.identifier), mask(ticket.contact)
    decided.verdict = verdict
    decided.effect_at = effect_at
    match verdict:
        case Verdict.APPROVE:
            decided.state = TicketState.ON_HOLD if hold else TicketState.APPROVED
            decided.hold_length, decided.hold_from, decided.hold_until = hold, None, None
            decided.expires_at = effect_at + policy.LIVES[TicketState(decided.state)]
        case Verdict.MORE:
            decided.state = TicketState.AWAITING_PROOF
            decided.expires_at = effect_at + policy.MORE_ASKED_LIVES
        case _:
            decided.state = TicketState.DENIED
    return decided

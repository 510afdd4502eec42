"""What the claimant is told: a refusal, what is missing, a wait, an invitation.

A refusal by the machine is a function of what the claimant typed, whoever stopped the request.
"""

from datetime import datetime, timedelta
from typing import Any

from django.utils import translation

from accounts.services import budgets
from recovery import policy, promises, queries, wording
from recovery.enums import NoticeKind, TicketState, Verdict
from recovery.models import RecoveryTicket
from recovery.services import questionnaires

HELD = "recovery.held"
INVITATION = "recovery.invitation"
COMPLETED = "recovery.completed"
MORE = "recovery.more"
REFUSED = "recovery.refused"
ENDED = "recovery.ended"  # nothing was answered, so there is nothing to say about answers

KINDS = {
    NoticeKind.HELD: HELD,
    NoticeKind.HALFWAY: HELD,
    NoticeKind.LAST_DAY: HELD,
    NoticeKind.RELEASED: INVITATION,
    NoticeKind.COMPLETED: COMPLETED,
}


def message_of(
    ticket: RecoveryTicket, kind: NoticeKind, now: datetime
) -> tuple[str, dict[str, Any]] | None:
    """Give kind and context of what the claimant reads; None: they are not told of this.

    Reads only, so that staff see before they decide what a copy of the ticket would be told:
    with verdict, told_reasons, state and hold set on it.
    """
    name = _kind_of(ticket, kind)
    if name is None:
        return None
    context: dict[str, Any] = {
        "reference": ticket.reference,
        "resets": ticket.resets,
        **times(ticket, now),
    }
    with translation.override(ticket.language):
        if name == INVITATION:
            context["has_waited"] = ticket.hold_until is not None
            context["link_hours"] = policy.INVITATION_LINK_LIVES // timedelta(hours=1)
        elif name == MORE:
            context |= {"asked": wording.told(ticket.told_reasons)}
        elif name == REFUSED:
            context |= _refusal(ticket, now)
    return name, context


def times(ticket: RecoveryTicket, now: datetime) -> dict[str, str]:
    """Give the times that messages show, as text; only those that there are."""
    ends = {"hold_until_at": _wait_until(ticket, now), "until_at": _open_until(ticket)}
    return {name: at.isoformat() for name, at in ends.items() if at}


def _kind_of(ticket: RecoveryTicket, kind: NoticeKind) -> str | None:
    if kind == NoticeKind.APPROVED:
        # Who showed a proof is on the page already; who waited for people is not.
        invites = ticket.people > 0 and ticket.state == TicketState.APPROVED
        return INVITATION if invites else None
    if kind != NoticeKind.ANSWERED:
        return KINDS.get(kind)
    if ticket.verdict == Verdict.MORE and ticket.state == TicketState.AWAITING_PROOF:
        return MORE  # one that was stopped before it was asked is refused as all others
    return REFUSED if ticket.told_reasons or ticket.evidence.exists() else ENDED


def _refusal(ticket: RecoveryTicket, now: datetime) -> dict[str, Any]:
    newest = ticket.evidence.order_by("-submitted_at").first()
    given = newest.completeness if newest else {}
    is_by_people = ticket.verdict == Verdict.DENY and bool(ticket.told_reasons)
    appeal_until = queries.appeal_until(ticket, now)
    return {
        "identifier": ticket.identifier,
        "told": wording.told(ticket.told_reasons) if is_by_people else [],
        "completeness": [
            {"part": part, "words": words} for part, words in wording.completeness_told(given)
        ],
        "tries_left": _tries_left(ticket, now),
        **_as_text("rests_until", questionnaires.rests_until(ticket, now)),
        **_as_text("appeal_until", appeal_until),
        "appeal_days": promises.working_days_to_appeal() if appeal_until else None,
    }


def _tries_left(ticket: RecoveryTicket, now: datetime) -> int:
    claimant = (ticket.contact_limit_key, ticket.identifier_key)
    rules = (policy.QUESTIONNAIRES_A_DAY, policy.QUESTIONNAIRES_A_MONTH)
    return max(0, min(rule.limit - budgets.peek(rule, *claimant, now=now) for rule in rules))


def _wait_until(ticket: RecoveryTicket, now: datetime) -> datetime | None:
    """Give the end of a wait; before it has begun the earliest there can be."""
    if ticket.state != TicketState.ON_HOLD or ticket.hold_length is None:
        return None
    return ticket.hold_until or queries.end_of_hold(now, ticket.hold_length)


def _open_until(ticket: RecoveryTicket) -> datetime | None:
    """Give until when somebody can go on, or undo what is finished; None: neither."""
    is_asked = ticket.state == TicketState.AWAITING_PROOF and ticket.verdict == Verdict.MORE
    if is_asked or ticket.state == TicketState.APPROVED:
        return ticket.expires_at
    return ticket.completed_at + policy.UNDO_LIVES if ticket.completed_at else None


def _as_text(name: str, at: datetime | None) -> dict[str, str]:
    return {name: at.isoformat()} if at else {}

"""The one table of allowed moves and the one function that moves."""

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from recovery import policy
from recovery.enums import ENDED_STATES, TicketState
from recovery.errors import ForbiddenMove, StaleTicket
from recovery.models import RecoveryTicket

S = TicketState
_ENDS = {S.CANCELLED, S.EXPIRED}

# What staff agreed on, once it holds no more.
NO_VERDICT: dict[str, Any] = {
    "verdict": "",
    "effect_at": None,
    "told_reasons": [],
    "carry_out_until": None,
}

# What stood while people had it to decide, once the table decides alone.
NOT_FOR_PEOPLE: dict[str, Any] = NO_VERDICT | {
    "people": 0,
    "needs_check": False,
    "needs_held_proof": False,
    "claimed_by": None,
    "claimed_until": None,
    "folded_into": None,
}

# docs/recovery-flow.md draws this; a test compares the two.
MOVES: dict[TicketState, set[TicketState]] = {
    S.AWAITING_CODE: {S.AWAITING_PROOF, *_ENDS},
    S.AWAITING_PROOF: {S.EVALUATING, S.ON_HOLD, S.APPROVED, *_ENDS},
    # What is being looked at may be proved meanwhile, and then the table alone decides.
    S.EVALUATING: {S.IN_REVIEW, S.ON_HOLD, S.APPROVED, S.DENIED, *_ENDS},
    S.IN_REVIEW: {S.AWAITING_PROOF, S.ON_HOLD, S.APPROVED, S.DENIED, *_ENDS},
    S.ON_HOLD: {S.IN_REVIEW, S.APPROVED, S.AWAITING_PROOF, *_ENDS},
    S.APPROVED: {S.COMPLETED, S.IN_REVIEW, S.AWAITING_PROOF, *_ENDS},
    # Only by taking back an objection within its ten minutes (services.objections).
    S.CANCELLED: {S.AWAITING_PROOF, S.EVALUATING, S.IN_REVIEW, S.ON_HOLD, S.APPROVED},
    S.DENIED: set(),
    S.COMPLETED: set(),
    S.EXPIRED: set(),
}


def move(
    ticket: RecoveryTicket,
    *path: TicketState,
    now: datetime | None = None,
    only_if: Q | None = None,
    **fields: Any,
) -> None:
    """Move a ticket from the state that it was read in along ``path``, and set ``fields`` with it.

    Every step of the path is a move of the table; one conditional UPDATE makes them all, so of two
    that move at once one wins; ``only_if`` narrows it. The life of the last state begins unless
    ``expires_at`` is among the fields; an ended ticket keeps its old end. Raises ForbiddenMove
    and StaleTicket.
    """
    now = now or timezone.now()
    _require_allowed(TicketState(ticket.state), path)
    to = path[-1]
    values = {"state": to, "moved_at": now, **fields}
    if to not in ENDED_STATES:
        values.setdefault("expires_at", now + policy.LIVES[to])
    if to == S.CANCELLED:
        values |= {"cancelled_at": now, "cancelled_from": ticket.state}
    elif ticket.state == S.CANCELLED:
        values |= {"cancelled_at": None, "cancelled_from": "", "cancel_cause": ""}
    unmoved = RecoveryTicket.objects.filter(only_if or Q(), pk=ticket.pk, state=ticket.state)
    if not unmoved.update(**values):
        raise StaleTicket(ticket.pk)
    for name, value in values.items():
        setattr(ticket, name, value)


def _require_allowed(start: TicketState, path: tuple[TicketState, ...]) -> None:
    for step in path:
        if step not in MOVES[start]:
            raise ForbiddenMove(f"{start} -> {step}")
        start = step

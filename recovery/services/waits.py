"""Waiting periods that end earlier, because more was shown meanwhile."""

from dataclasses import replace

from django.db.models import Q
from django.utils import timezone

from activity.enums import EventKind
from recovery import policy, queries
from recovery.enums import NoticeKind, Outcome, TicketState
from recovery.errors import StaleTicket
from recovery.facts import AccountFacts
from recovery.models import Proof, RecoveryTicket
from recovery.services import decisions, notices, transitions
from recovery.services.judging import judge

UNCONTESTED = Q(contested_at__isnull=True)


def shorten(ticket: RecoveryTicket, account: AccountFacts, proofs: list[Proof]) -> list[EventKind]:
    """Decide a waiting ticket anew by what its browser holds now; only ever for the better.

    Gives the events to record. Inside the transaction that holds the account's lock. Raises
    StaleTicket where the ticket has moved meanwhile. Where the account as it was would be decided
    otherwise than as it is, the wait stays as it is: people have nothing to decide about it. So
    does one that people set against somebody's word: they knew of proofs like these.
    """
    if decisions.DISPUTED in ticket.reasons:
        return []
    decision, is_contested = judge(account, proofs)
    if is_contested or ticket.contested_at or ticket.is_frozen or not _is_better(ticket, decision):
        return []
    if decision.outcome == Outcome.APPROVE:
        return _end(ticket, account, decision)
    if account.user and account.user.epoch == ticket.epoch:
        _begin_anew(ticket, account, decision)
    return []


def _is_better(ticket: RecoveryTicket, decision: policy.Decision) -> bool:
    stands = replace(decision, outcome=Outcome.HOLD, hold=ticket.hold_length or policy.DAY)
    return policy.rank(decision) > policy.rank(stands)


def _end(
    ticket: RecoveryTicket, account: AccountFacts, decision: policy.Decision
) -> list[EventKind]:
    now = timezone.now()
    values = decisions.decided(account, decision, now) | transitions.NOT_FOR_PEOPLE
    values |= {
        "expires_at": now + policy.HELD_PROOF_LIVES,
        "hold_from": None,
        "hold_until": None,
    }
    transitions.move(ticket, TicketState.APPROVED, now=now, only_if=UNCONTESTED, **values)
    notices.plan(ticket, NoticeKind.APPROVED, due_at=now)
    return [EventKind.TICKET_APPROVED]


def _begin_anew(ticket: RecoveryTicket, account: AccountFacts, decision: policy.Decision) -> None:
    """Give a wait its shorter length, from when it began; the owner hears of its new end first."""
    now = timezone.now()
    begun = ticket.hold_from
    values = decisions.decided(account, decision, now) | transitions.NOT_FOR_PEOPLE
    values |= {
        "hold_length": decision.hold,
        "hold_until": queries.end_of_hold(begun, decision.hold) if begun else None,
    }
    as_read = RecoveryTicket.objects.filter(
        UNCONTESTED,
        pk=ticket.pk,
        state=TicketState.ON_HOLD,
        hold_from=begun,
        hold_length=ticket.hold_length,
    )
    if not as_read.update(**values):
        raise StaleTicket(ticket.pk)
    for name, value in values.items():
        setattr(ticket, name, value)
    notices.plan_wait(ticket, due_at=now)
    if begun:
        notices.plan_reminders(ticket, now)

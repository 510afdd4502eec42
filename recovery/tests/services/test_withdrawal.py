"""The claimant ends a request, also one that somebody stopped without their knowledge."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.tests.factories import make_user
from activity.enums import EventKind
from activity.models import SecurityEvent
from outbox.models import Message
from recovery import queries
from recovery.enums import CancelCause, TicketState, Verdict
from recovery.errors import ForbiddenMove, StaleTicket
from recovery.models import RecoveryTicket
from recovery.services import effects, notices, withdrawal
from recovery.tests.factories import make_claimant, make_ticket
from recovery.tests.staff import make_evidence

S = TicketState
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("user", [make_user, lambda: None], ids=["known", "unknown"])
def test_a_ticket_is_withdrawn_once_and_recorded(user):
    ticket = make_ticket(user(), state=S.AWAITING_PROOF)

    withdrawal.withdraw(ticket, client=make_claimant())
    with pytest.raises(StaleTicket):
        withdrawal.withdraw(ticket, client=make_claimant())

    ticket.refresh_from_db()
    assert (ticket.state, ticket.cancel_cause) == (S.CANCELLED, CancelCause.WITHDRAWN)
    assert list(SecurityEvent.objects.values_list("kind", flat=True)) == [
        EventKind.TICKET_CANCELLED
    ]


@pytest.mark.parametrize("cause", queries.SILENT_CAUSES)
def test_what_was_stopped_ends_for_its_claimant_like_any_other(cause):
    ticket = make_ticket(make_user(), state=S.CANCELLED, cancel_cause=cause)

    withdrawal.withdraw(ticket, client=make_claimant())

    ticket.refresh_from_db()
    shown = queries.shown_state(ticket, timezone.now() + timedelta(days=1))
    assert (ticket.cancel_cause, shown) == (CancelCause.WITHDRAWN, S.CANCELLED)


@pytest.mark.parametrize("is_known", [True, False])
@pytest.mark.parametrize("state", [S.EVALUATING, S.DENIED])
def test_a_refusal_that_was_not_told_yet_is_withdrawn_as_what_is_looked_at(state, is_known):
    """The machine's word waits for the answer time; a worker that was early must not tell."""
    ticket = _refused(state, timedelta(hours=5), is_known=is_known)

    withdrawal.withdraw(ticket, client=make_claimant())

    ticket.refresh_from_db()
    shown = queries.shown_state(ticket, timezone.now() + timedelta(days=1))
    assert (ticket.cancel_cause, shown) == (CancelCause.WITHDRAWN, S.CANCELLED)
    assert queries.appeal_until(ticket, timezone.now() + timedelta(days=1)) is None


@pytest.mark.parametrize("state", [S.EVALUATING, S.DENIED])
def test_nothing_is_told_of_what_was_withdrawn(state):
    ticket = _refused(state, timedelta(hours=5))
    withdrawal.withdraw(ticket, client=make_claimant())
    RecoveryTicket.objects.update(answer_at=timezone.now(), effect_at=timezone.now())
    ticket.refresh_from_db()
    notices.plan_answer(ticket, due_at=timezone.now())

    effects.carry_out_due()
    notices.send_due()

    assert not Message.objects.exists()


def test_a_refusal_that_was_told_cannot_be_withdrawn():
    ticket = _refused(S.DENIED, -timedelta(minutes=1))

    with pytest.raises(ForbiddenMove):
        withdrawal.withdraw(ticket, client=make_claimant())


def _refused(state, ahead, *, is_known=True):
    """Make a ticket that the machine refused, whose claimant hears of it ``ahead`` from now."""
    answer_at = timezone.now() + ahead
    fields = {"verdict": Verdict.DENY, "effect_at": answer_at, "answer_at": answer_at}
    ticket = make_ticket(make_user() if is_known else None, state=state, **fields)
    make_evidence(ticket, is_above_bar=False)
    return ticket


@pytest.mark.parametrize("state", [S.COMPLETED, S.DENIED, S.EXPIRED])
def test_what_has_ended_cannot_be_withdrawn(state):
    ticket = make_ticket(make_user(), state=state)

    with pytest.raises(ForbiddenMove):
        withdrawal.withdraw(ticket, client=make_claimant())

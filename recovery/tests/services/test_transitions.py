"""Moves: the table, the drawing of it, and two that move at once."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.tests.factories import make_user
from recovery import policy
from recovery.enums import TicketState
from recovery.errors import ForbiddenMove, StaleTicket
from recovery.models import RecoveryTicket
from recovery.services import transitions
from recovery.tests.factories import make_ticket

S = TicketState
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("start", list(S))
@pytest.mark.parametrize("to", list(S))
def test_only_moves_of_the_table_are_made(start, to):
    ticket = make_ticket(make_user(), state=start)
    fields = {"hold_length": policy.DAY, "decided_at": timezone.now(), "epoch": 1}
    if to == S.COMPLETED:
        fields["completed_at"] = timezone.now()

    if to in transitions.MOVES[start]:
        transitions.move(ticket, to, **fields)
        ticket.refresh_from_db()
        assert ticket.state == to
    else:
        with pytest.raises(ForbiddenMove):
            transitions.move(ticket, to, **fields)
        ticket.refresh_from_db()
        assert ticket.state == start


def test_a_path_with_one_forbidden_step_moves_nothing():
    ticket = make_ticket(state=S.AWAITING_CODE)

    with pytest.raises(ForbiddenMove):
        transitions.move(ticket, S.AWAITING_PROOF, S.COMPLETED)

    assert RecoveryTicket.objects.get().state == S.AWAITING_CODE


def test_of_two_that_read_the_same_state_one_moves():
    ticket = make_ticket(state=S.AWAITING_CODE)
    second = RecoveryTicket.objects.get(pk=ticket.pk)
    transitions.move(ticket, S.AWAITING_PROOF)

    with pytest.raises(StaleTicket):
        transitions.move(second, S.CANCELLED)

    assert RecoveryTicket.objects.get().state == S.AWAITING_PROOF


def test_a_new_state_begins_its_own_life():
    ticket = make_ticket(state=S.AWAITING_CODE)
    now = timezone.now()

    transitions.move(ticket, S.AWAITING_PROOF, now=now)

    assert RecoveryTicket.objects.get().expires_at == now + timedelta(days=7)


def test_the_drawing_in_the_docs_is_the_table():
    text = Path(settings.BASE_DIR, "docs/recovery-flow.md").read_text(encoding="utf-8")
    drawn = {
        (start, to)
        for start, to in re.findall(r"^\s*(\w+) --> (\w+)", text, re.MULTILINE)
        if start in S.values and to in S.values
    }

    assert drawn == {(start, to) for start, ends in transitions.MOVES.items() for to in ends}

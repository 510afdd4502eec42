"""Requests that the help desk opens for callers."""

import pytest

from accounts.normalise import email
from accounts.tests.factories import make_client
from activity.models import AuditEntry, SecurityEvent
from outbox.models import Message
from recovery import eligibility
from recovery.errors import MayNotDecide
from recovery.models import RecoveryTicket
from recovery.services import help_desk
from recovery.tests.staff import make_staff

pytestmark = pytest.mark.django_db
CALLER = email("caller@example.net")


def open_for(staff, identifier="maria@example.org", **fields):
    client = make_client(browser="of staff", device="staff-device", **fields)
    return help_desk.open_for_caller(identifier, CALLER, staff, client=client)


def test_code_goes_to_the_caller_and_the_ticket_to_no_browser(maria, lena):
    ticket = open_for(lena)

    assert (ticket.user, ticket.opened_by) == (maria, lena)
    assert (ticket.device_hash, ticket.address, ticket.network, ticket.agent) == ("", None, "", "")
    assert [m.address for m in Message.objects.filter(kind="recovery.code")] == [CALLER.value]
    assert not SecurityEvent.objects.exclude(address=None).exists()
    entry = AuditEntry.objects.get(action="recovery:ticket:opened_for_caller")
    assert (entry.actor, entry.subject) == (f"user:{lena.pk}", ticket.subject)


def test_ticket_of_the_desk_belongs_to_none_of_its_browsers(maria, lena):
    first, second = open_for(lena), open_for(lena)

    assert first.browser_hash != second.browser_hash
    assert {ticket.state for ticket in RecoveryTicket.objects.all()} == {"awaiting_code"}


def test_unknown_account_is_opened_all_the_same(lena):
    assert open_for(lena, "nobody@example.org").user is None


def test_whoever_opened_it_never_decides_it(maria, lena):
    ticket = open_for(lena)

    assert eligibility.Bar.OPENED in eligibility.bars(lena, ticket)


def test_role_without_the_right_opens_nothing(maria):
    with pytest.raises(MayNotDecide):
        open_for(make_staff("review_recoveryticket"))

    assert not RecoveryTicket.objects.exists()

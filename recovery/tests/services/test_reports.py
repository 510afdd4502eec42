"""What a report does to the claims on the account, and what it leaves to the way out."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.services import passwords, restrictions
from accounts.tests.factories import make_client, make_contact, make_totp, make_user
from activity.enums import Done, IncidentOrigin
from activity.errors import TooLateToTakeBack
from activity.models import Incident
from activity.services import incidents, report_links
from activity.tests.factories import make_event
from activity.tests.reporting import DAY, link_to, make_session
from recovery.enums import CancelCause, ContestedReason, LinkOutcome, LinkRight, TicketState
from recovery.errors import DeadLink, ProofLapsed
from recovery.models import Objection, RecoveryTicket
from recovery.services import completion, holds, objections
from recovery.tests.factories import make_claimant, make_link, make_proof, make_ticket

S = TicketState
HOUR = timedelta(hours=1)
NEW = "Silver-kettle-4-meadow"
pytestmark = pytest.mark.django_db


@pytest.fixture
def maria():
    return make_user(email="maria@example.org")


@pytest.fixture
def event(maria):
    return make_event(maria, at=timezone.now() - HOUR)


def read(ticket):
    return RecoveryTicket.objects.select_related("user").get(pk=ticket.pk)


def pause(maria, event):
    return incidents.report_by_link(link_to(maria.contacts.get(), event), client=make_client())


def contested(incident):
    return [fact for fact in incident.done if fact["what"] == Done.CONTESTED_CLAIMS]


@pytest.mark.parametrize("state", [S.IN_REVIEW, S.ON_HOLD, S.EVALUATING])
def test_a_pause_hands_what_waits_to_people_and_cancels_nothing(maria, event, state):
    ticket = make_ticket(maria, state=state)

    incident = pause(maria, event)

    found = read(ticket)
    assert found.state in (S.IN_REVIEW, S.EVALUATING)
    assert found.contested_reason == ContestedReason.OBJECTION
    assert (found.hold_until, Objection.objects.get().cancelled_the_ticket) == (None, False)
    assert contested(incident) == [{"what": Done.CONTESTED_CLAIMS, "count": 1, "stopped": 0}]


def test_a_wait_that_would_end_now_stands_still(maria, event):
    now = timezone.now()
    ticket = make_ticket(
        maria,
        state=S.ON_HOLD,
        hold_length=3 * DAY,
        hold_from=now - 3 * DAY,
        hold_until=now - HOUR,
    )
    pause(maria, event)

    assert holds.release_due() == 0
    assert read(ticket).state == S.IN_REVIEW


def test_what_people_approved_is_decided_anew(maria, event):
    ticket = make_ticket(maria, state=S.APPROVED, people=2)

    pause(maria, event)

    assert read(ticket).state == S.IN_REVIEW


@pytest.mark.parametrize("state", [S.AWAITING_CODE, S.AWAITING_PROOF])
def test_a_claim_that_still_has_to_be_proved_is_let_be(maria, event, state):
    ticket = make_ticket(maria, state=state)

    incident = pause(maria, event)

    assert (read(ticket).state, read(ticket).contested_at) == (state, None)
    assert contested(incident) == []


def test_what_was_approved_at_once_proves_again(maria, event):
    ticket = make_ticket(maria, state=S.APPROVED)
    make_proof(ticket)
    pause(maria, event)

    with pytest.raises(ProofLapsed):
        completion.complete(read(ticket), NEW, client=make_claimant())

    completion.ask_again(read(ticket))
    assert (read(ticket).state, read(ticket).contested_at) == (S.AWAITING_PROOF, None)


def test_a_claim_opened_after_the_pause_is_ordinary_and_ends_it(maria, event):
    User.objects.update(password_spent_at=timezone.now())
    pause(maria, event)
    user = User.objects.get()
    ticket = make_ticket(user, state=S.APPROVED)
    make_proof(ticket)

    completion.complete(ticket, NEW, client=make_claimant())

    user.refresh_from_db()
    assert (user.frozen_at, user.password_spent_at) == (None, None)
    assert passwords.check(user, NEW)


def test_a_report_of_a_paused_account_lets_the_owners_new_claim_be(maria, event):
    """Else a thief who reads an address would keep the way out from the owner."""
    other = make_contact(maria, "thief@example.net")
    pause_link, his = link_to(maria.contacts.first(), event), link_to(other, event)
    incidents.report_by_link(pause_link, client=make_client())
    ticket = make_ticket(User.objects.get(), state=S.ON_HOLD)

    incidents.report_by_link(his, client=make_client())

    assert (read(ticket).state, read(ticket).contested_at) == (S.ON_HOLD, None)


def test_a_contact_without_a_say_contests_nothing(maria, event):
    ticket = make_ticket(maria, state=S.ON_HOLD)
    young = make_contact(maria, "young@example.net", counts_from=timezone.now() + DAY)

    incidents.report_by_link(link_to(young, event), client=make_client())

    assert read(ticket).contested_at is None


def test_each_contact_is_heard_once_on_a_claim(maria, event):
    """Who reports in turns voids no vote and no wait again."""
    ticket = make_ticket(maria, state=S.ON_HOLD)
    link = link_to(maria.contacts.get(), event)
    first = incidents.report_by_link(link, client=make_client())
    until = read(ticket).expires_at
    incidents.take_back(first, client=make_client(), link=report_links.read_again(link))

    incidents.report_by_link(report_links.read_again(link), client=make_client())

    assert (read(ticket).expires_at, Objection.objects.count()) == (until, 1)


def test_taking_back_leaves_claims_with_people(maria, event):
    ticket = make_ticket(maria, state=S.ON_HOLD)
    link = link_to(maria.contacts.get(), event)
    incident = incidents.report_by_link(link, client=make_client())

    incidents.take_back(incident, client=make_client(), link=report_links.read_again(link))

    assert read(ticket).contested_at is not None


def test_a_thief_in_a_young_session_cancels_no_claim_of_the_owner(maria, event):
    ticket = make_ticket(maria, state=S.ON_HOLD)
    thief = make_session(maria, age=HOUR / 2, device_age=HOUR)

    incidents.report_in_session(maria, event, client=thief)

    assert read(ticket).state == S.IN_REVIEW


def test_a_pause_cancels_nothing_whatever_the_browser(maria, event):
    """A new session in an old browser has the rank to stop a claim, by a press of its own."""
    make_totp(maria, made_at=timezone.now() - 40 * DAY)
    ticket = make_ticket(maria, state=S.ON_HOLD)

    incident = incidents.report_in_session(maria, event, client=make_session(maria, age=HOUR / 2))

    assert incident.origin == IncidentOrigin.YOUNG_SESSION
    assert read(ticket).state == S.IN_REVIEW


def test_an_old_session_that_outranks_a_claim_stops_it(maria, event):
    make_totp(maria, made_at=timezone.now() - 40 * DAY)
    tickets = [make_ticket(maria, state=state) for state in (S.AWAITING_PROOF, S.ON_HOLD)]

    incident = incidents.report_in_session(maria, event, client=make_session(maria))

    found = [read(ticket) for ticket in tickets]
    assert [ticket.state for ticket in found] == [S.CANCELLED, S.CANCELLED]
    assert {ticket.cancel_cause for ticket in found} == {CancelCause.SESSION}
    assert contested(incident) == [{"what": Done.CONTESTED_CLAIMS, "count": 2, "stopped": 2}]


def test_an_old_session_without_the_rank_calls_people(maria, event):
    ticket = make_ticket(maria, state=S.ON_HOLD)

    incident = incidents.report_in_session(
        maria, event, client=make_session(maria, device_age=8 * DAY)
    )

    assert incident.origin == IncidentOrigin.OLD_SESSION
    assert read(ticket).state == S.IN_REVIEW


def test_a_second_report_in_a_month_calls_people_whatever_its_rank(maria, event):
    make_totp(maria, made_at=timezone.now() - 40 * DAY)
    owner = make_session(maria)
    make_ticket(maria, state=S.ON_HOLD)
    incidents.report_in_session(maria, event, client=owner)
    again = make_ticket(maria, state=S.ON_HOLD)
    other = make_event(maria, at=timezone.now() - HOUR)

    incidents.report_in_session(maria, other, client=owner)

    assert read(again).state == S.IN_REVIEW


def test_an_old_session_leaves_older_claims_alone(maria, event):
    ticket = make_ticket(maria, state=S.ON_HOLD, opened_at=timezone.now() - 2 * HOUR)

    incident = incidents.report_in_session(maria, event, client=make_session(maria))

    assert read(ticket).contested_at is None
    assert contested(incident) == []


def test_other_accounts_claims_are_let_be(maria, event):
    ticket = make_ticket(make_user(), state=S.ON_HOLD)

    pause(maria, event)

    assert read(ticket).contested_at is None


def test_who_undid_a_recovery_cannot_end_the_pause_that_another_found(maria, event):
    ticket = make_ticket(maria, state=S.COMPLETED)
    token = make_link(ticket, maria.contacts.get(), LinkRight.UNDO)
    other = link_to(make_contact(maria, "hers@example.net"), event)
    assert objections.stop(objections.find_link(token), client=make_client()) == LinkOutcome.PAUSED
    incidents.report_by_link(other, client=make_client())

    with pytest.raises(DeadLink):
        objections.say_mine(objections.find_link(token), client=make_client())

    assert User.objects.get().frozen_at is not None


def test_who_paused_cannot_end_that_once_a_recovery_was_undone(maria, event):
    link = link_to(maria.contacts.get(), event)
    incident = incidents.report_by_link(link, client=make_client())
    ticket = make_ticket(maria, state=S.COMPLETED)
    other = make_contact(maria, "hers@example.net")
    token = make_link(ticket, other, LinkRight.UNDO)
    objections.stop(objections.find_link(token), client=make_client())

    with pytest.raises(TooLateToTakeBack):
        incidents.take_back(incident, client=make_client(), link=report_links.read_again(link))


def test_a_pause_that_staff_ended_is_not_ended_again(maria, event):
    link = link_to(maria.contacts.get(), event)
    incident = incidents.report_by_link(link, client=make_client())
    restrictions.unfreeze(maria, "staff", make_client())

    incidents.take_back(incident, client=make_client(), link=report_links.read_again(link))

    assert Incident.objects.get().state == "taken_back"

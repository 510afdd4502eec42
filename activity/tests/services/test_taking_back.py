"""Taking back what an old session, or a younger one, has reported."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Contact, User, UserSession
from accounts.services import passwords
from accounts.tests.factories import make_contact, make_user
from activity import policy
from activity.enums import EventKind, IncidentState, OwnerVerdict
from activity.errors import TooLateToTakeBack
from activity.models import Incident, Notice, SecurityEvent
from activity.services import incidents, learning, report_links
from activity.tests.factories import make_judged_event
from activity.tests.reporting import make_session

HOUR = timedelta(hours=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def maria():
    return make_user(email="maria@example.org")


@pytest.fixture
def thief(maria):
    return make_session(maria, age=HOUR, device_age=HOUR, address="198.51.100.66")


@pytest.fixture
def event(maria, thief):
    return make_judged_event(maria, at=timezone.now() - HOUR, client=thief)


@pytest.fixture
def owner(maria):
    return make_session(maria)


@pytest.fixture
def incident(maria, event, owner):
    return incidents.report_in_session(maria, event, client=owner)


def test_all_stands_as_before_but_the_sessions_that_ended(maria, owner, event):
    young = make_contact(maria, "young@example.net", verified_at=timezone.now() - HOUR / 2)
    learning.learn(event)
    before = Contact.objects.filter(pk=young.pk).values().get()
    incident = incidents.report_in_session(maria, event, client=owner)

    incidents.take_back(incident, client=owner)

    stored, event = User.objects.get(), SecurityEvent.objects.get(pk=event.pk)
    assert (stored.password_spent_at, stored.epoch) == (None, maria.epoch)
    assert Contact.objects.filter(pk=young.pk).values().get() == before
    assert (event.verdict, event.is_learned) == ("", True)
    assert list(UserSession.objects.values_list("pk", flat=True)) == [owner.session]
    incident.refresh_from_db()
    assert (incident.state, incident.closed_at is None) == (IncidentState.TAKEN_BACK, False)


def test_what_was_said_before_is_said_again(maria, owner, event):
    now = timezone.now()
    SecurityEvent.objects.filter(pk=event.pk).update(verdict=OwnerVerdict.ME, verdict_at=now)
    incident = incidents.report_in_session(maria, event, client=owner)

    incidents.take_back(incident, client=owner)

    assert SecurityEvent.objects.get(pk=event.pk).verdict == OwnerVerdict.ME


def test_it_is_told_to_all(maria, owner, incident):
    incidents.take_back(incident, client=owner)

    kinds = [notice.event.kind for notice in Notice.objects.order_by("pk")]
    assert kinds == [EventKind.REPORTED, EventKind.REPORT_TAKEN_BACK]


def test_taken_back_twice_is_refused(maria, owner, incident):
    incidents.take_back(incident, client=owner)

    with pytest.raises(TooLateToTakeBack):
        incidents.take_back(incident, client=owner)


def test_another_session_of_the_account_takes_nothing_back(maria, incident):
    """A thief who is in again would let all that he did stand again."""
    other = make_session(maria)

    with pytest.raises(TooLateToTakeBack):
        incidents.take_back(incident, client=other)

    assert User.objects.get().password_spent_at is not None


def test_after_ten_minutes_it_stands(owner, incident, time_machine):
    time_machine.move_to(incident.opened_at + policy.TAKE_BACK)

    with pytest.raises(TooLateToTakeBack):
        incidents.take_back(incident, client=owner)


def test_a_password_that_was_set_since_stands(maria, owner, incident):
    prepared = passwords.prepare(maria, "Bright-window-9-hill")
    passwords.store(maria, prepared, cause="change", client=owner)

    with pytest.raises(TooLateToTakeBack):
        incidents.take_back(incident, client=owner)

    stored = Incident.objects.get()
    assert (stored.state, User.objects.get().epoch) == (IncidentState.OPEN, maria.epoch)


def test_who_paused_from_a_young_session_takes_that_back_by_its_page(maria, thief, event):
    incident = incidents.report_in_session(maria, event, client=thief)
    link = report_links.find(report_links.new_link_of_presser(incident, timezone.now()))

    incidents.take_back(incident, client=thief, link=link)

    stored, event = User.objects.get(), SecurityEvent.objects.get(pk=event.pk)
    assert (stored.frozen_at, UserSession.objects.count()) == (None, 0)
    assert event.verdict == ""


def test_a_young_session_takes_nothing_back_without_its_page(maria, thief, event):
    incident = incidents.report_in_session(maria, event, client=thief)

    with pytest.raises(TooLateToTakeBack):
        incidents.take_back(incident, client=thief)


def test_the_page_of_one_report_takes_no_other_back(maria, event, thief):
    his = incidents.report_in_session(maria, event, client=thief)
    link = report_links.find(report_links.new_link_of_presser(his, timezone.now()))
    incidents.take_back(his, client=thief, link=link)
    user = User.objects.get()
    hers = incidents.report_in_session(user, event, client=make_session(user))

    with pytest.raises(TooLateToTakeBack):
        incidents.take_back(hers, client=thief, link=link)

    assert User.objects.get().password_spent_at is not None

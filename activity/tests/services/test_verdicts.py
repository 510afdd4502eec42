""" "This was me": who is believed, and who is only heard."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.errors import AccountChanged
from accounts.models import Device
from accounts.tests.factories import make_client, make_contact, make_user
from activity.enums import EventKind, OwnerVerdict
from activity.errors import DeadReport, NothingToReport
from activity.models import SecurityEvent
from activity.queries import sign_ins_before
from activity.services import incidents, learning, report_links, verdicts
from activity.tests.factories import make_event, make_incident, make_judged_event
from activity.tests.reporting import DAY, link_to, make_session

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


def said(event):
    event.refresh_from_db()
    return event.verdict, event.is_learned


def test_an_old_session_is_believed(maria, event, owner):
    assert verdicts.vouch_in_session(maria, event, client=owner)

    vouched = SecurityEvent.objects.get(kind=EventKind.VOUCHED)
    assert said(event) == (OwnerVerdict.ME, True)
    assert vouched.details == {"event": str(event.pk), "is_believed": True}


@pytest.mark.parametrize(
    ("known_for", "is_believed"), [(31 * DAY, True), (29 * DAY, False)], ids=["long", "weeks"]
)
def test_a_new_session_is_believed_in_a_browser_of_old(maria, event, known_for, is_believed):
    """As old as that before the event; what a thief has been in for some weeks is not."""
    client = make_session(maria, age=HOUR / 9, device_age=known_for + HOUR)

    assert verdicts.vouch_in_session(maria, event, client=client) is is_believed


def test_a_forgotten_browser_is_not_one_of_old(maria, event):
    client = make_session(maria, age=HOUR / 9)
    Device.objects.update(forgotten_at=timezone.now())

    assert not verdicts.vouch_in_session(maria, event, client=client)


def test_a_thief_does_not_vouch_for_himself(maria, event, thief):
    """Else his place would be history that a claim of his is graded against."""
    assert not verdicts.vouch_in_session(maria, event, client=thief)

    now = timezone.now()
    assert said(event) == ("", False)
    assert event.details["heard"] == "me"
    assert sign_ins_before(maria, now, now - DAY).count == 0


def test_who_is_only_heard_is_written_down_once(maria, event, thief):
    for _ in range(3):
        verdicts.vouch_in_session(maria, event, client=thief)

    assert SecurityEvent.objects.filter(kind=EventKind.VOUCHED).count() == 1


def test_the_owner_answers_after_somebody_who_was_only_heard(maria, event, thief, owner):
    verdicts.vouch_in_session(maria, event, client=thief)

    assert verdicts.vouch_in_session(maria, event, client=owner)


def test_a_sign_in_that_was_confirmed_is_believed_from_any_session(maria, event, thief):
    learning.learn(event)  # as record_sign_in does for what is unusual and confirmed

    assert verdicts.vouch_in_session(maria, event, client=thief)


def test_what_the_owner_disputed_is_not_vouched_for_from_a_young_session(maria, event, owner):
    learning.learn(event)
    incidents.report_in_session(maria, event, client=owner)
    again = make_session(maria, age=HOUR / 9, device_age=HOUR)

    assert not verdicts.vouch_in_session(maria, event, client=again)
    assert said(event) == (OwnerVerdict.NOT_ME, False)


def test_said_twice_it_is_written_once(maria, event, owner):
    assert verdicts.vouch_in_session(maria, event, client=owner)
    assert verdicts.vouch_in_session(maria, event, client=owner)

    assert SecurityEvent.objects.filter(kind=EventKind.VOUCHED).count() == 1


def test_a_change_is_vouched_for_and_teaches_nothing(maria, owner):
    event = make_event(maria, EventKind.CONTACT_ADDED)

    assert verdicts.vouch_in_session(maria, event, client=owner)
    assert said(event) == (OwnerVerdict.ME, False)


def test_what_nobody_is_asked_about_is_not_answered(maria, owner):
    event = make_event(maria, EventKind.SIGN_IN_FAILED)

    with pytest.raises(NothingToReport):
        verdicts.vouch_in_session(maria, event, client=owner)


def test_a_session_of_another_account_answers_nothing(maria, event):
    with pytest.raises(AccountChanged):
        verdicts.vouch_in_session(maria, event, client=make_session(make_user()))

    assert said(event) == ("", False)


@pytest.mark.parametrize(
    ("fields", "is_believed"),
    [({}, True), ({"removed_at": timezone.now()}, False), ({"counts_from": "later"}, False)],
)
def test_a_contact_is_believed_when_it_could_pause_the_account(maria, event, fields, is_believed):
    if "counts_from" in fields:
        fields = {"counts_from": timezone.now() + DAY}
    link = link_to(make_contact(maria, "other@example.net", **fields), event)

    assert verdicts.vouch_by_link(link, client=make_client()) is is_believed
    assert said(event) == ((OwnerVerdict.ME, True) if is_believed else ("", False))


def test_a_contact_does_not_overrule_what_was_reported(maria, event, owner):
    incidents.report_in_session(maria, event, client=owner)
    link = link_to(maria.contacts.get(), event)

    assert not verdicts.vouch_by_link(link, client=make_client())
    assert said(event)[0] == OwnerVerdict.NOT_ME


def test_the_page_of_who_paused_vouches_for_nothing(maria, event):
    incident = make_incident(maria, event)
    link = report_links.find(report_links.new_link_of_presser(incident, timezone.now()))

    with pytest.raises(DeadReport):
        verdicts.vouch_by_link(link, client=make_client())

"""A report is one message to each contact, however much it did, through the real services."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.policy import CONTACT_COUNTS_AFTER as COUNTS_AFTER
from accounts.tests.factories import make_contact, make_totp, make_user
from activity.enums import EventKind, RiskReason
from activity.models import SecurityEvent
from activity.services import incidents, notices, report_links
from activity.tests.factories import make_client, make_judged_event
from activity.tests.reporting import make_session
from outbox.models import Message
from outbox.services.render import render

HOUR = timedelta(hours=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def maria():
    maria = make_user(email="maria@example.org")
    make_contact(maria, "second@example.net")
    return maria


@pytest.fixture
def event(maria):
    """Let a thief sign in, add an address and an app, and remove an address of the owner's."""
    at = timezone.now() - HOUR
    thief = make_session(maria, age=HOUR, device_age=HOUR, address="198.51.100.66")
    reasons = [RiskReason.NEW_COUNTRY]
    event = make_judged_event(maria, at=at, client=thief, reasons=reasons)
    added = {"verified_at": at + HOUR / 2, "added_at": at + HOUR / 2}
    make_contact(maria, "thief@example.net", counts_from=at + COUNTS_AFTER, **added)
    make_contact(maria, "gone@example.net", removed_at=at + HOUR / 2)
    make_totp(maria, made_at=at + HOUR / 2)
    return event


def told() -> dict[str, list[str]]:
    """Give what each address heard, by the words of its title."""
    notices.send_due(limit=1000)
    found: dict[str, list[str]] = {}
    for row in Message.objects.order_by("pk"):
        found.setdefault(row.address, []).append(row.context["title"])
    return found


def test_report_of_an_old_session_is_one_message_that_lists_what_was_done(maria, event):
    owner = make_session(maria)

    incidents.report_in_session(maria, event, client=owner)

    heard = told()
    assert heard["maria@example.org"] == ["Something on your account was reported"]
    assert {len(titles) for titles in heard.values()} == {1}
    assert "thief@example.net" not in heard
    what = Message.objects.get(address="maria@example.org").context["what"]
    for sentence in (
        "Every other browser was signed out.",
        "Addresses and phones that were added since then are suspended.",
        "Second steps that were added since then open nothing.",
        "The password is not accepted any more; a new one has to be set.",
    ):
        assert sentence in what
    assert SecurityEvent.objects.filter(user=maria, kind=EventKind.PASSWORD_SPENT).exists()


def test_taking_it_back_is_one_message(maria, event):
    owner = make_session(maria)
    incident = incidents.report_in_session(maria, event, client=owner)
    told()
    Message.objects.all().delete()

    incidents.take_back(incident, client=owner)

    heard = told()
    assert heard["maria@example.org"] == ["A report about your account was taken back"]
    assert {len(titles) for titles in heard.values()} == {1}


def test_report_of_a_young_session_is_told_as_the_pause_that_it_is(maria, event):
    young = make_session(maria, age=HOUR / 3, device_age=HOUR / 3)

    incidents.report_in_session(maria, event, client=young)

    assert told()["maria@example.org"] == ["Account paused"]
    message = Message.objects.get(address="maria@example.org")
    assert message.context["what"].startswith("Your account was paused, because somebody told us")
    assert {len(titles) for titles in told().values()} == {1}


def test_press_of_a_link_and_its_end_are_a_message_each(maria, event):
    contact = maria.contacts.get(value="maria@example.org")
    token = report_links.new_link(event, contact, timezone.now())

    incident = incidents.report_by_link(report_links.find(token), client=make_client())
    paused = told()["maria@example.org"]
    incidents.take_back(incident, client=make_client(), link=report_links.find(token))

    assert paused == ["Account paused"]
    assert told()["maria@example.org"] == ["Account paused", "Account in use again"]
    back = Message.objects.filter(address="maria@example.org").latest("pk")
    assert back.context["what"].endswith("whoever paused it took that back.")


def test_press_that_only_tells_staff_is_told_to_nobody(maria, event):
    young = maria.contacts.get(value="thief@example.net")
    token = report_links.new_link(event, young, timezone.now())

    incidents.report_by_link(report_links.find(token), client=make_client())

    assert told() == {}
    assert User.objects.get().frozen_at is None


def test_message_of_a_text_to_the_phone_of_an_owner_leads_to_the_report(maria, event):
    make_contact(maria, "+33612345678")
    notices.announce(event)

    notices.send_due()

    message = Message.objects.get(channel="sms")
    token = render(message, timezone.now()).text.rstrip("/").rpartition("/")[2]
    assert report_links.find(token).event == event

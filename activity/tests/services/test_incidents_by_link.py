""" "This wasn't me" from a message: who pauses the account, and who only tells staff."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import policy as accounts_policy
from accounts.models import Contact, User, UserSession
from accounts.services import restrictions
from accounts.tests.factories import make_client, make_contact, make_user
from activity import policy
from activity.enums import Done, EventKind, IncidentOrigin, OwnerVerdict
from activity.errors import DeadReport, TooLateToTakeBack
from activity.models import Incident, Notice, ReportLink, SecurityEvent
from activity.services import incidents, learning, report_links
from activity.tests.factories import make_event, make_judged_event
from activity.tests.reporting import DAY, link_to, make_session

CLIENT = make_client("198.51.100.7")
pytestmark = pytest.mark.django_db


@pytest.fixture
def maria():
    return make_user(email="maria@example.org")


@pytest.fixture
def contact(maria):
    return maria.contacts.get()


@pytest.fixture
def event(maria):
    return make_judged_event(maria)


@pytest.fixture
def link(event, contact):
    return link_to(contact, event)


def whats(incident):
    return [fact["what"] for fact in incident.done]


def test_a_contact_with_a_say_pauses_the_account(maria, link, event):
    make_session(maria)

    incident = incidents.report_by_link(link, client=CLIENT)

    stored = User.objects.get()
    assert (incident.origin, incident.contact) == (IncidentOrigin.LINK, link.contact)
    assert (stored.frozen_cause, stored.epoch) == ("reported", incident.epoch)
    assert not UserSession.objects.exists()
    assert whats(incident) == [Done.SIGNED_OUT, Done.PAUSED, Done.TOLD_STAFF]
    assert incident.undo_until == incident.opened_at + policy.TAKE_BACK


def test_of_a_pause_one_notice_tells(link):
    incidents.report_by_link(link, client=CLIENT)

    told = [notice.event.kind for notice in Notice.objects.all()]
    assert told == [EventKind.ACCOUNT_FROZEN]
    assert SecurityEvent.objects.filter(kind=EventKind.REPORTED).count() == 1


def test_a_pause_touches_neither_contacts_nor_password(maria, link):
    make_contact(maria, "young@example.net", verified_at=timezone.now())
    before = list(Contact.objects.order_by("pk").values())

    incidents.report_by_link(link, client=CLIENT)

    assert list(Contact.objects.order_by("pk").values()) == before
    assert User.objects.get().password_spent_at is None


def test_the_reported_sign_in_is_disputed_and_unlearned(link, event):
    learning.learn(event)

    incidents.report_by_link(link, client=CLIENT)

    event.refresh_from_db()
    assert (event.verdict, event.is_learned) == (OwnerVerdict.NOT_ME, False)


def test_a_link_does_not_overrule_what_a_session_said(link, event):
    now = timezone.now()
    SecurityEvent.objects.filter(pk=event.pk).update(verdict=OwnerVerdict.ME, verdict_at=now)

    incidents.report_by_link(report_links.read_again(link), client=CLIENT)

    event.refresh_from_db()
    assert event.verdict == OwnerVerdict.ME
    assert User.objects.get().frozen_at is not None


@pytest.mark.parametrize("which", ["young", "removed", "in doubt"])
def test_a_contact_without_a_say_tells_staff_and_does_nothing_else(maria, event, which):
    now = timezone.now()
    fields = {
        "young": {"verified_at": now - 6 * DAY, "counts_from": now + DAY},
        "removed": {"removed_at": now - DAY},
        "in doubt": {"is_in_doubt": True, "counts_from": accounts_policy.NEVER},
    }[which]
    link = link_to(make_contact(maria, "other@example.net", **fields), event)
    make_session(maria)
    events = SecurityEvent.objects.count()

    incident = incidents.report_by_link(link, client=CLIENT)

    stored = User.objects.get()
    assert incident.origin == IncidentOrigin.LINK_WITHOUT_SAY
    assert (whats(incident), incident.undo_until) == ([Done.TOLD_STAFF], None)
    assert (stored.frozen_at, stored.epoch) == (None, maria.epoch)
    assert UserSession.objects.count() == 1
    assert (SecurityEvent.objects.count(), Notice.objects.count()) == (events, 0)
    assert SecurityEvent.objects.get(pk=event.pk).verdict == ""


def test_a_contact_that_was_removed_since_the_page_was_opened_pauses_nothing(maria, link):
    make_contact(maria, "second@example.net")
    Contact.objects.filter(pk=link.contact_id).update(removed_at=timezone.now())

    incidents.report_by_link(link, client=CLIENT)

    assert User.objects.get().frozen_at is None


def test_a_contact_that_was_suspended_since_reports_nothing(link):
    Contact.objects.filter(pk=link.contact_id).update(suspended_at=timezone.now())

    with pytest.raises(DeadReport):
        incidents.report_by_link(link, client=CLIENT)

    assert not Incident.objects.exists()


def test_pressed_again_it_is_the_same_report(link):
    first = incidents.report_by_link(link, client=CLIENT)
    told = Notice.objects.count()

    second = incidents.report_by_link(link, client=CLIENT)

    assert (second, Incident.objects.count(), Notice.objects.count()) == (first, 1, told)


def test_each_contact_is_heard_and_a_paused_account_is_not_paused_again(maria, link, event):
    other = link_to(make_contact(maria, "other@example.net"), event)
    incidents.report_by_link(link, client=CLIENT)
    epoch, told = User.objects.get().epoch, Notice.objects.count()

    noted = incidents.report_by_link(other, client=CLIENT)

    assert (whats(noted), noted.undo_until) == ([Done.TOLD_STAFF], None)
    assert (User.objects.get().epoch, Notice.objects.count()) == (epoch, told)


def test_a_recovered_account_is_not_paused_again_by_an_old_message(maria, link):
    """Its owner has dealt with that event; newer ones carry links of their own."""
    first = incidents.report_by_link(link, client=CLIENT)
    restrictions.unfreeze(maria, "recovered", CLIENT)

    assert incidents.report_by_link(link, client=CLIENT) == first
    assert User.objects.get().frozen_at is None


@pytest.mark.parametrize("fields", [{"is_staff": True}, {"is_protected": True}])
def test_protected_and_staff_accounts_are_paused_too(fields):
    user = make_user(**fields)
    link = link_to(user.contacts.get(), make_event(user))

    incidents.report_by_link(link, client=CLIENT)

    assert User.objects.get().frozen_at is not None


def test_taking_back_by_the_same_link_ends_the_pause_and_no_more(maria, link, event):
    learning.learn(event)
    incident = incidents.report_by_link(link, client=CLIENT)

    incidents.take_back(incident, client=CLIENT, link=report_links.read_again(link))

    event.refresh_from_db()
    assert User.objects.get().frozen_at is None
    assert (event.verdict, event.is_learned) == ("", True)
    kinds = [notice.event.kind for notice in Notice.objects.order_by("pk")]
    assert kinds == [EventKind.ACCOUNT_FROZEN, EventKind.ACCOUNT_UNFROZEN]


def test_another_contacts_link_takes_nothing_back(maria, link, event):
    other = link_to(make_contact(maria, "other@example.net"), event)
    incident = incidents.report_by_link(link, client=CLIENT)

    with pytest.raises(TooLateToTakeBack):
        incidents.take_back(incident, client=CLIENT, link=other)

    assert User.objects.get().frozen_at is not None


def test_after_ten_minutes_nothing_is_taken_back(link, time_machine):
    incident = incidents.report_by_link(link, client=CLIENT)
    time_machine.move_to(incident.opened_at + policy.TAKE_BACK)

    with pytest.raises(TooLateToTakeBack):
        incidents.take_back(incident, client=CLIENT, link=report_links.read_again(link))


def test_a_recovery_meanwhile_has_the_last_word(maria, link):
    incident = incidents.report_by_link(link, client=CLIENT)
    User.objects.update(epoch=incident.epoch + 1)
    as_read = Incident.objects.get()

    with pytest.raises(TooLateToTakeBack):
        incidents.take_back(as_read, client=CLIENT, link=report_links.read_again(link))

    assert User.objects.get().frozen_at is not None


def test_a_thief_who_pauses_first_cannot_end_the_pause_that_the_owner_found(maria, link, event):
    """He reads a shared mailbox and presses before her, to take it back when she is content."""
    hers = link_to(make_contact(maria, "hers@example.net"), event)
    his = incidents.report_by_link(link, client=CLIENT)
    incidents.report_by_link(hers, client=CLIENT)

    with pytest.raises(TooLateToTakeBack):
        incidents.take_back(his, client=CLIENT, link=report_links.read_again(link))

    assert User.objects.get().frozen_at is not None


def test_a_reported_recovery_holds_the_pause_too(maria, link):
    incident = incidents.report_by_link(link, client=CLIENT)
    make_event(maria, EventKind.RECOVERY_UNDONE)

    with pytest.raises(TooLateToTakeBack):
        incidents.take_back(incident, client=CLIENT, link=report_links.read_again(link))


def test_two_messages_to_one_contact_are_taken_back_together(maria, link, contact):
    second = link_to(contact, make_event(maria, EventKind.CONTACT_ADDED))
    incident = incidents.report_by_link(link, client=CLIENT)
    incidents.report_by_link(second, client=CLIENT)

    incidents.take_back(incident, client=CLIENT, link=report_links.read_again(link))

    assert User.objects.get().frozen_at is None
    assert set(Incident.objects.values_list("state", flat=True)) == {"taken_back"}


def test_after_taking_back_the_link_pauses_again(link):
    incident = incidents.report_by_link(link, client=CLIENT)
    incidents.take_back(incident, client=CLIENT, link=report_links.read_again(link))

    again = incidents.report_by_link(link, client=CLIENT)

    assert again != incident
    assert ReportLink.objects.get().incident == again
    assert User.objects.get().frozen_at is not None


def test_who_presses_in_turns_ends_with_a_pause_that_stays(link):
    for _ in range(policy.TAKEN_BACK_A_DAY):
        incident = incidents.report_by_link(link, client=CLIENT)
        incidents.take_back(incident, client=CLIENT, link=report_links.read_again(link))

    last = incidents.report_by_link(link, client=CLIENT)

    assert last.undo_until is None
    with pytest.raises(TooLateToTakeBack):
        incidents.take_back(last, client=CLIENT, link=report_links.read_again(link))
    assert User.objects.get().frozen_at is not None


def test_an_hour_of_pauses_is_forgotten_after_a_day(link, time_machine):
    now = timezone.now()
    for _ in range(policy.TAKEN_BACK_A_DAY):
        incident = incidents.report_by_link(link, client=CLIENT)
        incidents.take_back(incident, client=CLIENT, link=report_links.read_again(link))
    time_machine.move_to(now + DAY + timedelta(hours=1))

    assert incidents.report_by_link(link, client=CLIENT).undo_until is not None

""" "This wasn't me" in a session: what an old one does, and what a younger one cannot."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import policy as accounts_policy
from accounts.errors import AccountChanged
from accounts.models import Contact, Device, User, UserSession
from accounts.tests.factories import make_contact, make_totp, make_user
from activity import policy
from activity.enums import Done, EventKind, IncidentOrigin, IncidentState, OwnerVerdict
from activity.errors import NothingToReport
from activity.models import Incident, Notice, SecurityEvent
from activity.services import incidents, learning
from activity.tests.factories import make_client, make_event, make_judged_event
from activity.tests.reporting import DAY, make_session

HOUR = timedelta(hours=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def maria():
    return make_user(email="maria@example.org")


@pytest.fixture
def thief(maria):
    """Give the browser of somebody who signed in an hour ago."""
    return make_session(maria, age=HOUR, device_age=HOUR, address="198.51.100.66")


@pytest.fixture
def event(maria, thief):
    return make_judged_event(maria, at=timezone.now() - HOUR, client=thief)


@pytest.fixture
def owner(maria):
    return make_session(maria)


def whats(incident):
    return [fact["what"] for fact in incident.done]


def kinds_since(user, kind):
    return SecurityEvent.objects.filter(user=user, kind=kind)


def test_an_old_session_shuts_the_others_out_and_stays(maria, owner, thief, event):
    incident = incidents.report_in_session(maria, event, client=owner)

    stored = User.objects.get()
    assert incident.origin == IncidentOrigin.OLD_SESSION
    assert list(UserSession.objects.values_list("pk", flat=True)) == [owner.session]
    assert stored.frozen_at is None
    assert stored.password_spent_at is not None
    assert stored.epoch == maria.epoch == incident.epoch
    assert Done.SIGNED_OUT in whats(incident)
    assert whats(incident)[-2:] == [Done.SPENT_PASSWORD, Done.TOLD_STAFF]


def test_an_old_session_suspends_what_is_younger_and_leaves_what_is_older(maria, owner, event):
    old = make_contact(maria, "old@example.net")
    young = make_contact(maria, "thief@example.net", verified_at=timezone.now() - HOUR / 2)

    incident = incidents.report_in_session(maria, event, client=owner)

    assert Contact.objects.get(pk=young.pk).suspended_at is not None
    assert Contact.objects.get(pk=old.pk).suspended_at is None
    assert {"what": Done.SUSPENDED_CONTACT, "contact": young.pk, "kind": "email"} in incident.done


def test_a_reported_change_is_itself_undone(maria, owner):
    young = make_contact(maria, "thief@example.net", verified_at=timezone.now() - HOUR)
    event = make_event(
        maria, EventKind.CONTACT_ADDED, at=young.added_at + timedelta(seconds=1), contact=young.pk
    )

    incidents.report_in_session(maria, event, client=owner)

    assert Contact.objects.get(pk=young.pk).suspended_at is not None


def test_a_report_is_told_once_and_lists_what_was_done(maria, owner, event):
    incident = incidents.report_in_session(maria, event, client=owner)

    reported = SecurityEvent.objects.get(kind=EventKind.REPORTED)
    assert reported.details["incident"] == str(incident.pk)
    assert [notice.event for notice in Notice.objects.all()] == [reported]


def test_a_disputed_sign_in_and_those_like_it_teach_nothing(maria, owner, thief, event):
    again = make_event(maria, at=timezone.now() - HOUR / 2, client=thief)
    own = make_event(maria, at=timezone.now() - HOUR / 3, client=owner)
    for each in (event, again, own):
        learning.learn(each)

    incidents.report_in_session(maria, event, client=owner)

    learned = SecurityEvent.objects.filter(kind=EventKind.SIGNED_IN, is_learned=True)
    assert list(learned) == [own]
    event.refresh_from_db()
    assert event.verdict == OwnerVerdict.NOT_ME


def test_not_me_overrules_this_was_me(maria, owner, event):
    now = timezone.now()
    SecurityEvent.objects.filter(pk=event.pk).update(verdict=OwnerVerdict.ME, verdict_at=now)

    incidents.report_in_session(maria, event, client=owner)

    assert SecurityEvent.objects.get(pk=event.pk).verdict == OwnerVerdict.NOT_ME


def test_pressed_again_it_is_the_same_report(maria, owner, event):
    first = incidents.report_in_session(maria, event, client=owner)
    epoch = maria.epoch

    second = incidents.report_in_session(maria, event, client=owner)

    assert (second, maria.epoch) == (first, epoch)
    assert Incident.objects.count() == 1
    assert kinds_since(maria, EventKind.REPORTED).count() == 1


def test_pressed_twice_at_once_the_later_press_gets_the_same_report(maria, owner, event):
    as_read = User.objects.get()
    first = incidents.report_in_session(maria, event, client=owner)

    second = incidents.report_in_session(as_read, event, client=owner)

    assert second == first


def test_another_browser_does_not_get_that_report_as_its_own(maria, owner, event):
    as_read, other = User.objects.get(), make_session(maria)
    incidents.report_in_session(maria, event, client=owner)

    with pytest.raises(AccountChanged):
        incidents.report_in_session(as_read, event, client=other)


@pytest.mark.parametrize(
    ("age", "device_age"),
    [
        (HOUR / 2, 300 * DAY),  # signed in after what is reported
        (2 * DAY, 2 * DAY),  # older than that, and than the owner's newest sign-in
        (HOUR, HOUR),  # it reports its own sign-in
    ],
)
def test_a_younger_session_pauses_the_account_and_dies(maria, owner, event, age, device_age):
    presser = make_session(maria, age=age, device_age=device_age)

    incident = incidents.report_in_session(maria, event, client=presser)

    stored = User.objects.get()
    assert incident.origin == IncidentOrigin.YOUNG_SESSION
    assert (stored.frozen_cause, stored.password_spent_at) == ("reported", None)
    assert not UserSession.objects.exists()
    assert whats(incident) == [Done.SIGNED_OUT, Done.PAUSED, Done.TOLD_STAFF]


def test_a_sign_in_is_no_session_older_than_itself(maria):
    presser = make_session(maria, age=HOUR)
    event = make_event(maria, at=timezone.now() - HOUR + timedelta(seconds=2), client=presser)

    incident = incidents.report_in_session(maria, event, client=presser)

    assert incident.origin == IncidentOrigin.YOUNG_SESSION


def test_a_forgotten_browser_is_young(maria, event, owner):
    Device.objects.update(forgotten_at=timezone.now())

    incident = incidents.report_in_session(maria, event, client=owner)

    assert incident.origin == IncidentOrigin.YOUNG_SESSION


def test_a_thief_gains_nothing_by_reporting_the_owner(maria, owner, thief):
    """His session dies, and nothing of the owner's is in doubt."""
    contact = make_contact(maria, "second@example.net", verified_at=timezone.now() - 10 * DAY)
    app = make_totp(maria, made_at=timezone.now() - HOUR / 2)
    own = make_event(maria, at=timezone.now() - HOUR / 2, client=owner)
    learning.learn(own)
    before = list(Contact.objects.order_by("pk").values())

    incident = incidents.report_in_session(maria, own, client=thief)

    own.refresh_from_db()
    app.refresh_from_db()
    assert incident.origin == IncidentOrigin.YOUNG_SESSION
    assert not UserSession.objects.exists()
    assert list(Contact.objects.order_by("pk").values()) == before
    assert (app.confirmed, contact.suspended_at) == (True, None)
    assert (own.verdict, own.is_learned) == ("", True)


def test_the_owner_may_still_report_what_a_younger_session_has(maria, owner, thief, event):
    """A pause that was taken back leaves the event to whoever may say so."""
    incidents.report_in_session(maria, event, client=thief)
    User.objects.update(frozen_at=None, frozen_cause="")
    user = User.objects.get()

    incident = incidents.report_in_session(user, event, client=make_session(user))

    assert incident.origin == IncidentOrigin.OLD_SESSION


def test_after_a_recovery_the_owner_is_not_paused_again_for_the_same_event(maria, event):
    first = incidents.report_in_session(maria, event, client=make_session(maria, age=HOUR / 2))
    User.objects.update(frozen_at=None, frozen_cause="", epoch=9)
    user = User.objects.get()

    again = incidents.report_in_session(user, event, client=make_session(user, age=HOUR / 9))

    event.refresh_from_db()
    assert (again, event.verdict) == (first, OwnerVerdict.NOT_ME)
    assert User.objects.get().frozen_at is None


def test_the_same_for_a_sign_in_that_was_learned(maria, event):
    learning.learn(event)
    first = incidents.report_in_session(maria, event, client=make_session(maria, age=HOUR / 2))
    User.objects.update(frozen_at=None, frozen_cause="", epoch=9)
    user = User.objects.get()

    again = incidents.report_in_session(user, event, client=make_session(user, age=HOUR / 9))

    event.refresh_from_db()
    assert (again, event.verdict, event.is_learned) == (first, "", True)


def test_another_event_pauses_again(maria, event):
    incidents.report_in_session(maria, event, client=make_session(maria, age=HOUR / 2))
    User.objects.update(frozen_at=None, frozen_cause="", epoch=9)
    user = User.objects.get()
    other = make_event(user, EventKind.CONTACT_ADDED, at=timezone.now() - HOUR / 2)

    incidents.report_in_session(user, other, client=make_session(user, age=HOUR / 9))

    assert User.objects.get().frozen_at is not None


@pytest.mark.parametrize(
    "kind",
    [EventKind.SIGN_IN_FAILED, EventKind.SECOND_STEP_FAILED, EventKind.TICKET_OPENED],
)
def test_what_nobody_is_asked_about_is_not_reported(maria, owner, kind):
    event = make_event(maria, kind)

    with pytest.raises(NothingToReport):
        incidents.report_in_session(maria, event, client=owner)

    assert not Incident.objects.exists()


def test_what_is_no_longer_shown_is_not_reported(maria, owner):
    event = make_event(maria, at=timezone.now() - policy.EVENTS_SHOWN)

    with pytest.raises(NothingToReport):
        incidents.report_in_session(maria, event, client=owner)


def test_a_session_that_was_ended_meanwhile_reports_nothing(maria, owner, event):
    UserSession.objects.filter(pk=owner.session).delete()

    with pytest.raises(AccountChanged):
        incidents.report_in_session(maria, event, client=owner)

    assert User.objects.get().password_spent_at is None


def test_the_session_of_another_account_reports_nothing(maria, event):
    other = make_session(make_user())

    with pytest.raises(AccountChanged):
        incidents.report_in_session(maria, event, client=other)


def test_protected_and_staff_accounts_are_treated_the_same():
    user = make_user(is_staff=True, is_protected=True)
    event = make_event(user, at=timezone.now() - HOUR, client=make_client())

    incident = incidents.report_in_session(user, event, client=make_session(user, age=HOUR / 9))

    assert (incident.origin, incident.state) == (IncidentOrigin.YOUNG_SESSION, IncidentState.OPEN)
    assert User.objects.get().frozen_at is not None


def test_young_means_what_masks_addresses(maria, event):
    age = accounts_policy.YOUNG_DEVICE
    for device_age, origin in (
        (age - HOUR, IncidentOrigin.YOUNG_SESSION),
        (age + HOUR, IncidentOrigin.OLD_SESSION),
    ):
        client = make_session(maria, device_age=device_age)
        row = UserSession.objects.get(pk=client.session)

        assert incidents.origin_of(row, maria, event) == origin


def test_no_session_is_a_young_one(maria, event):
    assert incidents.origin_of(None, maria, event) == IncidentOrigin.YOUNG_SESSION

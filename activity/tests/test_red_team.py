"""What a thief or a stranger tried on reports, notices and answers."""

from datetime import timedelta

import pytest
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from accounts import signals
from accounts.models import Contact, Device, User
from accounts.services import devices, passwords
from accounts.tests.factories import make_user
from activity.enums import EventKind, IncidentOrigin
from activity.models import Notice, SecurityEvent
from activity.services import incidents, notices, verdicts
from activity.services.events import record_event
from activity.tests.factories import make_client, make_judged_event
from activity.tests.reporting import make_session
from activity.tests.sign_ins import AMERICA, browser_at
from outbox.models import Message
from vault import digests

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ANDROID = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/144.0.0.0 Mobile Safari/537.36"
)
pytestmark = pytest.mark.django_db


@pytest.fixture
def maria():
    return make_user(email="maria@example.org")


def test_thief_writes_nothing_to_the_owner_by_the_model_of_his_phone(maria):
    client = make_client(agent=ANDROID, hints="platform=14;model=Call 0800 123456 now")
    notices.announce(make_judged_event(maria, client=client))

    notices.send_due()

    assert Message.objects.get().context["device"] == "Chrome on Android"


def test_address_that_a_report_lets_name_the_account_is_not_told_by_itself(maria):
    signals.primary_changed.send(
        sender=Contact,
        user=maria,
        client=make_client(),
        contact=maria.contacts.get(),
        is_quiet=True,
    )

    assert SecurityEvent.objects.filter(kind=EventKind.PRIMARY_CHANGED).exists()
    assert not Notice.objects.exists()


def test_browser_of_a_reported_sign_in_is_forgotten(maria):
    """It is noted a moment before the event of its own sign-in (accounts.services.sessions)."""
    owner = make_session(maria)
    device, token = devices.remember(maria, browser_at(AMERICA))
    client = make_client(device=digests.token_hash(token))
    event = record_event(maria, EventKind.SIGNED_IN, client=client, authenticators=["password"])

    incidents.report_in_session(maria, event, client=owner)

    assert Device.objects.get(pk=device.pk).forgotten_at is not None


def test_who_copied_the_cookie_of_an_old_browser_does_not_vouch_for_himself(maria):
    thief = make_session(maria, age=HOUR, device_age=300 * DAY)
    event = make_judged_event(maria, at=timezone.now() - HOUR, client=thief)

    assert not verdicts.vouch_in_session(maria, event, client=thief)


def test_nor_for_another_unusual_sign_in(maria):
    thief = make_session(maria, age=HOUR, device_age=300 * DAY)
    make_judged_event(maria, at=timezone.now() - HOUR, client=thief)
    other = make_judged_event(maria, at=timezone.now() - HOUR / 2, client=browser_at(AMERICA))

    assert not verdicts.vouch_in_session(maria, other, client=thief)


def test_nor_does_a_report_of_his_roll_anything_back(maria):
    """He signs in with password and copied cookie, then reports the owner, who came later."""
    thief = make_session(maria, age=HOUR, device_age=300 * DAY)
    make_judged_event(maria, at=timezone.now() - HOUR, client=thief)
    owners = record_event(maria, EventKind.SIGNED_IN, client=make_client())

    incident = incidents.report_in_session(maria, owners, client=thief)

    assert incident.origin == IncidentOrigin.YOUNG_SESSION
    assert User.objects.get().password_spent_at is None


def test_owner_at_home_vouches_in_a_browser_of_old(maria):
    owner = make_session(maria, age=HOUR, device_age=300 * DAY)
    record_event(maria, EventKind.SIGNED_IN, client=owner, at=timezone.now() - HOUR)
    other = make_judged_event(maria, at=timezone.now() - 2 * HOUR, client=browser_at(AMERICA))

    assert verdicts.vouch_in_session(maria, other, client=owner)


def test_password_whose_hash_a_sign_in_renews_meanwhile_is_spent_all_the_same(maria):
    """A thief who signs in at that moment with a hash of old figures keeps no way in."""
    User.objects.update(password=make_password("another salt, the same password"))

    assert passwords.spend(maria, client=make_client())
    assert User.objects.get().password_spent_at is not None

"""What a completed sign-in leaves behind: its judgement, what it taught, and the notice."""

import pytest

from accounts import signals
from accounts.hooks import Assessment
from activity.models import Notice, SecurityEvent
from activity.tests.factories import make_user
from activity.tests.sign_ins import browser_at, own_counts

pytestmark = pytest.mark.django_db
UNUSUAL = Assessment(score=85, reasons=["new_country"], model="m1", is_unusual=True)
USUAL = Assessment(score=10, model="m1")


@pytest.fixture
def user():
    return make_user()


def complete(user, assessment, *authenticators):
    signals.signed_in.send(
        sender=None,
        user=user,
        client=browser_at(),
        authenticators=list(authenticators),
        assessment=assessment,
    )
    return SecurityEvent.objects.get()


@pytest.mark.parametrize("assessment", [None, Assessment(), USUAL])
def test_usual_sign_in_teaches_and_is_not_told(user, assessment):
    event = complete(user, assessment, "password")

    assert (event.is_learned, event.is_unusual) == (True, False)
    assert own_counts(user)["all", ""] == 1
    assert Notice.objects.count() == 0


@pytest.mark.parametrize("shown", [(), ("trusted_browser",)])
def test_unusual_sign_in_with_the_password_alone_teaches_nothing_and_is_told(user, shown):
    event = complete(user, UNUSUAL, "password", *shown)

    assert (event.is_learned, event.is_unusual, event.score) == (False, True, 85)
    assert own_counts(user) == {}
    assert Notice.objects.get().event == event


@pytest.mark.parametrize("shown", ["totp", "sms", "email", "recovery_codes"])
def test_unusual_sign_in_that_was_confirmed_teaches_and_is_told(user, shown):
    event = complete(user, UNUSUAL, "password", shown)

    assert (event.is_learned, event.is_unusual) == (True, True)
    assert own_counts(user)["all", ""] == 1
    assert Notice.objects.get().event == event


@pytest.mark.parametrize("shown", [("passkey",), ("password", "passkey")])
def test_passkey_is_exempt_whatever_was_judged(user, shown):
    event = complete(user, UNUSUAL, *shown)

    assert (event.score, event.reasons, event.is_unusual) == (None, [], False)
    assert event.is_learned
    assert Notice.objects.count() == 0

"""Bar 4 for sign-ins that are judged unusual: twelve statements each, with the assessor's."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.hooks import Assessment
from accounts.models import User
from accounts.services import totp
from accounts.tests.factories import PASSWORD, make_totp, make_user
from activity.assessors import assess_sign_in
from activity.models import SecurityEvent
from tests.factories import code_of
from tests.test_statements import Counted

pytestmark = pytest.mark.django_db
MARIA = "maria@example.org"
VERIFY = "/sign-in/verify/"


def alarmed(user, client):
    """Work as ever, and find it unusual."""
    found = assess_sign_in(user, client)
    return Assessment(90, ["new_country"], found.model, is_unusual=True, needs_confirmation=True)


def noticed(user, client):
    found = assess_sign_in(user, client)
    return Assessment(60, ["new_country"], found.model, is_unusual=True)


def days_of(page, clock, first_half):
    """Sign in on two days, first in a new browser and then in a known one."""
    for _ in range(2):
        page.get("/sign-in/")
        yield first_half()
        page.browser.post("/sign-out/")
        clock.move_to(timezone.now() + timedelta(days=1))


@pytest.mark.parametrize("has_mailbox", [True, False])
@pytest.mark.parametrize("assessor", ["alarmed", "noticed"])
def test_unusual_sign_in_by_password(settings, time_machine, has_mailbox, assessor):
    settings.SIGN_IN_ASSESSORS = [f"{__name__}.{assessor}"]
    make_user(email=MARIA if has_mailbox else None, external_id="m-4711")
    is_mailed = has_mailbox and assessor == "alarmed"
    page = Counted()

    for first in days_of(
        page, time_machine, lambda: page.post("/sign-in/", identifier="m-4711", password=PASSWORD)
    ):
        assert first["Location"] == (VERIFY if is_mailed else "/security/")
        if is_mailed:
            page.get(VERIFY)
            page.post(VERIFY, token="00000000")
            page.post(VERIFY, token=code_of(MARIA, "accounts.sign_in_code"))

    assert SecurityEvent.objects.filter(is_unusual=True).count() == 2
    assert page.over == []


@pytest.mark.parametrize("assessor", ["alarmed", "noticed"])
def test_unusual_sign_in_with_a_second_step(settings, time_machine, assessor):
    settings.SIGN_IN_ASSESSORS = [f"{__name__}.{assessor}"]
    app = make_totp(make_user(email=MARIA))
    page = Counted()

    for first in days_of(
        page, time_machine, lambda: page.post("/sign-in/", identifier=MARIA, password=PASSWORD)
    ):
        page.get(VERIFY)
        page.post(VERIFY, token="000000")
        done = page.post(VERIFY, token=totp.current_code(app))
        assert (first["Location"], done["Location"]) == (VERIFY, "/security/")

    assert SecurityEvent.objects.filter(is_unusual=True).count() == 2
    assert page.over == []


def test_staff_in_another_country(settings):
    settings.SIGN_IN_ASSESSORS = [f"{__name__}.alarmed"]
    app = make_totp(make_user(email=MARIA))
    User.objects.update(is_staff=True)
    page = Counted()
    page.post("/sign-in/", identifier=MARIA, password=PASSWORD)
    page.post(VERIFY, token=totp.current_code(app))

    assert page.over == []

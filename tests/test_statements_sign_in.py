"""Bar 4 for a sign-in in steps: twelve statements each."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.services import totp
from accounts.tests.factories import PASSWORD, make_code_device, make_totp, make_user
from tests.factories import sign_in
from tests.test_statements import Counted

pytestmark = pytest.mark.django_db
MARIA = "maria@example.org"


@pytest.fixture
def maria():
    return make_user(email=MARIA)


@pytest.mark.parametrize("times", [1, 2], ids=["new browser", "known browser"])
def test_sign_in_with_a_second_step(maria, times, time_machine):
    app, phone = make_totp(maria), make_code_device(maria)
    page = Counted()
    for _ in range(times):
        page.post("/sign-in/", identifier=MARIA, password="wrong")
        page.post("/sign-in/", identifier=MARIA, password=PASSWORD)
        page.get("/sign-in/verify/")
        page.post("/sign-in/verify/code/", method=phone.pk)
        page.get("/sign-in/verify/")
        page.post("/sign-in/verify/", token="000000")
        signed_in = page.post("/sign-in/verify/", token=totp.current_code(app))
        page.browser.post("/sign-out/")
        time_machine.move_to(timezone.now() + timedelta(days=1))

    assert signed_in["Location"] == "/security/"
    assert page.over == []


def test_sign_in_of_a_trusted_browser(maria, time_machine):
    app = make_totp(maria)
    page = Counted()
    sign_in(page.browser, MARIA)
    page.browser.post("/sign-in/verify/", {"token": totp.current_code(app), "trust": "on"})
    page.browser.post("/sign-out/")
    time_machine.move_to(timezone.now() + timedelta(days=1))
    signed_in = page.post("/sign-in/", identifier=MARIA, password=PASSWORD)

    assert signed_in["Location"] == "/security/"
    assert page.over == []

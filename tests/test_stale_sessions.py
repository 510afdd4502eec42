"""Two requests of one browser while its account changes: the one that changed it stays."""

import pytest
from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.test import Client as Browser
from django.test import RequestFactory
from django.urls import reverse

from accounts.models import User, UserSession
from accounts.services import sessions
from accounts.session_store import SessionStore
from accounts.tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def maria():
    return make_user()


@pytest.fixture
def browser(maria):
    browser = Browser()
    browser.force_login(maria)
    return browser


def acting_request(browser, maria):
    """Give the request that is about to change the account, its session read."""
    request = RequestFactory().post("/security/")
    request.session = SessionStore(browser.cookies[settings.SESSION_COOKIE_NAME].value)
    request.user = maria
    assert not request.session.is_empty()
    request.session.load()
    return request


def test_request_with_the_old_epoch_does_not_end_the_session_that_changed_the_account(
    browser, maria
):
    request = acting_request(browser, maria)
    sessions.raise_epoch(maria)

    between = browser.get(reverse("accounts:security"))
    update_session_auth_hash(request, maria)
    request.session.save()

    assert between.status_code == 302
    again = Browser()
    again.cookies[settings.SESSION_COOKIE_NAME] = request.session.session_key
    assert again.get(reverse("accounts:security")).status_code == 200


def test_session_of_an_epoch_that_is_over_is_of_no_use(browser, maria):
    sessions.raise_epoch(User.objects.get(pk=maria.pk))
    cookie = browser.cookies[settings.SESSION_COOKIE_NAME].value

    answers = []
    for _ in range(2):
        stale = Browser()
        stale.cookies[settings.SESSION_COOKIE_NAME] = cookie
        answers.append(stale.get(reverse("accounts:security")).status_code)

    assert answers == [302, 302]
    assert UserSession.objects.get().user == maria


def test_signing_out_deletes_the_row(browser):
    browser.post(reverse("accounts:sign_out"))

    assert UserSession.objects.filter(user__isnull=False).count() == 0

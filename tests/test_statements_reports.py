"""What "this wasn't me" costs: its pages little, its rare presses a known number."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User, UserSession
from accounts.tests.factories import make_contact, make_device, make_user
from activity.services import report_links
from activity.tests.factories import make_judged_event
from activity.tests.reporting import make_session
from tests.factories import make_browser
from tests.stranger import count_statements

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
MOST = 12
# These figures may only fall. A pause freezes, records, tells, disputes and looks for claims; an
# old session's report rolls back every table of contacts and authenticators besides.
PAUSES = 19
PAUSES_ITSELF = 20  # in a session, which ends too
SHUTS_OUT = 38
TAKES_BACK = 18


def cost(ask):
    with CaptureQueriesContext(connection) as queries:
        response = ask()
    assert response.status_code in (200, 302)
    return response, len(count_statements(queries))


@pytest.fixture(params=[1, 4], ids=["one of each", "four of each"])
def maria(request):
    """Give an account with as many contacts and sessions; what they are must cost nothing more."""
    user = make_user(email="maria@example.org")
    for _ in range(request.param):
        make_contact(user)
        make_session(user)
    return user


@pytest.fixture
def event(maria):
    return make_judged_event(maria, at=timezone.now() - HOUR)


def signed_in(user, age):
    browser = make_browser()
    browser.force_login(user)
    values = {"signed_in_at": timezone.now() - age, "device": make_device(user)}
    UserSession.objects.filter(pk=browser.session.key_hash).update(**values)
    return browser


def test_a_link(maria, event):
    token = report_links.new_link(event, maria.contacts.first(), timezone.now())
    path, browser = f"/activity/report/{token}/", make_browser()

    _page, looks = cost(lambda: browser.get(path))
    _page, pauses = cost(lambda: browser.post(path, {"verdict": "not_me"}))
    _page, looks_again = cost(lambda: browser.get(path))
    _page, takes_back = cost(lambda: browser.post(path, {"verdict": "me"}))
    _page, vouches = cost(lambda: browser.post(path, {"verdict": "me"}))

    assert max(looks, looks_again, vouches) <= MOST
    assert (pauses <= PAUSES, takes_back <= TAKES_BACK) == (True, True)


def test_an_old_session(maria, event):
    browser = signed_in(maria, 2 * HOUR)
    path = f"/activity/{event.pk}/verdict/"

    done, shuts_out = cost(lambda: browser.post(path, {"verdict": "not_me"}))
    _page, looks = cost(lambda: browser.get(done["Location"]))
    _page, takes_back = cost(lambda: browser.post(f"{done['Location']}undo/"))
    _page, vouches = cost(lambda: browser.post(path, {"verdict": "me"}))

    assert max(looks, vouches) <= MOST
    assert (shuts_out <= SHUTS_OUT, takes_back <= TAKES_BACK) == (True, True)
    assert User.objects.get().password_spent_at is None


def test_a_younger_session(maria, event):
    browser = signed_in(maria, HOUR / 2)

    done, pauses = cost(
        lambda: browser.post(f"/activity/{event.pk}/verdict/", {"verdict": "not_me"})
    )

    assert re.fullmatch(r"/activity/report/.+/", done["Location"])
    assert pauses <= PAUSES_ITSELF

"""Forms that wait while their person confirms: without secrets, encrypted, not for long."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import SESSION_KEY
from django.utils import timezone

from accounts import policy
from accounts.services import held_forms
from accounts.session_store import SessionStore

PATH = "/security/contacts/add/"
FORM = {"contact": "ana@example.net", "mark": ""}


@pytest.fixture
def session():
    store = SessionStore()
    store[SESSION_KEY] = "maria"
    return store


def test_form_is_found_once_for_its_path(session):
    held_forms.hold(session, PATH, FORM)

    assert held_forms.take(session, PATH) == FORM
    assert held_forms.take(session, PATH) is None


def test_nothing_is_found_where_nothing_waits(session):
    assert held_forms.take(session, PATH) is None
    assert not session.modified or held_forms.KEY not in session


def test_form_for_another_path_waits_on(session):
    held_forms.hold(session, PATH, FORM)

    assert held_forms.take(session, "/security/two-step/app/") is None
    assert held_forms.take(session, PATH) == FORM


def test_newer_form_takes_the_place_of_the_older(session):
    held_forms.hold(session, PATH, FORM)
    held_forms.hold(session, "/security/two-step/app/", {"name": "phone"})

    assert held_forms.take(session, PATH) is None
    assert held_forms.take(session, "/security/two-step/app/") == {"name": "phone"}


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "old_password",
        "new_password1",
        "code",
        "token",
        "csrfmiddlewaretoken",
        "CSRF",
        "Token2",
    ],
)
def test_secret_fields_are_left_out(session, name):
    held_forms.hold(session, PATH, {"contact": "ana@example.net", name: "hush"})

    assert held_forms.take(session, PATH) == {"contact": "ana@example.net"}


def test_session_says_nothing_of_what_waits(session):
    held_forms.hold(session, PATH, FORM)

    kept = str(session[held_forms.KEY])
    assert not [word for word in (PATH, "contact", "ana@example.net", "maria") if word in kept]


def test_form_is_dropped_after_ten_minutes(session):
    held_forms.hold(session, PATH, FORM)

    with time_machine.travel(timezone.now() + policy.HELD_FORM_LIVES + timedelta(seconds=1)):
        assert held_forms.take(session, PATH) is None
    assert held_forms.KEY not in session


def test_form_is_there_for_ten_minutes(session):
    held_forms.hold(session, PATH, FORM)

    with time_machine.travel(timezone.now() + policy.HELD_FORM_LIVES - timedelta(seconds=5)):
        assert held_forms.take(session, PATH) == FORM


def test_form_of_another_account_is_dropped(session):
    held_forms.hold(session, PATH, FORM)
    session[SESSION_KEY] = "jonas"

    assert held_forms.take(session, PATH) is None
    session[SESSION_KEY] = "maria"
    assert held_forms.take(session, PATH) is None


def test_long_form_is_not_kept_and_replaces_the_one_before(session):
    held_forms.hold(session, PATH, FORM)

    held_forms.hold(session, PATH, {"contact": "x" * policy.HELD_FORM_LONGEST})

    assert held_forms.KEY not in session


def test_letters_of_all_scripts_and_odd_bytes_come_back(session):
    odd = {"name": "Zoë \0 \ud800 😀 " + "ж" * 100}

    held_forms.hold(session, PATH, odd)

    assert held_forms.take(session, PATH) == odd


def test_form_under_a_key_that_is_gone_is_forgotten(session, settings):
    held_forms.hold(session, PATH, FORM)
    settings.SECRET_KEY = "another-key-that-is-long-enough-for-the-checks-of-this-site"
    settings.SECRET_KEY_FALLBACKS = []

    assert held_forms.take(session, PATH) is None
    assert held_forms.KEY not in session


def test_value_that_is_not_ours_is_forgotten(session):
    session[held_forms.KEY] = "nonsense"

    assert held_forms.take(session, PATH) is None
    assert held_forms.KEY not in session

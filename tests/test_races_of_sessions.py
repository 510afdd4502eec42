"""Pages that one browser loads in the very moment in which it changes its account."""

from threading import Event

import pytest

from accounts.tests.factories import PASSWORD, make_user
from accounts.tests.threads import run_at_once
from tests.factories import NEW_PASSWORD, make_browser, sign_in

ROUNDS, READERS = 10, 3
pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


def test_pages_loaded_meanwhile_do_not_end_the_session_that_changes_the_password():
    for number in range(ROUNDS):
        email = f"owner{number}@example.org"
        make_user(email=email)
        browser = make_browser(f"203.0.113.{number}")
        sign_in(browser, email)
        cookie = browser.cookies["acsr_session"].value
        is_over = Event()

        def act(place, browser=browser, cookie=cookie, is_over=is_over):
            if place == 0:
                try:
                    return change_password(browser)
                finally:
                    is_over.set()
            reader = make_browser()
            while not is_over.is_set():
                reader.cookies["acsr_session"] = cookie
                reader.get("/security/")
            return None

        changed = run_at_once(1 + READERS, act)[0]

        assert (changed.status_code, changed["Location"]) == (302, "/security/")
        assert browser.get("/security/").status_code == 200


def change_password(browser):
    fields = {"old_password": PASSWORD}
    fields |= {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
    return browser.post("/security/password/", fields)

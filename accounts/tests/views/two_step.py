"""What the tests of two-step pages do again and again."""

import json

from django.contrib.messages import get_messages
from django.test import Client

from accounts.models import Device, User, UserSession
from accounts.tests.factories import PASSWORD
from accounts.tests.views.steps import sign_in

HOME = "/security/two-step/"
TOLD = "All other browsers are signed out, and the addresses on the account are told."


def signed_in_browser():
    browser = Client()
    sign_in(browser)
    return browser


def confirmed_browser():
    """Give a browser that has just confirmed; make second steps after this, so it asks for none."""
    browser = signed_in_browser()
    confirm(browser)
    return browser


def confirm(browser):
    return browser.post("/security/confirm/", {"password": PASSWORD})


def is_confirmed(browser):
    return "step_up" in browser.session


def is_signed_in(browser):
    return browser.get("/security/sessions/").status_code == 200


def leads_to_confirming(answer, path):
    return (answer.status_code, answer.url) == (302, f"/security/confirm/?next={path}")


def said(answer):
    """Give what the next page has to say."""
    return [str(message) for message in get_messages(answer.wsgi_request)]


def everything_kept(browser):
    """Give all that the browser's session and cookies hold, and all sessions' rows."""
    kept = [json.dumps(dict(browser.session.items()), default=str)]
    kept += [cookie.value for cookie in browser.cookies.values()]
    kept += UserSession.objects.values_list("session_data", flat=True)
    return "\n".join(kept)


def make_browser_old():
    Device.objects.update(first_seen_at=User.objects.earliest("created_at").created_at)

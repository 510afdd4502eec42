"""What the tests of the pages about contacts do again and again."""

from accounts.models import Contact
from accounts.services import step_up
from accounts.tests.factories import PASSWORD

LIST = "/security/contacts/"
RESTORE = f"{LIST}restore/"
CONFIRM = "/security/confirm/"


def confirm(browser):
    browser.post(CONFIRM, {"password": PASSWORD})
    assert step_up.STEP_UP in browser.session


def page_of(contact, action):
    return f"{LIST}{contact.pk}/{action}/"


def fresh(contact):
    return Contact.objects.get(pk=contact.pk)

"""Bar 4 for the pages of two-step verification: twelve statements, whatever is on the account.

What is typed wrong costs no more. A change that ends all other sessions writes more than a page
reads: it asks again under the account's lock, and records and tells what was done.
"""

import re

import pytest

from accounts.models import TotpDevice
from accounts.services import totp
from accounts.tests.factories import (
    PASSWORD,
    make_code_device,
    make_contact,
    make_passkey,
    make_recovery_codes,
    make_totp,
    make_user,
)
from tests.factories import code_of, sign_in
from tests.test_statements import Counted

pytestmark = pytest.mark.django_db
HOME = "/security/two-step/"


@pytest.fixture
def maria():
    return make_user(email="maria@example.org", phone="+491512345678")


MOST_OF_A_CHANGE = 24


def changed(page, path, **fields):
    """Post what changes the account, and hold it to its own bar."""
    before = list(page.over)
    answer = page.post(path, **fields)
    costs = [int(re.search(r": (\d+) ", line)[1]) for line in page.over[len(before) :]]
    assert [cost for cost in costs if cost > MOST_OF_A_CHANGE] == []
    page.over = before
    return answer


@pytest.fixture
def page(maria):
    """A browser that has just confirmed; what comes after is counted."""
    page = Counted()
    sign_in(page.browser, "maria@example.org")
    page.browser.post("/security/confirm/", {"password": PASSWORD})
    return page


def test_the_first_second_step(page, maria):
    page.get(HOME)
    page.get(f"{HOME}app/")
    page.get(f"{HOME}codes/?for=app")
    sheet = changed(page, f"{HOME}codes/?for=app", replaces="")
    page.get(f"{HOME}codes/")
    page.post(f"{HOME}codes/keep/", code_set=sheet.context["set_pk"], kept="on")
    page.get(f"{HOME}app/")
    page.post(f"{HOME}app/", token="000000", name="My phone")
    code = totp.current_code(TotpDevice.objects.get(confirmed=False))
    added = changed(page, f"{HOME}app/", token=code, name="My phone")
    page.get(HOME)

    assert added["Location"] == HOME
    assert page.over == []


def test_sent_codes(page, maria):
    make_recovery_codes(maria)
    contact = maria.contacts.get(kind="phone")
    page.get(f"{HOME}phone/")
    page.post(f"{HOME}phone/", contact=contact.pk)
    page.get(f"{HOME}phone/?contact={contact.pk}")
    page.post(f"{HOME}phone/", contact=contact.pk, token="00000000")
    code = code_of(contact.value, "accounts.second_step_code")
    added = changed(page, f"{HOME}phone/", contact=contact.pk, token=code)

    assert added["Location"] == HOME
    assert page.over == []


@pytest.mark.parametrize("rows", [1, 3])
def test_one_of_many(page, maria, rows):
    make_recovery_codes(maria)
    for _ in range(rows):
        app = make_totp(maria)
        key = make_passkey(maria)
        phone = make_code_device(maria)
        make_code_device(maria, make_contact(maria))
    page.get(HOME)
    page.get(f"{HOME}codes/")
    for path in (f"totp/{app.pk}", f"passkey/{key.pk}", f"sms/{phone.pk}"):
        page.get(f"{HOME}{path}/")
        page.post(f"{HOME}{path}/rename/", name="new")
        page.get(f"{HOME}{path}/remove/")
    page.post(f"{HOME}totp/{app.pk}/try/", token=totp.current_code(app))
    page.post(f"{HOME}sms/{phone.pk}/try/")
    page.post(f"{HOME}totp/{app.pk}/works/", works="yes")
    page.get(f"{HOME}off/")
    removed = changed(page, f"{HOME}totp/{app.pk}/remove/")

    assert removed["Location"] == HOME
    assert page.over == []


def test_turning_it_off(page, maria):
    make_totp(maria)

    off = changed(page, f"{HOME}off/")

    assert off["Location"] == HOME

"""The page that asks before an address is removed: what it promises, and what the press does."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Contact, User
from accounts.tests.factories import (
    make_code_device,
    make_contact,
    make_totp,
)
from accounts.tests.views.contacts import LIST, confirm, fresh, page_of
from accounts.tests.views.steps import text_of
from accounts.tests.views.two_step import is_signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def other(maria):
    return make_contact(maria, "other@example.net")


def test_removal_keeps_this_browser_and_lists_what_was_removed(browser, other):
    answer = browser.post(page_of(other, "remove"), follow=True)

    text = text_of(answer)
    assert answer.redirect_chain == [(LIST, 302)]
    assert "Removed in the last 30 days" in text
    assert fresh(other).removed_at is not None
    assert is_signed_in(browser)


def test_removal_that_takes_a_second_step_along_says_so_and_keeps_this_browser(browser, maria):
    make_totp(maria)
    device = make_code_device(maria)
    page = page_of(device.contact, "remove")

    text = text_of(browser.get(page))
    browser.post(page)

    assert "That second step goes with it." in text
    assert fresh(device.contact).removed_at is not None
    assert is_signed_in(browser)


LINK = "a link that puts it back: if somebody else reads it"
NO_LINK = "without a link that puts it back: only what was on the account for 30 days"
RESTRICTS = "So for 30 days none can be changed or removed and no second step added"


def make_thief(user):
    return make_contact(user, "thief@example.net", verified_at=timezone.now() - timedelta(days=5))


def test_link_is_promised_to_those_alone_who_get_one(browser, maria, other):
    young = make_thief(maria)
    other_text, young_text = (
        text_of(browser.get(page_of(each, "remove"))) for each in (other, young)
    )

    assert (LINK in other_text, NO_LINK in other_text) == (True, False)
    assert (LINK in young_text, NO_LINK in young_text) == (False, True)


@pytest.mark.parametrize(("minutes", "gets_link"), [(-1, True), (1, False)])
def test_link_is_promised_to_what_was_there_from_the_first_day(browser, maria, minutes, gets_link):
    created_at = timezone.now() - timedelta(days=20)
    User.objects.update(created_at=created_at)
    at = created_at + timedelta(hours=24, minutes=minutes)

    page = browser.get(page_of(make_contact(maria, verified_at=at), "remove"))

    assert (LINK in text_of(page)) == gets_link


def test_address_that_was_never_confirmed_is_promised_nothing(browser, maria, other):
    Contact.objects.filter(pk=other.pk).update(verified_at=None, counts_from=None)

    text = text_of(browser.get(page_of(other, "remove")))

    assert "It was never confirmed, so it hears nothing of it." in text
    assert (LINK in text, NO_LINK in text, "still hears" in text) == (False, False, False)


def test_removal_of_the_last_old_address_says_what_it_restricts_and_does(browser, maria, other):
    make_thief(maria)
    User.objects.update(external_id="m-4711")
    with_another = text_of(browser.get(page_of(other, "remove")))
    browser.post(page_of(other, "remove"))
    confirm(browser)
    last = page_of(maria.contacts.get(value="maria@example.org"), "remove")

    alone = text_of(browser.get(last))
    browser.post(last)

    assert (RESTRICTS in with_another, RESTRICTS in alone) == (False, True)
    assert User.objects.get().restricted_until is not None


def test_removal_of_a_new_address_restricts_nothing_and_says_nothing_of_it(browser, maria):
    young = make_thief(maria)
    page = page_of(young, "remove")

    text = text_of(browser.get(page))
    browser.post(page)

    assert RESTRICTS not in text
    assert fresh(young).removed_at is not None
    assert User.objects.get().restricted_until is None


def test_page_that_asks_before_removing_stays_within_its_statements(browser, other):
    with CaptureQueriesContext(connection) as queries:
        browser.get(page_of(other, "remove"))

    assert len([each for each in queries if "SAVEPOINT" not in each["sql"]]) <= 12


def test_last_address_stays_and_the_page_says_what_to_do(browser, maria):
    only = maria.contacts.get()

    answer = browser.post(page_of(only, "remove"))

    assert "This one has to stay for now." in text_of(answer)
    assert fresh(only).removed_at is None


def test_second_press_of_remove_finds_nothing(browser, other):
    browser.post(page_of(other, "remove"))

    assert browser.post(page_of(other, "remove")).status_code == 404

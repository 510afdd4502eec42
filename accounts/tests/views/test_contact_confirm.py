"""The page that lets an address count again which a report had put back."""

import pytest
from django.test import Client
from django.utils import timezone

from accounts import policy
from accounts.models import Contact
from accounts.services import restrictions
from accounts.services.step_up import STEP_UP
from accounts.tests.factories import make_contact, make_passkey, make_user
from accounts.tests.views.contacts import CONFIRM, LIST, fresh, page_of
from accounts.tests.views.steps import text_of

pytestmark = pytest.mark.django_db

WORDS = "Put back after a report. It counts for nothing until you confirm it."


def doubt(contact):
    Contact.objects.filter(pk=contact.pk).update(is_in_doubt=True, counts_from=policy.NEVER)
    return contact


@pytest.fixture
def other(maria):
    return doubt(make_contact(maria, "other@example.net"))


@pytest.fixture
def page(other):
    return page_of(other, "confirm")


@pytest.fixture
def strong(browser):
    """A browser of Maria's that was confirmed with an old passkey a moment ago."""
    session = browser.session
    session[STEP_UP] = session[STEP_UP] | {"way": "passkey", "is_strong": True}
    session.save()
    return browser


def test_owner_confirms_it_and_stays_signed_in(strong, other, page):
    shown = text_of(strong.get(page))

    answer = strong.post(page)

    contact = fresh(other)
    assert "other@example.net was put back after a report." in shown
    assert (answer.status_code, answer.url) == (302, LIST)
    assert not contact.is_in_doubt
    assert contact.counts_from <= timezone.now()
    assert WORDS not in text_of(strong.get(LIST))


def test_looking_changes_nothing(strong, other, page):
    for method in (strong.get, strong.head):
        assert method(page).status_code == 200

    assert fresh(other).is_in_doubt


def test_session_without_an_old_passkey_is_told_what_it_takes(browser, other, page):
    answer = browser.post(page)

    assert answer.status_code == 200
    assert "Only a passkey that has been on the account for 30 days" in text_of(answer)
    assert "Confirm with a passkey" not in text_of(answer)
    assert fresh(other).is_in_doubt


def test_owner_with_an_old_passkey_is_led_to_it(browser, maria, page):
    make_passkey(maria)

    assert f"{CONFIRM}?next={page}" in browser.get(page).content.decode()


def test_young_passkey_is_not_offered(browser, maria, page):
    make_passkey(maria, made_at=timezone.now())

    assert "Confirm with a passkey" not in text_of(browser.get(page))


def test_nothing_is_confirmed_without_a_fresh_confirmation(young, other, page):
    assert young.post(page).url == f"{CONFIRM}?next={page}"
    assert fresh(other).is_in_doubt


def test_stranger_signs_in_first(page):
    assert Client().post(page).url == f"/sign-in/?next={page}"


def test_address_of_somebody_else_does_not_exist(strong):
    foreign = doubt(make_contact(make_user()))

    assert strong.post(page_of(foreign, "confirm")).status_code == 404
    assert fresh(foreign).is_in_doubt


def test_address_that_counts_leads_back(strong, maria):
    assert strong.get(page_of(maria.contacts.get(), "confirm")).url == LIST


def test_contested_account_confirms_nothing(strong, maria, other, page):
    restrictions.contest(maria)

    assert strong.post(page).url == LIST
    assert fresh(other).is_in_doubt


def test_no_page_prints_the_year_that_never_comes(browser, maria, other):
    gone = doubt(make_contact(maria, "gone@example.net", removed_at=timezone.now()))
    pages = [LIST, "/security/", "/security/recoverability/", page_of(gone, "restore")]

    texts = [text_of(browser.get(each)) for each in pages]

    assert not [text for text in texts if "9999" in text]
    assert [WORDS in text for text in texts] == [True, True, False, False]
    assert "counts for recovery once you have confirmed it" in texts[-1]

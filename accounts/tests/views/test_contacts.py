"""The pages about contacts: who sees what, what each press does, and what is refused."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Contact, User
from accounts.services import restrictions
from accounts.tests.factories import (
    make_contact,
    make_passkey,
    make_user,
)
from accounts.tests.second_steps import ALWAYS_DISPUTED
from accounts.tests.views.contacts import CONFIRM, LIST, RESTORE, confirm, fresh, page_of
from accounts.tests.views.steps import sign_in, text_of
from accounts.tests.views.two_step import is_signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def other(maria):
    return make_contact(maria, "other@example.net")


@pytest.mark.parametrize("action", ["primary", "mark", "remove", "restore"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_strangers_sign_in_first(client, other, action, method):
    page = page_of(other, action)

    answer = getattr(client, method)(page)

    assert (answer.status_code, answer.url) == (302, f"/sign-in/?next={page}")


@pytest.mark.parametrize("page", [LIST, RESTORE])
def test_strangers_see_no_list(client, page):
    assert client.get(page).url == f"/sign-in/?next={page}"


@pytest.mark.parametrize("action", ["primary", "mark", "remove", "restore"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_contacts_of_others_do_not_exist(browser, action, method):
    at = timezone.now() if action == "restore" else None
    foreign = make_contact(make_user(), removed_at=at)

    answer = getattr(browser, method)(page_of(foreign, action), {"mark": "lost"})

    assert answer.status_code == 404
    assert fresh(foreign).removed_at == at


@pytest.mark.parametrize(
    ("action", "data"), [("primary", {}), ("mark", {"mark": "lost"}), ("remove", {})]
)
def test_nothing_changes_without_a_fresh_confirmation(young, maria, other, action, data):
    answer = young.post(page_of(other, action), data)

    contact = fresh(other)
    assert answer.url == f"{CONFIRM}?next={page_of(other, action)}"
    assert (contact.signs_in, contact.mark, contact.removed_at) == (False, "", None)


@pytest.mark.parametrize("action", ["primary", "mark", "remove"])
def test_opening_a_page_changes_nothing(browser, other, action):
    for method in (browser.get, browser.head):
        assert method(page_of(other, action)).status_code == 200

    contact = fresh(other)
    assert (contact.signs_in, contact.mark, contact.removed_at) == (False, "", None)


def test_list_says_what_each_address_counts_for(browser, maria, other):
    now = timezone.now()
    make_contact(maria, "new@example.net", counts_from=now + timedelta(days=7))
    make_contact(maria, "both@example.net", mark="shared", marked_at=now)
    make_contact(maria, "gone@example.net", removed_at=now)

    text = text_of(browser.get(LIST))

    for words in (
        "maria@example.org You sign in with it",
        "other@example.net",
        "Counts for recovery from",
        "You said that someone else reads it.",
        "gone@example.net",
        "It hears of changes and can object until",
    ):
        assert words in text


def test_young_browser_finds_no_address_in_the_source(young, maria, other):
    make_contact(maria, "+4915123456789", removed_at=timezone.now())
    confirm(young)
    pages = [LIST, *(page_of(other, action) for action in ("primary", "mark", "remove"))]

    for page in pages:
        source = young.get(page).content.decode()
        assert "o•••r@example.net" in source
        for address in ("maria@example.org", "other@example.net", "+4915123456789"):
            assert address not in source


def test_list_costs_the_same_for_one_and_many(browser, maria):
    def cost():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert browser.get(LIST).status_code == 200
        return len([each for each in queries if "SAVEPOINT" not in each["sql"]])

    first = cost()
    for _ in range(3):
        make_contact(maria)
        make_contact(maria, removed_at=timezone.now())

    assert cost() == first <= 12


def test_suspended_and_long_removed_addresses_are_not_listed(browser, maria):
    now = timezone.now()
    make_contact(maria, "doubt@example.net", suspended_at=now)
    make_contact(maria, "long@example.net", removed_at=now - timedelta(days=31))

    text = text_of(browser.get(LIST))

    assert "doubt@example.net" not in text
    assert "long@example.net" not in text


def test_list_offers_only_what_works(browser, maria):
    source = browser.get(LIST).content.decode()
    only = maria.contacts.get()

    assert page_of(only, "remove") not in source
    assert page_of(only, "primary") not in source
    assert page_of(only, "mark") in source


def test_restricted_account_is_told_until_when_nothing_can_be_changed(browser, maria, other):
    restrictions.restrict(maria, timezone.now() + timedelta(days=7))

    source = browser.get(LIST).content.decode()

    assert "the account was recovered a short while ago" in source
    assert page_of(other, "remove") not in source
    assert "/security/contacts/add/" in source


def test_disputed_account_is_told_why_nothing_can_be_changed(browser, other, settings):
    settings.ACCOUNT_DISPUTES = ALWAYS_DISPUTED

    answer = browser.post(page_of(other, "remove"), follow=True)

    assert answer.redirect_chain == [(LIST, 302)]
    assert "Addresses stay as they are for now." in text_of(answer)
    assert page_of(other, "remove") not in answer.content.decode()
    assert fresh(other).removed_at is None


@pytest.mark.parametrize("has_one", [True, False])
def test_disputed_account_is_sent_to_a_passkey_only_where_it_has_one(
    browser, maria, settings, has_one
):
    settings.ACCOUNT_DISPUTES = ALWAYS_DISPUTED
    if has_one:
        make_passkey(maria)

    page = browser.get(LIST).content.decode()

    assert ("Confirm with a passkey" in page, "Go to Security" in page) == (has_one, not has_one)


def test_contested_account_is_told_that_staff_decide(browser, maria):
    make_passkey(maria)
    User.objects.update(contested_at=timezone.now())

    page = browser.get(LIST).content.decode()

    assert "until they have decided nothing can be changed here" in page
    assert "Confirm with a passkey" not in page


def test_new_primary_keeps_this_browser_and_ends_the_others(browser, maria, other):
    elsewhere = Client()
    sign_in(elsewhere)

    answer = browser.post(page_of(other, "primary"))

    assert answer.url == LIST
    assert fresh(other).signs_in
    assert (is_signed_in(browser), is_signed_in(elsewhere)) == (True, False)


def test_name_of_another_account_is_refused_in_words(browser, other):
    make_user(email="other@example.net")

    answer = browser.post(page_of(other, "primary"))

    assert "Another account signs in with this address." in text_of(answer)
    assert not fresh(other).signs_in


@pytest.mark.parametrize(
    ("typed", "stored"), [("shared", "shared"), ("lost", "lost"), ("none", "")]
)
def test_mark_is_saved(browser, other, typed, stored):
    Contact.objects.filter(pk=other.pk).update(mark="shared", marked_at=timezone.now())

    answer = browser.post(page_of(other, "mark"), {"mark": typed})

    assert answer.url == LIST
    assert fresh(other).mark == stored
    assert is_signed_in(browser)


@pytest.mark.parametrize("data", [{}, {"mark": ""}, {"mark": "x"}, {"mark": ["lost", "shared"]}])
def test_mark_that_is_none_of_the_three_is_refused_in_words(browser, other, data):
    answer = browser.post(page_of(other, "mark"), data)

    assert list(answer.context["form"].errors) == ["mark"]
    assert fresh(other).mark == ""


def test_mark_that_waited_for_the_confirmation_is_chosen_on_the_page(young, other):
    page = page_of(other, "mark")
    young.post(page, {"mark": "lost"})
    confirm(young)

    answer = young.get(page)

    assert answer.context["form"]["mark"].value() == "lost"
    assert fresh(other).mark == ""

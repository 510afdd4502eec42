"""Putting addresses back: in a session, all at once, and by the mailed link."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts import policy
from accounts.enums import Mode
from accounts.models import Contact, User
from accounts.services import removed_contacts, restrictions, step_up
from accounts.tests.factories import (
    make_client,
    make_contact,
)
from accounts.tests.views.contacts import CONFIRM, LIST, RESTORE, fresh, page_of
from accounts.tests.views.steps import sign_in, text_of
from accounts.tests.views.two_step import is_signed_in

pytestmark = pytest.mark.django_db


def replace_all(maria):
    """Leave the account as a thief does who replaced its only address."""
    own = maria.contacts.get(signs_in=True)
    at = timezone.now()
    Contact.objects.filter(pk=own.pk).update(removed_at=at, signs_in=False, demoted_at=at)
    make_contact(maria, "thief@example.net", signs_in=True, verified_at=at)
    restrictions.restrict(maria, at + policy.RESTRICTED_AFTER_REPLACEMENT)
    return own


def test_removed_address_is_put_back_after_a_page_that_says_what_it_means(browser, maria):
    gone = make_contact(maria, "gone@example.net", removed_at=timezone.now())
    page = page_of(gone, "restore")

    seen = text_of(browser.get(page))
    before = fresh(gone).removed_at
    answer = browser.post(page)

    assert "counts for recovery after 7 days" in seen
    assert before is not None
    assert answer.url == LIST
    assert fresh(gone).removed_at is None
    assert step_up.STEP_UP not in browser.session
    assert is_signed_in(browser)


@pytest.mark.parametrize(
    ("choice", "leads_to"), [("cancel", LIST), ("not_me", "/security/password/")]
)
def test_replacement_is_undone_by_either_button(browser, maria, choice, leads_to):
    own = replace_all(maria)
    elsewhere = Client()
    sign_in(elsewhere, "thief@example.net")

    banner = text_of(browser.get(LIST))
    answer = browser.post(RESTORE, {"choice": choice})

    assert "All older addresses were removed. Was that you?" in banner
    assert answer.url == leads_to
    assert fresh(own).removed_at is None
    assert User.objects.get().mode == Mode.NORMAL
    assert (is_signed_in(browser), is_signed_in(elsewhere)) == (True, False)


def test_replacement_is_not_undone_by_opening_the_page_or_by_a_made_up_choice(browser, maria):
    own = replace_all(maria)

    shown = browser.get(RESTORE)
    answers = [browser.post(RESTORE, {"choice": choice}) for choice in ("", "yes")]

    assert "maria@example.org" in text_of(shown)
    assert [answer.status_code for answer in answers] == [200, 200]
    assert fresh(own).removed_at is not None


def test_replacement_is_not_undone_without_a_fresh_confirmation(young, maria):
    own = replace_all(maria)

    answer = young.post(RESTORE, {"choice": "cancel"})

    assert answer.url == f"{CONFIRM}?next={RESTORE}"
    assert fresh(own).removed_at is not None


def test_nothing_replaced_leads_to_the_list(browser):
    assert browser.get(RESTORE).url == LIST
    assert browser.post(RESTORE, {"choice": "cancel"}).url == LIST


@pytest.fixture
def gone(maria):
    return make_contact(maria, "gone@example.net", removed_at=timezone.now())


def undo_page(contact):
    return f"{LIST}undo/{removed_contacts.new_undo_link(contact, timezone.now())}/"


def test_link_shows_what_it_does_and_only_the_press_acts(gone):
    scanner = Client(enforce_csrf_checks=True)
    page = undo_page(gone)

    seen = [scanner.get(page), scanner.head(page), scanner.get(page)]

    assert [answer.status_code for answer in seen] == [200, 200, 200]
    assert "Opening this page has changed nothing yet." in text_of(seen[0])
    assert fresh(gone).removed_at is not None


def test_press_puts_the_address_back_without_cookies(gone, maria):
    stranger = Client(enforce_csrf_checks=True)
    thief = Client()
    sign_in(thief)

    answer = stranger.post(undo_page(gone), headers={"origin": "null"})

    assert "It is on the account again." in text_of(answer)
    assert fresh(gone).removed_at is None
    assert not is_signed_in(thief)
    assert not is_signed_in(stranger)


def test_used_guessed_late_and_suspended_links_get_one_neutral_page(gone, maria):
    used, browser = undo_page(gone), Client()
    browser.post(used)
    late = make_contact(maria, removed_at=timezone.now() - timedelta(days=31))
    doubtful = make_contact(maria, removed_at=timezone.now(), suspended_at=timezone.now())
    pages = [used, f"{LIST}undo/guessed/", undo_page(late), undo_page(doubtful)]

    seen = [text_of(browser.get(page)) for page in pages]
    pressed = [text_of(browser.post(page)) for page in pages]

    assert len({*seen, *pressed}) == 1
    assert "This link is not in use any more" in seen[0]
    assert fresh(late).removed_at is not None


def test_link_of_an_address_that_is_there_again_says_so(gone, maria):
    make_contact(maria, "gone@example.net")

    assert "It is on the account already" in text_of(Client().post(undo_page(gone)))


def test_link_of_a_paused_account_waits(gone, maria):
    page = undo_page(gone)
    restrictions.freeze(maria, "report", make_client())

    answer = Client().post(page)

    assert "Not possible just now" in text_of(answer)
    assert fresh(gone).removed_at is not None


def test_token_page_tells_no_other_site_and_no_cache_its_address(gone):
    answer = Client().get(undo_page(gone))

    assert answer["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer["Cache-Control"]

"""Passkeys in a real browser: made, used in every place, and refused once removed."""

import re

import pytest
from playwright.sync_api import expect

from accounts.client import Client
from accounts.models import Passkey, User
from accounts.services import authenticators
from accounts.tests.factories import make_recovery_codes, make_user
from tests.browser.looks import faults_of
from tests.browser.steps import MARIA, SECURITY, open_confirmed, type_password
from tests.browser.virtual_authenticator import ADD_PASSKEY as ADD
from tests.browser.virtual_authenticator import BUTTON


@pytest.fixture
def maria() -> User:
    """Somebody who has printed codes and no second step yet."""
    user = make_user(email=MARIA)
    make_recovery_codes(user)
    return user


def test_passkey_is_made_after_confirming(page, maria, key, device):
    assert device.count() == 1
    assert (key.name, key.discoverable) == ("This device", True)
    assert key.user_id == maria.pk


def test_field_of_the_sign_in_page_offers_it_by_itself(page, key, device):
    device.wake()

    page.goto("/sign-in/")

    expect(page).to_have_url(SECURITY)


def test_button_signs_in_and_leads_where_the_person_wanted(page, key, device):
    device.suggest_nothing()
    page.goto("/security/sessions/")
    expect(page.locator(BUTTON)).to_be_visible()
    device.wake()

    page.click(BUTTON)

    expect(page).to_have_url(re.compile(r"/security/sessions/$"))


def test_button_keeps_the_person_signed_in_where_that_is_ticked(page, maria, key, device):
    device.suggest_nothing()
    page.goto("/sign-in/")
    expect(page.locator(BUTTON)).to_be_visible()
    page.get_by_label("Keep me signed in").check()
    device.wake()

    page.click(BUTTON)

    expect(page).to_have_url(SECURITY)
    assert maria.sessions.latest("signed_in_at").is_kept


def test_second_step_after_the_password(page, key, device):
    type_password(page)
    expect(page).to_have_url(re.compile(r"/sign-in/verify/$"))
    device.wake()

    page.click(BUTTON)

    expect(page).to_have_url(SECURITY)


def test_confirming_with_it_leads_back(page, key, device):
    device.wake()
    page.goto("/sign-in/")
    expect(page).to_have_url(SECURITY)

    page.goto(ADD)
    expect(page).to_have_url(re.compile(r"/security/confirm/\?next="))
    page.click(BUTTON)

    expect(page).to_have_url(re.compile(re.escape(ADD) + "$"))
    expect(page.get_by_role("button", name="Make a passkey")).to_be_visible()


def test_device_that_has_one_already_says_so(page, key, device):
    device.wake()
    page.goto("/sign-in/")
    expect(page).to_have_url(SECURITY)
    page.goto(ADD)
    page.click(BUTTON)

    page.get_by_role("button", name="Make a passkey").click()

    status = page.locator("#passkey-register-status-message")
    expect(status).to_have_text("This device has a passkey for your account already.")
    assert device.count() == 1


def test_trying_it_says_that_it_works(page, key, device):
    device.wake()
    page.goto("/sign-in/")
    expect(page).to_have_url(SECURITY)
    page.goto(f"{ADD}{key.pk}/")

    page.click(BUTTON)

    expect(page.get_by_text("It works.")).to_be_visible()
    assert Passkey.objects.get(pk=key.pk).used_at is not None


def test_removed_passkey_is_refused_in_words(page, maria, key, device):
    authenticators.remove(key, client=Client())
    device.suggest_nothing()
    page.goto("/sign-in/")
    expect(page.locator(BUTTON)).to_be_visible()
    device.wake()

    page.click(BUTTON)

    status = page.locator("#passkey-verification-status-message")
    expect(status).to_have_text(
        "That passkey was not accepted. Try once more, or choose another way."
    )
    expect(page.locator(BUTTON)).to_be_focused()
    page.goto("/security/")
    expect(page).to_have_url(re.compile(r"/sign-in/\?next="))


def test_wrong_finger_signs_nobody_in(page, key, device):
    device.refuse_people()
    device.suggest_nothing()
    page.goto("/sign-in/")
    expect(page.locator(BUTTON)).to_be_visible()
    device.wake()

    page.click(BUTTON)

    status = page.locator("#passkey-verification-status-message")
    expect(status).to_have_text(
        "Nothing was sent: it was cancelled, or took too long. You can try again."
    )
    page.goto("/security/")
    expect(page).to_have_url(re.compile(r"/sign-in/\?next="))


def test_pages_look_right_with_the_button(page, maria):
    page.goto("/sign-in/")
    expect(page.locator(BUTTON)).to_be_visible()
    faults = faults_of(page)
    type_password(page)
    expect(page).to_have_url(SECURITY)
    open_confirmed(page, ADD)
    expect(page.get_by_role("button", name="Make a passkey")).to_be_visible()
    faults += faults_of(page)

    assert faults == []


def test_without_scripts_the_page_says_what_is_missing(browser, site):
    context = browser.new_context(base_url=site, java_script_enabled=False)
    window = context.new_page()
    window.goto("/sign-in/")

    # Chromium tells pages so only where a person has switched scripts off, not its tools.
    assert "Passkeys need JavaScript" in window.locator(".passkey noscript").inner_text()
    assert window.locator(BUTTON).count() == 0
    context.close()


def test_under_another_address_a_link_leads_to_the_right_one(browser, site, settings):
    settings.PASSKEY_ORIGIN = "https://accounts.example.org"
    settings.PASSKEY_HOST = "accounts.example.org"
    context = browser.new_context(base_url=site)
    window = context.new_page()
    window.goto("/sign-in/?next=/activity/")

    link = window.get_by_role("link", name="accounts.example.org")
    expect(link).to_have_attribute("href", "https://accounts.example.org/sign-in/?next=/activity/")
    assert window.locator(BUTTON).count() == 0
    context.close()

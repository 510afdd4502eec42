"""Setting up an authenticator app."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts import policy
from accounts.models import TotpDevice, User
from accounts.services import totp
from accounts.tests.factories import make_recovery_codes, make_totp, make_user
from accounts.tests.views.two_step import (
    HOME,
    TOLD,
    confirm,
    confirmed_browser,
    everything_kept,
    is_confirmed,
    is_signed_in,
    leads_to_confirming,
    said,
    signed_in_browser,
)

pytestmark = pytest.mark.django_db

URL = f"{HOME}app/"


@pytest.fixture
def maria():
    user = make_user(email="maria@example.org")
    make_recovery_codes(user)
    return user


@pytest.fixture
def browser(maria):
    return confirmed_browser()


def right_code():
    return totp.current_code(TotpDevice.objects.get(confirmed=False, removed_at=None))


def add(browser, **fields):
    browser.get(URL)
    return browser.post(URL, {"token": right_code(), "name": "My phone"} | fields)


def names_in_use():
    return list(TotpDevice.objects.in_use().values_list("name", flat=True))


def test_page_shows_the_seed_as_picture_key_and_link(browser):
    page = browser.get(URL)

    seed = TotpDevice.objects.get().seed
    assert page.context["key"].replace(" ", "") == seed
    assert f"secret={seed}&" in page.context["url"]
    # The CSP drops inline styles, and a class would take a colour of the page.
    assert page.context["qr"].startswith('<svg viewBox="0 0 ')
    assert "style" not in page.context["qr"]
    assert "class" not in page.context["qr"]
    assert "no-store" in page["Cache-Control"]


def test_opening_the_page_again_shows_the_same_seed_and_adds_nothing(browser, maria):
    first, second = browser.get(URL), browser.get(URL)

    assert first.context["key"] == second.context["key"]
    assert names_in_use() == []
    assert User.objects.get().epoch == maria.epoch


def test_another_session_never_shows_the_seed_that_one_has_seen(browser):
    seen_by_a_thief = browser.get(URL).context["key"]

    owner = confirmed_browser()
    key = owner.get(URL).context["key"]
    owner.post(URL, {"token": right_code(), "name": "My phone"})

    assert key != seen_by_a_thief
    assert names_in_use() == ["My phone"]
    assert TotpDevice.objects.get().seed == key.replace(" ", "")


def test_right_code_adds_it_and_ends_all_other_sessions(browser, maria):
    other = signed_in_browser()

    answer = add(browser)

    assert (answer.url, names_in_use()) == (HOME, ["My phone"])
    assert said(answer) == [f"Your authenticator app is added. {TOLD}"]
    assert (is_signed_in(browser), is_signed_in(other)) == (True, False)


def test_adding_spends_the_confirmation(browser):
    add(browser)

    assert not is_confirmed(browser)


def test_form_posted_twice_adds_one(browser):
    browser.get(URL)
    data = {"token": right_code(), "name": "My phone"}

    answers = [browser.post(URL, data), browser.post(URL, data)]

    assert [answer.url for answer in answers] == [HOME, f"/security/confirm/?next={URL}"]
    assert names_in_use() == ["My phone"]


def test_wrong_code_keeps_name_and_seed(browser):
    key = browser.get(URL).context["key"]

    answer = browser.post(URL, {"token": "000000", "name": "My phone"})

    assert list(answer.context["form"].errors) == ["token"]
    assert answer.context["form"]["name"].value() == "My phone"
    assert answer.context["key"] == key
    assert names_in_use() == []


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * (policy.AUTHENTICATOR_NAME_LONGEST + 1)}, "name"),
        ({"name": "a\0b"}, "name"),
        ({"name": ["one", "two"]}, "name"),
        ({"token": ""}, "token"),
        ({"token": ["000000", "000001"]}, "token"),
        ({"token": "१२३४५६"}, "token"),
    ],
)
def test_bad_input_is_told_and_adds_nothing(browser, fields, field):
    answer = add(browser, **fields)

    assert list(answer.context["form"].errors) == [field]
    assert names_in_use() == []


def test_guessing_is_limited(browser):
    browser.get(URL)
    for _ in range(policy.SECOND_STEP_RULES[0].limit):
        browser.post(URL, {"token": "000000", "name": "My phone"})

    assert add(browser).status_code == 429
    assert names_in_use() == []


def test_printed_codes_come_first(maria):
    maria.recoverycodeset_set.update(kept_at=None)

    answer = confirmed_browser().get(URL)

    assert answer.url == f"{HOME}codes/?for=app"
    assert not TotpDevice.objects.exists()


def test_beside_another_step_no_printed_codes_are_needed(browser, maria):
    maria.recoverycodeset_set.all().delete()
    make_totp(maria, name="old")

    add_page = browser.get(URL)
    browser.post(URL, {"token": right_code(), "name": "My phone"})

    assert add_page.status_code == 200
    assert names_in_use() == ["old", "My phone"]


def test_without_confirming_the_name_is_kept_and_the_code_is_not(maria):
    browser = signed_in_browser()

    asked = browser.post(URL, {"token": "123456", "name": "My phone"})
    confirm(browser)
    page = browser.get(URL)

    assert leads_to_confirming(asked, URL)
    assert page.context["form"]["name"].value() == "My phone"
    assert page.context["form"]["token"].value() is None


def test_seed_is_kept_in_no_session_cookie_or_message(browser):
    browser.get(URL)
    seed = TotpDevice.objects.get().seed
    answer = add(browser)

    kept = everything_kept(browser) + " ".join(said(answer))

    assert "_auth_user_id" in kept  # the session is really looked into
    assert seed not in kept
    assert "otpauth" not in kept


def test_seed_whose_time_is_over_is_replaced_and_the_page_says_so(browser):
    page = browser.get(URL)
    data = {"token": right_code(), "name": "My phone", "app": page.context["app"]}
    TotpDevice.objects.update(begun_at=timezone.now() - policy.TOTP_SET_UP_LIVES)

    answer = browser.post(URL, data)

    assert answer.context["is_new"]
    assert answer.context["key"] != page.context["key"]
    assert names_in_use() == []


@pytest.mark.parametrize("mode", ["restricted_until", "contested_at"])
def test_limited_account_adds_nothing(browser, mode):
    browser.get(URL)
    User.objects.update(**{mode: timezone.now() + timedelta(days=3)})

    opened = browser.get(URL)
    answer = browser.post(URL, {"token": right_code(), "name": "My phone"})

    assert (opened.url, answer.url, names_in_use()) == (HOME, HOME, [])


def test_no_more_than_an_account_may_have(browser, maria):
    for _ in range(policy.AUTHENTICATORS_MOST):
        make_totp(maria)

    answer = browser.get(URL)

    assert answer.url == HOME
    assert said(answer) == ["There are as many of these as an account can have. Remove one first."]


def test_confirmation_that_is_too_old_does_not_count(browser):
    with time_machine.travel(timezone.now() + policy.STEP_UP_LIVES + timedelta(seconds=1)):
        assert leads_to_confirming(browser.get(URL), URL)

"""Two-step verification at a glance, and turning it off."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from accounts import queries
from accounts.models import RecoveryCode, TotpDevice, User
from accounts.tests.factories import (
    make_code_device,
    make_contact,
    make_passkey,
    make_recovery_codes,
    make_totp,
    make_trust,
)
from accounts.tests.views.two_step import (
    HOME,
    TOLD,
    confirmed_browser,
    is_signed_in,
    leads_to_confirming,
    make_browser_old,
    said,
    signed_in_browser,
)

pytestmark = pytest.mark.django_db

OFF = f"{HOME}off/"
PAGES = [HOME, OFF, *(f"{HOME}{page}/" for page in ("app", "phone", "email", "codes"))]
MOST = 12


@pytest.fixture
def browser(maria):
    return confirmed_browser()


def choices_of(browser):
    return {choice.icon: choice.url for choice in browser.get(HOME).context["choices"]}


@pytest.mark.parametrize("page", PAGES)
def test_strangers_sign_in_first(client, page):
    answer = client.get(page)

    assert (answer.status_code, answer.url) == (302, f"/sign-in/?next={page}")


def test_it_is_off_and_the_safest_ways_come_first(browser, maria):
    make_contact(maria, "+491512345678")

    page = browser.get(HOME)

    assert not page.context["is_on"]
    assert choices_of(browser) == {
        "passkey": f"{HOME}passkey/",
        "app": f"{HOME}app/",
        "phone": f"{HOME}phone/",
        "email": "",  # only beside another
        "printed": f"{HOME}codes/",
    }
    assert "no-store" in page["Cache-Control"]


def test_printed_codes_alone_do_not_turn_it_on(browser, maria):
    make_recovery_codes(maria)

    context = browser.get(HOME).context

    assert (context["is_on"], context["printed"].left) == (False, 10)


def test_text_messages_need_a_number_first(browser, maria):
    assert choices_of(browser)["phone"] == "/security/contacts/"


def test_mail_is_offered_beside_another(browser, maria):
    make_totp(maria)

    assert choices_of(browser)["email"] == f"{HOME}email/"


def test_new_browser_sees_numbers_masked_and_a_known_one_in_full(browser, maria):
    make_code_device(maria, make_contact(maria, "+491512345678"))

    masked = browser.get(HOME)
    make_browser_old()
    full = browser.get(HOME)

    assert [step.note for step in masked.context["steps"]] == [
        "+49\N{NO-BREAK SPACE}••\N{NO-BREAK SPACE}78"
    ]
    assert "+491512345678" not in masked.content.decode()
    assert [step.note for step in full.context["steps"]] == ["+491512345678"]


def test_new_one_says_from_when_it_counts(browser, maria):
    now = timezone.now()
    make_totp(maria, name="old")
    make_totp(maria, name="new", made_at=now)

    steps = browser.get(HOME).context["steps"]

    assert [(step.title, step.counts_from) for step in steps] == [
        ("old", None),
        ("new", now + timedelta(days=7)),
    ]


@pytest.mark.parametrize(
    ("left", "words"), [(4, "4 of 10 left"), (3, "Only 3 left"), (0, "None left")]
)
def test_few_printed_codes_are_told(browser, maria, left, words):
    make_recovery_codes(maria)
    RecoveryCode.objects.filter(number__gt=left).update(used_at=timezone.now())

    assert words in browser.get(HOME).content.decode()


def test_trusted_browsers_are_listed_until_they_are_forgotten(browser, maria):
    make_totp(maria)
    trust = make_trust(maria)

    (listed,) = browser.get(HOME).context["browsers"]
    browser.post(f"/security/trusted/{listed.pk}/forget/")

    assert (listed.pk, listed.expires_at) == (trust.pk, trust.expires_at)
    assert browser.get(HOME).context["browsers"] == []


def test_an_old_unused_one_is_asked_about(browser, maria):
    make_totp(maria, name="used", used_at=timezone.now())
    make_totp(maria, name="unused")

    assert browser.get(HOME).context["ask"].title == "unused"


def test_nothing_is_asked_of_what_is_in_use_or_new(browser, maria):
    make_totp(maria, used_at=timezone.now())
    make_totp(maria, made_at=timezone.now())

    assert browser.get(HOME).context["ask"] is None


@pytest.mark.parametrize("mode", ["restricted_until", "contested_at"])
def test_limited_account_is_told_why_nothing_can_be_added(browser, maria, mode):
    User.objects.update(**{mode: timezone.now() + timedelta(days=3)})

    page = browser.get(HOME)

    assert page.context["forbidden"] != ""
    assert f'href="{HOME}app/"' not in page.content.decode()


def test_restricted_account_is_told_until_when_in_its_own_zone(browser, maria):
    until = datetime(2027, 11, 26, 9, 12, tzinfo=UTC)
    User.objects.update(restricted_until=until, time_zone="Europe/Berlin")

    page = browser.get(HOME)

    when = "Friday 26 November 2027, 10:12 (Berlin time, UTC+1)"
    assert f"no second step can be added before {when}." in page.context["forbidden"]


@pytest.mark.parametrize(("mode", "may"), [("restricted_until", True), ("contested_at", False)])
def test_turning_off_is_offered_where_it_is_allowed(browser, maria, mode, may):
    make_totp(maria)
    User.objects.update(**{mode: timezone.now() + timedelta(days=3)})

    page = browser.get(HOME).content.decode()

    assert (f'href="{HOME}off/"' in page) == may


@pytest.mark.parametrize("rows", [1, 3])
def test_page_costs_the_same_with_one_and_three_of_each(
    browser, maria, rows, django_assert_max_num_queries
):
    make_recovery_codes(maria)
    for _ in range(rows):
        make_totp(maria)
        make_passkey(maria)
        make_code_device(maria)
        make_code_device(maria, make_contact(maria))

    with django_assert_max_num_queries(MOST):
        browser.get(HOME)


def test_turning_off_is_confirmed_first(maria):
    browser = signed_in_browser()
    make_totp(maria)

    assert leads_to_confirming(browser.get(OFF), OFF)
    assert leads_to_confirming(browser.post(OFF), OFF)
    assert queries.has_second_step(maria)


def test_page_says_what_goes_and_opening_it_removes_nothing(browser, maria):
    make_totp(maria, name="My phone")
    make_recovery_codes(maria)

    context = browser.get(OFF).context

    assert (context["steps"], context["has_printed"]) == (["My phone"], True)
    assert queries.has_second_step(maria)


def test_turning_off_removes_all_but_the_printed_codes_and_keeps_this_session(browser, maria):
    make_recovery_codes(maria)
    other = signed_in_browser()
    make_totp(maria)
    make_code_device(maria)

    answer = browser.post(OFF)

    assert answer.url == HOME
    assert said(answer) == [f"Two-step verification is off. {TOLD}"]
    assert queries.second_steps(maria) == []
    assert queries.recovery_codes_left(maria) == 10
    assert (is_signed_in(browser), is_signed_in(other)) == (True, False)


def test_second_post_does_nothing(browser, maria):
    make_totp(maria)
    browser.post(OFF)
    epoch = User.objects.get().epoch

    again = browser.post(OFF)

    assert (again.url, User.objects.get().epoch) == (HOME, epoch)


def test_restricted_account_may_turn_it_off_and_a_contested_one_may_not(browser, maria):
    make_totp(maria)
    User.objects.update(contested_at=timezone.now())
    refused = browser.post(OFF)
    is_on = TotpDevice.objects.in_use().exists()
    User.objects.update(contested_at=None, restricted_until=timezone.now() + timedelta(days=3))

    browser.post(OFF)

    assert (refused.url, len(said(refused)), is_on) == (HOME, 1, True)
    assert not TotpDevice.objects.in_use().exists()

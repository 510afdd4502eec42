"""Making a phone or a mailbox of the account a second step."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import policy
from accounts.models import CodeDevice, User
from accounts.tests.factories import (
    make_code_device,
    make_contact,
    make_recovery_codes,
    make_totp,
    make_user,
)
from accounts.tests.views.steps import sent_code
from accounts.tests.views.two_step import (
    HOME,
    TOLD,
    confirm,
    confirmed_browser,
    is_confirmed,
    is_signed_in,
    leads_to_confirming,
    make_browser_old,
    said,
    signed_in_browser,
)
from outbox.models import Message

pytestmark = pytest.mark.django_db

PHONE, EMAIL = f"{HOME}phone/", f"{HOME}email/"
NUMBER = "+491512345678"
WRONG = "00000000"


@pytest.fixture
def maria():
    user = make_user(email="maria@example.org", phone=NUMBER)
    make_recovery_codes(user)
    return user


@pytest.fixture
def browser(maria):
    return confirmed_browser()


@pytest.fixture
def phone(maria):
    return maria.contacts.get(kind="phone")


def sent_to():
    rows = Message.objects.filter(kind="accounts.second_step_code").order_by("pk")
    return list(rows.values_list("address", flat=True))


def send(browser, contact, url=PHONE):
    return browser.post(url, {"contact": contact.pk})


def type_code(browser, contact, code="", url=PHONE):
    return browser.post(url, {"contact": contact.pk, "token": code or sent_code()})


def in_use():
    return list(CodeDevice.objects.in_use().values_list("contact__value", flat=True))


def test_numbers_on_file_that_are_no_step_yet_are_offered(browser, maria, phone):
    make_code_device(maria, make_contact(maria, "+491512345679"))
    unverified = make_contact(maria, "+491512345680")
    maria.contacts.filter(pk=unverified.pk).update(verified_at=None, counts_from=None)
    make_contact(maria, "+491512345681", removed_at=timezone.now())
    make_contact(make_user(), "+491512345682")

    page = browser.get(PHONE)

    assert page.context["contacts"] == [
        {"pk": phone.pk, "shown": "+49\N{NO-BREAK SPACE}••\N{NO-BREAK SPACE}78"}
    ]
    assert NUMBER not in page.content.decode()
    assert sent_to() == []


def test_a_browser_that_is_known_sees_them_in_full(browser):
    make_browser_old()

    assert [row["shown"] for row in browser.get(PHONE).context["contacts"]] == [NUMBER]


def test_without_a_number_the_page_says_where_to_add_one(browser, phone):
    phone.delete()

    page = browser.get(PHONE)

    assert page.context["contacts"] == []
    assert "/security/contacts/" in page.content.decode()


def test_a_post_sends_one_code_and_opening_its_page_sends_none(browser, phone):
    answer = send(browser, phone)
    page = browser.get(answer.url)
    browser.get(answer.url)

    assert answer.url == f"{PHONE}?contact={phone.pk}"
    assert page.context["contact"] == {
        "pk": phone.pk,
        "shown": "+49\N{NO-BREAK SPACE}••\N{NO-BREAK SPACE}78",
    }
    assert sent_to() == [NUMBER]


def test_the_code_makes_it_a_step_and_ends_all_other_sessions(browser, phone):
    other = signed_in_browser()
    send(browser, phone)

    answer = type_code(browser, phone)

    assert (answer.url, in_use()) == (HOME, [NUMBER])
    assert said(answer) == [f"Codes by text message are added. {TOLD}"]
    assert not is_confirmed(browser)
    assert (is_signed_in(browser), is_signed_in(other)) == (True, False)


@pytest.mark.parametrize("code", [WRONG, "1", "x" * 300])
def test_a_wrong_code_is_told_with_the_tries_left(browser, phone, code):
    send(browser, phone)

    answer = type_code(browser, phone, code)

    assert list(answer.context["form"].errors) == ["token"]
    assert answer.context["tries_left"] == policy.SECOND_STEP_CODE.attempts - 1
    assert in_use() == []


def test_empty_and_repeated_codes_add_nothing(browser, phone):
    send(browser, phone)
    empty = browser.post(PHONE, {"contact": phone.pk, "token": ""})
    twice = browser.post(PHONE, {"contact": phone.pk, "token": [WRONG, sent_code()]})

    assert list(empty.context["form"].errors) == ["token"]
    assert list(twice.context["form"].errors) == ["token"]
    assert in_use() == []


def test_after_too_many_wrong_ones_the_right_one_is_refused(browser, phone):
    send(browser, phone)
    for _ in range(policy.SECOND_STEP_CODE.attempts):
        type_code(browser, phone, WRONG)

    answer = type_code(browser, phone)

    assert "we stopped" in str(answer.context["form"].errors["token"])
    assert in_use() == []


def test_a_code_that_went_to_one_number_does_not_add_another(browser, maria, phone):
    other = make_contact(maria, "+491512345679")
    send(browser, phone)

    answer = type_code(browser, other)

    assert list(answer.context["form"].errors) == ["token"]
    assert in_use() == []


@pytest.mark.parametrize("contact", ["other", "nobody", "0", "-1", "9" * 30, ""])
def test_contacts_of_others_and_nonsense_get_no_code(browser, contact):
    other = make_contact(make_user(), "+491512345679")
    contact = str(other.pk) if contact == "other" else contact

    answers = [
        browser.post(PHONE, {"contact": contact}, follow=True),
        browser.post(PHONE, {"contact": contact, "token": WRONG}),
        browser.get(PHONE, {"contact": contact}),
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert [len(answer.context["contacts"]) for answer in answers] == [1, 1, 1]
    assert sent_to() == []


def test_the_next_code_waits_a_minute_and_the_page_says_so(browser, phone):
    send(browser, phone)

    answer = send(browser, phone)

    assert sent_to() == [NUMBER]
    assert said(answer) == ["A new code can be sent a minute after the last one."]


def test_numbers_get_so_many_codes_a_day(browser, phone, time_machine):
    for _ in range(policy.SECOND_STEP_SMS_PER_NUMBER.limit):
        send(browser, phone)
        time_machine.move_to(timezone.now() + timedelta(seconds=61))
        confirm(browser)

    answer = send(browser, phone)

    assert len(sent_to()) == policy.SECOND_STEP_SMS_PER_NUMBER.limit
    assert re.fullmatch(
        r"No more codes can be sent there before [A-Z][a-z]+day \d+ \w+ \d{4}, \d\d:\d\d \(UTC\)\.",
        said(answer)[0],
    )


def test_mail_is_taken_only_beside_another(browser, maria):
    contact = maria.contacts.get(kind="email")

    opened = browser.get(EMAIL)
    answer = send(browser, contact, EMAIL)

    assert (opened.url, answer.url) == (HOME, HOME)
    assert said(answer)[-1:] == [
        "Codes by e-mail are taken only beside another second step. Add that one first."
    ]
    assert sent_to() == []


def test_mail_beside_an_app_becomes_a_step(browser, maria):
    make_totp(maria)
    contact = maria.contacts.get(kind="email")
    send(browser, contact, EMAIL)

    answer = type_code(browser, contact, url=EMAIL)

    assert (answer.url, in_use()) == (HOME, ["maria@example.org"])
    assert said(answer) == [f"Codes by e-mail are added. {TOLD}"]


def test_printed_codes_come_first(browser, maria, phone):
    maria.recoverycodeset_set.update(kept_at=None)

    assert browser.get(PHONE).url == f"{HOME}codes/?for=phone"
    assert send(browser, phone).url == f"{HOME}codes/?for=phone"
    assert sent_to() == []


def test_without_confirming_nothing_is_sent(maria, phone):
    browser = signed_in_browser()

    assert leads_to_confirming(browser.get(PHONE), PHONE)
    assert leads_to_confirming(send(browser, phone), PHONE)
    assert sent_to() == []


@pytest.mark.parametrize("mode", ["restricted_until", "contested_at"])
def test_limited_account_adds_nothing(browser, phone, mode):
    send(browser, phone)
    User.objects.update(**{mode: timezone.now() + timedelta(days=3)})

    answers = [browser.get(PHONE), send(browser, phone), type_code(browser, phone)]

    assert [answer.url for answer in answers] == [HOME, HOME, HOME]
    assert (sent_to(), in_use()) == ([NUMBER], [])


def test_form_posted_twice_adds_one(browser, phone):
    send(browser, phone)
    code = sent_code()

    answers = [type_code(browser, phone, code) for _ in range(2)]

    assert [answer.url for answer in answers] == [HOME, f"/security/confirm/?next={PHONE}"]
    assert in_use() == [NUMBER]

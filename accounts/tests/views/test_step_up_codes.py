"""Codes that are sent to confirm with."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import policy
from accounts.models import Challenge, CodeDevice
from accounts.services import step_up
from accounts.tests.factories import (
    PASSWORD,
    make_code_device,
    make_contact,
    make_totp,
    make_user,
)
from accounts.tests.services.stepping_up import sent_code
from accounts.tests.views.steps import sign_in, text_of
from outbox.models import Message

pytestmark = pytest.mark.django_db

URL = "/security/confirm/"
SEND = "/security/confirm/code/"


@pytest.fixture
def browser(client, maria):
    """A signed-in browser of Maria's."""
    sign_in(client)
    return client


def is_confirmed(client):
    return step_up.STEP_UP in client.session


def words(answer):
    return [str(message) for message in answer.context["messages"]]


def test_code_is_sent_and_confirms(browser, maria):
    device = make_code_device(maria)

    answer = browser.post(SEND + "?next=/activity/", {"method": device.pk})
    done = browser.post(answer.url, {"password": PASSWORD, "token": sent_code()})

    assert answer.url == URL + "?next=%2Factivity%2F"
    assert done.url == "/activity/"


def test_page_offers_every_address_that_codes_go_to_masked(browser, maria):
    phone = make_code_device(maria, make_contact(maria, "+4915112345678"))
    mail = make_code_device(maria, make_contact(maria, "maria.b@example.net"))

    page = browser.get(URL)

    assert page.context["sends"] == [
        {"pk": phone.pk, "to": "+49\N{NO-BREAK SPACE}••\N{NO-BREAK SPACE}78"},
        {"pk": mail.pk, "to": "m•••b@example.net"},
    ]
    assert b"+4915112345678" not in page.content


def test_page_says_where_the_code_went_and_until_when_it_works(browser, maria, deliver):
    device = make_code_device(maria, make_contact(maria, "+4915112345678"))
    other = make_code_device(maria, make_contact(maria, "maria.b@example.net"))
    waiting = browser.post(SEND + "?next=/activity/", {"method": device.pk}, follow=True)
    deliver()

    page = browser.get(waiting.context["poll_url"])

    assert waiting.context["poll_url"] == URL + "?next=%2Factivity%2F"
    assert (waiting.context["delivery"]["is_settled"], waiting.context["works_until"]) == (
        False,
        None,
    )
    assert page.context["works_until"] == Challenge.objects.get().expires_at
    assert "We sent a code to +49 •• 78." in text_of(page)
    assert 'aria-describedby="id_token_helptext works"' in page.content.decode()
    assert [each["pk"] for each in page.context["sends"]] == [other.pk]
    assert b"+4915112345678" not in page.content


def test_page_says_nothing_of_codes_that_another_session_asked_for(browser, maria):
    elsewhere = Client()
    sign_in(elsewhere)
    browser.post(SEND, {"method": make_code_device(maria).pk})

    assert "sent_to_masked" in browser.get(URL).context
    assert "sent_to_masked" not in elsewhere.get(URL).context


def test_newer_code_goes_where_the_last_one_went(browser, maria, time_machine):
    make_code_device(maria)
    device = make_code_device(maria)
    browser.post(SEND, {"method": device.pk})
    time_machine.move_to(timezone.now() + timedelta(seconds=61))

    page = browser.get(URL)
    browser.post(page.context["resend_url"])

    sent = Message.objects.filter(kind=policy.SECOND_STEP_CODE.message_kind)
    assert [each.address for each in sent] == [device.contact.value] * 2


def test_page_says_no_more_of_a_code_whose_step_was_removed(browser, maria):
    make_totp(maria)
    device = make_code_device(maria)
    browser.post(SEND, {"method": device.pk})
    CodeDevice.objects.update(confirmed=False, removed_at=timezone.now())

    page = browser.get(URL)
    browser.post(SEND)

    assert page.context["sends"] == []
    assert "sent_to_masked" not in page.context
    assert Message.objects.filter(kind=policy.SECOND_STEP_CODE.message_kind).count() == 1


def test_page_with_a_sent_code_stays_within_its_statements(browser, maria):
    for _ in range(3):
        make_code_device(maria)
    browser.post(SEND, {"method": make_code_device(maria).pk})

    with CaptureQueriesContext(connection) as queries:
        page = browser.get(URL)

    assert "sent_to_masked" in page.context
    assert len([each for each in queries if "SAVEPOINT" not in each["sql"]]) <= 12


def test_second_code_waits_a_minute(browser, maria):
    device = make_code_device(maria)
    browser.post(SEND, {"method": device.pk})

    page = browser.post(SEND, {"method": device.pk}, follow=True)

    assert words(page)[-1] == "A new code can be sent a minute after the last one."
    assert Message.objects.filter(kind=policy.SECOND_STEP_CODE.message_kind).count() == 1


def test_no_more_codes_are_sent_where_too_many_did_not_fit(browser, maria):
    device = make_code_device(maria)
    browser.post(SEND, {"method": device.pk})
    Challenge.objects.update(attempts=policy.SECOND_STEP_CODE.attempts)

    page = browser.post(SEND, {"method": device.pk}, follow=True)
    typed = browser.post(URL, {"password": PASSWORD, "token": sent_code()})

    refusal = "Too many codes did not fit. Use another way, or sign in anew."
    assert words(page)[-1] == refusal
    assert typed.context["form"].errors["token"] == [refusal]
    assert not is_confirmed(browser)


@pytest.mark.parametrize("method", ["", "0", "x", "-1", "٣", "9" * 40, "\0", "1 OR 1=1"])
def test_odd_ways_send_nothing(browser, maria, method):
    make_code_device(maria)

    page = browser.post(SEND, {"method": method}, follow=True)

    assert words(page) == ["No code can be sent there. Choose another way."]
    assert not Message.objects.exists()


def test_codes_of_others_are_not_sent(browser):
    foreign = make_code_device(make_user())

    browser.post(SEND, {"method": foreign.pk})

    assert not Message.objects.exists()


def test_reading_the_address_sends_nothing(browser, maria):
    device = make_code_device(maria)

    assert browser.get(SEND, {"method": device.pk}).status_code == 405
    assert not Message.objects.exists()

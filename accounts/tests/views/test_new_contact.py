"""Adding an address in the browser: the confirmation it costs, the code, and the refusals."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import policy
from accounts.models import Challenge, Contact, User
from accounts.tests.factories import PASSWORD, make_contact
from accounts.tests.views.contacts import CONFIRM, LIST, confirm
from accounts.tests.views.steps import sign_in, text_of
from outbox.enums import MessageState
from outbox.models import Message

pytestmark = pytest.mark.django_db

ADD = "/security/contacts/add/"
CODE = "/security/contacts/code/"
RESEND = "/security/contacts/code/resend/"
NEW = "New@example.net"


def sent_codes():
    return Message.objects.filter(kind="accounts.contact_code").order_by("pk")


def sent_code():
    return sent_codes().last().secrets["code"]


def let_a_minute_pass():
    Challenge.objects.update(sent_at=timezone.now() - policy.CONTACT_CODE.resend_after)


def test_address_is_added_by_confirmation_and_code(browser, maria):
    elsewhere = Client()
    sign_in(elsewhere)

    first = browser.post(ADD, {"contact": f" {NEW} "})
    shown = text_of(browser.get(CODE))
    second = browser.post(CODE, {"code": sent_code()})

    contact = maria.contacts.get(match_key="new@example.net")
    assert (first.url, second.url) == (CODE, LIST)
    assert "We sent a code to New@example.net." in shown
    assert contact.counts_from - contact.verified_at == policy.CONTACT_COUNTS_AFTER
    assert browser.get(LIST).status_code == 200
    assert elsewhere.get(LIST).status_code == 302


def test_nothing_is_sent_without_a_confirmation_and_the_form_is_kept(young):
    asked = young.post(ADD, {"contact": NEW})
    confirmed = young.post(asked.url, {"password": PASSWORD})
    answer = young.get(ADD)

    assert asked.url == f"{CONFIRM}?next={ADD}"
    assert confirmed.url == ADD
    assert answer.context["form"]["contact"].value() == NEW
    assert not sent_codes().exists()


def test_one_confirmation_pays_for_one_address(browser, maria):
    browser.post(ADD, {"contact": NEW})
    browser.post(CODE, {"code": sent_code()})

    answer = browser.post(ADD, {"contact": "second@example.net"})

    assert answer.url == f"{CONFIRM}?next={ADD}"
    assert sent_codes().count() == 1


def test_two_tries_begun_on_one_confirmation_bring_one_address(browser, maria):
    browser.post(ADD, {"contact": "one@example.net"})
    browser.post(ADD, {"contact": "two@example.net"})
    one, two = (each.secrets["code"] for each in sent_codes())

    wrong = browser.post(CODE, {"code": one})
    browser.post(CODE, {"code": two})
    late = browser.post(CODE, {"code": one})

    assert list(wrong.context["form"].errors) == ["code"]
    assert late.url == ADD
    assert [each.value for each in maria.contacts.order_by("pk")][1:] == ["two@example.net"]


def test_session_holds_neither_address_nor_code(browser):
    browser.post(ADD, {"contact": NEW})

    held = str(dict(browser.session.items()))

    assert "example.net" not in held.lower()
    assert sent_code() not in held
    assert sent_code().replace("-", "") not in held


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "no address",
        "a@example.net,b@example.net",
        "a@example.net b@example.net",
        "a@example.net\r\nBcc: b@example.net",
        "m\u0430ria@example.org",
        "a@[192.0.2.1]",
        "0151 23456789",
        "+49",
        "x" * 300 + "@example.net",
        "\0@example.net",
    ],
)
def test_what_is_no_single_address_is_refused_and_nothing_sent(browser, maria, typed):
    answer = browser.post(ADD, {"contact": typed})

    assert list(answer.context["form"].errors) == ["contact"]
    assert not sent_codes().exists()
    assert maria.contacts.count() == 1


def test_repeated_and_missing_field_are_refused(browser):
    for data in ({"contact": [NEW, "other@example.net"]}, {}):
        answer = browser.post(ADD, data)
        assert list(answer.context["form"].errors) == ["contact"]

    assert not sent_codes().exists()


def test_look_alike_of_a_stored_address_opens_nothing(browser, maria):
    browser.post(ADD, {"contact": "maria@ex\u0430mple.org"})

    assert [each.address for each in sent_codes()] == ["maria@xn--exmple-4nf.org"]


def test_address_that_is_there_is_refused_in_words(browser):
    answer = browser.post(ADD, {"contact": "MARIA@example.org"})

    assert "This address is on your account already." in text_of(answer)
    assert not sent_codes().exists()


def test_young_browser_learns_nothing_of_what_is_there(young, maria):
    make_contact(maria, "other@example.net")
    answers = []
    for typed in ("other@example.net", "nobody@example.net"):
        confirm(young)
        first = young.post(ADD, {"contact": typed})
        page = text_of(young.get(CODE)).replace(typed, "ADDRESS")
        answers.append((first.status_code, first.url, page))

    assert answers[0] == answers[1]


def test_other_spelling_of_a_mailbox_is_added_with_a_word_of_warning(browser):
    browser.post(ADD, {"contact": "maria+two@example.org"})

    answer = browser.post(CODE, {"code": sent_code()}, follow=True)

    assert "It reaches the same mailbox as another address" in text_of(answer)


@pytest.mark.parametrize("code", ["00000000", "abc", "\0", "9" * 500])
def test_wrong_code_is_refused_and_counted(browser, maria, code):
    browser.post(ADD, {"contact": NEW})

    answer = browser.post(CODE, {"code": code})

    assert list(answer.context["form"].errors) == ["code"]
    assert "4 tries left" in text_of(answer)
    assert maria.contacts.count() == 1


@pytest.mark.parametrize("data", [{}, {"code": ""}, {"code": " "}])
def test_missing_code_costs_no_try(browser, data):
    browser.post(ADD, {"contact": NEW})

    assert list(browser.post(CODE, data).context["form"].errors) == ["code"]
    assert Challenge.objects.get().attempts == 0


def test_code_that_was_sent_twice_is_a_wrong_one(browser, maria):
    browser.post(ADD, {"contact": NEW})

    browser.post(CODE, {"code": [sent_code(), sent_code()]})

    assert Challenge.objects.get().attempts == 1
    assert maria.contacts.count() == 1


def test_five_wrong_codes_begin_again(browser, maria):
    browser.post(ADD, {"contact": NEW})
    for _ in range(5):
        browser.post(CODE, {"code": "00000000"})

    answer = browser.post(CODE, {"code": sent_code()})

    assert answer.url == ADD
    assert "contact_add" not in browser.session
    assert maria.contacts.count() == 1


@pytest.mark.parametrize("method", ["get", "post"])
def test_code_page_without_a_try_leads_to_its_beginning(browser, method):
    assert getattr(browser, method)(CODE, {"code": "12345678"}).url == ADD
    assert browser.post(RESEND).url == ADD


def test_code_is_typed_in_the_browser_that_asked_for_it(browser, maria):
    browser.post(ADD, {"contact": NEW})
    elsewhere = Client()
    sign_in(elsewhere)

    answer = elsewhere.post(CODE, {"code": sent_code()})

    assert answer.url == ADD
    assert maria.contacts.count() == 1


@pytest.mark.parametrize("page", [ADD, CODE, RESEND])
def test_strangers_sign_in_first(client, page):
    answer = client.post(page, {"contact": NEW, "code": "12345678"})

    assert answer.url == f"/sign-in/?next={page}"
    assert not sent_codes().exists()


def test_newer_code_is_sent_after_a_minute_and_by_post_alone(browser):
    browser.post(ADD, {"contact": NEW})
    browser.post(RESEND)
    early = sent_codes().count()
    let_a_minute_pass()
    answer = browser.post(RESEND, follow=True)

    assert (early, sent_codes().count()) == (1, 2)
    assert "A new code is on its way." in text_of(answer)
    assert "Code 2 counts now" in text_of(answer)
    assert browser.get(RESEND).status_code == 405


def test_held_up_mail_is_said_and_no_second_one_sent(browser):
    browser.post(ADD, {"contact": NEW})
    let_a_minute_pass()
    sent_codes().update(state=MessageState.DEFERRED, due_at=timezone.now() + timedelta(minutes=2))

    page = text_of(browser.get(CODE))
    browser.post(RESEND)

    assert "The last mail is still on its way." in page
    assert sent_codes().count() == 1


def test_used_up_budget_says_until_when(browser, maria):
    for number in range(policy.NEW_CONTACT_CODES.limit):
        browser.post(ADD, {"contact": f"one{number}@example.net"})

    answer = browser.post(ADD, {"contact": NEW})

    assert "You can try again from" in text_of(answer)
    assert sent_codes().count() == policy.NEW_CONTACT_CODES.limit


def test_full_account_says_so(browser, maria):
    for _ in range(policy.CONTACTS_MOST - 1):
        make_contact(maria)

    assert "no room for more" in text_of(browser.post(ADD, {"contact": NEW}))
    assert not sent_codes().exists()


def test_pages_of_adding_stay_within_twelve_statements(browser):
    steps = [
        lambda: browser.get(ADD),
        lambda: browser.get(CODE),
    ]
    browser.post(ADD, {"contact": NEW})

    for step in steps:
        with CaptureQueriesContext(connection) as queries:
            assert step().status_code == 200
        assert len([each for each in queries if "SAVEPOINT" not in each["sql"]]) <= 12


def test_message_says_nothing_that_its_sender_typed(browser, maria):
    User.objects.update(first_name="Visit http://evil.example", last_name="now")
    browser.post(ADD, {"contact": NEW})

    message = sent_codes().get()

    assert set(message.context) == {"number", "lifetime_seconds", "sent_at"}
    assert not Contact.objects.filter(match_key="new@example.net").exists()

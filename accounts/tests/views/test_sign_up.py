"""Signing up: nothing exists until the code is typed (attacks.md 4, 16, 17, 18, 20)."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import policy
from accounts.models import Budget, Challenge, Contact, SignUp, User
from accounts.tests.factories import PASSWORD, make_user
from accounts.tests.threads import run_at_once
from outbox.enums import MessageState
from outbox.models import Message

URL = "/sign-up/"
CODE_URL = "/sign-up/code/"
RESEND_URL = "/sign-up/code/resend/"


def sign_up(client, email="maria@example.org", password=PASSWORD, repeated=None):
    data = {"email": email, "password1": password, "password2": repeated or password}
    return client.post(URL, data)


def mailed_code(email="maria@example.org"):
    message = Message.objects.filter(kind="accounts.sign_up_code", address=email).latest("pk")
    return message.secrets["code"]


def let_a_minute_pass():
    Challenge.objects.update(sent_at=timezone.now() - policy.SIGN_UP_CODE.resend_after)


def body_of(answer):
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", answer.content.decode())
    return re.sub(r"\d{4}-\d\d-\d\dT[0-9:.+]+|\d\d:\d\d(:\d\d)?", "TIME", text)


@pytest.mark.django_db
def test_code_makes_the_account_and_signs_in(client):
    first = sign_up(client, "Maria@Example.org")
    second = client.post(CODE_URL, {"code": mailed_code("Maria@example.org")})

    user = User.objects.get()
    contact = Contact.objects.get()
    assert (first.url, second.url) == (CODE_URL, "/security/")
    assert client.session["_auth_user_id"] == str(user.pk)
    assert user.check_password(PASSWORD)
    assert (contact.value, contact.match_key) == ("Maria@example.org", "maria@example.org")
    assert (contact.signs_in, contact.counts_from) == (True, contact.verified_at)
    assert SignUp.objects.count() == 0


@pytest.mark.django_db
def test_nothing_exists_before_the_code(client):
    sign_up(client)

    assert (User.objects.count(), Contact.objects.count()) == (0, 0)


@pytest.mark.django_db
def test_pages_are_drawn(client):
    page = client.get(URL)
    sign_up(client)
    code_page = client.get(CODE_URL)

    assert (page.status_code, code_page.status_code) == (200, 200)
    assert [code for code, _text in page.context["rules"]][:2] == ["length-12", "upper"]


@pytest.mark.django_db
def test_code_page_without_a_sign_up_leads_to_its_start(client):
    assert client.get(CODE_URL).url == URL
    assert client.post(CODE_URL, {"code": "12345678"}).url == URL
    assert client.post(RESEND_URL).url == URL


@pytest.mark.django_db
def test_code_counts_only_in_the_browser_that_gave_the_password(client):
    sign_up(client)
    other = Client()
    session = other.session
    session["sign_up"] = str(SignUp.objects.get().pk)
    session.save()
    other.cookies["acsr_session"] = session.session_key

    answer = other.post(CODE_URL, {"code": mailed_code()})

    assert answer.url == URL
    assert User.objects.count() == 0


@pytest.mark.django_db
def test_wrong_code_is_told_with_the_tries_left(client):
    sign_up(client)

    answer = client.post(CODE_URL, {"code": "00000000"})

    assert "4" in answer.context["form"].errors["code"][0]
    assert User.objects.count() == 0


@pytest.mark.django_db
def test_fifth_wrong_code_ends_the_sign_up_for_the_right_one_too(client):
    sign_up(client)
    code = mailed_code()
    for _ in range(policy.SIGN_UP_CODE.attempts):
        client.post(CODE_URL, {"code": "00000000"})

    answer = client.post(CODE_URL, {"code": code})

    assert answer.url == URL
    assert User.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "attempts"),
    [
        ({}, 0),
        ({"code": ""}, 0),
        ({"code": "0"}, 1),
        ({"code": ["12345678", "87654321"]}, 1),
        ({"code": "1" * 10_000}, 1),
        ({"code": "1234\x005678"}, 1),
    ],
)
def test_only_an_empty_code_costs_nothing(client, fields, attempts):
    sign_up(client)

    answer = client.post(CODE_URL, fields)

    assert answer.status_code == 200
    assert Challenge.objects.get().attempts == attempts


@pytest.mark.django_db
def test_the_right_code_beside_another_is_wrong(client):
    sign_up(client)

    client.post(CODE_URL, {"code": [mailed_code(), "00000000"]})

    assert User.objects.count() == 0


@pytest.mark.django_db
def test_used_address_gets_the_same_page_and_the_same_work():
    make_user(email="taken@example.org")
    results = []
    for name in ("free@example.org", "taken@example.org"):
        browser = Client()
        with CaptureQueriesContext(connection) as queries:
            posted = sign_up(browser, name)
            done = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
        page = browser.get(CODE_URL)
        wrong = browser.post(CODE_URL, {"code": "00000000"})
        bodies = [body_of(answer).replace(name, "NAME") for answer in (page, wrong)]
        results.append((posted.status_code, posted.url, bodies, len(done)))

    assert results[0] == results[1]


@pytest.mark.django_db
def test_owner_of_a_used_address_is_told_once_a_day():
    make_user(email="Taken@example.org")
    for _ in range(3):
        sign_up(Client(), "taken@example.org")

    sent = Message.objects.values_list("kind", "address", "secrets")
    assert list(sent) == [("accounts.sign_up_exists", "Taken@example.org", None)]


@pytest.mark.django_db
def test_no_code_fits_for_a_used_address(client):
    make_user(email="taken@example.org")
    sign_up(client, "taken@example.org")

    client.post(CODE_URL, {"code": "00000000"})

    assert User.objects.count() == 1


@pytest.mark.django_db
def test_resend_answers_alike_while_the_mail_server_is_down():
    make_user(email="taken@example.org")
    sign_up(Client(), "taken@example.org")
    answers = []
    for name in ("free@example.org", "taken@example.org"):
        browser = Client()
        sign_up(browser, name)
        let_a_minute_pass()
        Message.objects.update(state=MessageState.DEFERRED)
        page = browser.post(RESEND_URL, follow=True)
        answers.append(body_of(page).replace(name, "NAME"))

    assert answers[0] == answers[1]


@pytest.mark.django_db
def test_resend_replaces_the_code(client):
    sign_up(client)
    old = mailed_code()
    let_a_minute_pass()

    client.post(RESEND_URL)
    refused = client.post(CODE_URL, {"code": old})
    accepted = client.post(CODE_URL, {"code": mailed_code()})

    assert (refused.status_code, accepted.url) == (200, "/security/")


@pytest.mark.django_db
def test_resend_within_a_minute_sends_nothing(client):
    sign_up(client)

    client.post(RESEND_URL)

    assert Message.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "email",
    [
        "",
        "maria",
        "maria@example.org,thief@example.net",
        "maria@example.org thief@example.net",
        "maria@example.org\r\nBcc: thief@example.net",
        "m\u0430ria@example.org",
        ["maria@example.org", "thief@example.net"],
    ],
)
def test_odd_addresses_are_refused_and_nothing_is_sent(client, email):
    answer = sign_up(client, email)

    assert list(answer.context["form"].errors) == ["email"]
    assert (Message.objects.count(), SignUp.objects.count()) == (0, 0)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("password", "repeated", "field"),
    [
        ("short", None, "password1"),
        ("copper-lantern-river", None, "password1"),
        ("Maria@example.org-1", None, "password1"),
        (PASSWORD, "Another-lantern-7", "password2"),
    ],
)
def test_weak_and_unequal_passwords_are_refused_beside_their_field(
    client, password, repeated, field
):
    answer = sign_up(client, password=password, repeated=repeated)

    assert list(answer.context["form"].errors) == [field]
    # Looking for a good password uses up no codes either.
    assert (SignUp.objects.count(), Budget.objects.count()) == (0, 0)


@pytest.mark.django_db
def test_one_address_gets_ten_codes_a_day_at_most():
    statuses = []
    for number in range(12):
        browser = Client(REMOTE_ADDR=f"198.51.100.{number}")
        statuses.append(sign_up(browser, f"maria+{number}@example.org").status_code)

    assert statuses == [302] * 10 + [429] * 2
    assert Message.objects.count() == 10


@pytest.mark.django_db
def test_first_completed_sign_up_ends_the_others():
    first, second = Client(), Client()
    sign_up(first)
    first_code = mailed_code()
    sign_up(second)
    second_code = mailed_code()

    first.post(CODE_URL, {"code": first_code})
    answer = second.post(CODE_URL, {"code": second_code})

    assert answer.url == URL
    assert User.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_sign_ups_completed_at_once_make_one_account():
    browsers = [Client(), Client()]
    codes = []
    for browser in browsers:
        sign_up(browser)
        codes.append(mailed_code())

    run_at_once(2, lambda number: browsers[number].post(CODE_URL, {"code": codes[number]}))

    assert User.objects.count() == 1
    assert Contact.objects.count() == 1

"""The step-up page: what it asks of whom, what it answers, and where it leads."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import policy, signals
from accounts.models import RecoveryCode
from accounts.services import budgets, step_up, totp
from accounts.tests.factories import (
    PASSWORD,
    make_code_device,
    make_passkey,
    make_recovery_codes,
    make_totp,
)
from accounts.tests.services.stepping_up import sent_code
from accounts.tests.views.steps import sign_in

pytestmark = pytest.mark.django_db

URL = "/security/confirm/"
SEND = "/security/confirm/code/"


@pytest.fixture
def browser(client, maria):
    """A signed-in browser of Maria's."""
    sign_in(client)
    return client


@pytest.fixture
def client_too():
    return Client()


def fields(answer):
    return list(answer.context["form"].fields)


def errors_of(answer):
    return list(answer.context["form"].errors)


def is_confirmed(client):
    return step_up.STEP_UP in client.session


# What is asked for.


def test_password_is_asked_for_where_there_is_no_more(browser):
    page = browser.get(URL)

    assert fields(page) == ["password"]
    assert page.context["account_name"] == "maria@example.org"
    assert page.context["passkey"] is None


@pytest.mark.parametrize("make", [make_totp, make_code_device])
def test_code_is_asked_for_where_there_is_a_second_step(browser, maria, make):
    make(maria)

    assert fields(browser.get(URL)) == ["password", "token"]


def test_page_names_the_codes_that_the_account_has(browser, maria):
    make_totp(maria)
    make_recovery_codes(maria)

    hint = browser.get(URL).context["form"].fields["token"].help_text

    assert hint == "A code from your authenticator app or one of your printed codes."


def test_passkey_is_asked_for_before_all_else(browser, maria):
    make_passkey(maria)
    make_totp(maria)
    make_recovery_codes(maria)

    page = browser.get(URL)

    assert page.context["passkey"]["script"]
    assert fields(page) == ["password", "token"]
    assert page.context["form"].fields["token"].help_text == "One of your printed codes."
    assert page.context["sends"] == []


def test_passkey_without_printed_codes_has_no_substitute(browser, maria):
    make_passkey(maria)
    make_totp(maria)

    page = browser.get(URL)
    posted = browser.post(URL, {"password": PASSWORD})

    for answer in (page, posted):
        assert b'name="password"' not in answer.content
        assert b"/acsr/?lost=second_step" in answer.content
    assert not is_confirmed(browser)


def test_account_without_password_is_asked_for_its_second_step_alone(browser, maria):
    device = make_totp(maria)
    maria.set_unusable_password()
    maria.save()

    page = browser.get(URL)
    answer = browser.post(URL, {"token": totp.current_code(device)})

    assert fields(page) == ["token"]
    assert answer.url == "/security/"


def test_account_with_nothing_to_show_is_told_the_way_out(browser, maria):
    maria.set_unusable_password()
    maria.save()

    page = browser.get(URL)
    posted = browser.post(URL, {"password": PASSWORD})

    for answer in (page, posted):
        assert answer.status_code == 200
        assert b'name="password"' not in answer.content
        assert b"Set a password by getting back in" in answer.content
    assert not is_confirmed(browser)


@pytest.mark.parametrize(
    ("path", "purpose"),
    [
        ("/security/contacts/add/", "You are about to change how we reach you."),
        ("/security/two-step/app/?for=x", "You are about to change how you sign in."),
        ("/security/password/", "You are about to change your password."),
        ("/somewhere/", ""),
        ("//evil.example/security/password/", ""),
    ],
)
def test_page_says_what_it_is_for(browser, path, purpose):
    assert browser.get(URL, {"next": path}).context["purpose"] == purpose


# What is answered.


def test_confirming_leads_back_and_is_remembered(browser):
    answer = browser.post(URL + "?next=/activity/", {"password": PASSWORD})

    assert answer.url == "/activity/"
    assert is_confirmed(browser)


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "javascript:alert(1)",
        "\t//e",
    ],
)
def test_confirming_never_leads_to_another_site(browser, elsewhere):
    page = browser.get(URL, {"next": elsewhere})

    assert b"evil.example" not in page.content
    answer = browser.post(URL, {"password": PASSWORD}, query_params={"next": elsewhere})
    assert answer.url == "/security/"


def test_confirming_gives_the_session_a_new_key(browser):
    before = browser.session.session_key

    answer = browser.post(URL, {"password": PASSWORD})

    assert answer.cookies["acsr_session"].value == browser.session.session_key != before


def test_cookie_from_before_the_confirmation_is_dead(browser):
    before = browser.cookies["acsr_session"].value
    browser.post(URL, {"password": PASSWORD})

    browser.cookies["acsr_session"] = before

    assert browser.get(URL).url == f"/sign-in/?next={URL}"


@pytest.mark.parametrize(
    "data", [{}, {"password": ""}, {"password": "wrong"}, {"password": [PASSWORD, "wrong"]}]
)
def test_wrong_confirmation_counts_for_nothing(browser, data):
    answer = browser.post(URL, data)

    assert errors_of(answer) in (["password"], [])
    assert not is_confirmed(browser)


def test_password_and_code_are_answered_separately(browser, maria):
    device = make_totp(maria)

    without = browser.post(URL, {"password": PASSWORD})
    wrong_code = browser.post(URL, {"password": PASSWORD, "token": "000000"})
    wrong_password = browser.post(URL, {"password": "wrong", "token": totp.current_code(device)})

    assert [errors_of(answer) for answer in (without, wrong_code, wrong_password)] == [
        ["token"],
        ["token"],
        ["password"],
    ]
    assert not is_confirmed(browser)


def test_right_password_and_code_confirm(browser, maria):
    device = make_totp(maria)

    answer = browser.post(URL, {"password": PASSWORD, "token": totp.current_code(device)})

    assert answer.url == "/security/"
    assert is_confirmed(browser)


def test_printed_code_may_be_typed_with_dashes_and_in_small_letters(browser, maria):
    make_passkey(maria)
    _, (code, *_) = make_recovery_codes(maria)
    typed = " ".join(code[start : start + 4] for start in range(0, 16, 4)).lower()

    browser.post(URL, {"password": PASSWORD, "token": typed})

    assert is_confirmed(browser)
    assert RecoveryCode.objects.filter(used_at__isnull=False).count() == 1


def test_what_was_typed_is_not_drawn_again(browser, maria):
    make_totp(maria)
    _, (code, *_) = make_recovery_codes(maria)

    answer = browser.post(URL, {"password": "hush-hush-9", "token": code})

    assert errors_of(answer) == ["password"]
    assert code.encode() not in answer.content
    assert b"hush-hush-9" not in answer.content


def test_refusals_are_told_and_incomplete_forms_are_not(browser, maria):
    make_totp(maria)
    told = []

    def listen(sender, **facts):
        told.append((facts["user"], facts["reason"], facts["client"].session))

    signals.step_up_failed.connect(listen)
    own = browser.session.key_hash
    browser.post(URL, {"password": "wrong", "token": "000000"})
    browser.post(URL, {"password": PASSWORD, "token": "000000"})
    browser.post(URL, {"password": PASSWORD, "token": ""})
    signals.step_up_failed.disconnect(listen)

    assert told == [(maria, "wrong_password", own), (maria, "wrong_token", own)]


def test_used_up_limit_has_its_page(browser, maria):
    for _ in range(policy.PASSWORD_CONFIRMATIONS.limit):
        budgets.consume(policy.PASSWORD_CONFIRMATIONS, str(maria.pk))

    answer = browser.post(URL, {"password": PASSWORD})

    assert answer.status_code == 429
    assert not is_confirmed(browser)


def test_owner_signs_in_while_a_thief_guesses_in_a_session(browser, maria, client_too):
    device = make_totp(maria)
    for _ in range(policy.SECOND_STEP_RULES[0].limit + 1):
        answer = browser.post(URL, {"password": PASSWORD, "token": "000000"})
    assert answer.status_code == 429

    sign_in(client_too)
    client_too.post("/sign-in/verify/", {"token": totp.current_code(device)})

    assert client_too.get("/security/").status_code == 200


@pytest.mark.parametrize("path", [URL, SEND])
def test_strangers_sign_in_first(client, path):
    answer = client.post(path, {"password": PASSWORD, "method": "1"})

    assert answer.url == f"/sign-in/?next={path}"


@pytest.mark.parametrize("make", [make_totp, make_passkey])
def test_page_costs_few_statements(browser, maria, django_assert_max_num_queries, make):
    make(maria)
    make_code_device(maria)

    with django_assert_max_num_queries(12):
        browser.get(URL)


@pytest.mark.parametrize("kind", ["app", "sent", "wrong"])
def test_confirming_costs_few_statements(browser, maria, kind):
    app, phone = make_totp(maria), make_code_device(maria)
    browser.post(SEND, {"method": phone.pk})
    typed = {"app": totp.current_code(app), "sent": sent_code(), "wrong": "000000"}[kind]

    with CaptureQueriesContext(connection) as queries:
        browser.post(URL, {"password": PASSWORD, "token": typed})

    bounds = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")
    assert len([q for q in queries if not q["sql"].startswith(bounds)]) <= 12
    assert is_confirmed(browser) is (kind != "wrong")

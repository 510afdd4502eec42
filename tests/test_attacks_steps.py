"""Attacks 1-6: a step passes only on what the server recorded, for this ticket and this browser."""

from datetime import timedelta

import pytest
from django.db import connection
from django.http import HttpResponse
from django.utils import timezone

from accounts.models import Challenge
from accounts.policy import SIGN_UP_CODE
from accounts.tests.factories import PASSWORD, make_contact, make_totp, make_user
from accounts.tests.threads import run_at_once
from activity.enums import EventKind
from activity.models import SecurityEvent
from recovery.enums import TicketState
from recovery.models import Proof, RecoveryTicket
from tests.factories import (
    NEW_PASSWORD,
    WRONG_CODE,
    code_of,
    make_browser,
    recover,
    set_password,
    sign_in,
    start,
    type_code,
)

pytestmark = pytest.mark.django_db
MARIA = "maria@example.org"
STEPS = ("code/", "proof/", "proof/contact/", "password/", "done/", "proof/questions/")


@pytest.fixture
def maria():
    return make_user(email=MARIA)


def require_unchanged(user) -> None:
    """Require that the account has its password and that its owner can use it."""
    epoch = user.epoch
    user.refresh_from_db()
    assert (user.check_password(PASSWORD), user.epoch) == (True, epoch)
    assert not RecoveryTicket.objects.filter(state=TicketState.COMPLETED).exists()


def location(response: HttpResponse) -> str:
    return str(response.headers.get("Location", ""))


def test_the_walk_that_all_of_these_cut_short_works(maria):
    done = recover(make_browser(), MARIA)

    maria.refresh_from_db()
    assert location(done) == "/acsr/done/"
    assert maria.check_password(NEW_PASSWORD)


@pytest.mark.parametrize("step", STEPS)
def test_1_a_fresh_browser_is_sent_back_to_the_start(maria, step):
    response = make_browser().get(f"/acsr/{step}")

    assert location(response) == "/acsr/"


def test_1_a_password_posted_in_a_fresh_browser_changes_nothing(maria):
    recovering = make_browser()
    start(recovering, MARIA)
    type_code(recovering, MARIA)

    response = set_password(make_browser())

    assert location(response) == "/acsr/"
    require_unchanged(maria)


def test_2_typed_urls_lead_past_no_code(maria):
    browser = make_browser()
    start(browser, MARIA)

    answers = [location(browser.get(f"/acsr/{step}")) for step in STEPS if step != "code/"]
    posted = set_password(browser)

    assert {*answers, location(posted)} == {"/acsr/code/"}
    require_unchanged(maria)


def test_2_typed_urls_lead_past_no_proof(maria):
    browser = make_browser()
    start(browser, MARIA, "thief@example.net")
    type_code(browser, "thief@example.net")

    answers = [location(browser.get(f"/acsr/{step}")) for step in ("code/", "password/", "done/")]
    posted = set_password(browser)

    assert {*answers, location(posted)} == {"/acsr/proof/"}
    require_unchanged(maria)


def test_2_going_back_and_changing_the_account_keeps_no_proof_of_the_former_one(maria):
    own = make_user(email="thief@example.net")
    browser = make_browser()
    start(browser, "thief@example.net")
    type_code(browser, "thief@example.net")

    start(browser, MARIA, "thief@example.net")
    type_code(browser, "thief@example.net")
    posted = set_password(browser)

    assert location(posted) == "/acsr/proof/"
    require_unchanged(maria)
    require_unchanged(own)


def test_3_the_cookie_of_the_proof_is_worth_nothing_without_the_browser_it_was_made_in(maria):
    recovering, other = make_browser(), make_browser("198.51.100.7")
    start(recovering, MARIA)
    type_code(recovering, MARIA)
    ticket = RecoveryTicket.objects.get()
    start(other, MARIA, "thief@example.net")
    session = other.session
    session["recovery_ticket"] = str(ticket.pk)
    session.save()

    response = set_password(other)

    assert location(response) == "/acsr/"
    require_unchanged(maria)


def test_3_a_ticket_that_moved_to_another_browser_has_to_prove_again_there(maria):
    make_contact(maria, "maria.old@example.net")
    proving, other = make_browser(), make_browser("198.51.100.7")
    start(proving, MARIA, "new@example.com")
    type_code(proving, "new@example.com")
    proving.post("/acsr/proof/contact/", {"contact": "maria.old@example.net"})
    code = code_of("maria.old@example.net", "recovery.contact_code")
    approved = proving.post("/acsr/proof/contact/", {"code": code})

    other.post("/acsr/status/", {"reference": RecoveryTicket.objects.get().reference})
    other.post("/acsr/status/", {"code": code_of("new@example.com", "recovery.status_code")})
    answers = [location(set_password(browser)) for browser in (other, proving)]

    assert location(approved) == "/acsr/password/"
    assert answers == ["/acsr/proof/", "/acsr/"]
    require_unchanged(maria)


def test_3_a_proof_lapses_after_an_hour(maria, time_machine):
    browser = make_browser()
    start(browser, MARIA)
    type_code(browser, MARIA)
    proved_at = timezone.now()
    time_machine.move_to(proved_at + timedelta(minutes=58))
    in_time = browser.get("/acsr/password/")
    time_machine.move_to(proved_at + timedelta(minutes=61))

    response = set_password(browser)

    assert in_time.status_code == 200
    assert location(response) == "/acsr/proof/"
    require_unchanged(maria)


@pytest.mark.parametrize(
    ("typed", "counted"),
    [
        ({}, 0),
        ({"code": ""}, 0),
        ({"code": "  "}, 0),
        ({"code": "0"}, 1),
        ({"code": "00000000"}, 1),
        ({"code": "None"}, 1),
        ({"code[]": "RIGHT"}, 0),
        ({"code": ["RIGHT", "00000000"]}, 1),
        ({"code": ["00000000", "RIGHT"]}, 1),
        ({"code": ["RIGHT", "RIGHT"]}, 1),
    ],
    ids=str,
)
def test_4_a_strange_code_is_refused_and_counted_unless_it_is_empty(maria, typed, counted):
    browser = make_browser()
    start(browser, MARIA)
    right = code_of(MARIA)
    fields = {
        name: [right if one == "RIGHT" else one for one in values]
        if isinstance(values, list)
        else values.replace("RIGHT", right)
        for name, values in typed.items()
    }

    response = browser.post("/acsr/code/", fields)

    assert (response.status_code, Challenge.objects.get().attempts) == (200, counted)
    assert RecoveryTicket.objects.get().state == TicketState.AWAITING_CODE


def test_4_a_code_on_a_ticket_that_has_none_is_refused(maria):
    browser = make_browser()
    start(browser, MARIA)
    Challenge.objects.all().delete()

    for code in ("", "0", WRONG_CODE):
        browser.post("/acsr/code/", {"code": code})

    assert not Proof.objects.exists()
    require_unchanged(maria)


def test_6_a_code_of_another_purpose_opens_nothing(maria):
    stranger = make_browser()
    start(stranger, MARIA, "thief@example.net")
    make_browser("198.51.100.7").post(
        "/sign-up/",
        {"email": "thief@example.net", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD},
    )
    other_purpose = code_of("thief@example.net", SIGN_UP_CODE.message_kind)

    response = stranger.post("/acsr/code/", {"code": other_purpose})

    assert response.status_code == 200
    assert RecoveryTicket.objects.get().state == TicketState.AWAITING_CODE


def test_6_the_code_of_another_ticket_of_the_same_mailbox_opens_nothing(maria):
    first, second = make_browser(), make_browser("198.51.100.7")
    start(first, "someone@example.org", MARIA)
    code = code_of(MARIA)
    start(second, MARIA)

    response = second.post("/acsr/code/", {"code": code})

    assert response.status_code == 200
    require_unchanged(maria)


def test_6_the_opening_code_is_no_contact_code(maria):
    make_totp(maria)
    make_contact(maria, "+491512345678")
    browser = make_browser()
    start(browser, MARIA)
    opening = code_of(MARIA)
    type_code(browser, MARIA)
    browser.post("/acsr/proof/contact/", {"contact": "+491512345678"})

    browser.post("/acsr/proof/contact/", {"code": opening})

    assert list(Proof.objects.values_list("proof_class", flat=True)) == ["mail"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("count", [4])
def test_5_of_the_right_code_posted_many_times_at_once_one_succeeds(maria, count):
    require_one_success(count)


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_5_of_the_right_code_posted_many_times_at_once_one_succeeds_on_postgresql(maria):
    assert connection.vendor == "postgresql"
    require_one_success(12)


def require_one_success(count: int) -> None:
    browser = make_browser()
    start(browser, MARIA)
    code, cookies = code_of(MARIA), browser.cookies

    def post(number: int) -> str:
        own = make_browser()
        own.cookies = cookies.copy()
        return location(own.post("/acsr/code/", {"code": code}))

    answers = run_at_once(count, post)

    approved = SecurityEvent.objects.filter(kind=EventKind.TICKET_APPROVED)
    assert (Proof.objects.count(), approved.count()) == (1, 1)
    assert RecoveryTicket.objects.get().state == TicketState.APPROVED
    assert answers.count("/acsr/password/") >= 1
    assert not [answer for answer in answers if isinstance(answer, Exception)]


@pytest.mark.django_db(transaction=True)
def test_5_of_two_passwords_posted_at_once_one_is_set(maria):
    browser = make_browser()
    start(browser, MARIA)
    type_code(browser, MARIA)

    def post(number: int) -> str:
        own = make_browser()
        own.cookies = browser.cookies.copy()
        return location(set_password(own, f"{NEW_PASSWORD}-{number}"))

    answers = run_at_once(2, post)

    maria.refresh_from_db()
    completed = SecurityEvent.objects.filter(kind=EventKind.TICKET_COMPLETED)
    assert completed.count() == 1
    # Who comes second, and only then, is led to the page of the finished request too.
    assert "/acsr/done/" in answers
    assert [maria.check_password(f"{NEW_PASSWORD}-{n}") for n in (0, 1)].count(True) == 1


def test_the_new_password_signs_in_and_the_old_one_does_not(maria):
    recover(make_browser(), MARIA)

    answers = [
        sign_in(make_browser(), MARIA, password).status_code
        for password in (PASSWORD, NEW_PASSWORD)
    ]

    assert answers == [200, 302]

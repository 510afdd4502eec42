"""Attacks 7-11: every guess is counted first, and who guesses spends only what is their own.

What one service alone shows (sign-in pools, app codes) is tested in accounts; here whole walks.
"""

import pytest
from django.core import mail
from django.db import connection
from django.http import HttpResponse

from accounts.models import Challenge
from accounts.policy import START_CODES_PER_CONTACT, WRONG_CODES_PER_CONTACT
from accounts.services import totp
from accounts.tests.factories import make_contact, make_totp, make_user
from accounts.tests.threads import run_at_once
from activity.enums import EventKind
from activity.models import SecurityEvent
from outbox.models import Message
from recovery.enums import TicketState
from recovery.models import Proof, RecoveryTicket
from recovery.policy import CONTACT_CODES_PER_CONTACT
from tests.factories import (
    WRONG_CODE,
    code_of,
    make_browser,
    recover,
    sign_in,
    start,
    type_code,
)

pytestmark = pytest.mark.django_db
MARIA = "maria@example.org"
TRIES = 5


@pytest.fixture
def maria():
    return make_user(email=MARIA)


def guess(browser, times: int = TRIES) -> None:
    for _ in range(times):
        browser.post("/acsr/code/", {"code": WRONG_CODE})


def ask_for_contact_code(browser, contact: str) -> HttpResponse:
    """Open a ticket with an own address, then ask for a code to Maria's other one."""
    start(browser, MARIA, contact)
    type_code(browser, contact)
    return browser.post("/acsr/proof/contact/", {"contact": "old@example.net"})


def guesses_compared() -> int:
    return SecurityEvent.objects.filter(kind=EventKind.TICKET_CODE_WRONG).count()


@pytest.mark.django_db(transaction=True)
def test_7_parallel_guesses_are_compared_five_times_and_the_right_code_is_dead(maria):
    require_five_compared(threads=8, each=3)


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_7_two_hundred_parallel_guesses_are_compared_five_times_on_postgresql(maria):
    assert connection.vendor == "postgresql"
    require_five_compared(threads=20, each=10)


def require_five_compared(threads: int, each: int) -> None:
    browser = make_browser()
    start(browser, MARIA)
    right = code_of(MARIA)

    def work(number: int) -> None:
        own = make_browser()
        own.cookies = browser.cookies.copy()
        guess(own, each)

    faults = [answer for answer in run_at_once(threads, work) if answer]
    browser.post("/acsr/code/", {"code": right})

    assert faults == []
    assert Challenge.objects.get().attempts == TRIES
    assert guesses_compared() <= TRIES
    assert RecoveryTicket.objects.get().state == TicketState.CANCELLED


def test_8_beginning_again_from_many_networks_ends_at_the_daily_budget(maria, deliver):
    answers = []
    for number in range(START_CODES_PER_CONTACT.limit + 4):
        browser = make_browser(f"198.51.{number}.7")
        answers.append(start(browser, MARIA).status_code)
        guess(browser)
    deliver()

    assert answers == [302] * START_CODES_PER_CONTACT.limit + [429] * 4
    assert guesses_compared() <= TRIES * START_CODES_PER_CONTACT.limit
    kinds = [letter.extra_headers.get("X-Message-Kind") for letter in mail.outbox]
    assert kinds.count("recovery.guessed") == 1


def test_8_beginning_again_on_one_network_ends_at_its_wrong_codes(maria):
    for _ in range(START_CODES_PER_CONTACT.limit):
        browser = make_browser()
        start(browser, MARIA)
        guess(browser)

    assert guesses_compared() <= WRONG_CODES_PER_CONTACT.limit


def test_8_codes_to_a_contact_on_file_run_out_silently_over_all_claimants(maria, deliver):
    make_contact(maria, "old@example.net")
    pages = set()
    for number in range(14):
        browser = make_browser(f"198.51.{number}.7")
        pages.add(ask_for_contact_code(browser, f"thief{number:02}@example.com").status_code)
    deliver()

    codes = [
        letter
        for letter in mail.outbox
        if letter.to == ["old@example.net"]
        and letter.extra_headers["X-Message-Kind"] == "recovery.contact_code"
    ]
    assert (len(codes), pages) == (10, {302})


def test_9_success_on_an_own_account_resets_no_counter(maria):
    make_user(email="thief@example.net")
    thief = make_browser()
    for _ in range(WRONG_CODES_PER_CONTACT.limit // TRIES):
        start(thief, MARIA)
        guess(thief)
        sign_in(thief, "thief@example.net")
        thief.post("/sign-out/")
    recover(thief, "thief@example.net")

    start(thief, MARIA)
    type_code(thief, MARIA)

    assert not Proof.objects.filter(ticket__user=maria).exists()


def test_10_typing_the_password_again_refills_no_second_step(maria):
    app = make_totp(maria)
    thief = make_browser()
    for _ in range(TRIES):
        sign_in(thief, MARIA)
        thief.post("/sign-in/verify/", {"token": "000000"})

    sign_in(thief, MARIA)
    refused = thief.post("/sign-in/verify/", {"token": totp.current_code(app)})

    assert refused.status_code == 429
    assert thief.get("/security/").status_code == 302


def test_11_a_stranger_who_types_wrong_codes_leaves_the_victim_hers(maria):
    for _ in range(WRONG_CODES_PER_CONTACT.limit // TRIES):
        stranger = make_browser("198.51.100.7")
        start(stranger, MARIA)
        guess(stranger)

    done = recover(make_browser(), MARIA)

    assert done["Location"] == "/acsr/done/"


def test_11_a_stranger_who_spends_all_codes_leaves_the_known_browser_its_own(maria):
    known = make_browser()
    sign_in(known, MARIA)
    known.post("/sign-out/")
    for number in range(START_CODES_PER_CONTACT.limit):
        start(make_browser(f"198.51.{number}.7"), MARIA)

    done = recover(known, MARIA)

    assert done["Location"] == "/acsr/done/"


def test_11_a_stranger_who_spends_a_contacts_codes_leaves_the_known_browser_its_own(maria, deliver):
    make_contact(maria, "old@example.net")
    known = make_browser()
    sign_in(known, MARIA)
    known.post("/sign-out/")
    for number in range(CONTACT_CODES_PER_CONTACT.limit):
        ask_for_contact_code(make_browser(f"198.51.{number}.7"), f"thief{number:02}@example.com")
    deliver()
    mail.outbox.clear()

    ask_for_contact_code(known, "new@example.net")
    deliver()

    kinds = [m.extra_headers["X-Message-Kind"] for m in mail.outbox if m.to == ["old@example.net"]]
    assert kinds == ["recovery.contact_code"]


def test_11_a_stranger_who_asks_for_new_codes_leaves_the_victim_hers(maria, time_machine):
    stranger, victim = make_browser("198.51.100.7"), make_browser()
    moment = 1_800_000_000
    time_machine.move_to(moment)
    start(stranger, MARIA)
    for number in range(1, 8):
        time_machine.move_to(moment + 61 * number)
        stranger.post("/acsr/code/resend/")
    start(victim, MARIA)
    time_machine.move_to(moment + 61 * 9)
    sent = Message.objects.count()

    victim.post("/acsr/code/resend/")

    assert Message.objects.count() == sent + 1

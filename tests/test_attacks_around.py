"""Attacks 25, 28 and 30, and relatives: around and after a recovery."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from accounts.policy import OUTSIDE_FAILURES
from accounts.services import budgets, sessions, totp
from accounts.tests.factories import PASSWORD, make_contact, make_totp, make_user
from recovery.enums import LIVE_STATES, TicketState
from recovery.models import NoticeLink, Objection, RecoveryTicket
from tests.factories import (
    NEW_PASSWORD,
    code_of,
    make_browser,
    recover,
    set_password,
    sign_in,
    start,
    type_code,
)
from tests.stranger import work_through

pytestmark = pytest.mark.django_db
MARIA = "maria@example.org"
OLD = "maria.old@example.net"
THIEF = "thief@example.com"
STOP_LINK = re.compile(r"/acsr/stop/[^\s]+")


@pytest.fixture
def maria():
    user = make_user(email=MARIA)
    make_contact(user, OLD)
    return user


def link_to(address: str) -> str:
    """Give the newest link that was mailed to an address, delivering what is due before."""
    work_through()
    links = [
        link
        for letter in mail.outbox
        if letter.to == [address]
        for link in STOP_LINK.findall(letter.body)
    ]
    return str(links[-1])


def open_as_thief() -> RecoveryTicket:
    browser = make_browser("198.51.100.7")
    start(browser, MARIA, THIEF)
    type_code(browser, THIEF)
    return RecoveryTicket.objects.get(contact=THIEF)


def test_25_sessions_die_with_the_recovery(maria):
    session = make_browser()
    sign_in(session, MARIA)
    before = session.get("/security/").status_code

    recover(make_browser("192.0.2.9"), MARIA)

    assert (before, session.get("/security/").status_code) == (200, 302)
    assert session.post("/security/password/", {"old_password": PASSWORD}).status_code == 302


def test_25_half_done_sign_ins_and_their_codes_die_with_the_recovery(maria):
    for _ in range(OUTSIDE_FAILURES.limit):
        budgets.consume(OUTSIDE_FAILURES, str(maria.pk))
    half_done = make_browser()
    sign_in(half_done, MARIA)
    code = code_of(MARIA, "accounts.sign_in_code")
    before = half_done.get("/sign-in/verify/").status_code

    recover(make_browser("192.0.2.9"), MARIA)

    after = half_done.post("/sign-in/verify/", {"token": code})
    assert (before, after.status_code, after["Location"]) == (200, 302, "/sign-in/")
    assert half_done.get("/security/").status_code == 302


def test_25_a_half_done_sign_in_of_the_old_password_dies_for_two_step_too(maria):
    app = make_totp(maria)
    half_done = make_browser()
    sign_in(half_done, MARIA)

    sessions.raise_epoch(maria)

    after = half_done.post("/sign-in/verify/", {"token": totp.current_code(app)})
    assert after["Location"] == "/sign-in/"


def test_25_a_code_sent_before_the_recovery_opens_nothing_after_it(maria):
    waiting = make_browser("198.51.100.7")
    start(waiting, MARIA)
    code = code_of(MARIA)
    recover(make_browser(), MARIA)

    waiting.post("/acsr/code/", {"code": code})

    assert set_password(waiting, "Another-window-9-hill")["Location"] != "/acsr/done/"
    maria.refresh_from_db()
    assert maria.check_password(NEW_PASSWORD)


def test_25_a_recovered_account_takes_its_password_once(maria):
    browser = make_browser()
    recover(browser, MARIA)

    again = set_password(browser, "Another-window-9-hill")

    assert again["Location"] == "/acsr/done/"
    maria.refresh_from_db()
    assert maria.check_password(NEW_PASSWORD)


@pytest.mark.parametrize("method", ["get", "post"])
def test_28_guessed_late_and_foreign_links_are_one_neutral_page(maria, method):
    open_as_thief()
    link = link_to(OLD)
    RecoveryTicket.objects.update(
        state=TicketState.EXPIRED, expires_at=timezone.now() - timedelta(days=1)
    )
    guesses = [link, "/acsr/stop/" + "A" * 43 + "/", "/acsr/stop/%00/", "/acsr/stop/x/"]

    answers = [getattr(make_browser(), method)(path, {"choice": "stop"}) for path in guesses]

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert not Objection.objects.exists()


def test_28_a_link_stops_its_own_ticket_alone(maria):
    other = make_user(email="jonas@example.org")
    make_contact(other, "jonas.old@example.net")
    browser = make_browser("192.0.2.9")
    start(browser, "jonas@example.org", "somebody@example.com")
    type_code(browser, "somebody@example.com")
    first = open_as_thief()
    link = link_to(OLD)

    make_browser().post(link, {"choice": "stop"})

    states = dict(RecoveryTicket.objects.values_list("user", "state"))
    assert states == {maria.pk: TicketState.CANCELLED, other.pk: TicketState.AWAITING_PROOF}
    assert Objection.objects.get().ticket == first


@pytest.mark.parametrize("choice", [{}, {"choice": ""}, {"choice": "x"}, {"choice": "STOP"}])
def test_28_a_link_without_a_choice_does_nothing(maria, choice):
    open_as_thief()

    make_browser().post(link_to(OLD), choice)

    assert not Objection.objects.exists()
    assert not NoticeLink.objects.filter(used_at__isnull=False).exists()


def test_28_a_stop_is_not_taken_back_over_what_its_claimant_withdrew(maria):
    thief = make_browser("198.51.100.7")
    start(thief, MARIA, THIEF)
    type_code(thief, THIEF)
    link = link_to(OLD)
    make_browser().post(link, {"choice": "stop"})
    thief.post("/acsr/withdraw/")

    make_browser().post(link, {"choice": "mine"})

    assert RecoveryTicket.objects.get().state == TicketState.CANCELLED
    assert Objection.objects.get().taken_back_at is not None


def test_30_a_thief_who_signs_in_cancels_nothing(maria):
    thief = make_browser("198.51.100.7")
    sign_in(thief, MARIA)
    owner = make_browser()
    start(owner, MARIA)
    sign_in(thief, MARIA)
    type_code(owner, MARIA)
    sign_in(make_browser("198.51.100.8"), MARIA)

    assert set_password(owner)["Location"] == "/acsr/done/"


def test_30_a_thief_who_presses_stop_in_a_session_makes_people_decide(maria):
    thief = make_browser("198.51.100.7")
    sign_in(thief, MARIA)
    owner = make_browser()
    start(owner, MARIA)
    type_code(owner, MARIA)

    thief.post("/acsr/object/", {"choice": "stop"})

    ticket = RecoveryTicket.objects.get()
    assert (ticket.state in LIVE_STATES, ticket.contested_at is not None) == (True, True)
    assert set_password(owner)["Location"] == "/acsr/status/"


def test_30_a_thief_whose_contact_is_young_cancels_nothing_each_time(maria):
    yesterday = timezone.now() - timedelta(days=1)
    counts = yesterday + timedelta(days=7)
    make_contact(maria, THIEF, verified_at=yesterday, counts_from=counts)
    states = []
    for number in range(3):
        owner = make_browser(f"192.0.2.{number}")
        start(owner, MARIA)
        type_code(owner, MARIA)
        make_browser("198.51.100.7").post(link_to(THIEF), {"choice": "stop"})
        states.append(RecoveryTicket.objects.latest("opened_at").state)

    assert [state in LIVE_STATES for state in states] == [True] * 3
    assert not Objection.objects.filter(cancelled_the_ticket=True).exists()


def test_30_of_the_stops_of_an_old_mailbox_the_first_alone_cancels(maria):
    states = []
    for number in range(3):
        owner = make_browser(f"192.0.2.{number}")
        start(owner, MARIA, f"new{number}@example.com")
        type_code(owner, f"new{number}@example.com")
        make_browser("198.51.100.7").post(link_to(OLD), {"choice": "stop"})
        states.append(RecoveryTicket.objects.latest("opened_at").state)

    assert [state == TicketState.CANCELLED for state in states] == [True, False, False]


def test_each_step_that_proves_something_has_a_new_session_key(maria):
    browser = make_browser()
    keys = []
    start(browser, MARIA)
    keys.append(browser.cookies["acsr_session"].value)
    type_code(browser, MARIA)
    keys.append(browser.cookies["acsr_session"].value)
    set_password(browser)
    sign_in(browser, MARIA, NEW_PASSWORD)
    keys.append(browser.cookies["acsr_session"].value)

    assert len({*keys}) == len(keys)


def test_a_fixed_session_key_is_not_taken_over(maria):
    browser = make_browser()
    browser.cookies["acsr_session"] = "planted-by-somebody-else"

    start(browser, MARIA)

    assert browser.cookies["acsr_session"].value != "planted-by-somebody-else"


def test_a_planted_session_ends_with_the_first_step_of_its_victim(maria):
    attacker, victim = make_browser("198.51.100.7"), make_browser()
    start(attacker, "someone@example.org", THIEF)
    victim.cookies = attacker.cookies.copy()
    start(victim, MARIA)
    type_code(victim, MARIA)

    stolen = set_password(attacker)

    maria.refresh_from_db()
    assert stolen["Location"] == "/acsr/"
    assert maria.check_password(PASSWORD)


def test_signing_in_and_out_leaves_no_ticket_behind_for_the_next_person(maria):
    shared = make_browser()
    start(shared, MARIA)
    type_code(shared, MARIA)
    make_user(email="jonas@example.org")
    sign_in(shared, "jonas@example.org")
    shared.post("/sign-out/")

    stolen = set_password(shared)

    assert stolen["Location"] == "/acsr/"

"""Attacks 26, 28, 29 and 30, and relatives, on requests that answers or people decide."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.utils import timezone

from accounts.models import Challenge, Contact
from accounts.services import budgets
from accounts.tests.factories import make_contact, make_recovery_codes, make_totp
from activity.enums import EventKind
from activity.models import SecurityEvent
from recovery import policy
from recovery.enums import LIVE_STATES, ContestedReason, Resets, TicketState, Verdict
from recovery.models import ClaimFreeze, Notice, RecoveryTicket
from recovery.services import effects, evaluation
from recovery.tests.evidence import OLD, make_maria
from recovery.tests.staff import make_staff, make_vote
from tests.factories import (
    code_of,
    make_browser,
    set_password,
    sign_in,
    start,
    type_code,
)
from tests.stranger import work_through

S = TicketState
HOUR = timedelta(hours=1)
MARIA = "maria@example.org"
NEW = "maria.new@example.net"
THIEF = "thief@example.com"
QUESTIONS = "/acsr/proof/questions/"
ANSWERS = {
    "first_name": "Maria",
    "last_name": "Rossi",
    "created_year": "2024",
    "contact_1": "old@example.net",
    "password_1": OLD,
}
pytestmark = pytest.mark.django_db


@pytest.fixture
def maria():
    return make_maria()


def answer(contact=NEW, answers=ANSWERS, address="203.0.113.9"):
    """Give the browser of somebody who answered, and the ticket once it was graded."""
    browser = make_browser(address)
    start(browser, MARIA, contact)
    type_code(browser, contact)
    browser.post(QUESTIONS, answers)
    evaluation.evaluate_due()
    return browser, newest(contact)


def newest(contact=NEW):
    return RecoveryTicket.objects.filter(contact=contact).latest("opened_at")


def approve(ticket, **fields):
    """Have two people agree, and the answer time come."""
    for name in ("Lena", "Omar"):
        make_vote(ticket, make_staff(first_name=name))
    RecoveryTicket.objects.filter(pk=ticket.pk).update(
        verdict=Verdict.APPROVE, effect_at=timezone.now(), **fields
    )
    effects.carry_out_due()
    ticket.refresh_from_db()


def show_a_contact(browser, address):
    Challenge.objects.update(sent_at=timezone.now() - timedelta(minutes=2))
    browser.post("/acsr/proof/contact/", {"contact": address})
    return browser.post("/acsr/proof/contact/", {"code": code_of(address, "recovery.contact_code")})


def stop_links(address):
    work_through()
    letters = [letter.body for letter in mail.outbox if letter.to == [address]]
    return [link for body in letters for link in re.findall(r"/acsr/stop/\S+", body)]


def test_26_answers_and_two_mailboxes_are_no_second_factor(maria):
    make_totp(maria)
    browser, ticket = answer()

    show_a_contact(browser, MARIA)
    show_a_contact(browser, "old@example.net")
    led = set_password(browser)

    ticket.refresh_from_db()
    assert led["Location"] != "/acsr/done/"
    assert (ticket.state, ticket.people, ticket.resets) == (S.IN_REVIEW, 2, Resets.BOTH)
    assert ticket.hold_length >= timedelta(days=7)
    assert maria.totpdevice_set.exists()


def test_26_no_post_skips_the_wait_that_people_set(maria):
    make_totp(maria)
    browser, ticket = answer()
    approve(ticket)

    for page in ("/acsr/password/", "/acsr/status/ask/", QUESTIONS):
        browser.post(page, {"new_password1": "Bright-window-9-hill"} | ANSWERS)
    set_password(browser)

    ticket.refresh_from_db()
    assert ticket.state == S.ON_HOLD
    assert maria.totpdevice_set.exists()


def test_28_links_of_other_requests_late_and_guessed_ones_leave_a_case_alone(maria):
    _thief, other = answer(THIEF, address="198.51.100.7")
    of_other = stop_links("old@example.net")[0]
    browser, ticket = answer()
    browser.post("/acsr/withdraw/")
    late = stop_links("old@example.net")[-1]
    _browser, ticket = answer("maria.third@example.net")

    answers = [
        make_browser().post(link, {"choice": "stop"})
        for link in (late, "/acsr/stop/guessed/", f"{of_other[:-2]}x/")
    ]

    ticket.refresh_from_db()
    other.refresh_from_db()
    assert {page.status_code for page in answers} == {200}
    assert len({re.sub(r'"[\w+/=-]{30,}"', "", page.content.decode()) for page in answers}) == 1
    assert (ticket.state, other.state) == (S.IN_REVIEW, S.IN_REVIEW)
    assert not ClaimFreeze.objects.exists()


@pytest.mark.parametrize("method", ["get", "post"])
def test_28_a_guessed_invitation_is_a_neutral_page(maria, method):
    _browser, ticket = answer()
    approve(ticket, hold_length=timedelta(0))

    page = getattr(make_browser(), method)("/acsr/go-on/guessed/")

    assert page.status_code == 200
    assert ticket.reference[:4] not in page.content.decode()
    assert not Challenge.objects.filter(purpose="recovery.status_code").exists()


def test_28_an_invitation_gives_nothing_without_the_claimants_code(maria):
    _browser, ticket = answer()
    approve(ticket)
    work_through()
    RecoveryTicket.objects.update(hold_until=timezone.now(), hold_from=timezone.now() - HOUR)
    Notice.objects.filter(settled_at=None).delete()
    work_through()
    work_through()
    stranger = make_browser("198.51.100.7")
    link = re.findall(r"/acsr/go-on/\S+", mail.outbox[-1].body)[-1]

    stranger.get(link)
    stranger.post(link)
    stranger.post("/acsr/status/", {"code": "00000000"})

    assert set_password(stranger)["Location"] == "/acsr/"
    ticket.refresh_from_db()
    assert ticket.state == S.APPROVED


def test_29_what_a_thief_made_this_week_answers_nothing(maria):
    """The address and the password of a thief are no facts of the owner's."""
    added = timezone.now() - timedelta(days=4)
    make_contact(maria, "second@example.com", verified_at=added)
    SecurityEvent.objects.create(user=maria, kind=EventKind.CONTACT_ADDED, at=added)

    _browser, ticket = answer(
        THIEF, {"first_name": "Maria", "last_name": "Rossi", "contact_1": "second@example.com"}
    )

    assert (ticket.state, ticket.verdict) == (S.EVALUATING, Verdict.DENY)
    assert ticket.evidence.get().grades.get(question="contacts").score < 0


def test_29_what_a_thief_set_up_proves_nothing_beside_answers(maria):
    _code_set, printed = make_recovery_codes(maria, made_at=timezone.now() - timedelta(days=2))
    SecurityEvent.objects.create(
        user=maria, kind=EventKind.TWO_STEP_ON, at=timezone.now() - timedelta(days=2)
    )
    thief, ticket = answer(THIEF, {"first_name": "Maria"})

    thief.post("/acsr/proof/authenticator/", {"token": printed[0]})
    led = set_password(thief)

    ticket.refresh_from_db()
    assert led["Location"] != "/acsr/done/"
    assert ticket.state in (S.EVALUATING, S.IN_REVIEW)
    assert not ticket.proofs.filter(is_strong=True).exists()


def test_29_two_step_of_a_thief_does_not_raise_the_owners_bar(maria, settings):
    """Even where the operator lets no answers reset a second step of her group."""
    group = Group.objects.create(name="finance")
    maria.groups.add(group)
    settings.NO_RESET_GROUPS = (group.name,)
    made_at = timezone.now() - timedelta(days=2)
    make_totp(maria, made_at=made_at)
    SecurityEvent.objects.create(user=maria, kind=EventKind.TWO_STEP_ON, at=made_at)

    _owner, ticket = answer()

    assert (ticket.state, ticket.people) == (S.IN_REVIEW, 2)
    assert ticket.contested_reason == ContestedReason.ACCOUNT_CHANGED


def test_30_a_thief_who_signs_in_and_objects_keeps_no_owner_from_people(maria):
    thief = make_browser("198.51.100.7")
    sign_in(thief, MARIA)
    states = []
    for number in range(4):
        _owner, ticket = answer(f"maria{number}@example.net", address=f"192.0.2.{number + 1}")
        thief.post("/acsr/object/", {"choice": "stop", "reference": ticket.reference})
        sign_in(make_browser("198.51.100.7"), MARIA)
        ticket.refresh_from_db()
        states.append((ticket.state, ticket.people))

    assert states == [(S.IN_REVIEW, 2)] * 4
    assert RecoveryTicket.objects.filter(state__in=LIVE_STATES).count() == 4


def test_30_a_thief_who_came_ten_days_ago_and_is_quick_stops_nothing(maria):
    """The address counts by now, and nothing was shown yet: it is younger than the answers."""
    added = timezone.now() - timedelta(days=10)
    make_contact(maria, THIEF, verified_at=added, counts_from=added + timedelta(days=7))
    SecurityEvent.objects.create(user=maria, kind=EventKind.CONTACT_ADDED, at=added)
    owner = make_browser()
    start(owner, MARIA, NEW)
    type_code(owner, NEW)

    make_browser("198.51.100.7").post(stop_links(THIEF)[-1], {"choice": "stop"})
    owner.post(QUESTIONS, ANSWERS)
    evaluation.evaluate_due()

    ticket = newest()
    assert (ticket.state, ticket.people) == (S.IN_REVIEW, 2)
    assert ticket.contested_reason == ContestedReason.OBJECTION


def test_30_an_objection_does_not_keep_answers_from_being_graded(maria):
    owner = make_browser()
    start(owner, MARIA, NEW)
    type_code(owner, NEW)
    owner.post(QUESTIONS, ANSWERS)
    thief = make_browser("198.51.100.7")
    sign_in(thief, MARIA)
    thief.post("/acsr/object/", {"choice": "stop"})
    show_a_contact(owner, MARIA)

    evaluation.evaluate_due()

    ticket = newest()
    assert (ticket.state, ticket.people) == (S.IN_REVIEW, 2)
    assert ticket.evidence.get().answers is None


def test_nobody_asks_for_people_on_a_request_of_another_browser(maria):
    _browser, ticket = answer(answers={"first_name": "Anna"})
    RecoveryTicket.objects.update(answer_at=timezone.now(), effect_at=timezone.now())
    effects.carry_out_due()
    stranger = make_browser("198.51.100.7")
    session = stranger.session
    session["recovery_ticket"] = str(ticket.pk)
    session.save()

    stranger.post("/acsr/status/ask/")

    assert RecoveryTicket.objects.count() == 1


def test_earlier_passwords_do_not_stay_behind_where_answers_are_not_taken(maria):
    browser = make_browser()
    start(browser, MARIA, NEW)
    type_code(browser, NEW)
    browser.post(QUESTIONS, ANSWERS | {"birth_day": "32"})
    kept = "recovery_held" in browser.session
    ticket = newest()
    for _ in range(policy.QUESTIONNAIRES_A_DAY.limit):
        budgets.consume(
            policy.QUESTIONNAIRES_A_DAY, ticket.contact_limit_key, ticket.identifier_key
        )

    refused = browser.post(QUESTIONS, ANSWERS | {"password_1": ""})

    assert (kept, refused.status_code) == (True, 429)
    assert "recovery_held" not in browser.session


def test_the_address_of_a_claimant_joins_the_account_only_when_people_gave_it(maria):
    _browser, _ticket = answer()

    assert not Contact.objects.filter(value=NEW).exists()

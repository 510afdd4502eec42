"""Attacks on what proves an account, by whole walks (attacks.md 10, 11, 25, 26, 29, 30)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Contact, TotpDevice
from accounts.queries import has_second_step
from accounts.services import passwords, totp
from accounts.tests.factories import (
    PASSWORD,
    make_code_device,
    make_contact,
    make_passkey,
    make_recovery_codes,
    make_totp,
    make_user,
)
from accounts.tests.passkeys import make_working_passkey
from accounts.tests.soft_authenticator import begin, complete
from recovery.enums import TicketState
from recovery.models import Proof, RecoveryTicket
from tests.factories import (
    NEW_PASSWORD,
    WRONG_CODE,
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
DAY = timedelta(days=1)
MARIA = "maria@example.org"
OTHER = "maria.old@example.net"
TOKEN = "/acsr/proof/authenticator/"
RAW = "/acsr/proof/password/"
PASSKEY = "/acsr/proof/passkey/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def maria():
    user = make_user(email=MARIA)
    make_contact(user, OTHER)
    return user


def test_a_mailbox_alone_does_not_open_two_step_nor_do_two(maria):
    make_totp(maria)
    thief = _proved_mailbox()

    thief.post("/acsr/proof/contact/", {"contact": OTHER})
    thief.post("/acsr/proof/contact/", {"code": code_of(OTHER, "recovery.contact_code")})

    assert _state() == S.AWAITING_PROOF
    assert set_password(thief)["Location"] == "/acsr/proof/"
    assert passwords.check(maria, PASSWORD)


def test_after_a_recovery_with_the_app_the_second_step_is_still_asked(maria):
    app = make_totp(maria)
    owner = _proved_mailbox()
    owner.post(TOKEN, {"token": totp.current_code(app)})
    set_password(owner)

    led = sign_in(owner, MARIA, NEW_PASSWORD)

    assert led["Location"] == "/sign-in/verify/"
    assert owner.get("/security/").status_code == 302


@pytest.mark.parametrize("make", [make_totp, make_code_device, make_passkey])
def test_two_step_turned_on_by_a_thief_never_makes_the_owner_a_stranger(maria, make):
    make(maria, made_at=timezone.now() - HOUR)

    _proved_mailbox()

    ticket = RecoveryTicket.objects.get()
    assert (ticket.state, ticket.contested_reason) == (S.IN_REVIEW, "account_changed")


def test_two_step_turned_off_by_a_thief_gives_the_thief_nothing(maria):
    make_totp(maria, confirmed=False, removed_at=timezone.now() - HOUR)

    thief = _proved_mailbox()

    assert _state() == S.IN_REVIEW
    assert set_password(thief)["Location"] == "/acsr/status/"
    assert thief.get("/acsr/status/").context["face"] == "looked_at"


def test_an_app_that_a_thief_put_in_place_of_the_owners_is_no_proof(maria):
    make_totp(maria, confirmed=False, removed_at=timezone.now() - HOUR)
    own = make_totp(maria, made_at=timezone.now() - HOUR)
    thief = _proved_mailbox()

    thief.post(TOKEN, {"token": totp.current_code(own)})

    assert list(Proof.objects.filter(is_strong=True).values_list("proof_class", flat=True)) == [
        "mail"
    ]
    assert _state() == S.AWAITING_PROOF


def test_codes_printed_by_a_thief_this_week_open_nothing(maria):
    make_totp(maria)
    _set, codes = make_recovery_codes(maria, made_at=timezone.now() - 2 * DAY)
    thief = _proved_mailbox()

    thief.post(TOKEN, {"token": codes[0]})

    assert _state() == S.AWAITING_PROOF
    assert set_password(thief)["Location"] == "/acsr/proof/"


def test_a_passkey_made_two_days_ago_opens_nothing(maria):
    make_totp(maria)
    _passkey, device = make_working_passkey(maria, made_at=timezone.now() - 2 * DAY)
    thief = _proved_mailbox()

    answer = complete(thief, PASSKEY, device.sign(begin(thief, PASSKEY)))

    assert answer.json()["redirect_url"] == "/acsr/proof/"
    assert _state() == S.AWAITING_PROOF


def test_a_mailbox_that_others_read_is_no_proof_once_that_is_said_for_a_week(maria):
    told = timezone.now() - 8 * DAY
    Contact.objects.filter(match_key=MARIA).update(mark="shared", marked_at=told)

    _proved_mailbox()

    assert (Proof.objects.get().marks, _state()) == (["marked"], S.AWAITING_PROOF)


def test_a_mark_that_a_thief_made_today_takes_nothing_from_the_owner(maria):
    Contact.objects.filter(match_key=MARIA).update(mark="lost", marked_at=timezone.now() - HOUR)

    _proved_mailbox()

    assert _state() == S.APPROVED


def test_guesses_from_many_networks_stop_at_the_days_limit_and_the_owner_gets_in(maria):
    app = make_totp(maria)
    for number in range(12):
        stranger = make_browser(f"192.0.2.{number}")
        mine = f"stranger-{number}@example.com"
        start(stranger, MARIA, mine)
        type_code(stranger, mine)
        stranger.post(TOKEN, {"token": "000000"})

    late = make_browser("192.0.2.200")
    start(late, MARIA, "late@example.com")
    type_code(late, "late@example.com")
    late.post(TOKEN, {"token": totp.current_code(app)})
    assert not Proof.objects.exists()

    owner = _proved_mailbox()
    led = owner.post(TOKEN, {"token": totp.current_code(app)})

    assert led["Location"] == "/acsr/password/"


def test_guessing_from_one_network_ends_with_a_time_and_no_compare(maria):
    app = make_totp(maria)
    stranger = make_browser()
    start(stranger, MARIA, "stranger@example.com")
    type_code(stranger, "stranger@example.com")
    for _ in range(10):
        stranger.post(TOKEN, {"token": "000000"})

    for path, typed in [(TOKEN, {"token": totp.current_code(app)}), (RAW, {"password": PASSWORD})]:
        assert stranger.post(path, typed).status_code == 429

    assert not Proof.objects.exists()


def test_a_lost_second_step_is_reset_when_the_wait_is_over_and_not_before(maria):
    make_totp(maria)
    browser = make_browser()
    sign_in(browser, MARIA)
    assert browser.get("/acsr/?lost=second_step").context["form"].initial == {"identifier": MARIA}
    browser.post("/acsr/", {"identifier": MARIA, "lost": "second_step"})
    led = type_code(browser, MARIA)
    waits = browser.post(led["Location"], {"password": PASSWORD})
    assert (led["Location"], waits["Location"]) == (RAW, "/acsr/status/")
    assert browser.get("/acsr/password/")["Location"] == "/acsr/status/"

    _let_the_wait_end()
    browser = make_browser()
    reference = RecoveryTicket.objects.get().reference
    browser.post("/acsr/status/", {"reference": reference})
    browser.post("/acsr/status/", {"code": code_of(MARIA, "recovery.status_code")})
    done = browser.post("/acsr/password/")

    assert done["Location"] == "/acsr/done/"
    assert (has_second_step(maria), passwords.check(maria, PASSWORD)) == (False, True)
    assert sign_in(browser, MARIA)["Location"] == "/security/"


def test_the_half_done_sign_in_of_a_thief_dies_with_the_reset(maria):
    make_totp(maria)
    browser = _proved_mailbox()
    browser.post(RAW, {"password": PASSWORD})
    _let_the_wait_end()
    thief = make_browser("192.0.2.9")
    sign_in(thief, MARIA)
    assert thief.get("/sign-in/verify/").status_code == 200
    owner = make_browser()
    owner.post("/acsr/status/", {"reference": RecoveryTicket.objects.get().reference})
    owner.post("/acsr/status/", {"code": code_of(MARIA, "recovery.status_code")})
    owner.post("/acsr/password/")

    assert not TotpDevice.objects.filter(confirmed=True).exists()
    assert thief.get("/sign-in/verify/")["Location"].startswith("/sign-in/")


def test_the_page_of_the_last_step_is_nobodys_while_the_wait_lasts(maria):
    make_totp(maria)
    browser = _proved_mailbox()
    browser.post(RAW, {"password": PASSWORD})

    for fields in ({}, {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}):
        assert browser.post("/acsr/password/", fields)["Location"] == "/acsr/status/"

    assert has_second_step(maria)


def test_signing_in_with_a_young_passkey_stops_no_owner(maria):
    _passkey, device = make_working_passkey(maria, made_at=timezone.now() - 2 * DAY)
    make_recovery_codes(maria)
    _proved_mailbox()
    before = _state()
    thief = make_browser("192.0.2.9")

    for _ in range(3):
        complete(thief, "/sign-in/passkey/", device.sign(begin(thief, "/sign-in/passkey/")))

    assert _state() == before


def test_an_old_passkey_stops_a_thief_and_the_second_time_people_decide(maria):
    _passkey, device = make_working_passkey(maria)
    owner = make_browser("192.0.2.9")
    states = []

    for number in range(2):
        thief = make_browser(f"198.51.100.{number}")
        mine = f"thief-{number}@example.com"
        start(thief, MARIA, mine)
        type_code(thief, mine)
        complete(owner, "/sign-in/passkey/", device.sign(begin(owner, "/sign-in/passkey/")))
        owner.post("/sign-out/")
        ticket = RecoveryTicket.objects.get(contact=mine)
        states.append((ticket.state, ticket.contested_at is not None))
        # The thief sees nothing of it, and any code is still a wrong one.
        assert thief.get("/acsr/status/").context["face"] == "more"
        assert thief.post(TOKEN, {"token": WRONG_CODE}).status_code == 200

    assert states == [(S.CANCELLED, False), (S.AWAITING_PROOF, True)]


def _proved_mailbox():
    """Give a browser that opened a ticket by the mailbox on file and typed its code."""
    browser = make_browser()
    start(browser, MARIA)
    type_code(browser, MARIA)
    return browser


def _state():
    return RecoveryTicket.objects.latest("opened_at").state


def _let_the_wait_end():
    """Let the wait begin, when its first notice is delivered, and end.

    It is released on the database's clock, so its rows are moved and not the time.
    """
    for _ in range(2):
        work_through()
    now = timezone.now()
    over = {"hold_from": now - 3 * DAY, "hold_until": now - HOUR}
    assert RecoveryTicket.objects.filter(state=S.ON_HOLD).update(**over) == 1
    work_through()

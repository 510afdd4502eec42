"""What a decision looks at (design.md section 2)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Contact, Device, User
from accounts.tests.factories import (
    make_client,
    make_code_device,
    make_passkey,
    make_recovery_codes,
    make_totp,
    make_user,
)
from activity.enums import EventKind
from activity.services.events import record_event
from recovery import facts, policy
from recovery.enums import ProofClass, TicketState
from recovery.models import ClaimFreeze
from recovery.tests.factories import BROWSER, make_proof, make_ticket
from vault import digests

S = TicketState
DAY = timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def maria():
    return make_user(email="maria@example.org")


def test_a_contact_on_file_gives_the_account_with_its_facts(maria):
    make_totp(maria, made_at=timezone.now() - DAY)
    ticket = make_ticket(maria, state=S.AWAITING_PROOF)

    account, contact = facts.lock_contact(ticket, "MARIA@example.org", make_client())

    assert contact == maria.contacts.get()
    assert (account.user, account.had_two_step, account.has_two_step) == (maria, False, True)
    assert (account.is_known_device, account.is_new_place) == (False, False)


@pytest.mark.parametrize(
    "typed",
    ["", "not an address", "other@example.org", "maria+x@example.org", "m\u0430ria@example.org"],
)
def test_anything_else_gives_nobody(maria, typed):
    ticket = make_ticket(maria, state=S.AWAITING_PROOF)

    account, contact = facts.lock_contact(ticket, typed, make_client())

    assert (account.user, contact) == (None, None)


@pytest.mark.parametrize("lost", ["removed_at", "suspended_at"])
def test_a_contact_that_is_not_on_file_any_more_gives_nobody(maria, lost):
    Contact.objects.update(**{lost: timezone.now()})
    ticket = make_ticket(maria, state=S.AWAITING_PROOF)

    assert facts.lock_contact(ticket, "maria@example.org", make_client())[1] is None


def test_a_disabled_account_gives_nobody(maria):
    ticket = make_ticket(maria, state=S.AWAITING_PROOF)
    User.objects.update(is_active=False)

    assert facts.lock_contact(ticket, "maria@example.org", make_client())[1] is None


@pytest.mark.parametrize("state", [S.COMPLETED, S.CANCELLED, S.EXPIRED, S.DENIED])
def test_an_ended_ticket_gives_nobody(maria, state):
    ticket = make_ticket(maria, state=state)

    assert facts.lock_contact(ticket, "maria@example.org", make_client())[1] is None


@pytest.mark.parametrize("is_known", [True, False])
def test_asking_for_a_contact_is_one_statement(maria, is_known, django_assert_num_queries):
    ticket = make_ticket(maria if is_known else None, state=S.AWAITING_PROOF)

    with django_assert_num_queries(1):
        facts.lock_contact(ticket, "maria@example.org", make_client())


def test_a_known_device_and_a_country_seen_before_are_no_new_place(maria):
    home = make_client("81.2.69.142", device="cookie")
    Device.objects.create(user=maria, token_hash=home.device)
    ticket = make_ticket(maria, state=S.AWAITING_PROOF)

    account, _contact = facts.lock_contact(ticket, "maria@example.org", home)

    assert (account.is_known_device, account.is_new_place) == (True, False)


def test_a_browser_without_a_cookie_is_nobodys_device(maria):
    Device.objects.create(user=maria, token_hash="")
    ticket = make_ticket(maria, state=S.AWAITING_PROOF)

    account, _contact = facts.lock_contact(ticket, "maria@example.org", make_client())

    assert not account.is_known_device


def test_a_freeze_blocks_the_contact_and_the_network_of_this_account_alone(maria):
    _freeze(maria, "contact:thief@example.net", "network:203.0.113.9")
    here, elsewhere = make_client(), make_client("198.51.100.7")

    assert _is_frozen(maria, "thief@example.net", elsewhere)
    assert _is_frozen(maria, "other@example.net", here)
    assert not _is_frozen(maria, "other@example.net", elsewhere)
    assert not _is_frozen(make_user(), "thief@example.net", here)
    assert not _is_frozen(None, "thief@example.net", here)


def test_a_freeze_never_blocks_a_browser_that_has_signed_in(maria):
    _freeze(maria, "network:203.0.113.9")
    known = make_client(device="cookie")
    Device.objects.create(user=maria, token_hash=known.device)

    assert not _is_frozen(maria, "me@example.net", known)


def test_a_browser_that_was_forgotten_is_blocked_again(maria):
    _freeze(maria, "network:203.0.113.9")
    known = make_client(device="cookie")
    Device.objects.create(user=maria, token_hash=known.device, forgotten_at=timezone.now())

    assert _is_frozen(maria, "me@example.net", known)


def test_a_freeze_ends_by_itself(maria):
    _freeze(maria, "network:203.0.113.9", until=timezone.now())

    assert not _is_frozen(maria, "me@example.net", make_client())


def test_only_young_proofs_of_this_browser_are_held(maria):
    ticket = make_ticket(maria, state=S.AWAITING_PROOF)
    mine = make_proof(ticket)
    make_proof(ticket, ProofClass.PHONE, browser_hash="another")
    make_proof(ticket, ProofClass.APP, proved_at=timezone.now() - policy.HELD_PROOF_LIVES)

    held = facts.held_proofs(ticket, digests.token_hash(BROWSER), timezone.now())

    assert held == [mine]


def test_an_old_session_needs_an_old_device_an_old_app_and_a_quiet_month(maria):
    now = timezone.now()
    client = make_client(device="cookie")
    ticket = make_ticket(maria, state=S.AWAITING_PROOF)
    assert not facts.is_old_session(maria, ticket, client, now)

    Device.objects.create(user=maria, token_hash=client.device, first_seen_at=now - 31 * DAY)
    assert not facts.is_old_session(maria, ticket, client, now)

    make_totp(maria, made_at=now - 31 * DAY)
    assert facts.is_old_session(maria, ticket, client, now)

    record_event(maria, EventKind.PASSWORD_CHANGED, client=client, at=now - 29 * DAY)
    assert not facts.is_old_session(maria, ticket, client, now)


def _freeze(user, *keys, until=None):
    ticket = make_ticket(user)
    for key in keys:
        ClaimFreeze.objects.create(
            user=user, ticket=ticket, key=key, until=until or timezone.now() + DAY
        )


def _is_frozen(user, limit_key, client):
    return facts.is_frozen_claim(user, limit_key, client, timezone.now())


@pytest.mark.parametrize("is_known", [True, False])
def test_locking_an_account_is_one_statement(maria, is_known, django_assert_num_queries):
    ticket = make_ticket(maria if is_known else None, state=S.AWAITING_PROOF)

    with django_assert_num_queries(1):
        account = facts.lock_account(ticket, make_client())

    assert account.user == (maria if is_known else None)


@pytest.mark.parametrize("make", [make_totp, make_passkey, make_code_device])
def test_every_kind_of_second_step_is_asked_for_now_and_before(maria, make):
    make(maria)
    ticket = make_ticket(maria, state=S.AWAITING_PROOF)

    account = facts.lock_account(ticket, make_client())

    assert (account.had_two_step, account.has_two_step) == (True, True)


def test_a_second_step_that_was_removed_an_hour_ago_was_there(maria):
    make_totp(maria, confirmed=False, removed_at=timezone.now() - timedelta(hours=1))
    ticket = make_ticket(maria, state=S.AWAITING_PROOF)

    account = facts.lock_account(ticket, make_client())

    assert (account.had_two_step, account.has_two_step) == (True, False)


def test_printed_codes_alone_are_no_second_step(maria):
    make_recovery_codes(maria)
    ticket = make_ticket(maria, state=S.AWAITING_PROOF)

    account = facts.lock_account(ticket, make_client())

    assert (account.had_two_step, account.has_two_step) == (False, False)


def test_what_a_young_account_began_with_was_there_before():
    now = timezone.now()
    young = make_user(created_at=now - 3 * DAY)
    make_totp(young, made_at=now - 3 * DAY + timedelta(hours=1))
    ticket = make_ticket(young, state=S.AWAITING_PROOF, opened_at=now)

    assert facts.lock_account(ticket, make_client()).had_two_step

    late = make_user(created_at=now - 3 * DAY)
    make_totp(late, made_at=now - DAY)
    ticket = make_ticket(late, state=S.AWAITING_PROOF, opened_at=now)

    assert not facts.lock_account(ticket, make_client()).had_two_step


@pytest.mark.parametrize("make", [make_totp, make_passkey, make_code_device])
def test_any_second_step_that_is_old_enough_makes_a_session_old(maria, make):
    now = timezone.now()
    client = make_client(device="cookie")
    Device.objects.create(user=maria, token_hash=client.device, first_seen_at=now - 31 * DAY)
    ticket = make_ticket(maria, state=S.AWAITING_PROOF)
    step = make(maria, made_at=now - 29 * DAY)
    assert not facts.is_old_session(maria, ticket, client, now)

    type(step).objects.update(made_at=now - 31 * DAY)

    assert facts.is_old_session(maria, ticket, client, now)

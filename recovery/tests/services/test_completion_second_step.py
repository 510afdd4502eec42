"""Completion where only the second step is reset, and what a recovery forgets (attacks.md 25)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Device, UserSession
from accounts.queries import has_second_step, recovery_codes_of
from accounts.services import passwords, restrictions, sessions, trust
from accounts.tests.factories import (
    PASSWORD,
    make_client,
    make_contact,
    make_device,
    make_passkey,
    make_recovery_codes,
    make_totp,
    make_trust,
    make_user,
)
from accounts.tests.threads import run_at_once
from activity.enums import EventKind
from activity.models import SecurityEvent
from outbox.models import Message
from recovery import policy
from recovery.enums import NoticeKind, Outcome, ProofClass, Resets, TicketState
from recovery.errors import ProofLapsed
from recovery.models import Notice, NoticeLink, RecoveryTicket
from recovery.services import completion, notices
from recovery.tests.factories import make_claimant, make_proof, make_ticket

S = TicketState
NEW = "Silver-kettle-4-meadow"
pytestmark = pytest.mark.django_db


@pytest.fixture
def maria():
    user = make_user(email="maria@example.org")
    make_totp(user)
    make_recovery_codes(user)
    return user


@pytest.fixture
def waited(maria):
    """Give a ticket whose 72 hours are over, with one proof shown again."""
    return _waited(maria)


def test_the_second_step_goes_and_the_password_stays(waited, maria):
    _complete(waited)

    maria.refresh_from_db()
    assert (has_second_step(maria), recovery_codes_of(maria)) == (False, None)
    assert passwords.check(maria, PASSWORD)
    assert RecoveryTicket.objects.get().state == S.COMPLETED


def test_a_password_sent_along_changes_nothing(waited, maria):
    completion.complete(waited, NEW, client=make_claimant())

    maria.refresh_from_db()
    assert (passwords.check(maria, NEW), passwords.check(maria, PASSWORD)) == (False, True)


def test_everything_that_was_open_is_dead(waited, maria):
    ends = timezone.now() + timedelta(hours=1)
    UserSession.objects.create(session_key="a" * 64, user=maria, expire_date=ends)
    make_trust(maria)
    former = maria.get_session_auth_hash()

    _complete(waited)

    maria.refresh_from_db()
    assert not UserSession.objects.exists()
    assert trust.list_of(maria) == []
    assert maria.get_session_auth_hash() != former


def test_it_is_recorded_and_told_with_a_link_to_undo_it(waited, maria):
    make_contact(maria, "other@example.net")

    _complete(waited)
    notices.send_due()

    kinds = set(SecurityEvent.objects.values_list("kind", flat=True))
    assert {EventKind.TICKET_COMPLETED, EventKind.SECOND_STEP_RESET} <= kinds
    assert EventKind.PASSWORD_CHANGED not in kinds
    assert list(Notice.objects.values_list("kind", flat=True)) == [NoticeKind.COMPLETED]
    told = Message.objects.filter(kind="recovery.notice:completed")
    assert sorted(told.values_list("address", flat=True)) == [
        "maria@example.org",
        "other@example.net",
    ]
    assert NoticeLink.objects.filter(right="undo").count() == 2


def test_a_new_password_leaves_the_second_step_on(maria):
    ticket = make_ticket(maria, state=S.APPROVED)
    make_proof(ticket)

    completion.complete(ticket, NEW, client=make_claimant())

    assert has_second_step(maria)
    assert not SecurityEvent.objects.filter(kind=EventKind.SECOND_STEP_RESET).exists()


def test_what_people_gave_resets_both_and_restricts_for_long(maria):
    ticket = _waited(maria, resets=Resets.BOTH)

    completion.complete(ticket, NEW, client=make_claimant())

    maria.refresh_from_db()
    assert (has_second_step(maria), passwords.check(maria, NEW)) == (False, True)
    rest = maria.restricted_until - timezone.now()
    assert abs(rest - policy.RESTRICTED_AFTER_BOTH) < timedelta(minutes=1)


def test_the_second_step_alone_restricts_nothing(waited, maria):
    _complete(waited)

    maria.refresh_from_db()
    assert maria.restricted_until is None


def test_an_account_that_changed_meanwhile_keeps_its_second_step(waited, maria):
    stale = RecoveryTicket.objects.select_related("user").get()
    sessions.raise_epoch(maria)

    with pytest.raises(ProofLapsed):
        _complete(stale)

    assert has_second_step(maria)


def test_another_browser_switches_nothing_off(waited, maria):
    with pytest.raises(ProofLapsed):
        completion.complete(waited, "", client=make_client())

    assert has_second_step(maria)


def test_browsers_of_the_last_weeks_are_forgotten_and_older_ones_stay(maria):
    ticket = _waited(maria)
    old = make_device(maria, "owner's")
    now = timezone.now()
    young = now - timedelta(days=3)
    make_device(maria, "thief's", first_seen_at=young, last_seen_at=young)

    _complete(ticket)
    since = make_device(maria, "since", first_seen_at=young, last_seen_at=timezone.now())
    notices.send_due()

    assert set(Device.objects.filter(forgotten_at=None)) == {old, since}


def test_a_reset_that_leaves_the_password_ends_no_pause(maria):
    restrictions.freeze(maria, "recovery_undone", make_client())
    maria.refresh_from_db()

    _complete(_waited(maria))

    maria.refresh_from_db()
    assert maria.frozen_cause == "recovery_undone"


def test_passkeys_go_too(waited, maria):
    make_passkey(maria)

    _complete(waited)

    assert not has_second_step(maria)


@pytest.mark.django_db(transaction=True)
def test_of_two_presses_at_once_one_acts():
    user = make_user(email="maria@example.org")
    make_totp(user)
    _waited(user)
    copies = [RecoveryTicket.objects.select_related("user").get() for _ in range(2)]

    results = run_at_once(2, lambda number: _complete(copies[number]))

    assert sorted(type(result).__name__ for result in results) == ["NoneType", "ProofLapsed"]
    assert Notice.objects.count() == 1


def _waited(user, **fields):
    now = timezone.now()
    values = {
        "resets": Resets.SECOND_STEP,
        "outcome": Outcome.HOLD,
        "hold_length": 3 * policy.DAY,
        "hold_from": now - 3 * policy.DAY,
        "hold_until": now - timedelta(minutes=5),
        "opened_at": now - 3 * policy.DAY,
    }
    ticket = make_ticket(user, state=S.APPROVED, contact="maria@example.org", **values | fields)
    make_proof(ticket, ProofClass.MAIL)
    return ticket


def _complete(ticket):
    completion.complete(ticket, "", client=make_claimant())

"""The last step (attacks.md 1, 3, 5, 25, 26)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.errors import PasswordRefused, WrongCode
from accounts.models import UserSession
from accounts.normalise import email
from accounts.policy import SIGN_IN_CODE
from accounts.services import challenges, passwords, restrictions, sessions
from accounts.tests.factories import PASSWORD, make_client, make_contact, make_totp, make_user
from accounts.tests.threads import run_at_once
from activity.enums import EventKind
from activity.models import SecurityEvent
from recovery import policy
from recovery.enums import NoticeKind, ProofClass, TicketState
from recovery.errors import NotApproved, ProofLapsed, StaleTicket
from recovery.models import Notice, Proof, RecoveryTicket
from recovery.services import completion, objections, proofs
from recovery.tests.factories import make_claimant, make_link, make_proof, make_ticket

S = TicketState
NEW = "Silver-kettle-4-meadow"
OTHER = "Golden-ladder-9-harbour"
pytestmark = pytest.mark.django_db


@pytest.fixture
def maria():
    return make_user(email="maria@example.org")


@pytest.fixture
def approved(maria):
    """Give a ticket that its browser proved a minute ago."""
    ticket = make_ticket(maria, state=S.APPROVED)
    make_proof(ticket)
    return ticket


def test_the_new_password_works_and_the_old_one_does_not(approved):
    _complete(approved)

    user = approved.user
    user.refresh_from_db()
    assert (passwords.check(user, NEW), passwords.check(user, PASSWORD)) == (True, False)
    assert RecoveryTicket.objects.get().state == S.COMPLETED


def test_completion_is_recorded_and_told(approved):
    _complete(approved)

    assert list(Notice.objects.values_list("kind", flat=True)) == [NoticeKind.COMPLETED]
    assert EventKind.TICKET_COMPLETED in SecurityEvent.objects.values_list("kind", flat=True)


def test_every_session_ends_and_whatever_carries_the_epoch_is_dead(approved):
    user = approved.user
    ends = timezone.now() + timedelta(hours=1)
    UserSession.objects.create(session_key="a" * 64, user=user, expire_date=ends)
    former = user.get_session_auth_hash()
    _complete(approved)

    user.refresh_from_db()
    assert not UserSession.objects.exists()
    # Half-done sign-ins and kept sessions compare exactly this.
    assert (user.epoch, user.get_session_auth_hash() == former) == (2, False)


def test_a_code_that_was_open_for_the_account_is_worth_nothing(approved, code_for):
    challenges.issue(
        SIGN_IN_CODE,
        "stage:1",
        email("maria@example.org"),
        client=make_client(),
        user=approved.user,
    )
    code = code_for("maria@example.org", SIGN_IN_CODE.name)

    _complete(approved)

    with pytest.raises(WrongCode):
        challenges.verify(SIGN_IN_CODE, "stage:1", code)


def test_another_browser_is_refused(approved):
    with pytest.raises(ProofLapsed):
        completion.complete(approved, NEW, client=make_client())

    _assert_nothing_changed(approved)


def test_a_proof_of_61_minutes_ago_is_refused(approved):
    Proof.objects.update(proved_at=timezone.now() - timedelta(minutes=61))

    with pytest.raises(ProofLapsed):
        _complete(approved)

    _assert_nothing_changed(approved)


def test_all_that_the_decision_rested_on_must_still_stand(approved):
    make_proof(
        approved,
        ProofClass.PHONE,
        proved_at=approved.decided_at - timedelta(minutes=59, seconds=59),
    )
    later = timezone.now() - timedelta(minutes=1)
    RecoveryTicket.objects.update(decided_at=later)
    Proof.objects.filter(proof_class=ProofClass.PHONE).update(
        proved_at=later - timedelta(minutes=59, seconds=30)
    )
    approved.refresh_from_db()

    with pytest.raises(ProofLapsed):
        _complete(approved)


def test_proofs_of_another_browser_or_of_long_ago_are_not_asked_for_again(approved):
    make_proof(approved, ProofClass.PHONE, browser_hash="somebody else's")
    make_proof(approved, ProofClass.APP, proved_at=timezone.now() - timedelta(hours=3))

    _complete(approved)

    assert RecoveryTicket.objects.get().state == S.COMPLETED


def test_a_weak_proof_is_not_enough(maria):
    ticket = make_ticket(maria, state=S.APPROVED)
    make_proof(ticket, is_strong=False)

    with pytest.raises(ProofLapsed):
        _complete(ticket)


@pytest.mark.parametrize("state", [state for state in S if state != S.APPROVED])
def test_only_an_approved_ticket_is_completed(maria, state):
    ticket = make_ticket(maria, state=state)
    make_proof(ticket)

    with pytest.raises(NotApproved):
        _complete(ticket)

    assert RecoveryTicket.objects.get().state == state


def test_a_contested_ticket_is_not_completed(maria):
    ticket = make_ticket(maria, state=S.APPROVED, contested_at=timezone.now())
    make_proof(ticket)

    with pytest.raises(NotApproved):
        _complete(ticket)


def test_a_ticket_that_was_contested_meanwhile_changes_nothing(approved):
    RecoveryTicket.objects.update(contested_at=timezone.now())

    with pytest.raises(StaleTicket):
        _complete(approved)

    _assert_nothing_changed(approved)


def test_a_disabled_account_is_not_completed(approved):
    approved.user.is_active = False

    with pytest.raises(NotApproved):
        _complete(approved)


def test_an_account_that_changed_since_the_approval_asks_for_proofs_again(approved):
    sessions.raise_epoch(approved.user)

    with pytest.raises(ProofLapsed):
        _complete(approved)

    _assert_nothing_changed(approved)


def test_an_account_that_changed_behind_the_page_changes_nothing(approved):
    stale = RecoveryTicket.objects.select_related("user").get()
    sessions.raise_epoch(approved.user)

    with pytest.raises(ProofLapsed):
        _complete(stale)

    _assert_nothing_changed(approved)


def test_the_present_password_is_refused_and_the_ticket_stays_approved(approved):
    with pytest.raises(PasswordRefused):
        completion.complete(approved, PASSWORD, client=make_claimant())

    _assert_nothing_changed(approved)


def test_a_frozen_account_is_in_use_again(maria):
    restrictions.freeze(maria, "reported", make_client())
    maria.refresh_from_db()
    ticket = make_ticket(maria, state=S.APPROVED)
    make_proof(ticket)

    _complete(ticket)

    maria.refresh_from_db()
    assert (maria.frozen_at, maria.frozen_cause) == (None, "")


def test_a_recovery_from_a_new_place_restricts_the_account(maria):
    ticket = make_ticket(maria, state=S.APPROVED, reasons=["one_proof", "new_place"])
    make_proof(ticket)

    _complete(ticket)

    maria.refresh_from_db()
    rest = maria.restricted_until - timezone.now()
    assert timedelta(minutes=-1) < rest - policy.RESTRICTED_AFTER_NEW_PLACE <= timedelta(0)


def test_the_second_step_stays(approved):
    make_totp(approved.user)

    _complete(approved)

    assert approved.user.totpdevice_set.filter(confirmed=True).count() == 1


def test_who_comes_back_after_a_wait_shows_one_proof_and_finishes(maria, code_for):
    make_totp(maria)
    now = timezone.now()
    wait = {"hold_from": now - policy.DAY, "hold_until": now, "hold_length": policy.DAY}
    ticket = make_ticket(maria, state=S.APPROVED, **wait)
    completion.ask_again(ticket)

    proofs.send_contact_code(ticket, email("maria@example.org"), client=make_claimant())
    code = code_for("maria@example.org", "recovery.contact_code")
    proofs.accept_contact_code(ticket, code, client=make_claimant())
    _complete(ticket)

    assert RecoveryTicket.objects.get().state == S.COMPLETED


def test_asking_again_keeps_a_wait_that_was_served(maria):
    now = timezone.now()
    ticket = make_ticket(maria, state=S.APPROVED, hold_from=now - policy.DAY, hold_until=now)

    completion.ask_again(ticket)

    assert (ticket.state, ticket.hold_until) == (S.AWAITING_PROOF, now)


def test_asking_again_forgets_the_wait_of_an_account_that_changed(maria):
    now = timezone.now()
    ticket = make_ticket(maria, state=S.APPROVED, hold_from=now - policy.DAY, hold_until=now)
    sessions.raise_epoch(maria)

    completion.ask_again(ticket)

    assert (ticket.state, ticket.hold_until) == (S.AWAITING_PROOF, None)


def test_asking_again_leaves_a_ticket_that_went_on(approved):
    stale = RecoveryTicket.objects.select_related("user").get()
    _complete(approved)

    completion.ask_again(stale)

    assert RecoveryTicket.objects.get().state == S.COMPLETED


@pytest.mark.django_db(transaction=True)
def test_of_two_completions_at_once_one_wins():
    ticket = make_ticket(make_user(email="maria@example.org"), state=S.APPROVED)
    make_proof(ticket)
    copies = [RecoveryTicket.objects.select_related("user").get() for _ in range(2)]

    results = run_at_once(
        2,
        lambda number: completion.complete(
            copies[number], [NEW, OTHER][number], client=make_claimant()
        ),
    )

    assert sorted(type(result).__name__ for result in results) == ["NoneType", "ProofLapsed"]
    ticket.user.refresh_from_db()
    winner = [NEW, OTHER][results.index(None)]
    assert (ticket.user.epoch, passwords.check(ticket.user, winner)) == (2, True)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_attempt", range(3))
def test_of_completion_and_objection_exactly_one_has_effect(_attempt):
    user = make_user(email="maria@example.org")
    old = make_contact(user, "old@example.net", verified_at=user.created_at - timedelta(days=1))
    ticket = make_ticket(user, state=S.APPROVED)
    make_proof(ticket)
    link = objections.find_link(make_link(ticket, old))
    mine = RecoveryTicket.objects.select_related("user").get()
    acts = [
        lambda: completion.complete(mine, NEW, client=make_claimant()),
        lambda: objections.stop(link, client=make_client()),
    ]

    results = run_at_once(2, lambda number: acts[number]())

    ticket.refresh_from_db()
    user.refresh_from_db()
    is_stopped = ticket.state == S.CANCELLED
    assert ticket.state in (S.CANCELLED, S.COMPLETED)
    assert passwords.check(user, PASSWORD) == is_stopped
    assert [isinstance(result, Exception) for result in results] == [is_stopped, not is_stopped]


def _complete(ticket):
    completion.complete(ticket, NEW, client=make_claimant())


def _assert_nothing_changed(ticket):
    ticket.user.refresh_from_db()
    assert passwords.check(ticket.user, PASSWORD)
    assert RecoveryTicket.objects.get(pk=ticket.pk).state == S.APPROVED
    assert not Notice.objects.exists()

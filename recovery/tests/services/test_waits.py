"""Waiting periods that end earlier, because more was shown (design.md section 2, Decisions)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.services import sessions
from accounts.tests.factories import make_totp, make_user
from activity.enums import EventKind
from recovery import policy, queries
from recovery.enums import NoticeKind, Outcome, ProofClass, Resets, TicketState
from recovery.errors import StaleTicket
from recovery.facts import AccountFacts
from recovery.models import Notice, RecoveryTicket
from recovery.models.proof import LONG_UNPROVED
from recovery.services import holds, notices, proofs, waits
from recovery.tests.factories import make_proof, make_ticket

S = TicketState
P = ProofClass
pytestmark = pytest.mark.django_db


@pytest.fixture
def maria():
    user = make_user(email="maria@example.org")
    make_totp(user)
    return user


@pytest.fixture
def waiting(maria):
    """Give a ticket that waits for 72 hours since yesterday, by two codes to contacts."""
    since = timezone.now() - policy.DAY
    return make_ticket(
        maria,
        state=S.ON_HOLD,
        hold_length=3 * policy.DAY,
        hold_from=since,
        hold_until=queries.end_of_hold(since, 3 * policy.DAY),
    )


def test_what_would_be_approved_at_once_ends_the_wait(waiting):
    events = _shorten(waiting, P.MAIL, P.PHONE, P.APP)

    waiting.refresh_from_db()
    assert events == [EventKind.TICKET_APPROVED]
    assert (waiting.state, waiting.outcome) == (S.APPROVED, Outcome.APPROVE)
    assert (waiting.hold_from, waiting.hold_until) == (None, None)
    assert waiting.expires_at - timezone.now() <= policy.HELD_PROOF_LIVES


def test_the_owner_hears_that_the_wait_is_over(waiting):
    _shorten(waiting, P.MAIL, P.APP)

    assert list(Notice.objects.values_list("kind", flat=True)) == [NoticeKind.APPROVED]


@pytest.mark.parametrize(
    "shown",
    [(), (P.APP,), (P.MAIL, P.PHONE), (P.MAIL, P.PASSWORD), (P.MAIL, P.PHONE, P.PASSWORD)],
)
def test_what_leads_no_further_leaves_the_wait_as_it_is(waiting, shown):
    before = RecoveryTicket.objects.values().get()

    assert _shorten(waiting, *shown) == []

    assert RecoveryTicket.objects.values().get() == before
    assert not Notice.objects.exists()


def test_weak_proofs_shorten_nothing(waiting):
    weak = make_proof(waiting, P.APP, is_strong=False)

    assert waits.shorten(waiting, _account(waiting), [make_proof(waiting), weak]) == []

    assert RecoveryTicket.objects.get().state == S.ON_HOLD


def test_a_lost_second_step_that_is_found_leads_to_a_new_password(waiting):
    RecoveryTicket.objects.update(resets=Resets.SECOND_STEP)
    waiting.refresh_from_db()

    _shorten(waiting, P.MAIL, P.PASSWORD, P.APP)

    assert RecoveryTicket.objects.get().resets == Resets.PASSWORD


def test_a_shorter_wait_counts_from_its_old_start(maria):
    ticket = _waiting_for_a_stale_mailbox(maria)
    start = ticket.hold_from

    events = _show_a_phone_too(ticket)

    ticket.refresh_from_db()
    assert (events, ticket.state, ticket.hold_length) == ([], S.ON_HOLD, policy.DAY)
    assert (ticket.hold_from, ticket.hold_until) == (start, queries.end_of_hold(start, policy.DAY))


def test_the_owner_hears_of_the_new_end_before_it_is_released(maria):
    ticket = _waiting_for_a_stale_mailbox(maria)
    old = Notice.objects.create(
        ticket=ticket, kind=NoticeKind.HELD, settled_at=timezone.now() - policy.DAY
    )
    _show_a_phone_too(ticket)
    RecoveryTicket.objects.update(
        hold_from=timezone.now() - 2 * policy.DAY, hold_until=timezone.now() - timedelta(hours=1)
    )

    assert holds.release_due() == 0
    notices.send_due()

    assert holds.release_due() == 1
    assert Notice.objects.get(kind=NoticeKind.HELD).pk != old.pk


def test_a_wait_that_has_not_begun_begins_with_the_shorter_length(maria):
    ticket = _waiting_for_a_stale_mailbox(maria, hold_from=None, hold_until=None)

    _show_a_phone_too(ticket)

    ticket.refresh_from_db()
    assert (ticket.hold_length, ticket.hold_from, ticket.hold_until) == (policy.DAY, None, None)


def test_a_changed_account_keeps_the_longer_wait(maria):
    ticket = _waiting_for_a_stale_mailbox(maria)
    sessions.raise_epoch(maria)

    _show_a_phone_too(ticket)

    ticket.refresh_from_db()
    assert ticket.hold_length == 3 * policy.DAY


@pytest.mark.parametrize(
    "against", [{"contested_at": timezone.now()}, {"is_frozen": True}], ids=["contested", "frozen"]
)
def test_what_people_must_decide_is_not_shortened(waiting, against):
    RecoveryTicket.objects.update(**against)
    waiting.refresh_from_db()

    assert _shorten(waiting, P.MAIL, P.APP) == []

    assert RecoveryTicket.objects.get().state == S.ON_HOLD


def test_a_wait_that_was_contested_meanwhile_goes_nowhere(waiting):
    RecoveryTicket.objects.update(contested_at=timezone.now())

    with pytest.raises(StaleTicket):
        _shorten(waiting, P.MAIL, P.APP)

    assert RecoveryTicket.objects.get().state == S.ON_HOLD


def test_where_the_account_was_another_the_wait_stays(waiting):
    shown = [make_proof(waiting, one) for one in (P.MAIL, P.PHONE)]
    account = AccountFacts(user=waiting.user, had_two_step=True, has_two_step=False)

    assert waits.shorten(waiting, account, shown) == []

    assert RecoveryTicket.objects.get().state == S.ON_HOLD


def test_a_worse_proof_of_a_class_does_not_take_the_better_ones_place(maria):
    ticket = make_ticket(maria, state=S.AWAITING_PROOF)
    strong = make_proof(ticket, P.MAIL)
    weak = _unsaved(ticket, is_strong=False)

    held = proofs.keep(ticket, weak)

    assert (held, list(ticket.proofs.all())) == ([strong], [strong])


def test_a_worse_proof_takes_the_place_of_one_that_lapsed(maria):
    ticket = make_ticket(maria, state=S.AWAITING_PROOF)
    make_proof(ticket, P.MAIL, proved_at=timezone.now() - policy.HELD_PROOF_LIVES)

    proofs.keep(ticket, _unsaved(ticket, is_strong=False))

    assert list(ticket.proofs.values_list("is_strong", flat=True)) == [False]


def test_the_newest_of_two_equal_proofs_counts(maria):
    ticket = make_ticket(maria, state=S.AWAITING_PROOF)
    make_proof(ticket, P.MAIL, limit_key="first@example.org")
    make_proof(ticket, P.APP)

    held = proofs.keep(ticket, _unsaved(ticket, limit_key="second@example.org"))

    assert sorted(one.proof_class for one in held) == [P.APP, P.MAIL]
    assert ticket.proofs.get(proof_class=P.MAIL).limit_key == "second@example.org"


def _account(ticket):
    return AccountFacts(user=ticket.user, had_two_step=True, has_two_step=True)


def _shorten(ticket, *shown):
    return waits.shorten(ticket, _account(ticket), [make_proof(ticket, one) for one in shown])


def _waiting_for_a_stale_mailbox(user, **fields):
    since = timezone.now()
    values = {
        "hold_length": 3 * policy.DAY,
        "hold_from": since,
        "hold_until": queries.end_of_hold(since, 3 * policy.DAY),
    }
    return make_ticket(user, state=S.ON_HOLD, **values | fields)


def _show_a_phone_too(ticket):
    shown = [make_proof(ticket, P.MAIL, marks=[LONG_UNPROVED]), make_proof(ticket, P.PHONE)]
    return waits.shorten(ticket, AccountFacts(user=ticket.user), shown)


def _unsaved(ticket, **fields):
    kept = make_proof(make_ticket(ticket.user), P.MAIL, proved_at=timezone.now(), **fields)
    kept.pk, kept.ticket = None, ticket
    return kept

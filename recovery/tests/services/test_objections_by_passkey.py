"""An old passkey stops a claim by signing in; nothing else that signs in does (attacks.md 30)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import signals
from accounts.hooks import Assessment
from accounts.models import User
from accounts.tests.factories import make_client, make_passkey, make_totp, make_user
from recovery.enums import CancelCause, NoticeKind, TicketState
from recovery.models import ClaimFreeze, Notice, Objection, RecoveryTicket
from recovery.services import objections
from recovery.tests.factories import make_proof, make_ticket

S = TicketState
DAY = timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def maria():
    return make_user(email="maria@example.org")


@pytest.fixture
def key(maria):
    return make_passkey(maria, made_at=timezone.now() - 31 * DAY)


@pytest.mark.parametrize("state", [S.AWAITING_PROOF, S.ON_HOLD, S.APPROVED, S.IN_REVIEW])
def test_an_old_passkey_cancels_what_is_claimed(maria, key, state):
    ticket = make_ticket(maria, state=state)
    make_proof(ticket)

    _sign_in(maria, key)

    ticket.refresh_from_db()
    assert (ticket.state, ticket.cancel_cause) == (S.CANCELLED, CancelCause.SESSION)
    assert Objection.objects.get().is_senior
    assert ClaimFreeze.objects.count() == 2


def test_all_claims_of_the_moment_are_one_objection(maria, key):
    for _ in range(3):
        make_ticket(maria, state=S.APPROVED)

    _sign_in(maria, key)

    assert set(RecoveryTicket.objects.values_list("state", flat=True)) == {S.CANCELLED}


def test_the_second_time_in_a_month_people_decide(maria, key):
    make_ticket(maria, state=S.APPROVED)
    _sign_in(maria, key)
    again = make_ticket(maria, state=S.APPROVED)

    _sign_in(maria, key)

    again.refresh_from_db()
    assert (again.state, again.contested_reason) == (S.IN_REVIEW, "objection")


def test_what_is_contested_is_left_to_people_however_often_it_signs_in(maria, key):
    ticket = make_ticket(maria, state=S.IN_REVIEW, contested_at=timezone.now())

    for _ in range(3):
        _sign_in(maria, key)

    ticket.refresh_from_db()
    assert (ticket.state, Objection.objects.count()) == (S.IN_REVIEW, 0)


def test_the_claimant_hears_of_an_answer_at_its_time_only(maria, key):
    ticket = make_ticket(maria, state=S.APPROVED)

    _sign_in(maria, key)

    ticket.refresh_from_db()
    notice = Notice.objects.get()
    assert (notice.kind, notice.due_at) == (NoticeKind.ANSWERED, ticket.answer_at)


@pytest.mark.parametrize(
    "made",
    [
        lambda user: make_passkey(user, made_at=timezone.now() - 29 * DAY),
        make_totp,
        lambda user: None,
    ],
    ids=["a young passkey", "an app", "the password alone"],
)
def test_nothing_less_stops_anything(maria, made):
    ticket = make_ticket(maria, state=S.APPROVED)

    for _ in range(2):
        _sign_in(maria, made(maria))

    ticket.refresh_from_db()
    assert (ticket.state, ticket.contested_at) == (S.APPROVED, None)
    assert not Objection.objects.exists()


def test_claims_of_others_and_those_without_a_typed_code_go_on(maria, key):
    unproved = make_ticket(maria, state=S.AWAITING_CODE)
    other = make_ticket(make_user(), state=S.APPROVED)

    _sign_in(maria, key)

    for ticket, state in [(unproved, S.AWAITING_CODE), (other, S.APPROVED)]:
        ticket.refresh_from_db()
        assert ticket.state == state


def test_without_a_claim_it_costs_one_query(maria, key, django_assert_num_queries):
    with django_assert_num_queries(1):
        objections.object_by_passkey(maria, key, client=make_client())


def _sign_in(user, second_step):
    signals.signed_in.send(
        sender=User,
        user=user,
        client=make_client(),
        authenticators=["password"],
        assessment=Assessment(),
        second_step=second_step,
    )

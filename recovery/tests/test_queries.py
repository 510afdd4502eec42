"""What recovery reads, and what it lets a claimant see (design.md section 2, the five faces)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from accounts.services import sessions
from accounts.tests.factories import make_client, make_device, make_trust, make_user
from activity.enums import EventKind
from activity.services.events import record_event
from recovery import queries
from recovery.enums import CancelCause, TicketState
from recovery.tests.factories import make_ticket

S = TicketState
SILENT = list(queries.SILENT_CAUSES)
DAY = timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def maria():
    return make_user(email="maria@example.org")


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        (S.AWAITING_CODE, S.AWAITING_CODE),
        (S.AWAITING_PROOF, S.AWAITING_PROOF),
        (S.EVALUATING, S.EVALUATING),
        (S.IN_REVIEW, S.EVALUATING),
        (S.ON_HOLD, S.ON_HOLD),
        (S.APPROVED, S.APPROVED),
        (S.COMPLETED, S.COMPLETED),
        (S.DENIED, S.CANCELLED),
        (S.EXPIRED, S.EXPIRED),
    ],
)
def test_a_claimant_sees_five_faces(maria, state, shown):
    assert _shown(make_ticket(maria, state=state)) == shown


@pytest.mark.parametrize("cause", [CancelCause.WITHDRAWN, CancelCause.CODES, CancelCause.REPLACED])
def test_what_the_claimant_ended_is_ended(maria, cause):
    assert _shown(make_ticket(maria, state=S.CANCELLED, cancel_cause=cause)) == S.CANCELLED


@pytest.mark.parametrize("cause", SILENT)
@pytest.mark.parametrize("former", [S.EVALUATING, S.IN_REVIEW, S.ON_HOLD, S.APPROVED])
def test_what_was_stopped_after_a_proof_is_being_looked_at_until_its_answer(maria, cause, former):
    now = timezone.now()
    stopped = {"cancel_cause": cause, "cancelled_from": former, "answer_at": now + DAY}
    ticket = make_ticket(maria, state=S.CANCELLED, **stopped)

    assert queries.shown_state(ticket, now) == S.EVALUATING
    assert queries.shown_state(ticket, now + DAY) == S.CANCELLED


def test_a_refusal_waits_for_its_answer_time(maria):
    now = timezone.now()
    ticket = make_ticket(maria, state=S.DENIED, answer_at=now + DAY)

    assert queries.shown_state(ticket, now) == S.EVALUATING
    assert queries.shown_state(ticket, now + DAY) == S.CANCELLED


@pytest.mark.parametrize("former", [S.AWAITING_CODE, S.AWAITING_PROOF])
@pytest.mark.parametrize(
    "untold",
    [
        *[{"state": S.CANCELLED, "cancel_cause": cause} for cause in SILENT],
        {"is_frozen": True},
        {"is_frozen": True, "cancel_cause": CancelCause.RIVAL},
        {"contested_at": timezone.now(), "contested_reason": "objection"},
    ],
)
def test_without_a_proof_nothing_tells_a_stopped_claim_from_an_unknown_account(
    maria, former, untold
):
    now = timezone.now()
    same = {"expires_at": now + DAY, "opened_at": now, "reference": "CDFGHJKM"}
    if "state" in untold:
        untold = untold | {"cancelled_from": former, "answer_at": now + DAY / 2}
    stopped = make_ticket(maria, **{"state": former} | same | untold)
    if stopped.state == S.CANCELLED:
        stopped.code_accepted_at = now
    unknown = make_ticket(None, state=former, **same | {"reference": "CDFGHJKN"})

    for at in (now, now + DAY / 2, now + DAY, now + 9 * DAY):
        assert queries.shown_state(stopped, at) == queries.shown_state(unknown, at)


@pytest.mark.parametrize(
    ("start_hour", "ends"),
    [
        (0, (2, 8)),  # by night: later that morning
        (7, (2, 8)),
        (8, (2, 8)),
        (19, (2, 19)),
        (20, (3, 8)),  # in the evening: the next morning
        (23, (3, 8)),
    ],
)
def test_a_wait_ends_by_day(settings, start_hour, ends):
    settings.TIME_ZONE = "UTC"
    start = datetime(2026, 6, 1, start_hour, 30, tzinfo=UTC)

    end = queries.end_of_hold(start, DAY)

    assert (end.day, end.hour) == ends
    assert end - start >= DAY


def test_a_wait_over_the_change_of_clocks_ends_by_day_and_is_no_shorter(settings):
    settings.TIME_ZONE = "Europe/Berlin"
    for hour in range(24):
        start = datetime(2026, 10, 24, hour, 15, tzinfo=UTC)

        end = queries.end_of_hold(start, DAY)

        assert 8 <= end.hour < 20
        assert end - start >= DAY


def test_a_banner_names_a_claim_whose_code_was_typed(maria):
    make_ticket(maria, state=S.AWAITING_CODE)
    make_ticket(maria, state=S.COMPLETED)
    assert queries.banners_for(maria) == []

    make_ticket(maria, state=S.AWAITING_PROOF)

    assert [banner.style for banner in queries.banners_for(maria)] == ["problem"]


def test_a_contested_claim_hides_no_other_from_the_owner(maria):
    contested = make_ticket(maria, state=S.IN_REVIEW, contested_at=timezone.now())
    older = {"opened_at": contested.opened_at - DAY}
    running = make_ticket(maria, state=S.AWAITING_PROOF, **older)

    assert list(queries.claims_of(maria)) == [running, contested]


def test_sessions_that_ended_later_are_not_counted_to_a_recovery(maria):
    ticket = make_ticket(maria, state=S.COMPLETED)
    client = make_client()
    kind = EventKind.SESSIONS_ENDED
    record_event(maria, kind, client=client, count=2, reference=ticket.reference)
    record_event(maria, kind, client=client, count=7)

    assert queries.sessions_ended(ticket) == 2


def test_trusted_browsers_are_counted_as_they_were_before_the_recovery(maria):
    make_trust(maria)
    make_trust(maria, make_device(maria, "gone"), "gone", expires_at=timezone.now() - DAY)
    ticket = make_ticket(maria, state=S.COMPLETED)
    sessions.raise_epoch(maria)
    make_trust(maria, make_device(maria, "since"), "since")

    assert queries.trusts_ended(ticket) == 1


def _shown(ticket):
    return queries.shown_state(ticket, timezone.now())

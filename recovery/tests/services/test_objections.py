"""Objections: who stops a request, who only calls people, and what can be taken back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Contact, Device
from accounts.normalise import email
from accounts.tests.factories import make_client, make_contact, make_totp, make_user
from accounts.tests.threads import run_at_once
from outbox.models import Message
from recovery import policy
from recovery.enums import CancelCause, LinkOutcome, NoticeKind, TicketState
from recovery.errors import DeadLink
from recovery.models import ClaimFreeze, NoticeLink, Objection, RecoveryTicket
from recovery.services import notices, objections, opening
from recovery.tests.factories import make_claimant, make_link, make_proof, make_ticket

S = TicketState
CLIENT = make_client("198.51.100.77")
pytestmark = pytest.mark.django_db


@pytest.fixture
def maria():
    return make_user(email="maria@example.org")


@pytest.fixture
def old(maria):
    """Give a contact that is a day older than everything else on the account."""
    return make_contact(maria, "old@example.net", verified_at=maria.created_at - timedelta(days=1))


@pytest.fixture
def ticket(maria):
    """Give a proven ticket."""
    ticket = make_ticket(maria, state=S.APPROVED)
    make_proof(ticket)
    return ticket


def test_a_contact_older_than_all_that_was_shown_cancels(ticket, old):
    outcome = _stop(ticket, old)

    ticket.refresh_from_db()
    assert outcome == LinkOutcome.STOPPED
    assert (ticket.state, ticket.cancel_cause) == (S.CANCELLED, CancelCause.OBJECTION)
    assert ticket.answer_at > timezone.now()
    assert Objection.objects.get().cancelled_the_ticket


def test_a_stopped_request_keeps_the_end_that_its_claimant_was_told(maria, old):
    ticket = make_ticket(maria, state=S.AWAITING_PROOF)

    _stop(ticket, old)

    assert RecoveryTicket.objects.get().expires_at == ticket.expires_at


@pytest.mark.parametrize("days", [0, 1])
def test_a_contact_as_old_as_what_was_shown_or_younger_calls_people(ticket, maria, days):
    contact = make_contact(maria, verified_at=maria.created_at + timedelta(days=days))

    outcome = _stop(ticket, contact)

    ticket.refresh_from_db()
    assert outcome == LinkOutcome.TOLD_STAFF
    assert (ticket.state, ticket.contested_reason) == (S.IN_REVIEW, "objection")
    assert not ClaimFreeze.objects.exists()


def test_before_anything_was_shown_a_contact_that_counts_cancels(maria):
    ticket = make_ticket(maria, state=S.AWAITING_PROOF)

    assert _stop(ticket, maria.contacts.get()) == LinkOutcome.STOPPED


def test_before_anything_was_shown_a_young_contact_calls_people(maria):
    ticket = make_ticket(maria, state=S.AWAITING_PROOF)
    now = timezone.now()
    young = make_contact(maria, verified_at=now, counts_from=now + timedelta(days=7))

    assert _stop(ticket, young) == LinkOutcome.TOLD_STAFF


def test_a_second_objection_in_thirty_days_calls_people_even_from_the_oldest(maria, old, ticket):
    _object_lately(maria, timedelta(days=29))

    assert _stop(ticket, old) == LinkOutcome.TOLD_STAFF


@pytest.mark.parametrize("ago", [timedelta(days=31), None])
def test_an_objection_long_ago_or_taken_back_does_not_count(maria, old, ticket, ago):
    now = timezone.now()
    _object_lately(maria, ago or timedelta(days=1), taken_back_at=None if ago else now)

    assert _stop(ticket, old) == LinkOutcome.STOPPED


def test_an_objection_to_another_account_does_not_count(old, ticket):
    _object_lately(make_user(), timedelta(days=1))

    assert _stop(ticket, old) == LinkOutcome.STOPPED


@pytest.mark.parametrize("state", [S.ON_HOLD, S.APPROVED, S.IN_REVIEW, S.AWAITING_PROOF])
def test_taking_back_within_ten_minutes_restores_the_ticket(maria, old, state):
    ticket = make_ticket(maria, state=state)
    former = (ticket.state, ticket.expires_at, ticket.hold_length)
    token = make_link(ticket, old)
    objections.stop(objections.find_link(token), client=CLIENT)

    outcome = objections.say_mine(objections.find_link(token), client=CLIENT)

    ticket.refresh_from_db()
    assert outcome == LinkOutcome.TAKEN_BACK
    assert (ticket.state, ticket.expires_at, ticket.hold_length) == former
    assert (ticket.cancelled_at, ticket.cancel_cause) == (None, "")
    assert not ClaimFreeze.objects.exists()
    assert Objection.objects.get().taken_back_at is not None


def test_after_ten_minutes_nothing_is_taken_back(ticket, old):
    token = make_link(ticket, old)
    objections.stop(objections.find_link(token), client=CLIENT)
    link = objections.find_link(token)
    NoticeLink.objects.update(used_at=timezone.now() - policy.TAKE_BACK)

    with pytest.raises(DeadLink):
        objections.find_link(token)
    with pytest.raises(DeadLink):
        objections.say_mine(link, client=CLIENT)

    assert RecoveryTicket.objects.get().state == S.CANCELLED


def test_another_contacts_link_takes_nothing_back(maria, ticket, old):
    other = make_link(ticket, maria.contacts.get(value="maria@example.org"))
    link = objections.find_link(other)
    _stop(ticket, old)

    with pytest.raises(DeadLink):
        objections.say_mine(link, client=CLIENT)

    assert RecoveryTicket.objects.get().state == S.CANCELLED


def test_pressing_twice_acts_once(ticket, old):
    token = make_link(ticket, old)
    links = [objections.find_link(token) for _ in range(2)]

    outcomes = [objections.stop(link, client=CLIENT) for link in links]

    assert outcomes == [LinkOutcome.STOPPED, LinkOutcome.STOPPED]
    assert (Objection.objects.count(), ClaimFreeze.objects.count()) == (1, 2)


def test_telling_staff_twice_tells_them_once(maria, ticket):
    token = make_link(ticket, maria.contacts.get())

    outcomes = [objections.stop(objections.find_link(token), client=CLIENT) for _ in range(2)]

    assert outcomes == [LinkOutcome.TOLD_STAFF, LinkOutcome.TOLD_STAFF]
    assert Objection.objects.count() == 1


def test_it_was_me_leaves_the_request_running_and_the_link_alive(ticket, old):
    token = make_link(ticket, old)

    outcome = objections.say_mine(objections.find_link(token), client=CLIENT)

    ticket.refresh_from_db()
    assert (outcome, ticket.state) == (LinkOutcome.LEFT_RUNNING, S.APPROVED)
    assert objections.stop(objections.find_link(token), client=CLIENT) == LinkOutcome.STOPPED


@pytest.mark.parametrize("token", ["", "guessed", "a" * 43, "%00", "x" * 5000])
def test_a_guessed_link_is_dead(ticket, old, token):
    make_link(ticket, old)

    with pytest.raises(DeadLink):
        objections.find_link(token)


@pytest.mark.parametrize("state", [S.COMPLETED, S.CANCELLED, S.EXPIRED, S.DENIED])
def test_the_stop_link_of_an_ended_request_is_dead(maria, old, state):
    token = make_link(make_ticket(maria, state=state), old)

    with pytest.raises(DeadLink):
        objections.find_link(token)


@pytest.mark.parametrize(
    "lost",
    [{"suspended_at": timezone.now()}, {"removed_at": timezone.now() - timedelta(days=31)}],
)
def test_a_contact_that_lost_its_say_has_a_dead_link(ticket, old, lost):
    token = make_link(ticket, old)
    Contact.objects.filter(pk=old.pk).update(**lost)

    with pytest.raises(DeadLink):
        objections.find_link(token)


def test_a_contact_removed_lately_still_has_its_say(ticket, old):
    Contact.objects.filter(pk=old.pk).update(removed_at=timezone.now() - timedelta(days=29))

    assert _stop(ticket, old) == LinkOutcome.STOPPED


def test_a_request_that_ended_behind_the_page_is_not_stopped(ticket, old):
    link = objections.find_link(make_link(ticket, old))
    RecoveryTicket.objects.update(state=S.COMPLETED, completed_at=timezone.now())

    with pytest.raises(DeadLink):
        objections.stop(link, client=CLIENT)

    assert not Objection.objects.exists()


@pytest.mark.parametrize(("is_old", "state"), [(True, S.CANCELLED), (False, S.IN_REVIEW)])
def test_a_session_stops_or_calls_people_as_it_outranks_the_ticket(maria, ticket, is_old, state):
    client = make_client(device="cookie")
    seen_at = timezone.now() - timedelta(days=31 if is_old else 29)
    Device.objects.create(user=maria, token_hash=client.device, first_seen_at=seen_at)
    make_totp(maria)

    objections.object_in_session(ticket, maria, client=client)

    ticket.refresh_from_db()
    assert ticket.state == state


def test_a_session_stops_no_request_for_another_account(ticket):
    with pytest.raises(DeadLink):
        objections.object_in_session(ticket, make_user(), client=CLIENT)


def test_a_stop_freezes_the_pairs_for_seven_days(ticket, old):
    _stop(ticket, old)

    keys = set(ClaimFreeze.objects.values_list("user_id", "key"))
    assert keys == {
        (ticket.user_id, f"contact:{ticket.contact_limit_key}"),
        (ticket.user_id, "network:203.0.113.9"),
    }
    left = ClaimFreeze.objects.first().until - timezone.now()
    assert timedelta(days=6, hours=23) < left <= policy.FREEZE_LIVES


def test_a_stop_freezes_no_network_where_none_is_known(maria, old):
    ticket = make_ticket(maria, state=S.AWAITING_PROOF, network="")

    _stop(ticket, old)

    assert [freeze.key for freeze in ClaimFreeze.objects.all()] == [
        f"contact:{ticket.contact_limit_key}"
    ]


def test_a_thief_who_presses_stop_each_time_does_not_keep_the_owner_from_people(
    maria, old, code_for
):
    owner = make_claimant()
    for _attempt in range(4):
        ticket = opening.open_ticket("maria@example.org", email("maria@example.org"), client=owner)
        opening.accept_code(ticket, code_for("maria@example.org"), client=owner)
        _stop(ticket, old)

    states = RecoveryTicket.objects.order_by("opened_at").values_list("state", flat=True)
    assert list(states) == [S.CANCELLED, S.IN_REVIEW, S.IN_REVIEW, S.IN_REVIEW]


@pytest.mark.django_db(transaction=True)
def test_of_two_stops_at_once_one_is_the_first():
    user = make_user(email="maria@example.org")
    older = user.created_at - timedelta(days=1)
    contacts = [make_contact(user, verified_at=older) for _ in range(2)]
    tickets = [make_ticket(user, state=S.AWAITING_PROOF) for _ in range(2)]
    links = [
        objections.find_link(make_link(ticket, contact))
        for ticket, contact in zip(tickets, contacts, strict=True)
    ]

    outcomes = run_at_once(2, lambda number: objections.stop(links[number], client=CLIENT))

    assert sorted(outcomes) == [LinkOutcome.STOPPED, LinkOutcome.TOLD_STAFF]


def test_a_claimant_who_had_proved_something_hears_at_the_answer_time_and_not_why(ticket, old):
    _stop(ticket, old)
    notices.send_due()
    early = Message.objects.filter(kind="recovery.ended").count()

    ticket.notices.update(due_at=timezone.now())
    notices.send_due()

    told = Message.objects.get(kind="recovery.ended")
    assert early == 0
    assert told.address == ticket.contact
    assert told.context["reference"] == ticket.reference
    assert not Message.objects.filter(kind__contains="answered").exists()


def test_the_answer_is_due_at_the_time_that_was_drawn(ticket, old):
    _stop(ticket, old)

    ticket.refresh_from_db()
    assert ticket.notices.get(kind=NoticeKind.ANSWERED).due_at == ticket.answer_at


def test_a_claimant_who_had_proved_nothing_hears_nothing(maria, old):
    ticket = make_ticket(maria, state=S.AWAITING_PROOF)

    _stop(ticket, old)

    assert not ticket.notices.filter(kind=NoticeKind.ANSWERED).exists()


def test_who_takes_the_objection_back_takes_the_answer_back_too(ticket, old):
    token = make_link(ticket, old)
    objections.stop(objections.find_link(token), client=CLIENT)

    objections.say_mine(objections.find_link(token), client=CLIENT)

    assert not ticket.notices.filter(kind=NoticeKind.ANSWERED).exists()


def _stop(ticket, contact):
    return objections.stop(objections.find_link(make_link(ticket, contact)), client=CLIENT)


def _object_lately(user, ago, **fields):
    values = {"is_senior": True, "cancelled_the_ticket": True, "made_at": timezone.now() - ago}
    Objection.objects.create(ticket=make_ticket(user), user=user, **values | fields)

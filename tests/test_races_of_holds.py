"""Two that act on one request at the same moment: exactly one wins, never both effects."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.services import passwords
from accounts.tests.factories import make_user
from accounts.tests.threads import run_at_once
from recovery.enums import TicketState, Verdict
from recovery.models import NoticeLink, RecoveryTicket
from recovery.services import completion, holds, objections
from recovery.tests.factories import make_claimant, make_link, make_ticket
from vault import digests

ROUNDS = 200
S = TicketState
NEW = ("Silver-kettle-4-meadow", "Golden-ladder-9-harbour")
pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


def owner(number):
    """Make an account whose one contact is old enough to stop what it did not ask for."""
    return make_user(email=f"owner{number}@example.org")


def decided(user, state, **fields):
    """Make a ticket of people's decision in its last moment of ``state``."""
    now = timezone.now()
    values = {
        "people": 2,
        "verdict": Verdict.APPROVE,
        "hold_length": timedelta(days=3),
        "hold_from": now - timedelta(days=3),
        "hold_until": now - timedelta(seconds=1),
        "claimant_shown_at": now,
        "reasons": ["evidence"],
    }
    return make_ticket(user, state=state, **values | fields)


def stop_of(ticket):
    """Make the stop link of the account's own contact; give what presses it."""
    token = make_link(ticket, ticket.user.contacts.get())
    link = NoticeLink.objects.get(token_hash=digests.token_hash(token))
    return lambda: objections.stop(link, client=make_claimant(browser="owner"))


def read(ticket):
    return RecoveryTicket.objects.select_related("user").get(pk=ticket.pk)


def test_an_objection_and_the_release_of_a_hold():
    for number in range(ROUNDS):
        ticket = decided(owner(number), S.ON_HOLD)
        stop = stop_of(ticket)
        acts = (stop, holds.release_due)

        run_at_once(2, lambda place, acts=acts: acts[place]())

        # An objection is never lost: what was released a moment before is stopped as well.
        stopped = read(ticket)
        assert (stopped.state, stopped.objections.count()) == (S.CANCELLED, 1)
        assert not holds.release_due()


def test_a_completion_and_an_objection():
    states = set()
    for number in range(ROUNDS):
        ticket = decided(owner(number), S.APPROVED)
        stop, mine = stop_of(ticket), read(ticket)
        acts = (stop, lambda mine=mine: completion.complete(mine, NEW[0], client=make_claimant()))

        run_at_once(2, lambda place, acts=acts: acts[place]())

        after = read(ticket)
        is_changed = passwords.check(after.user, NEW[0])
        is_stopped = after.objections.filter(cancelled_the_ticket=True).exists()
        assert (is_changed, is_stopped) in [(True, False), (False, True)]
        assert after.state == (S.COMPLETED if is_changed else S.CANCELLED)
        states.add(after.state)
    assert states <= {S.COMPLETED, S.CANCELLED}


def test_two_completions_of_one_request():
    for number in range(ROUNDS):
        ticket = decided(owner(number), S.APPROVED)
        epoch = ticket.user.epoch
        both = [read(ticket), read(ticket)]

        results = run_at_once(
            2,
            lambda place, both=both: completion.complete(
                both[place], NEW[place], client=make_claimant()
            ),
        )

        user = User.objects.get(pk=ticket.user_id)
        assert [result for result in results if result is None] == [None]
        assert [passwords.check(user, new) for new in NEW].count(True) == 1
        assert user.epoch > epoch


def test_two_claims_of_one_account_completed_at_once():
    for number in range(ROUNDS):
        user = owner(number)
        both = [read(decided(user, S.APPROVED)), read(decided(user, S.APPROVED))]

        results = run_at_once(
            2,
            lambda place, both=both: completion.complete(
                both[place], NEW[place], client=make_claimant()
            ),
        )

        assert [result for result in results if result is None] == [None]
        states = sorted(read(ticket).state for ticket in both)
        assert states.count(S.COMPLETED) == 1
        user.refresh_from_db()
        assert [passwords.check(user, new) for new in NEW].count(True) == 1

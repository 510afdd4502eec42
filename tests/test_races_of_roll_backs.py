"""A roll-back and another change of the account at the same moment: one is first, none is half."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from accounts import errors
from accounts.models import Contact, RollBack, TotpDevice, User
from accounts.services import contact_changes, passwords, roll_back, sessions
from accounts.services.roll_back import RolledBack
from accounts.tests.factories import make_client, make_contact, make_totp, make_user
from accounts.tests.rolling_back import since
from accounts.tests.threads import run_at_once
from recovery.enums import TicketState
from recovery.models import RecoveryTicket
from recovery.services import completion
from recovery.tests.factories import make_claimant, make_proof, make_ticket

ROUNDS = 40
NEW = "Silver-kettle-4-meadow"
HOUR = timedelta(hours=1)
pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


def owner(number):
    return make_user(email=f"owner{number}@example.org")


def read(user):
    return User.objects.get(pk=user.pk)


def rolls_back(user):
    """Give what a report does, in a session that has read the account a moment ago."""
    own = read(user)
    return lambda: since(own, timezone.now() - HOUR)


def names_of(results):
    return sorted(type(result).__name__ for result in results)


def test_two_roll_backs_at_once():
    for number in range(ROUNDS):
        user = owner(number)
        app = make_totp(user, made_at=timezone.now())
        acts = (rolls_back(user), rolls_back(user))

        results = run_at_once(2, lambda place, acts=acts: acts[place]())

        assert names_of(results) == ["AccountChanged", "RolledBack"]
        assert RollBack.objects.filter(user=user).count() == 1
        assert TotpDevice.objects.get(pk=app.pk).suspended_at is not None


def test_a_roll_back_and_a_change_of_the_name():
    firsts = set()
    for number in range(ROUNDS):
        user = owner(number)
        thief = make_contact(user, f"thief{number}@example.net", verified_at=timezone.now())
        inside = read(user)

        def rename(inside=inside, thief=thief):
            client = make_client()
            return contact_changes.make_primary(inside, thief.pk, client=client, is_strong=False)

        acts = (rolls_back(user), rename)
        results = run_at_once(2, lambda place, acts=acts: acts[place]())

        firsts.add(names_of(results)[1])
        after = Contact.objects.get(pk=thief.pk)
        is_back = isinstance(results[0], RolledBack)
        assert names_of(results) == ["AccountChanged", "RolledBack" if is_back else "Contact"]
        # Whoever lost changed nothing: the report is made anew, and finds what the thief did.
        assert (after.suspended_at is not None, after.signs_in) == (is_back, not is_back)
        assert read(user).password_spent_at is None or is_back
        named = Contact.objects.on_file().filter(user=user, signs_in=True)
        assert named.count() == 1
    assert firsts <= {"RolledBack", "Contact"}


def test_a_roll_back_and_the_completion_of_a_recovery():
    for number in range(ROUNDS):
        user = owner(number)
        app = make_totp(user, made_at=timezone.now())
        ticket = make_ticket(user, state=TicketState.APPROVED)
        make_proof(ticket)
        mine = RecoveryTicket.objects.select_related("user").get(pk=ticket.pk)

        def complete(mine=mine):
            return completion.complete(mine, NEW, client=make_claimant())

        acts = (rolls_back(user), complete)
        results = run_at_once(2, lambda place, acts=acts: acts[place]())

        after = read(user)
        is_back = isinstance(results[0], RolledBack)
        assert names_of(results) in (
            ["ProofLapsed", "RolledBack"],
            ["AccountChanged", "NoneType"],
        )
        assert passwords.check(after, NEW) is not is_back
        assert (after.password_spent_at is not None) is is_back
        assert (TotpDevice.objects.get(pk=app.pk).suspended_at is not None) is is_back


def test_a_roll_back_is_taken_back_and_stands_at_once():
    for number in range(ROUNDS):
        user = owner(number)
        app = make_totp(user, made_at=timezone.now())
        done = rolls_back(user)()
        RollBack.objects.filter(user=user).update(made_at=timezone.now() - HOUR)
        own = read(user)

        def take_back(own=own, done=done):
            with transaction.atomic():
                sessions.lock_account(own)
                roll_back.take_back(own, done, client=make_client())

        acts = (take_back, roll_back.settle_due)
        results = run_at_once(2, lambda place, acts=acts: acts[place]())

        after = TotpDevice.objects.get(pk=app.pk)
        is_settled = isinstance(results[0], errors.NotRolledBack)
        assert results == [results[0] if is_settled else None, int(is_settled)]
        # All or nothing: in use with its seed, or out of use without.
        assert (after.confirmed, after.seed is not None) == (not is_settled, not is_settled)
        assert not RollBack.objects.filter(user=user).exists()

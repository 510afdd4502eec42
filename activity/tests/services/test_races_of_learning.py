"""Counting of sign-ins by many at once: exact, and without a deadlock."""

from contextlib import contextmanager
from random import Random

import pytest
from django.db import transaction

from accounts.models import User
from accounts.services import devices
from accounts.tests.threads import run_at_once
from activity.models import FeatureCount, SecurityEvent
from activity.services import learning
from activity.tests.factories import make_event, make_user
from activity.tests.sign_ins import browser_at, common_counts, own_counts, sign_in

AT_ONCE, ROUNDS = 8, 200
pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


@contextmanager
def locked(user):
    """Hold the account's lock, as a report does."""
    with transaction.atomic():
        yield User.objects.select_for_update(no_key=True).get(pk=user.pk)


def test_sign_ins_of_one_account_at_once_are_all_counted():
    user = make_user()

    errors = run_at_once(AT_ONCE, lambda place: sign_in(user, browser_at()) and None)

    assert errors == [None] * AT_ONCE
    assert set(own_counts(user).values()) == {AT_ONCE}


def test_sign_ins_of_many_accounts_at_once_do_not_mix():
    users = [make_user() for _ in range(AT_ONCE)]

    run_at_once(AT_ONCE, lambda place: sign_in(users[place], browser_at(f"193.99.{place}.80")))
    run_at_once(AT_ONCE, lambda place: sign_in(users[place], browser_at(f"193.99.{place}.81")))

    for place, user in enumerate(users):
        counts = own_counts(user)
        assert (counts["all", ""], counts["network", f"193.99.{place}.0/24"]) == (2, 2)


def test_one_sign_in_learned_by_many_at_once_counts_once():
    event = make_event(make_user(), client=browser_at())

    results = run_at_once(AT_ONCE, lambda place: learning.learn(event))

    assert sorted(results) == [False] * (AT_ONCE - 1) + [True]
    assert set(own_counts(event.user).values()) == {1}


def test_one_sign_in_unlearned_by_many_at_once_goes_once():
    user = make_user()
    learning.learn(make_event(user, client=browser_at()))
    event = make_event(user, client=browser_at())
    learning.learn(event)

    results = run_at_once(AT_ONCE, lambda place: learning.unlearn(event))

    assert sorted(results) == [False] * (AT_ONCE - 1) + [True]
    assert set(own_counts(user).values()) == {1}


def test_learning_and_unlearning_at_once_ends_in_what_the_event_says():
    for _ in range(20):
        user = make_user()
        event = make_event(user, client=browser_at())

        def act(place, event=event):
            learning.learn(event) if place % 2 else learning.unlearn(event)

        errors = run_at_once(AT_ONCE, act)

        is_learned = SecurityEvent.objects.get(pk=event.pk).is_learned
        assert errors == [None] * AT_ONCE
        assert set(own_counts(user).values()) == ({1} if is_learned else set())


def test_two_workers_count_nothing_twice():
    user = make_user()
    for number in range(60):
        learning.learn(make_event(user, client=browser_at(f"193.99.144.{number}")))

    counted = run_at_once(4, lambda place: learning.count_due(limit=7))

    assert (sum(counted), learning.count_due()) == (60, 0)
    assert common_counts() == own_counts(user)


def test_nothing_waits_for_ever_and_nothing_is_lost():
    """Sign-ins, disputes, vouching, two workers and a rebuild, in any order."""
    users = [make_user() for _ in range(3)]

    def act(place):
        chance = Random(place)
        for _ in range(ROUNDS // AT_ONCE):
            user = chance.choice(users)
            address = f"193.99.{chance.randint(1, 3)}.{chance.randint(1, 3)}"
            if place < 2:
                learning.count_due(limit=5)
            elif place == 2:
                learning.rebuild()
            elif place < 6:
                with transaction.atomic():
                    devices.remember(user, browser_at(address))  # as each sign-in, before its event
                    sign_in(user, browser_at(address))
            else:
                answer = chance.choice((learning.unlearn, learning.vouch))
                with locked(user):
                    for event in SecurityEvent.objects.filter(user=user).order_by("?")[:2]:
                        answer(event)

    errors = run_at_once(AT_ONCE, act)

    assert errors == [None] * AT_ONCE
    found = {user.pk: own_counts(user) for user in users}
    learning.rebuild()
    assert {user.pk: own_counts(user) for user in users} == found
    assert FeatureCount.objects.filter(count__lt=1).count() == 0

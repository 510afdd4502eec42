"""Limits hold under parallel use, and open again by the clock."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.errors import LimitReached
from accounts.models import Budget
from accounts.policy import Rule
from accounts.services import budgets
from accounts.services.budgets import Use
from accounts.tests.threads import run_at_once

RULE = Rule("test.rule", 3, timedelta(minutes=5))
OTHER = Rule("test.other", 10, timedelta(minutes=5))


def use_up(rule, *parts, now=None):
    for _ in range(rule.limit):
        budgets.consume(rule, *parts, now=now)


@pytest.mark.django_db
def test_refuses_past_the_limit_and_says_until_when():
    now = timezone.now()
    use_up(RULE, "maria", now=now)

    with pytest.raises(LimitReached) as refusal:
        budgets.consume(RULE, "maria", now=now + timedelta(minutes=1))

    assert refusal.value.until == now + RULE.window
    assert budgets.peek(RULE, "maria", now=now) == 3


@pytest.mark.django_db
def test_opens_again_when_the_window_is_over():
    now = timezone.now()
    use_up(RULE, "maria", now=now)

    budgets.consume(RULE, "maria", now=now + RULE.window)

    assert budgets.peek(RULE, "maria", now=now + RULE.window) == 1


@pytest.mark.django_db
def test_one_key_leaves_another_alone():
    use_up(RULE, "maria")

    budgets.consume(RULE, "jonas")

    assert budgets.peek(RULE, "jonas") == 1


@pytest.mark.django_db
def test_parts_do_not_run_into_each_other():
    budgets.consume(RULE, "ab", "c")

    assert budgets.peek(RULE, "a", "bc") == 0


@pytest.mark.django_db
def test_table_holds_no_address():
    budgets.consume(RULE, "maria@example.org")

    assert "maria" not in Budget.objects.get().key


@pytest.mark.django_db
def test_shared_networks_multiply_the_limit():
    for _ in range(RULE.limit * 2):
        budgets.consume(RULE, "campus", times=2)

    with pytest.raises(LimitReached):
        budgets.consume(RULE, "campus", times=2)


@pytest.mark.django_db
def test_full_rule_refuses_and_the_other_is_left_alone():
    use_up(RULE, "maria")

    with pytest.raises(LimitReached):
        budgets.consume_all([Use(RULE, ("maria",)), Use(OTHER, ("maria",))])

    assert (budgets.peek(RULE, "maria"), budgets.peek(OTHER, "maria")) == (3, 0)


@pytest.mark.django_db
def test_counting_says_how_many_uses_there_were():
    budgets.consume(RULE, "maria")

    used = budgets.consume_all([Use(RULE, ("maria",)), Use(OTHER, ("maria",))])

    assert used == {RULE.name: 2, OTHER.name: 1}


@pytest.mark.django_db
def test_what_is_given_back_is_one_use_and_never_below_none():
    budgets.consume(RULE, "maria")
    budgets.consume(RULE, "maria")

    budgets.give_back_all([Use(RULE, ("maria",))])
    left = budgets.peek(RULE, "maria")
    budgets.give_back_all([Use(RULE, ("maria",))])
    budgets.give_back_all([Use(RULE, ("maria",))])

    assert (left, budgets.peek(RULE, "maria")) == (1, 0)


@pytest.mark.django_db(transaction=True)
def test_count_cannot_be_rolled_back_by_its_caller():
    with pytest.raises(RuntimeError), transaction.atomic():
        budgets.consume(RULE, "maria")


@pytest.mark.django_db(transaction=True)
def test_exactly_the_limit_gets_through_in_parallel():
    results = run_at_once(16, lambda _number: budgets.consume(OTHER, "maria"))

    assert results.count(None) == OTHER.limit
    assert sum(isinstance(result, LimitReached) for result in results) == 6


@pytest.mark.django_db(transaction=True)
def test_exactly_the_limit_gets_through_when_a_window_rolls_over_in_parallel():
    now = timezone.now()
    use_up(OTHER, "maria", now=now - OTHER.window)

    results = run_at_once(16, lambda _number: budgets.consume(OTHER, "maria", now=now))

    assert results.count(None) == OTHER.limit


@pytest.mark.django_db
def test_one_rule_counts_two_keys_in_one_statement_and_refuses_when_either_is_full():
    pair, outside = Use(RULE, ("pair", "maria")), Use(RULE, ("outside", "maria"), times=2)
    use_up(RULE, "pair", "maria")

    with pytest.raises(LimitReached):
        budgets.consume_all([pair, outside])

    assert budgets.peek(RULE, "outside", "maria") == 0


@pytest.mark.django_db
def test_one_rule_may_have_another_limit_for_each_key():
    uses = [Use(RULE, ("maria",), times=2), Use(RULE, ("jonas",))]
    for _ in range(RULE.limit):
        budgets.consume_all(uses)

    with pytest.raises(LimitReached):
        budgets.consume_all(uses)

    assert budgets.consume_all([uses[0]]) == {RULE.name: RULE.limit + 1}

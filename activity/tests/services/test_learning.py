from datetime import timedelta

import pytest
from django.utils import timezone

from activity import policy, risk
from activity.enums import EventKind
from activity.models import CommonCount, FeatureCount, SecurityEvent
from activity.services import learning
from activity.tests.factories import make_event, make_user
from activity.tests.sign_ins import (
    CHROME_ON_WINDOWS,
    FRANCE,
    browser_at,
    common_counts,
    own_counts,
    sign_in,
)

pytestmark = pytest.mark.django_db
HOME = browser_at()
AT_HOME = {
    ("address", "193.99.144.80"): 1,
    ("network", "193.99.144.0/24"): 1,
    ("range", "193.99.0.0/16"): 1,
    ("country", "DE"): 1,
    ("browser", "Firefox"): 1,
    ("system", "Windows"): 1,
    ("known:address", ""): 1,
    ("known:network", ""): 1,
    ("known:range", ""): 1,
    ("known:country", ""): 1,
    ("known:browser", ""): 1,
    ("known:system", ""): 1,
    ("all", ""): 1,
}


@pytest.fixture
def user():
    return make_user()


def test_a_sign_in_counts_each_value_that_is_known(user):
    learning.learn(make_event(user, client=HOME))

    assert own_counts(user) == AT_HOME


def test_the_same_sign_in_counts_once(user):
    event = make_event(user, client=HOME)

    assert [learning.learn(event), learning.learn(event)] == [True, False]
    assert own_counts(user) == AT_HOME


def test_a_sign_in_is_learned_in_one_statement_beside_its_own(user, django_assert_num_queries):
    event = make_event(user, client=HOME)

    with django_assert_num_queries(1):
        learning.add_to_account(event)


@pytest.mark.parametrize("kind", [EventKind.SIGN_IN_FAILED, EventKind.PASSWORD_CHANGED])
def test_only_sign_ins_teach(user, kind):
    event = make_event(user, kind, client=HOME)
    learning.learn(event)
    learning.vouch(event)

    assert own_counts(user) == {}


def test_what_nobody_knows_is_not_counted(user):
    learning.learn(make_event(user, client=browser_at("203.0.113.9", agent="")))

    assert set(own_counts(user)) == {
        ("address", "203.0.113.9"),
        ("network", "203.0.113.0/24"),
        ("range", "203.0.0.0/16"),
        ("known:address", ""),
        ("known:network", ""),
        ("known:range", ""),
        ("all", ""),
    }


def test_the_last_time_never_goes_back(user):
    now = timezone.now()
    learning.learn(make_event(user, client=HOME, at=now))
    learning.learn(make_event(user, client=HOME, at=now - timedelta(days=3)))

    assert {row.last_at for row in FeatureCount.objects.all()} == {now}


def test_unlearning_takes_out_what_was_put_in(user):
    learning.learn(make_event(user, client=HOME))
    event = make_event(user, client=HOME)
    learning.learn(event)

    assert [learning.unlearn(event), learning.unlearn(event)] == [True, False]
    assert own_counts(user) == AT_HOME


def test_values_that_nobody_had_then_are_gone(user):
    event = make_event(user, client=HOME)
    learning.learn(event)
    learning.unlearn(event)

    assert own_counts(user) == {}


def test_a_count_never_falls_below_nothing(user):
    event = make_event(user, client=HOME)
    learning.learn(event)
    FeatureCount.objects.filter(feature="address").update(count=0)
    FeatureCount.objects.filter(feature="country").delete()

    learning.unlearn(event)

    assert own_counts(user) == {}


def test_unlearning_touches_no_other_account(user):
    other = make_user()
    event = make_event(user, client=HOME)
    learning.learn(event)
    learning.learn(make_event(other, client=HOME))

    learning.unlearn(event)

    assert own_counts(other) == AT_HOME


def test_what_was_taken_out_may_be_put_in_again(user):
    event = make_event(user, client=HOME)
    learning.learn(event)
    learning.unlearn(event)
    learning.learn(event)

    assert own_counts(user) == AT_HOME


def test_vouching_learns_and_keeps_the_pattern(user):
    learning.vouch(make_event(user, client=HOME))

    assert own_counts(user) == AT_HOME | {("vouched", "DE|Firefox|Windows|"): 1}


def test_vouching_twice_is_vouching(user):
    event = make_event(user, client=HOME)
    learning.vouch(event)
    learning.vouch(event)
    learning.unlearn(event)

    assert own_counts(user) == {}


def test_a_dispute_ends_the_vouching_for_its_pattern_though_it_taught_nothing(user):
    learning.vouch(make_event(user, client=browser_at(FRANCE, CHROME_ON_WINDOWS)))
    disputed = make_event(user, client=browser_at("212.27.60.1", CHROME_ON_WINDOWS))

    learning.unlearn(disputed)

    assert risk.VOUCHED not in {feature for feature, _value in own_counts(user)}


def test_the_worker_counts_for_all_accounts(user):
    for account in (user, user, make_user()):
        learning.learn(make_event(account, client=HOME))
    make_event(user, client=HOME)  # not learned

    assert [learning.count_due(), learning.count_due()] == [3, 0]
    assert common_counts() == dict.fromkeys(AT_HOME, 3)


def test_the_worker_works_in_batches(user):
    for _ in range(5):
        learning.learn(make_event(user, client=HOME))

    assert learning.count_due(limit=2) == 5
    assert common_counts()["all", ""] == 5


def test_the_worker_takes_out_what_was_disputed(user):
    stays, goes = make_event(user, client=HOME), make_event(user, client=browser_at(FRANCE))
    for event in (stays, goes):
        learning.learn(event)
    learning.count_due()
    learning.unlearn(goes)

    assert [learning.count_due(), learning.count_due()] == [1, 0]
    assert common_counts() == AT_HOME


def test_what_was_disputed_before_it_was_counted_is_never_counted(user):
    event = make_event(user, client=HOME)
    learning.learn(event)
    learning.unlearn(event)

    assert (learning.count_due(), common_counts()) == (0, {})


def test_what_was_forgotten_meanwhile_is_not_counted_below_nothing(user):
    event = make_event(user, client=HOME)
    learning.learn(event)
    learning.count_due()
    CommonCount.objects.filter(feature="address").delete()
    learning.unlearn(event)
    learning.count_due()

    assert common_counts() == {}


def test_a_worker_that_dies_leaves_the_batch_to_the_next(user, monkeypatch):
    learning.learn(make_event(user, client=HOME))

    def die(*args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(learning, "_add_common", die)
        with pytest.raises(KeyboardInterrupt):
            learning.count_due()

    assert common_counts() == {}
    assert learning.count_due() == 1
    assert common_counts() == AT_HOME


def test_a_rebuild_makes_what_was_counted_one_by_one(user, monkeypatch):
    monkeypatch.setattr(policy, "REBUILT_AT_ONCE", 2)
    others = [make_user() for _ in range(4)]
    for number, account in enumerate([user, user, *others]):
        sign_in(account, browser_at(f"193.99.{number}.80"))
    disputed = sign_in(user, HOME)
    learning.vouch(sign_in(user, browser_at(FRANCE)))
    learning.count_due()
    learning.unlearn(disputed)
    learning.count_due()
    before = [own_counts(account) for account in (user, *others)], common_counts()
    FeatureCount.objects.filter(feature="country").delete()
    FeatureCount.objects.filter(feature="address").update(count=77)
    FeatureCount.objects.create(user=others[0], feature="country", value="ZZ", count=1)
    CommonCount.objects.all().delete()

    assert learning.rebuild() == 7

    assert ([own_counts(account) for account in (user, *others)], common_counts()) == before
    assert learning.count_due() == 0


def test_a_rebuild_counts_for_all_accounts_what_no_worker_had_counted(user):
    counted, taken_out = sign_in(user, HOME), sign_in(user, HOME)
    learning.count_due()
    learning.unlearn(taken_out)

    learning.rebuild()

    assert common_counts() == AT_HOME
    assert learning.count_due() == 0
    assert SecurityEvent.objects.get(is_counted=True) == counted

"""Which browsers and networks an account knows."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Device, User
from accounts.services import devices
from accounts.tests.factories import make_client, make_device, make_user
from accounts.tests.threads import run_at_once

pytestmark = pytest.mark.django_db


def remembered(user, **fields):
    """Give a client whose browser has signed in to ``user``."""
    _device, token = devices.remember(user, make_client(**fields))
    return make_client(device=token)


def test_browser_is_known_after_a_sign_in_and_to_that_account_alone():
    maria, jonas = make_user(), make_user()

    browser = remembered(maria)

    assert devices.is_known(maria, browser)
    assert not devices.is_known(jonas, browser)
    assert not devices.is_known(None, browser)


def test_browser_without_a_cookie_is_unknown():
    maria = make_user()
    remembered(maria)

    assert not devices.is_known(maria, make_client())


def test_one_cookie_may_stand_for_two_accounts():
    maria, jonas = make_user(), make_user()
    browser = remembered(maria)

    _device, token = devices.remember(jonas, browser)

    assert token == ""
    assert devices.is_known(jonas, browser)


@pytest.mark.django_db(transaction=True)
def test_two_sign_ins_of_one_browser_at_once_share_its_row():
    jonas = make_user()
    browser = remembered(make_user())

    found = run_at_once(16, lambda _number: devices.remember(jonas, browser))

    device = Device.objects.get(user=jonas)
    assert found == [(device, "")] * 16


def test_value_that_we_never_set_is_replaced():
    device, token = devices.remember(make_user(), make_client(device="planted"))

    assert token
    assert device.token_hash == make_client(device=token).device


def test_forgotten_browser_is_unknown_and_young_when_it_comes_back():
    maria = make_user()
    browser = remembered(maria)
    Device.objects.update(first_seen_at=timezone.now() - timedelta(days=90))

    count = devices.forget_all(maria)
    is_known = devices.is_known(maria, browser)
    device, _token = devices.remember(maria, browser)

    assert (count, is_known) == (1, False)
    assert timezone.now() - device.first_seen_at < timedelta(minutes=1)


def test_network_is_known_after_two_days():
    maria = make_user()
    home = make_client()
    now = timezone.now()
    with time_machine.travel(now - timedelta(days=1)):
        devices.remember_network(maria, home)
        devices.remember_network(maria, home)
    one_day = devices.is_known_network(maria, home)

    devices.remember_network(maria, home)

    assert not one_day
    assert devices.is_known_network(maria, home)
    assert not devices.is_known_network(maria, make_client("198.51.100.7"))
    assert not devices.is_known_network(None, home)


def test_unknown_address_makes_no_network():
    maria = make_user()

    devices.remember_network(maria, make_client(""))

    assert maria.networks.count() == 0


@pytest.mark.parametrize("is_somebody", [True, False])
def test_asking_costs_the_same_with_and_without_account(is_somebody, django_assert_num_queries):
    user = make_user() if is_somebody else None

    with django_assert_num_queries(1):
        devices.is_known(user, make_client(device="cookie"))
    with django_assert_num_queries(0):
        devices.is_known(user, make_client())
    with django_assert_num_queries(1):
        devices.is_known_network(user, make_client())


def test_remembering_browser_and_network_takes_a_statement_each(django_assert_num_queries):
    maria, jonas = make_user(), make_user()
    browser = remembered(maria)

    for user, client in [(maria, make_client()), (maria, browser), (jonas, browser)]:
        with django_assert_num_queries(1):
            devices.remember(user, client)
        with django_assert_num_queries(1):
            devices.remember_network(user, client)


def test_network_counts_each_day_once():
    maria = make_user()
    now = timezone.now()
    for days in (3, 3, 1):
        with time_machine.travel(now - timedelta(days=days)):
            devices.remember_network(maria, make_client())

    network = maria.networks.get()
    assert network.days == 2
    assert network.last_day - network.first_day == timedelta(days=2)


def test_what_was_known_for_longer_can_be_left_known():
    maria = make_user()
    since = timezone.now() - timedelta(days=30)
    old, young = remembered(maria), remembered(maria)
    Device.objects.filter(token_hash=old.device).update(first_seen_at=since - timedelta(hours=1))
    with time_machine.travel(since - timedelta(days=2)):
        devices.remember_network(maria, make_client("198.51.100.7"))
    devices.remember_network(maria, make_client())

    later = remembered(maria)
    Device.objects.filter(token_hash=later.device).update(
        last_seen_at=timezone.now() + timedelta(minutes=1)
    )

    count = devices.forget_all(maria, since=since, until=timezone.now())

    assert devices.is_known(maria, later)
    assert (count, devices.is_known(maria, old), devices.is_known(maria, young)) == (1, True, False)
    assert [row.network for row in maria.networks.all()] == ["198.51.100.7"]


def test_sign_in_leaves_the_row_of_the_account_alone(client):
    maria = make_user(email="maria@example.org")

    with CaptureQueriesContext(connection) as queries:
        client.force_login(maria)

    assert [each["sql"] for each in queries if 'UPDATE "accounts_user"' in each["sql"]] == []


def test_last_sign_in_is_noted_once():
    now = timezone.now()
    maria, jonas, imported, nobody = make_user(), make_user(), make_user(), make_user()
    make_device(maria, "old", last_seen_at=now - timedelta(days=2))
    make_device(maria, "new", last_seen_at=now)
    make_device(jonas, "gone", last_seen_at=now, forgotten_at=now)
    make_device(imported, "old", last_seen_at=now - timedelta(days=9))
    User.objects.filter(pk=imported.pk).update(last_login=now - timedelta(days=1))

    counts = [devices.note_sign_ins(batch=1), devices.note_sign_ins()]

    found = dict(User.objects.values_list("pk", "last_login"))
    assert counts == [2, 0]
    assert found == {
        maria.pk: now,
        jonas.pk: now,
        imported.pk: now - timedelta(days=1),
        nobody.pk: None,
    }

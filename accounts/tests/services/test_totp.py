"""Authenticator apps: set up by a code that was typed, each time step once (attacks.md 10)."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from accounts import errors, policy, signals
from accounts.models import TotpDevice, User
from accounts.services import authenticators, budgets, sessions, totp
from accounts.tests.factories import make_client, make_recovery_codes, make_totp, make_user
from accounts.tests.heard import heard
from accounts.tests.threads import run_at_once

RFC_SEED = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # "12345678901234567890" (RFC 6238, appendix B)
STEP = timedelta(seconds=totp.STEP_SECONDS)

pytestmark = pytest.mark.django_db


def make_ready_user(**fields):
    """Make an account that may add its first app: its printed codes are kept."""
    user = make_user(**fields)
    make_recovery_codes(user)
    return user


def confirm(user, token, **options):
    return totp.confirm(user, token, "phone", client=make_client(), **options)


def wrong(code):
    return f"{(int(code) + 1) % 10**6:06}"


@pytest.mark.parametrize(
    ("seconds", "code"), [(59, "287082"), (1111111109, "081804"), (20000000000, "353130")]
)
def test_codes_are_those_of_the_rfc(seconds, code):
    device = make_totp(make_user(), seed=RFC_SEED)

    assert totp.current_code(device, now=datetime.fromtimestamp(seconds, UTC)) == code


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_code_of_a_neighbouring_step_is_accepted(steps):
    user, now = make_user(), timezone.now()
    device = make_totp(user)

    assert totp.accept(user, totp.current_code(device, now=now + steps * STEP), now) == device


@pytest.mark.parametrize("steps", [-2, 2])
def test_code_of_a_step_further_off_is_refused(steps):
    user, now = make_user(), timezone.now()
    code = totp.current_code(make_totp(user), now=now + steps * STEP)

    assert totp.accept(user, code, now) is None


@pytest.mark.parametrize("token", ["", "0", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "000000" * 9])
def test_what_is_no_code_is_refused(token):
    user = make_user()
    make_totp(user)

    assert totp.accept(user, token, timezone.now()) is None


def test_step_counts_once_and_is_noted():
    user, now = make_user(), timezone.now()
    device = make_totp(user)
    code = totp.current_code(device, now=now)

    first, second = totp.accept(user, code, now), totp.accept(user, code, now)

    device.refresh_from_db()
    assert (first, second) == (device, None)
    assert device.used_at == now


def test_code_before_the_last_used_one_is_refused():
    user, now = make_user(), timezone.now()
    device = make_totp(user)
    older = totp.current_code(device, now=now - STEP)
    totp.accept(user, totp.current_code(device, now=now), now)

    assert totp.accept(user, older, now) is None


def test_either_of_two_apps_is_accepted():
    user, now = make_user(), timezone.now()
    make_totp(user)
    other = make_totp(user, seed=RFC_SEED)

    assert totp.accept(user, totp.current_code(other, now=now), now) == other


def test_app_that_is_not_in_use_is_refused():
    user, now = make_ready_user(), timezone.now()
    pending, _seed, _url = totp.begin(user)
    pending_code = totp.current_code(pending, now=now)
    removed = make_totp(user)
    removed_code = totp.current_code(removed, now=now)
    authenticators.remove(removed, client=make_client())

    assert totp.accept(user, pending_code, now) is None
    assert totp.accept(user, removed_code, now) is None


def test_app_without_its_seed_accepts_no_code_that_can_be_computed():
    user, now = make_user(), timezone.now()
    make_totp(user, seed=None)
    guess = make_totp(make_user(), seed="A" * 32)

    assert totp.accept(user, totp.current_code(guess, now=now), now) is None


def test_code_of_somebody_else_is_refused():
    now = timezone.now()
    code = totp.current_code(make_totp(make_user()), now=now)

    assert totp.accept(make_user(), code, now) is None


def test_nobody_costs_the_same_statements(django_assert_num_queries):
    now = timezone.now()
    user = make_user()
    make_totp(user)

    with django_assert_num_queries(1):
        totp.accept(user, "000000", now)
    with django_assert_num_queries(1):
        totp.accept(None, "000000", now)


def test_seed_is_encrypted_in_the_database():
    _device, seed, url = totp.begin(make_user())

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_totpdevice")
        stored = str(cursor.fetchall())
    assert f"secret={seed}" in url
    assert seed not in stored


def test_set_up_gives_what_apps_read_and_changes_nothing(settings):
    settings.SITE_NAME = "North & Light"
    user = make_user(email="maria@example.org")

    device, seed, url = totp.begin(user)

    assert url == (
        "otpauth://totp/North%20%26%20Light%3Amaria%40example.org"
        f"?secret={seed}&issuer=North%20%26%20Light&algorithm=SHA1&digits=6&period=30"
    )
    assert len(seed) == 32
    assert (device.confirmed, device.made_at) == (False, None)
    assert User.objects.get(pk=user.pk).epoch == 1


def test_page_that_is_loaded_again_shows_the_same_seed():
    user = make_user()
    device, seed, _url = totp.begin(user)

    assert totp.begin(user, device.pk)[1] == seed
    assert TotpDevice.objects.count() == 1


def test_seed_that_another_session_has_seen_is_not_used_again():
    user = make_user()
    _device, seed, _url = totp.begin(user)

    assert totp.begin(user)[1] != seed
    assert TotpDevice.objects.count() == 1


def test_seed_is_new_after_its_time():
    user = make_user()
    device, seed, _url = totp.begin(user)
    TotpDevice.objects.update(begun_at=timezone.now() - policy.TOTP_SET_UP_LIVES)

    assert totp.begin(user, device.pk)[1] != seed
    assert TotpDevice.objects.filter(pk=device.pk).exists() is False


def test_seed_that_was_seen_before_a_change_of_the_account_is_not_used_again():
    user = make_ready_user()
    device, seed, _url = totp.begin(user)
    sessions.raise_epoch(user)

    with pytest.raises(errors.WrongToken):
        confirm(user, totp.current_code(device))
    assert totp.begin(user, device.pk)[1] != seed


def test_right_code_puts_the_app_in_use_and_ends_what_was_before():
    user = make_ready_user()
    device, _seed, _url = totp.begin(user)

    with heard(signals.authenticator_added) as told:
        made = confirm(user, totp.current_code(device))

    made.refresh_from_db()
    assert (made.pk, made.name, made.confirmed) == (device.pk, "phone", True)
    assert timezone.now() - made.made_at < timedelta(minutes=1)
    assert User.objects.get(pk=user.pk).epoch == user.epoch == 2
    assert [(each["kind"], each["is_first"]) for each in told] == [("totp", True)]


def test_code_that_set_the_app_up_does_not_sign_in_as_well():
    user, now = make_ready_user(), timezone.now()
    device, _seed, _url = totp.begin(user)
    code = totp.current_code(device, now=now)

    confirm(user, code, now=now)

    assert totp.accept(user, code, now) is None


def test_wrong_code_puts_nothing_in_use():
    user, now = make_ready_user(), timezone.now()
    device, _seed, _url = totp.begin(user)

    with pytest.raises(errors.WrongToken):
        confirm(user, wrong(totp.current_code(device, now=now)), now=now)

    assert TotpDevice.objects.in_use().count() == 0
    assert User.objects.get(pk=user.pk).epoch == 1


def test_set_up_that_took_too_long_is_refused():
    user = make_ready_user()
    device, _seed, _url = totp.begin(user)

    late = timezone.now() + policy.TOTP_SET_UP_LIVES
    with time_machine.travel(late), pytest.raises(errors.WrongToken):
        confirm(user, totp.current_code(device))

    assert TotpDevice.objects.in_use().count() == 0


def test_first_app_without_a_second_way_is_refused_for_the_right_code():
    user = make_user()
    device, _seed, _url = totp.begin(user)

    with pytest.raises(errors.SecondWayMissing):
        confirm(user, totp.current_code(device))

    device.refresh_from_db()
    assert (device.confirmed, device.name, device.last_step) == (False, "", -1)


def test_guessing_at_set_up_is_stopped_and_leaves_sign_in_its_tries():
    user, now = make_ready_user(), timezone.now()
    device, _seed, _url = totp.begin(user)
    right = totp.current_code(device, now=now)
    for _ in range(policy.SECOND_STEP_RULES[0].limit):
        with pytest.raises(errors.WrongToken):
            confirm(user, wrong(right), now=now)

    with pytest.raises(errors.LimitReached):
        confirm(user, right, now=now)
    assert budgets.peek(policy.SECOND_STEP_RULES[0], "known", str(user.pk), "") == 0


def test_staff_app_counts_at_once_and_ends_what_was_before():
    user = make_user()

    with heard(signals.authenticator_added) as told:
        device, url = totp.enrol(user, "phone")

    assert f"secret={device.seed}" in url
    assert totp.accept(user, totp.current_code(device), timezone.now()) == device
    assert user.epoch == 2
    assert [each["is_first"] for each in told] == [True]


def test_staff_app_takes_the_place_of_one_that_is_being_set_up():
    user = make_user()
    totp.begin(user)

    device, _url = totp.enrol(user, "phone")

    assert TotpDevice.objects.get() == device


@pytest.mark.django_db(transaction=True)
def test_one_code_posted_many_times_at_once_is_accepted_once():
    user, now = make_user(), timezone.now()
    device = make_totp(user)
    code = totp.current_code(device, now=now)

    results = run_at_once(8, lambda _number: totp.accept(user, code, now))

    assert results.count(device) == 1
    assert results.count(None) == 7


@pytest.mark.django_db(transaction=True)
def test_set_up_that_is_confirmed_twice_at_once_is_told_once():
    user, now = make_ready_user(), timezone.now()
    device, _seed, _url = totp.begin(user)
    code = totp.current_code(device, now=now)

    with heard(signals.authenticator_added) as told:
        results = run_at_once(4, lambda _number: confirm(User.objects.get(), code, now=now))

    assert results.count(device) == 1
    refused = {type(result) for result in results if result != device}
    assert refused <= {errors.AccountChanged, errors.WrongToken}
    assert len(told) == 1
    assert User.objects.get().epoch == 2


@pytest.mark.django_db(transaction=True)
def test_of_set_ups_begun_at_once_one_is_left():
    user = make_user()

    results = run_at_once(4, lambda _number: totp.begin(User.objects.get(pk=user.pk))[1])

    assert TotpDevice.objects.get().seed in results

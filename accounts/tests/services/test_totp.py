from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts import errors, policy
from accounts.enums import FailurePool
from accounts.models import TotpDevice
from accounts.services import budgets, totp
from accounts.tests.factories import make_client, make_totp, make_user

RFC_SEED = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # "12345678901234567890" (RFC 6238, appendix B)
KNOWN = FailurePool.KNOWN

pytestmark = pytest.mark.django_db


def verify(user, token, *, client=None, pool=KNOWN, now=None):
    return totp.verify(user, token, client=client or make_client(), pool=pool, now=now)


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
    code = totp.current_code(device, now=now + timedelta(seconds=30 * steps))

    assert verify(user, code, now=now) == device


@pytest.mark.parametrize("steps", [-2, 2])
def test_code_of_a_step_further_off_is_refused(steps):
    user, now = make_user(), timezone.now()
    code = totp.current_code(make_totp(user), now=now + timedelta(seconds=30 * steps))

    with pytest.raises(errors.WrongToken):
        verify(user, code, now=now)


@pytest.mark.parametrize("token", ["", "0", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "000000" * 9])
def test_what_is_no_code_is_refused(token):
    user = make_user()
    make_totp(user)

    with pytest.raises(errors.WrongToken):
        verify(user, token)


def test_step_counts_once():
    user, now = make_user(), timezone.now()
    code = totp.current_code(make_totp(user), now=now)
    verify(user, code, now=now)

    with pytest.raises(errors.WrongToken):
        verify(user, code, now=now)


def test_code_before_the_last_used_one_is_refused():
    user, now = make_user(), timezone.now()
    device = make_totp(user)
    older = totp.current_code(device, now=now - timedelta(seconds=30))
    verify(user, totp.current_code(device, now=now), now=now)

    with pytest.raises(errors.WrongToken):
        verify(user, older, now=now)


def test_app_that_is_not_confirmed_is_refused():
    user = make_user()
    code = totp.current_code(make_totp(user, confirmed=False))

    with pytest.raises(errors.WrongToken):
        verify(user, code)


def test_code_of_somebody_else_is_refused():
    code = totp.current_code(make_totp(make_user()))

    with pytest.raises(errors.WrongToken):
        verify(make_user(), code)


def test_guessing_is_stopped_for_the_right_code_too():
    user, now = make_user(), timezone.now()
    device = make_totp(user)
    for _ in range(policy.SECOND_STEP_RULES[0].limit):
        with pytest.raises(errors.WrongToken):
            verify(user, "000000" if totp.current_code(device) != "000000" else "1", now=now)

    with pytest.raises(errors.LimitReached):
        verify(user, totp.current_code(device, now=now), now=now)


def test_guesses_of_strangers_do_not_stop_the_owner():
    user = make_user()
    device = make_totp(user)
    for _ in range(policy.SECOND_STEP_RULES[0].limit):
        with pytest.raises(errors.WrongToken):
            verify(user, "", pool=FailurePool.PAIR, client=make_client("198.51.100.7"))

    assert verify(user, totp.current_code(device), pool=FailurePool.PAIR) == device
    assert TotpDevice.objects.get().last_step > 0


def test_right_code_gives_back_its_own_count_and_no_other():
    user, now = make_user(), timezone.now()
    device = make_totp(user)
    with pytest.raises(errors.WrongToken):
        verify(user, "", now=now)

    verify(user, totp.current_code(device, now=now), now=now)

    used = [budgets.peek(rule, "known", str(user.pk), "") for rule in policy.SECOND_STEP_RULES]
    assert used == [1, 1, 1]


def test_nobody_costs_the_same_statements_and_is_limited_alike(django_assert_num_queries):
    client = make_client()
    user = make_user()
    with django_assert_num_queries(4), pytest.raises(errors.WrongToken):  # 2 are BEGIN, COMMIT
        verify(user, "000000", client=client)

    with django_assert_num_queries(4), pytest.raises(errors.WrongToken):
        verify(None, "000000", client=client)


def test_seed_is_encrypted_in_the_database():
    device, url = totp.enrol(make_user(), "phone")

    with connection.cursor() as cursor:
        cursor.execute("SELECT seed FROM accounts_totpdevice")
        stored = cursor.fetchone()[0]
    assert f"secret={device.seed}" in url
    assert device.seed not in stored


def test_enrolled_app_works_and_ends_what_was_before(settings):
    settings.SITE_NAME = "North & Light"
    user = make_user(email="maria@example.org")

    device, url = totp.enrol(user, "phone")

    assert url == (
        "otpauth://totp/North%20%26%20Light%3Amaria%40example.org"
        f"?secret={device.seed}&issuer=North%20%26%20Light&algorithm=SHA1&digits=6&period=30"
    )
    assert len(device.seed) == 32
    assert user.epoch == 2
    assert verify(user, totp.current_code(device)) == device


@pytest.mark.django_db(transaction=True)
def test_one_code_posted_many_times_at_once_is_accepted_once():
    user, now = make_user(), timezone.now()
    code = totp.current_code(make_totp(user), now=now)

    def post(number: int) -> bool:
        try:
            # Each from a network of its own, so that no limit helps.
            verify(
                user, code, now=now, pool=FailurePool.PAIR, client=make_client(f"10.0.0.{number}")
            )
        except errors.WrongToken:
            return False
        else:
            return True
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(post, range(16)))

    assert results.count(True) == 1

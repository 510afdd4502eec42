"""One field for every typed second step: counted first, told apart by shape (attacks.md 7, 10)."""

import pytest
from django.utils import timezone

from accounts import errors, policy
from accounts.models import Budget, Challenge, RecoveryCode
from accounts.services import budgets, code_devices, second_step, totp
from accounts.services.budgets import Use
from accounts.tests.factories import (
    make_client,
    make_code_device,
    make_recovery_codes,
    make_totp,
    make_user,
)
from accounts.tests.threads import run_at_once
from outbox.models import Message

SUBJECT = "sign_in:somebody"
LIMIT = policy.SECOND_STEP_RULES[0].limit

pytestmark = pytest.mark.django_db


def uses_of(user):
    return [Use(rule, ("test", str(user.pk) if user else "")) for rule in policy.SECOND_STEP_RULES]


def verify(user, typed, *, subject=SUBJECT):
    return second_step.verify(
        user, typed, client=make_client(), uses=uses_of(user), subject=subject
    )


def send_code(user, device, subject=SUBJECT):
    """Send a code; gives it as the message shows it."""
    code_devices.send(user, device.contact, subject, client=make_client())
    return Message.objects.latest("pk").secrets["code"]


def used(user):
    return [budgets.peek(use.rule, *use.parts) for use in uses_of(user)]


def wrong(code):
    return f"{(int(code.replace('-', '')) + 1) % 10 ** len(code.replace('-', '')):08}"


def test_each_shape_is_accepted_as_what_it_is():
    user = make_user()
    app, sms, (code_set, codes) = make_totp(user), make_code_device(user), make_recovery_codes(user)
    sent = send_code(user, sms)

    found = [verify(user, typed) for typed in (totp.current_code(app), sent, codes[0])]

    assert found == [app, sms, code_set]


@pytest.mark.parametrize("spelling", ["{0}{1}", "{0} {1}", "{0}-{1}", "  {0}\u2013{1} "])
def test_spaces_and_dashes_do_not_matter(spelling):
    user = make_user()
    app, sms = make_totp(user), make_code_device(user)
    code, sent = totp.current_code(app), send_code(user, sms).replace("-", "")

    assert verify(user, spelling.format(code[:3], code[3:])) == app
    assert verify(user, spelling.format(sent[:4], sent[4:])) == sms


def test_right_code_gives_back_its_own_count_and_no_other():
    user = make_user()
    app, (code_set, codes) = make_totp(user), make_recovery_codes(user)
    with pytest.raises(errors.WrongToken):
        verify(user, "wrong")

    assert verify(user, totp.current_code(app)) == app
    assert verify(user, codes[0]) == code_set
    assert used(user) == [1, 1, 1]


@pytest.mark.parametrize(
    "typed", ["", "0", "12345", "1234567", "123456789", "١٢٣٤٥٦", "\x00", "\ud800", "9" * 10_000]
)
def test_what_is_no_code_is_refused_and_counted(typed):
    user = make_user()
    make_totp(user)
    make_recovery_codes(user)

    with pytest.raises(errors.WrongToken):
        verify(user, typed)
    assert used(user) == [1, 1, 1]


@pytest.mark.parametrize("kind", ["app", "printed", "sent"])
def test_guessing_one_kind_is_stopped_for_the_right_code_of_every_kind(kind):
    user = make_user()
    app, sms, (_set, codes) = make_totp(user), make_code_device(user), make_recovery_codes(user)
    now_code, sent = totp.current_code(app), send_code(user, sms)
    guess = {"app": wrong(now_code)[2:], "printed": "0000-" * 4, "sent": wrong(sent)}[kind]
    for _ in range(LIMIT):
        with pytest.raises(errors.WrongToken):
            verify(user, guess)

    for right in (now_code, sent, codes[0]):
        with pytest.raises(errors.LimitReached):
            verify(user, right)
    assert RecoveryCode.objects.filter(used_at__isnull=False).count() == 0
    assert Challenge.objects.get().used_at is None


def test_code_is_refused_for_another_account():
    user, thief = make_user(), make_user()
    app, sms, (_set, codes) = make_totp(user), make_code_device(user), make_recovery_codes(user)
    make_totp(thief, seed="B" * 32)
    make_recovery_codes(thief)
    sent = send_code(user, sms)

    for typed in (totp.current_code(app), sent, codes[0]):
        with pytest.raises(errors.WrongToken):
            verify(thief, typed)


def test_sent_code_is_refused_for_another_subject_and_where_none_is_taken():
    user = make_user()
    sent = send_code(user, make_code_device(user))

    for subject in ("step_up:other", ""):
        with pytest.raises(errors.WrongToken):
            verify(user, sent, subject=subject)
    assert Challenge.objects.get().attempts == 0


def test_sent_code_without_tries_says_so():
    user = make_user()
    sent = send_code(user, make_code_device(user))
    Challenge.objects.update(attempts=policy.SECOND_STEP_CODE.attempts)

    with pytest.raises(errors.ChallengeExhausted):
        verify(user, sent)


def test_eight_digits_that_were_never_sent_are_simply_wrong():
    user = make_user()
    make_totp(user)

    with pytest.raises(errors.WrongToken):
        verify(user, "12345678")


@pytest.mark.parametrize("typed", ["123456", "12345678", "0000-0000-0000-0000", ""])
def test_nobody_costs_the_same_statements_and_is_refused_alike(typed, django_assert_num_queries):
    user = make_user()
    make_totp(user)
    make_recovery_codes(user)
    asked = []
    for who in (user, None):
        with django_assert_num_queries(4) as queries, pytest.raises(errors.WrongToken):
            verify(who, typed, subject="")  # two are BEGIN and COMMIT
        asked.append([query["sql"].split(" WHERE ")[0] for query in queries][3:])

    assert asked[0] == asked[1]
    assert used(user) == used(None) == [1, 1, 1]


@pytest.mark.django_db(transaction=True)
def test_thirty_wrong_codes_at_once_are_compared_no_more_than_the_limit():
    user = make_user()
    now_code = totp.current_code(make_totp(user), now=timezone.now())
    guesses = [f"{(int(now_code) + 500 + number) % 10**6:06}" for number in range(30)]

    results = run_at_once(30, lambda number: verify(user, guesses[number]))

    assert sum(isinstance(result, errors.WrongToken) for result in results) == LIMIT
    assert sum(isinstance(result, errors.LimitReached) for result in results) == 30 - LIMIT
    assert {row.used for row in Budget.objects.all()} == {LIMIT}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["app", "printed", "sent"])
def test_right_code_posted_many_times_at_once_is_accepted_once(kind):
    user = make_user()
    app, sms, (code_set, codes) = make_totp(user), make_code_device(user), make_recovery_codes(user)
    typed, row = {
        "app": (totp.current_code(app), app),
        "printed": (codes[0], code_set),
        "sent": (send_code(user, sms), sms),
    }[kind]

    results = run_at_once(LIMIT, lambda _number: verify(user, typed))

    assert results.count(row) == 1
    assert sum(isinstance(result, errors.WrongToken) for result in results) == LIMIT - 1
    assert used(user) == [LIMIT - 1] * 3

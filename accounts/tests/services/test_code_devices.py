"""Codes that are sent as a second step: to whom, how many, and what they prove (attacks.md 6)."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from accounts import errors, policy, signals
from accounts.models import Challenge, CodeDevice, User
from accounts.services import budgets, challenges, code_devices, sessions
from accounts.tests.factories import (
    make_client,
    make_code_device,
    make_contact,
    make_recovery_codes,
    make_totp,
    make_user,
)
from accounts.tests.heard import heard
from accounts.tests.threads import run_at_once
from outbox.models import Message

KIND = policy.SECOND_STEP_CODE
SUBJECT = "sign_in:somebody"
CLIENT = make_client(session="a-session")
LATER = KIND.resend_after + timedelta(seconds=1)

pytestmark = pytest.mark.django_db


@pytest.fixture
def maria():
    """Make an account with printed codes that were kept, and a phone."""
    user = make_user(email="maria@example.org", phone="+4915112345678")
    make_recovery_codes(user)
    return user


def phone_of(user):
    return user.contacts.get(kind="phone")


def mailbox_of(user):
    return user.contacts.get(kind="email")


def last_code():
    return Message.objects.latest("pk").secrets["code"].replace("-", "")


def send(user, contact, subject=SUBJECT):
    code_devices.send(user, contact, subject, client=CLIENT)
    return last_code()


def accept(user, typed, subject=SUBJECT):
    return code_devices.accept(user, typed, subject)


def begin(user, contact, **options):
    code_devices.begin(user, contact.pk, client=CLIENT, **options)
    return last_code()


def add(user, contact, typed, **options):
    return code_devices.add(user, contact.pk, typed, client=CLIENT, **options)


def wrong(code):
    return f"{(int(code) + 1) % 10**8:08}"


@pytest.mark.parametrize(
    ("find", "channel", "address"),
    [(phone_of, "sms", "+4915112345678"), (mailbox_of, "email", "maria@example.org")],
)
def test_code_goes_to_the_contact_by_its_channel(maria, find, channel, address):
    send(maria, find(maria))

    message = Message.objects.get()
    assert (message.kind, message.channel, message.address, message.queue) == (
        "accounts.second_step_code",
        channel,
        address,
        "codes",
    )


def test_code_cannot_be_read_in_the_database(maria):
    code = send(maria, phone_of(maria))

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_challenge")
        stored = str(cursor.fetchall())
        cursor.execute("SELECT * FROM outbox_message")
        stored += str(cursor.fetchall())
    assert code not in stored
    assert f"{code[:4]}-{code[4:]}" not in stored


def test_contact_of_somebody_else_or_off_file_gets_no_code(maria):
    now = timezone.now()
    contacts = [
        make_contact(make_user()),
        make_contact(maria, removed_at=now),
        make_contact(maria, suspended_at=now),
    ]
    unverified = make_contact(maria)
    unverified.verified_at = unverified.counts_from = None
    unverified.save()

    for contact in (*contacts, unverified):
        with pytest.raises(errors.NoSuchAuthenticator):
            send(maria, contact)
    assert Message.objects.count() == 0


def test_next_code_waits(maria):
    send(maria, phone_of(maria))

    with pytest.raises(errors.ResendTooSoon):
        send(maria, phone_of(maria))
    with time_machine.travel(timezone.now() + LATER):
        send(maria, phone_of(maria))

    assert Message.objects.count() == 2


@pytest.mark.parametrize(
    ("find", "rule"),
    [
        (phone_of, policy.SECOND_STEP_SMS_PER_NUMBER),
        (mailbox_of, policy.SECOND_STEP_CODES_PER_CONTACT),
    ],
)
def test_no_more_codes_a_day_than_the_limit(maria, find, rule):
    for number in range(rule.limit):
        send(maria, find(maria), f"sign_in:{number}")

    with pytest.raises(errors.LimitReached):
        send(maria, find(maria), "sign_in:last")

    assert Message.objects.count() == rule.limit


def test_right_code_gives_the_step_of_its_contact_once(maria):
    make_code_device(maria, mailbox_of(maria))
    device = make_code_device(maria, phone_of(maria))
    code = send(maria, device.contact)

    with heard(signals.code_refused) as told:  # by what it was typed for, and once
        first, second = accept(maria, code), accept(maria, code)

    device.refresh_from_db()
    assert (first, second) == (device, None)
    assert timezone.now() - device.used_at < timedelta(minutes=1)
    assert told == []


def test_code_is_worth_nothing_once_its_step_is_removed(maria):
    device = make_code_device(maria, phone_of(maria))
    code = send(maria, device.contact)
    CodeDevice.objects.update(confirmed=False, removed_at=timezone.now())

    assert accept(maria, code) is None


def test_code_is_worth_nothing_after_a_change_of_the_account(maria):
    code = send(maria, make_code_device(maria, phone_of(maria)).contact)
    sessions.raise_epoch(maria)

    assert accept(maria, code) is None


def test_code_of_another_purpose_is_refused(maria):
    make_code_device(maria, mailbox_of(maria))
    challenges.issue(
        policy.SIGN_IN_CODE, SUBJECT, mailbox_of(maria).as_address(), client=CLIENT, user=maria
    )
    code = last_code()

    assert accept(maria, code) is None


def test_code_is_refused_for_another_account(maria):
    code = send(maria, make_code_device(maria, phone_of(maria)).contact)
    thief = make_user()
    make_code_device(thief)

    assert accept(thief, code) is None
    assert accept(None, code) is None


def test_code_for_one_account_adds_nothing_to_another_with_the_same_phone(maria):
    other = make_user()
    make_recovery_codes(other)
    same = make_contact(other, "+4915112345678")
    code = begin(maria, phone_of(maria))

    with pytest.raises(errors.WrongToken):
        add(other, same, code)


def test_wrong_codes_use_up_the_tries_and_a_new_code_does_not_refill_them(maria):
    contact = make_code_device(maria, phone_of(maria)).contact
    code = send(maria, contact)
    for _ in range(KIND.attempts):
        assert accept(maria, wrong(code)) is None

    with pytest.raises(errors.ChallengeExhausted):
        accept(maria, code)
    later = timezone.now() + LATER
    with time_machine.travel(later), pytest.raises(errors.ChallengeExhausted):
        send(maria, contact)


def test_wrong_codes_of_strangers_for_this_address_do_not_stop_its_owner(maria):
    device = make_code_device(maria, phone_of(maria))
    for _ in range(policy.WRONG_CODES_PER_CONTACT.limit):
        budgets.consume(policy.WRONG_CODES_PER_CONTACT, device.contact.limit_key, "")

    assert accept(maria, send(maria, device.contact)) == device


def test_wrong_second_steps_for_one_address_are_limited_over_all_subjects(maria):
    device = make_code_device(maria, phone_of(maria))
    code = send(maria, device.contact)
    for _ in range(policy.WRONG_CODES_PER_CONTACT.limit):
        budgets.consume(policy.WRONG_CODES_PER_CONTACT, device.contact.limit_key, code_devices.POOL)

    with pytest.raises(errors.ChallengeExhausted):
        accept(maria, code)


def test_typed_code_makes_the_phone_a_second_step(maria):
    code = begin(maria, phone_of(maria))

    with heard(signals.authenticator_added) as told:
        device = add(maria, phone_of(maria), code)

    assert CodeDevice.objects.in_use().get() == device
    assert (device.kind, device.contact) == ("sms", phone_of(maria))
    assert [(each["kind"], each["is_first"]) for each in told] == [("sms", True)]
    assert User.objects.get().epoch == maria.epoch == 2


def test_mailbox_becomes_one_beside_another_alone(maria):
    with pytest.raises(errors.OnlyBesideAnother):
        begin(maria, mailbox_of(maria))
    make_totp(maria)

    device = add(maria, mailbox_of(maria), begin(maria, mailbox_of(maria)))

    assert device.kind == "email"


def test_phone_without_a_second_way_gets_no_code():
    user = make_user(phone="+4915112345678")

    with pytest.raises(errors.SecondWayMissing):
        begin(user, phone_of(user))

    assert Message.objects.count() == 0


def test_wrong_code_adds_nothing(maria):
    code = begin(maria, phone_of(maria))

    with pytest.raises(errors.WrongToken):
        add(maria, phone_of(maria), wrong(code))

    assert CodeDevice.objects.count() == 0


def test_code_that_went_to_another_contact_adds_nothing(maria):
    make_totp(maria)
    code = begin(maria, mailbox_of(maria))

    with pytest.raises(errors.WrongToken):
        add(maria, phone_of(maria), code)

    assert CodeDevice.objects.count() == 0


def test_code_of_another_session_adds_nothing(maria):
    code = begin(maria, phone_of(maria))

    with pytest.raises(errors.WrongToken):
        code_devices.add(maria, phone_of(maria).pk, code, client=make_client(session="other"))

    assert CodeDevice.objects.count() == 0


def test_contact_of_somebody_else_cannot_be_added(maria):
    other = make_user(phone="+4915187654321")
    code = begin(maria, phone_of(maria))

    with pytest.raises(errors.NoSuchAuthenticator):
        begin(maria, phone_of(other))
    with pytest.raises(errors.NoSuchAuthenticator):
        add(maria, phone_of(other), code)

    assert CodeDevice.objects.count() == 0


def test_contact_that_is_one_already_is_not_added_again(maria):
    make_code_device(maria, phone_of(maria))

    with pytest.raises(errors.TooMany):
        begin(maria, phone_of(maria))

    assert Challenge.objects.count() == 0


def test_contact_whose_step_was_removed_may_be_added_again(maria):
    make_code_device(maria, phone_of(maria), confirmed=False, removed_at=timezone.now())

    device = add(maria, phone_of(maria), begin(maria, phone_of(maria)))

    assert CodeDevice.objects.in_use().get() == device


@pytest.mark.django_db(transaction=True)
def test_one_code_posted_many_times_at_once_adds_one_step(maria):
    code = begin(maria, phone_of(maria))

    with heard(signals.authenticator_added) as told:
        results = run_at_once(4, lambda _number: add(User.objects.get(), phone_of(maria), code))

    refused = {type(result) for result in results if isinstance(result, Exception)}
    assert sum(isinstance(result, CodeDevice) for result in results) == len(told) == 1
    assert refused <= {errors.WrongToken, errors.TooMany}
    assert CodeDevice.objects.count() == 1

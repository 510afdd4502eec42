"""Step-up: the strongest class that the account has, and nothing weaker."""

import pytest
from django.utils import timezone

from accounts import errors, signals
from accounts.enums import ContactKind, StepUpWay
from accounts.models import RecoveryCode
from accounts.services import code_devices, step_up, totp
from accounts.tests.factories import (
    PASSWORD,
    make_client,
    make_code_device,
    make_passkey,
    make_recovery_codes,
    make_totp,
    make_user,
)
from accounts.tests.services.stepping_up import confirm, is_fresh, send_code, sent_code, session_of
from outbox.models import Message

pytestmark = pytest.mark.django_db


@pytest.fixture
def maria():
    return make_user(email="maria@example.org")


@pytest.fixture
def heard():
    """Collect what is told of refused confirmations."""
    told = []

    def listen(sender, **facts):
        told.append((facts["user"], facts["reason"]))

    signals.step_up_failed.connect(listen)
    yield told
    signals.step_up_failed.disconnect(listen)


# What is asked for.


def test_account_without_second_step_is_asked_for_its_password(maria):
    make_recovery_codes(maria)  # alone they turn nothing on

    assert step_up.ask(maria).way is StepUpWay.PASSWORD


def test_account_with_an_app_is_asked_for_the_second_step(maria):
    make_totp(maria)

    assert step_up.ask(maria).way is StepUpWay.SECOND_STEP


def test_account_with_sent_codes_is_asked_for_the_second_step(maria):
    make_code_device(maria)

    assert step_up.ask(maria).way is StepUpWay.SECOND_STEP


def test_account_with_a_passkey_is_asked_for_that(maria):
    make_totp(maria)
    make_passkey(maria)

    assert step_up.ask(maria).way is StepUpWay.PASSKEY


def test_what_is_removed_or_not_ready_is_not_asked_for(maria):
    make_passkey(maria, confirmed=False, removed_at=timezone.now())
    make_totp(maria, confirmed=False, made_at=None)

    assert step_up.ask(maria).way is StepUpWay.PASSWORD


def test_second_steps_of_others_are_not_asked_for(maria):
    make_passkey(make_user())

    assert step_up.ask(maria).way is StepUpWay.PASSWORD


def test_asking_costs_a_query_and_the_addresses_another(maria, django_assert_num_queries):
    make_code_device(maria)
    make_code_device(maria)

    with django_assert_num_queries(1):
        asked = step_up.ask(maria)
    with django_assert_num_queries(1):
        assert [device.contact.kind for device in asked.sent] == [ContactKind.PHONE] * 2


# What is enough, and what is not.


def test_password_is_enough_where_there_is_no_more(maria):
    session = session_of(maria)

    confirm(session, maria)

    assert is_fresh(session)
    assert not step_up.is_strong(session)


def test_password_alone_is_not_enough_for_who_has_an_app(maria, heard):
    make_totp(maria)
    session = session_of(maria)

    with pytest.raises(errors.WrongToken):
        confirm(session, maria)

    assert not is_fresh(session)
    assert heard == [(maria, "wrong_token")]


def test_code_alone_is_not_enough_for_who_has_a_password(maria, heard):
    device = make_totp(maria)
    session = session_of(maria)

    with pytest.raises(errors.WrongPassword):
        confirm(session, maria, "", totp.current_code(device))

    assert not is_fresh(session)
    assert heard == [(maria, "wrong_password")]
    device.refresh_from_db()
    assert device.last_step == -1  # the code was not even looked at


def test_password_and_app_are_enough_together(maria):
    device = make_totp(maria)
    session = session_of(maria)

    confirm(session, maria, typed=totp.current_code(device))

    assert is_fresh(session)
    assert not step_up.is_strong(session)


def test_password_and_sent_code_are_enough_together(maria):
    device = make_code_device(maria)
    session = session_of(maria)
    send_code(session, maria, device)

    confirm(session, maria, typed=sent_code())

    assert is_fresh(session)


def test_sent_code_is_worth_nothing_in_another_session(maria):
    device = make_code_device(maria)
    send_code(session_of(maria), maria, device)
    other = session_of(maria)

    with pytest.raises(errors.WrongToken):
        confirm(other, maria, typed=sent_code())

    assert not is_fresh(other)


def test_code_that_was_sent_to_sign_in_does_not_confirm(maria):
    make_code_device(maria)
    session = session_of(maria)
    contact = maria.contacts.get(kind=ContactKind.PHONE)
    code_devices.send(maria, contact, "sign_in:x", client=make_client())

    with pytest.raises(errors.WrongToken):
        confirm(session, maria, typed=sent_code())


def test_codes_are_sent_to_ones_own_second_steps_alone(maria):
    make_totp(maria)
    foreign = make_code_device(make_user())
    removed = make_code_device(maria, confirmed=False, removed_at=timezone.now())
    session = session_of(maria)

    for device in (foreign, removed):
        with pytest.raises(errors.NoSuchAuthenticator):
            send_code(session, maria, device)

    assert not Message.objects.exists()


def test_password_and_printed_code_are_enough_and_use_it_up(maria):
    make_totp(maria)
    _, (code, *_) = make_recovery_codes(maria)
    session = session_of(maria)

    confirm(session, maria, typed=code)

    assert is_fresh(session)
    assert RecoveryCode.objects.filter(used_at__isnull=False).count() == 1


def test_printed_code_stands_in_for_a_passkey_that_is_not_at_hand(maria):
    make_passkey(maria)
    _, (code, *_) = make_recovery_codes(maria)
    session = session_of(maria)

    confirm(session, maria, typed=code)

    assert is_fresh(session)
    assert not step_up.is_strong(session)


@pytest.mark.parametrize("spelling", ["{}", "{}----------", "-- {} ----------"])
def test_app_does_not_stand_in_for_a_passkey(maria, heard, spelling):
    make_passkey(maria)
    device = make_totp(maria)
    session = session_of(maria)

    with pytest.raises(errors.WrongToken):
        confirm(session, maria, typed=spelling.format(totp.current_code(device)))

    assert not is_fresh(session)
    assert heard == [(maria, "wrong_token")]


def test_sent_code_does_not_stand_in_for_a_passkey(maria):
    device = make_code_device(maria)
    session = session_of(maria)
    send_code(session, maria, device)
    make_passkey(maria)

    with pytest.raises(errors.NoSuchAuthenticator):
        send_code(session, maria, device)
    with pytest.raises(errors.WrongToken):
        confirm(session, maria, typed=sent_code())

    assert not is_fresh(session)


def test_password_alone_does_not_stand_in_for_a_passkey(maria):
    make_passkey(maria)
    session = session_of(maria)

    with pytest.raises(errors.WrongToken):
        confirm(session, maria)

    assert not is_fresh(session)


def test_account_without_a_password_confirms_with_its_second_step():
    user = make_user(password=None)
    device = make_totp(user)
    session = session_of(user)

    confirm(session, user, "", totp.current_code(device))

    assert is_fresh(session)


def test_account_without_password_and_second_step_cannot_confirm():
    user = make_user(password=None)
    session = session_of(user)

    for password in ("", PASSWORD):
        with pytest.raises(errors.WrongPassword):
            confirm(session, user, password)

    assert not is_fresh(session)
    assert not step_up.ask(user).takes_form


def test_account_with_a_passkey_and_nothing_else_takes_no_form():
    user = make_user(password=None)
    make_passkey(user)
    session = session_of(user)

    with pytest.raises(errors.WrongPassword):
        confirm(session, user, "", "")

    assert not step_up.ask(user).takes_form

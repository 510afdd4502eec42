"""The acting session stays through its own change and dies by anybody else's (attacks.md 25)."""

import pytest
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import UpdateError
from django.test import RequestFactory
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.models import Device as OtpDevice

from accounts import errors, signals
from accounts.models import User, UserSession
from accounts.services import authenticators, passwords, sessions
from accounts.session_store import SessionStore
from accounts.tests.factories import make_client, make_totp, make_user
from accounts.tests.heard import heard
from accounts.tests.second_steps import MAKERS
from vault import digests

pytestmark = pytest.mark.django_db


def make_request(session_key=None):
    """Make a request of this browser, with the session and the person that middleware gives it."""
    request = RequestFactory().post("/")
    request.session = SessionStore(session_key)
    request.user = AnonymousUser()
    pk = request.session.get(SESSION_KEY)
    user = User.objects.filter(pk=pk).first() if pk else None
    if user and request.session[HASH_SESSION_KEY] == user.get_session_auth_hash():
        request.user = user
    return request


def sign_in(user, **options):
    """Sign in on a new browser; gives its session key."""
    request = make_request()
    sessions.start(request, user, client=make_client(), authenticators=["password"], **options)
    request.session.save()
    return request.session.session_key


def keep(request):
    """Keep the session and write it, as the middleware does; gives its key and the count."""
    ended = sessions.keep(request, client=make_client())
    request.session.save()
    return request.session.session_key, ended


def is_signed_in(session_key):
    return make_request(session_key).user.is_authenticated


def test_acting_session_stays_under_a_new_key_and_the_others_end():
    user = make_user()
    key, *others = [sign_in(user) for _ in range(3)]
    request = make_request(key)

    with heard(signals.sessions_ended) as told:
        sessions.raise_epoch(request.user)
        new_key, ended = keep(request)

    assert ended == 2
    assert [each["count"] for each in told] == [2]
    assert is_signed_in(new_key) is True
    assert [is_signed_in(each) for each in (key, *others)] == [False] * 3
    assert UserSession.objects.get().pk == digests.token_hash(new_key)


def test_only_session_is_kept_and_nobody_is_told():
    key = sign_in(make_user())
    request = make_request(key)

    with heard(signals.sessions_ended) as told:
        sessions.raise_epoch(request.user)
        new_key, ended = keep(request)

    assert (ended, told) == (0, [])
    assert is_signed_in(new_key) is True


def test_session_that_is_not_kept_dies_with_the_epoch():
    key = sign_in(make_user())

    sessions.raise_epoch(User.objects.get())

    assert is_signed_in(key) is False


def test_sessions_of_others_stay():
    key, theirs = sign_in(make_user()), sign_in(make_user())
    request = make_request(key)

    sessions.raise_epoch(request.user)
    keep(request)

    assert is_signed_in(theirs) is True


def test_session_that_a_change_ended_meanwhile_is_not_brought_back():
    user = make_user()
    thief, owner = sign_in(user), sign_in(user)
    request = make_request(thief)
    # The owner's change comes between the thief's page being asked for and what it does.
    sessions.raise_epoch(User.objects.get())

    sessions.raise_epoch(request.user)
    new_key, ended = keep(request)

    assert ended == 0
    assert [is_signed_in(key) for key in (thief, new_key)] == [False, False]
    assert UserSession.objects.filter(pk=digests.token_hash(owner)).exists() is True


def test_session_whose_row_was_deleted_meanwhile_is_not_brought_back():
    user = make_user()
    request = make_request(sign_in(user))
    sessions.delete_all(user)

    sessions.raise_epoch(request.user)
    with pytest.raises(UpdateError):
        keep(request)

    assert UserSession.objects.count() == 0


def test_change_right_after_ends_the_session_and_loses_nobody_elses():
    user = make_user()
    request = make_request(sign_in(user))
    sessions.raise_epoch(request.user)
    sessions.raise_epoch(User.objects.get())
    newest = sign_in(User.objects.get())

    new_key, ended = keep(request)

    assert ended == 0
    assert [is_signed_in(key) for key in (new_key, newest)] == [False, True]


def test_lock_refuses_an_account_that_changed_since_it_was_read():
    user = make_user()
    sessions.lock_account(user)

    sessions.raise_epoch(User.objects.get())

    with pytest.raises(errors.AccountChanged):
        sessions.lock_account(user)


def test_change_of_password_counts_as_the_sessions_own():
    request = make_request(sign_in(make_user()))
    prepared = passwords.Prepared("!")

    passwords.store(request.user, prepared, cause="change", client=make_client())
    new_key, _ended = keep(request)

    assert is_signed_in(new_key) is True


@pytest.mark.parametrize("kind", MAKERS)
def test_second_step_of_every_kind_is_known_to_django_otp(kind):
    user = make_user()
    row = MAKERS[kind](user)

    with heard(signals.signed_in) as told:
        key = sign_in(user, second_step=row)

    session = SessionStore(key)
    assert OtpDevice.from_persistent_id(session[DEVICE_ID_SESSION_KEY]) == row
    assert sessions.SECOND_STEP_AT in session
    assert [each["second_step"] for each in told] == [row]


@pytest.mark.parametrize("is_removed", [True, False])
def test_second_step_of_a_session_goes_with_the_one_that_gave_it(is_removed):
    user = make_user()
    row, other = make_totp(user), make_totp(user)
    request = make_request(sign_in(user, second_step=row))
    doomed = authenticators.find(request.user, row.kind, row.pk if is_removed else other.pk)

    authenticators.remove(doomed, client=make_client())
    new_key, _ended = keep(request)

    session = SessionStore(new_key)
    kept = [name in session for name in (DEVICE_ID_SESSION_KEY, sessions.SECOND_STEP_AT)]
    assert kept == [not is_removed] * 2

"""Sessions: hashed at rest, dead when ended, limited in time."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.contrib.sessions.backends.base import UpdateError
from django.utils import timezone

from accounts import policy
from accounts.models import UserSession
from accounts.session_store import SessionStore
from accounts.tests.factories import make_user
from vault import digests

pytestmark = pytest.mark.django_db


def make_session(**data):
    session = SessionStore()
    session.update(data)
    session.save()
    return session


def reopened(session):
    return SessionStore(session.session_key)


def test_data_is_read_back_by_its_key():
    session = make_session(colour="green")

    assert reopened(session)["colour"] == "green"


def test_row_holds_the_hash_of_the_key_alone():
    session = make_session()

    row = UserSession.objects.get()
    assert row.pk == digests.token_hash(session.session_key)
    assert session.session_key not in str(vars(row))


def test_hash_from_the_table_is_no_key():
    session = make_session(colour="green")

    assert "colour" not in SessionStore(session.key_hash)


def test_unknown_key_is_not_adopted():
    session = SessionStore("a-key-that-an-attacker-chose")

    session["colour"] = "green"
    session.save()

    assert session.session_key != "a-key-that-an-attacker-chose"


def test_ended_session_cannot_come_back_by_saving():
    session = make_session(colour="green")
    slow = reopened(session)
    slow["colour"] = "red"
    session.delete()

    with pytest.raises(UpdateError):
        slow.save()

    assert UserSession.objects.count() == 0


def test_ended_session_cannot_come_back_under_a_new_key():
    session = make_session(colour="green")
    slow = reopened(session)
    assert slow["colour"] == "green"
    session.delete()

    slow.cycle_key()
    with pytest.raises(UpdateError):
        slow.save()

    assert UserSession.objects.count() == 0


def test_new_key_keeps_data_and_columns_and_ends_the_old_one():
    session = make_session(colour="green")
    session.begin({"is_kept": True, "signed_in_at": timezone.now()})
    session.save()
    old_key = session.session_key

    session.cycle_key()
    session.save()

    row = UserSession.objects.get()
    assert (row.pk, row.is_kept) == (session.key_hash, True)
    assert reopened(session)["colour"] == "green"
    assert "colour" not in SessionStore(old_key)


def test_session_that_is_forgotten_after_a_new_key_leaves_no_row():
    session = make_session(colour="green")
    again = reopened(session)
    again.cycle_key()

    again.flush()

    assert UserSession.objects.count() == 0


def test_saving_leaves_what_services_wrote():
    user = make_user()
    session = make_session(_auth_user_id=str(user.pk))
    at = timezone.now() - timedelta(minutes=3)
    UserSession.objects.update(agent="Firefox", signed_in_at=at)

    later = reopened(session)
    later["colour"] = "red"
    later.save()

    row = UserSession.objects.get()
    assert (row.agent, row.signed_in_at, row.user_id) == ("Firefox", at, user.pk)


def test_idle_session_ends_after_an_hour():
    session = make_session(colour="green")

    with time_machine.travel(timezone.now() + policy.SESSION_IDLE):
        assert "colour" not in reopened(session)


def test_used_session_ends_after_a_day():
    session = make_session(colour="green")
    start = session.row.created_at

    for minutes in range(50, 24 * 60, 50):
        with time_machine.travel(start + timedelta(minutes=minutes)):
            again = reopened(session)
            assert again["colour"] == "green"
            again.touch(timezone.now())

    with time_machine.travel(start + policy.SESSION_LONGEST):
        assert "colour" not in reopened(session)


def test_kept_session_lives_two_weeks_however_idle():
    start = timezone.now()
    session = make_session(colour="green")
    session.begin({"is_kept": True, "signed_in_at": start})
    session.save()

    with time_machine.travel(start + policy.SESSION_KEPT - timedelta(minutes=1)):
        assert reopened(session)["colour"] == "green"
    with time_machine.travel(start + policy.SESSION_KEPT):
        assert "colour" not in reopened(session)


def test_use_is_written_once_a_minute_at_most(django_assert_num_queries):
    session = make_session()
    now = session.row.last_seen_at

    with django_assert_num_queries(0):
        session.touch(now + timedelta(seconds=59))
    with django_assert_num_queries(1):
        session.touch(now + timedelta(seconds=60))

    assert UserSession.objects.get().last_seen_at == now + timedelta(seconds=60)


def test_cookie_goes_with_the_browser_unless_kept(client):
    make_user(email="maria@example.org")
    data = {"identifier": "maria@example.org", "password": "Copper-lantern-7-river"}

    client.post("/sign-in/", data)
    passing = client.cookies[settings.SESSION_COOKIE_NAME]["max-age"]
    client.post("/sign-out/")
    client.post("/sign-in/", data | {"keep": "on"})
    kept = client.cookies[settings.SESSION_COOKIE_NAME]["max-age"]

    assert passing == ""
    assert kept == pytest.approx(policy.SESSION_KEPT.total_seconds(), abs=5)


def test_session_cookie_is_closed_to_scripts_and_other_sites(client):
    make_user(email="maria@example.org")

    client.post(
        "/sign-in/", {"identifier": "maria@example.org", "password": "Copper-lantern-7-river"}
    )

    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


def test_row_that_is_left_lives_only_a_moment_longer():
    session = make_session(colour="green")

    with session.leaving_row():
        session.flush()

    ends_at = UserSession.objects.get().expire_date
    assert session.is_empty()
    assert timezone.now() < ends_at <= timezone.now() + policy.STALE_SESSION_LIVES
    session.flush()
    assert UserSession.objects.count() == 1


def test_leaving_does_not_lengthen_a_life_that_is_shorter():
    session = make_session(colour="green")
    ends_at = timezone.now() + timedelta(seconds=5)
    UserSession.objects.update(expire_date=ends_at)

    with session.leaving_row():
        session.flush()

    assert UserSession.objects.get().expire_date == ends_at


def test_session_is_deleted_again_once_nothing_is_left():
    session = make_session(colour="green")
    with session.leaving_row():
        pass

    session.flush()

    assert UserSession.objects.count() == 0

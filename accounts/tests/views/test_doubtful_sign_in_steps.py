"""Whoever has only the password does not pass by what a doubtful sign-in asks for."""

import pytest
from django.test import Client

from accounts import signals
from accounts.models import User, UserSession
from accounts.services import restrictions, sessions, totp
from accounts.tests.factories import PASSWORD, make_client, make_totp, make_user
from accounts.tests.heard import heard
from accounts.tests.views.doubt import (
    ABROAD,
    CALM,
    JUDGE,
    VERIFY,
    judged,
    post,
    told_of,
)
from accounts.tests.views.steps import mailed_code, sign_in, user_of
from outbox.models import Message

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _assessor(settings):
    settings.SIGN_IN_ASSESSORS = [JUDGE]
    judged.clear()


@pytest.mark.parametrize("path", ["/security/", "/security/sessions/", "/activity/"])
def test_no_page_opens_before_the_code_is_typed(client, maria, path):
    sign_in(client, address=ABROAD)

    answer = client.get(path, REMOTE_ADDR=ABROAD)

    assert answer.url == f"/sign-in/?next={path}"


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"token": ""},
        {"token": "0"},
        {"token": ["12345678", "00000000"]},
        {"is_doubtful": "", "needs_confirmation": "False", "assessment": "{}", "kind": ""},
        {"token": "00000000", "stage": "second_step", "trust": "on"},
    ],
)
def test_posting_around_the_mailed_code_leads_nowhere(client, maria, fields):
    sign_in(client, address=ABROAD)

    answer = client.post(VERIFY, fields, REMOTE_ADDR=ABROAD)

    assert answer.status_code == 200
    assert user_of(client) is None
    assert UserSession.objects.filter(user__isnull=False).count() == 0


def test_app_of_somebody_else_does_not_stand_in_for_the_mailed_code(client, maria):
    jonas_app = make_totp(make_user(email="jonas@example.org"))
    sign_in(client, address=ABROAD)

    answer = post(client, token=totp.current_code(jonas_app))

    assert answer.status_code == 200
    assert user_of(client) is None


def test_another_browser_cannot_type_the_mailed_code(client, maria):
    sign_in(client, address=ABROAD)
    other = Client()

    answer = post(other, token=mailed_code())

    assert answer.url == "/sign-in/"
    assert (user_of(client), user_of(other)) == (None, None)


def test_of_two_tabs_the_later_one_counts(client, maria):
    sign_in(client, address=ABROAD)
    first = mailed_code()
    sign_in(client, address=ABROAD)
    second = Message.objects.filter(kind="accounts.sign_in_code").latest("pk").secrets["code"]

    refused = post(client, token=first)
    half_done = user_of(client)
    answer = post(client, token=second)

    assert (refused.status_code, half_done, answer.url) == (200, None, "/security/")


def test_tab_that_was_begun_at_home_does_not_finish_the_one_abroad(client, maria):
    """Nor may the calm judgement of one tab be recorded for the other."""
    sign_in(client, address=ABROAD)
    code = mailed_code()

    with heard(signals.signed_in) as told:
        sign_in(client)
        client.post("/sign-out/")
        answer = post(client, token=code)

    assert told_of(told) == [(["password"], CALM)]
    assert answer.url == "/sign-in/"
    assert user_of(client) is None


def test_back_button_after_the_code_signs_nobody_in_again(client, maria):
    sign_in(client, address=ABROAD)
    code = mailed_code()
    post(client, token=code)
    client.post("/sign-out/")

    page, again = client.get(VERIFY, REMOTE_ADDR=ABROAD), post(client, token=code)

    assert (page.url, again.url) == ("/sign-in/", "/sign-in/")
    assert user_of(client) is None


@pytest.mark.parametrize(
    "change",
    [sessions.raise_epoch, lambda user: restrictions.freeze(user, "reported", make_client())],
    ids=["epoch", "freeze"],
)
def test_half_done_sign_in_dies_with_the_epoch(client, maria, change):
    sign_in(client, address=ABROAD)
    code = mailed_code()

    change(maria)

    assert post(client, token=code).url == "/sign-in/"
    assert user_of(client) is None


def test_nothing_is_judged_before_the_password_is_right(client, maria):
    answers = [
        sign_in(client, name, password="wrong", address=ABROAD)
        for name in ("maria@example.org", "nobody@example.org")
    ]

    bodies = [
        answer.content.replace(name, b"").replace(csrf(answer), b"")
        for answer, name in zip(answers, (b"maria@example.org", b"nobody@example.org"), strict=True)
    ]
    assert judged == []
    assert bodies[0] == bodies[1]
    assert Message.objects.count() == 0


def csrf(answer):
    return str(answer.context["csrf_token"]).encode()


def turn_on_two_step(user, client):
    """Stand for a change of the owner's that comes between the password and the session."""
    make_totp(user)
    sessions.raise_epoch(User.objects.get(pk=user.pk))
    return CALM


def test_second_step_that_came_meanwhile_is_not_passed_by(client, maria, settings):
    settings.SIGN_IN_ASSESSORS = [f"{__name__}.turn_on_two_step"]

    answer = sign_in(client)

    assert answer.url == "/security/"
    assert client.get("/security/").url == "/sign-in/?next=/security/"


def test_password_is_asked_for_as_ever_in_a_known_browser(client, maria):
    sign_in(client)
    client.post("/sign-out/")

    with heard(signals.sign_in_failed) as told:
        sign_in(client, password="wrong")

    assert [str(each["pool"]) for each in told] == ["known"]
    assert sign_in(client, password=PASSWORD).url == "/security/"

"""A password that a report ended: who types it is told, and nobody learns anything else."""

import re

import pytest
from django.db import connection, transaction
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from accounts import errors, policy
from accounts.models import User, UserSession
from accounts.services import budgets, passwords, restrictions
from accounts.tests.factories import PASSWORD, make_client, make_device, make_totp, make_user
from accounts.tests.soft_authenticator import begin, complete
from accounts.tests.views.contacts import confirm
from accounts.tests.views.steps import sign_in, text_of, user_of

pytestmark = pytest.mark.django_db

NEW = "Silver-harbour-9-cloud"
CHANGE = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
PASSKEY = "/sign-in/passkey/"


def spend(user):
    with transaction.atomic():
        passwords.spend(user, client=make_client())


@pytest.fixture
def spent(maria):
    spend(maria)
    return maria


def shape_of(answer):
    """Give what a stranger sees, without what is random for everybody."""
    body = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", answer.content.decode())
    own = ("Set-Cookie", "Expires")
    headers = {name: value for name, value in answer.items() if name not in own}
    return answer.status_code, body, headers, sorted(answer.cookies)


def test_who_types_it_is_told_the_way_back_and_let_in_nowhere(client, spent, failures):
    answer = sign_in(client)

    assert answer.status_code == 403
    assert answer.templates[0].name == "accounts/password_spent.html"
    assert "/acsr/" in answer.content.decode()
    assert "This password is not used any more" in text_of(answer)
    assert user_of(client) is None
    assert not UserSession.objects.filter(user=spent).exists()
    assert failures == [(spent, errors.PasswordSpent.code)]


def test_known_browser_and_second_step_make_no_difference(client, spent):
    make_totp(spent)
    make_device(spent, "known")
    client.cookies["acsr_device"] = "known"

    assert sign_in(client).templates[0].name == "accounts/password_spent.html"
    assert client.get("/sign-in/verify/").status_code == 302


def test_wrong_password_is_answered_as_ever(spent):
    make_user(email="jonas@example.org")

    names = ("maria@example.org", "jonas@example.org", "other@example.org")  # of one length
    shapes = [shape_of(sign_in(Browser(), name, password="wrong")) for name in names]

    plain = [
        (status, body.replace(name, "-"), headers, cookies)
        for name, (status, body, headers, cookies) in zip(names, shapes, strict=True)
    ]
    assert plain[0] == plain[1] == plain[2]


def test_wrong_password_costs_the_same_statements(spent):
    make_user(email="jonas@example.org")
    costs = []
    for name in ("maria@example.org", "jonas@example.org"):
        with CaptureQueriesContext(connection) as asked:
            sign_in(Browser(), name, password="wrong")
        costs.append(len(asked))

    assert costs[0] == costs[1]


def test_right_one_uses_no_tries_up(spent):
    for _ in range(policy.PAIR_FAILURES.limit + 2):
        assert sign_in(Browser()).status_code == 403

    assert budgets.peek(policy.OUTSIDE_FAILURES, str(spent.pk)) == 0


def test_paused_account_is_called_paused(client, spent):
    restrictions.freeze(spent, "reported", make_client())

    assert sign_in(client).templates[0].name == "accounts/frozen.html"


def test_half_done_sign_in_is_over(client, maria):
    make_totp(maria)
    sign_in(client)

    spend(User.objects.get())

    assert client.get("/sign-in/verify/").url == "/sign-in/"
    assert user_of(client) is None


def test_passkey_signs_in_as_always(client, key, spent):
    _passkey, device = key

    complete(client, PASSKEY, device.sign(begin(client, PASSKEY)))

    assert user_of(client) == str(spent.pk)


@pytest.fixture
def keeper(browser, maria):
    """A browser of Maria's that is signed in since before the report."""
    spend(maria)
    session = browser.session
    session["_auth_user_hash"] = maria.get_session_auth_hash()
    session.save()
    return browser


def test_session_that_stays_sets_a_new_one_with_it(keeper, maria):
    page = text_of(keeper.get("/security/"))

    answer = keeper.post("/security/password/", CHANGE)

    maria.refresh_from_db()
    assert "Your password is not used any more" in page
    assert answer.url == "/security/"
    assert (maria.password_spent_at, passwords.check(maria, NEW)) == (None, True)
    assert "Your password is not used any more" not in text_of(keeper.get("/security/"))
    assert sign_in(Browser(), password=NEW).status_code == 302


def test_session_that_stays_confirms_with_it(keeper):
    confirm(keeper)


@pytest.mark.parametrize("cause", ["change", "recovery", "import"])
def test_every_new_password_ends_it(spent, cause):
    prepared = passwords.prepare(spent, NEW)
    with transaction.atomic():
        passwords.store(spent, prepared, cause=cause, client=make_client())

    assert User.objects.get().password_spent_at is spent.password_spent_at is None

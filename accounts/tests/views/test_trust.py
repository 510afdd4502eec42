"""Browsers that are not asked for the second step for a while (attacks.md 25)."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.utils import timezone

from accounts import policy, signals
from accounts.enums import PasswordCause
from accounts.models import Device, TrustedBrowser, User
from accounts.services import authenticators, devices, passwords, restrictions, totp, trust
from accounts.tests.factories import (
    PASSWORD,
    SEED,
    make_client,
    make_device,
    make_totp,
    make_trust,
    make_user,
)
from accounts.tests.heard import heard
from accounts.tests.threads import run_at_once
from accounts.tests.views.steps import sign_in, user_of
from vault import digests

pytestmark = pytest.mark.django_db
VERIFY = "/sign-in/verify/"


@pytest.fixture
def maria():
    user = make_user(email="maria@example.org")
    make_totp(user)
    return user


def sign_in_fully(client, identifier="maria@example.org", device=None, **fields):
    """Sign in with the app, in a time step of its own, so that each works."""
    sign_in(client, identifier)
    device = device or User.objects.get(contacts__value=identifier).totpdevice_set.first()
    return client.post(VERIFY, {"token": totp.current_code(device)} | fields)


def trusted(client, *, hours_ago=1, **fields):
    """Trust this browser, some hours ago so that the app shows another code by now."""
    with time_machine.travel(timezone.now() - timedelta(hours=hours_ago)):
        sign_in_fully(client, trust="on", **fields)
        client.post("/sign-out/")
    return client.cookies["acsr_trust"].value


def set_password(cause):
    """Give a change that sets the same password again, so that it is the change that counts."""
    return lambda user: passwords.store(
        user, passwords.Prepared(make_password(PASSWORD)), cause=cause, client=make_client()
    )


def test_trusted_browser_needs_the_password_alone(client, maria):
    token = trusted(client)

    answer = sign_in(client, query="?next=/activity/")

    row = TrustedBrowser.objects.get()
    assert (answer.url, user_of(client)) == ("/activity/", str(maria.pk))
    assert token not in (row.token_hash, client.cookies["acsr_trust"].value)
    assert row.token_hash == digests.token_hash(client.cookies["acsr_trust"].value)
    assert row.used_at is not None


def test_sign_in_of_a_trusted_browser_says_what_stood_in_for_the_second_step(client, maria):
    trusted(client)

    with heard(signals.signed_in) as told:
        sign_in(client)

    assert [each["authenticators"] for each in told] == [["password", "trusted_browser"]]


def test_cookie_is_out_of_reach_of_scripts_and_lives_as_long_as_the_trust(client, maria, settings):
    settings.SESSION_COOKIE_SECURE = True
    trusted(client)

    cookie = client.cookies["acsr_trust"]
    assert (cookie["httponly"], cookie["secure"], cookie["samesite"]) == (True, True, "Lax")
    assert cookie["max-age"] == policy.TRUST_LIVES // timedelta(seconds=1)


def test_browser_is_not_trusted_unless_its_person_says_so(client, maria):
    sign_in_fully(client)

    assert "acsr_trust" not in client.cookies
    assert TrustedBrowser.objects.count() == 0


def test_trust_ends_after_thirty_days(client, maria):
    trusted(client)

    with time_machine.travel(timezone.now() + policy.TRUST_LIVES):
        assert sign_in(client).url == VERIFY


def test_use_does_not_lengthen_trust(client, maria):
    trusted(client)
    until = TrustedBrowser.objects.get().expires_at

    sign_in(client)

    assert TrustedBrowser.objects.get().expires_at == until


@pytest.mark.parametrize(
    "change",
    [
        set_password(PasswordCause.CHANGE),
        set_password(PasswordCause.RECOVERY),
        lambda user: authenticators.remove(make_totp(user, name="other"), client=make_client()),
        devices.forget_all,
        lambda user: TrustedBrowser.objects.filter(user=user).delete(),
    ],
    ids=["password", "recovered", "authenticator", "forgotten", "distrusted"],
)
def test_old_trust_is_worth_nothing_after_a_change(client, maria, change):
    trusted(client)

    change(maria)

    assert sign_in(client).url == VERIFY
    assert user_of(client) is None


def test_frozen_account_stays_closed_to_a_trusted_browser(client, maria):
    trusted(client)

    restrictions.freeze(maria, "report", make_client())

    assert sign_in(client).status_code == 403
    assert user_of(client) is None


def test_copied_cookie_is_dead_once_it_was_used(client, maria):
    trusted(client)
    thief = Client()
    thief.cookies.update(client.cookies)
    del thief.cookies["acsr_session"]

    owner_goes_first = sign_in(client)
    answer = sign_in(thief)

    assert (owner_goes_first.url, answer.url) == ("/security/", VERIFY)
    assert user_of(thief) is None


def test_trust_cookie_without_the_browsers_own_is_worth_nothing(client, maria):
    token = trusted(client)
    make_user(email="thief@example.net")
    thief = Client()
    sign_in(thief, "thief@example.net")
    thief.post("/sign-out/")
    thief.cookies["acsr_trust"] = token

    assert sign_in(thief).url == VERIFY
    assert sign_in(client).url == "/security/"


@pytest.mark.parametrize("value", ["", "x", "0" * 64, "\x7f", "é", "a" * 4000])
def test_made_up_cookie_opens_nothing_and_breaks_nothing(client, maria, value):
    trusted(client)
    client.cookies["acsr_trust"] = value

    assert sign_in(client).url == VERIFY


def test_failed_sign_in_changes_and_tells_nothing(client, maria):
    trusted(client)
    make_user(email="jonas@example.org")
    before = TrustedBrowser.objects.values_list("token_hash", "used_at").get()

    answers = [
        sign_in(client, name, password="wrong")
        for name in ("maria@example.org", "jonas@example.org", "nobody@example.org")
    ]

    assert TrustedBrowser.objects.values_list("token_hash", "used_at").get() == before
    cookies = [set(answer.cookies) for answer in answers]
    assert cookies[1:] == cookies[:1] * 2
    assert "acsr_trust" not in cookies[0]


def test_trust_of_one_account_is_none_of_another(client, maria):
    trusted(client)
    jonas = make_user(email="jonas@example.org")
    make_totp(jonas, seed=SEED[::-1])

    assert sign_in(client, "jonas@example.org").url == VERIFY


def test_two_accounts_share_a_browser_and_its_changing_cookie(client, maria):
    trusted(client)
    jonas = make_user(email="jonas@example.org")
    trusted(client, identifier="jonas@example.org", device=make_totp(jonas, seed=SEED[::-1]))

    answers = []
    for name in ("maria@example.org", "jonas@example.org", "maria@example.org"):
        answers.append(sign_in(client, name).url)
        client.post("/sign-out/")

    assert answers == ["/security/"] * 3
    assert TrustedBrowser.objects.values("token_hash").distinct().count() == 1


def test_staff_are_always_asked(client, maria):
    User.objects.update(is_staff=True)
    sign_in(client)
    offered = client.get(VERIFY).context["form"].fields
    device = maria.totpdevice_set.get()

    client.post(VERIFY, {"token": totp.current_code(device), "trust": "on"})

    assert "trust" not in offered
    assert TrustedBrowser.objects.count() == 0


def test_trust_from_before_the_office_does_not_help_staff(client, maria):
    trusted(client)
    User.objects.update(is_staff=True)

    assert sign_in(client).url == VERIFY


def test_trust_is_not_offered_where_no_second_step_is_asked(client):
    make_user(email="maria@example.org")

    answer = sign_in(client, trust="on")

    assert answer.url == "/security/"
    assert TrustedBrowser.objects.count() == 0


def test_trusting_again_takes_the_place_of_the_old_trust(client, maria):
    trusted(client)
    authenticators.remove(make_totp(maria, name="other"), client=make_client())

    trusted(client, hours_ago=0)

    maria.refresh_from_db()
    assert [row.epoch for row in TrustedBrowser.objects.all()] == [maria.epoch]
    assert sign_in(client).url == "/security/"


def test_list_names_living_trust_alone_and_only_ones_own(client, maria):
    trusted(client)
    make_trust(maria, Device.objects.create(user=maria, token_hash="a"), "old", epoch=0)
    over = timezone.now() - timedelta(seconds=1)
    late = Device.objects.create(user=maria, token_hash="b")
    make_trust(maria, late, "late", expires_at=over)
    make_trust(make_user(), token="others")

    (row,) = trust.list_of(maria)

    assert row.device.token_hash == digests.token_hash(client.cookies["acsr_device"].value)


def test_owner_can_have_a_browser_asked_again(client, maria):
    trusted(client)
    told = []
    row = TrustedBrowser.objects.get()
    sign_in(client)

    def listen(sender, **facts):
        told.append(facts["user"])

    signals.browser_distrusted.connect(listen)
    answer = client.post(f"/security/trusted/{row.pk}/forget/")
    signals.browser_distrusted.disconnect(listen)
    client.post("/sign-out/")

    assert (answer.url, told) == ("/security/two-step/", [maria])
    assert sign_in(client).url == VERIFY


def test_trust_of_others_does_not_exist_for_oneself(client, maria):
    others = make_trust(make_user())
    sign_in_fully(client)

    answer = client.post(f"/security/trusted/{others.pk}/forget/")

    assert answer.status_code == 404
    assert TrustedBrowser.objects.filter(pk=others.pk).exists()


def test_forgetting_needs_a_session_and_a_post(client, maria):
    row = make_trust(maria)
    url = f"/security/trusted/{row.pk}/forget/"

    anonymous = client.post(url)
    sign_in_fully(client)
    got = client.get(url)

    assert anonymous.url.startswith("/sign-in/")
    assert got.status_code == 405
    assert TrustedBrowser.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_value_of_the_cookie_serves_once_however_many_use_it_at_once():
    maria = make_user()
    make_trust(maria, make_device(maria, "device"), "trust")
    browser = make_client(device="device", trust=digests.token_hash("trust"))

    tokens = run_at_once(8, lambda _number: trust.renew(maria, browser))

    (token,) = [token for token in tokens if token]
    assert TrustedBrowser.objects.get().token_hash == digests.token_hash(token)

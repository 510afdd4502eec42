"""Signing in by the pages: stages, pools and equal answers (attacks.md 9, 12, 16, 18)."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import policy
from accounts.models import Device, KnownNetwork, UserSession
from accounts.services import budgets, passwords, restrictions, sessions
from accounts.tests.factories import PASSWORD, make_client, make_user
from accounts.tests.views.steps import URL, sign_in, user_of

pytestmark = pytest.mark.django_db


def shape_of(answer):
    """Give what a stranger sees, without what is random for everybody."""
    body = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", answer.content.decode())
    headers = {name: value for name, value in answer.items() if name != "Set-Cookie"}
    return answer.status_code, body, headers, sorted(answer.cookies)


def test_right_password_signs_in_and_leads_to_the_account(client, maria):
    answer = sign_in(client)

    assert (answer.status_code, answer.url) == (302, "/security/")
    assert user_of(client) == str(maria.pk)


@pytest.mark.parametrize("name", ["m-4711", " M-4711", "+33612345678", "MARIA@Example.org"])
def test_every_name_of_the_account_signs_in(client, name):
    maria = make_user(email="maria@example.org", phone="+33612345678", external_id="m-4711")

    sign_in(client, name)

    assert user_of(client) == str(maria.pk)


def test_page_is_drawn(client):
    assert client.get(URL).status_code == 200


def test_who_is_signed_in_goes_on(client, maria):
    sign_in(client)

    answer = client.get(URL)

    assert (answer.status_code, answer.url) == (302, "/security/")


def test_wrong_password_is_told_beside_the_field(client, maria):
    answer = sign_in(client, password="wrong")

    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == ["password"]
    assert user_of(client) is None


def test_all_accounts_that_do_not_open_look_alike(client, maria):
    make_user(email="off@example.org", is_active=False)
    make_user(email=None, external_id="contactless")
    make_user(email="staff@example.org", is_staff=True)
    frozen = make_user(email="frozen@example.org")
    restrictions.freeze(frozen, "report", make_client())
    names = ["maria@example.org", "off@example.org", "contactless", "staff@example.org"]
    names += ["frozen@example.org", "nobody@example.org"]

    shapes, counts = [], []
    for number, name in enumerate(names):
        with CaptureQueriesContext(connection) as queries:
            # A name as typed stands on the page; the rest must not differ.
            answer = sign_in(Client(), name, password="wrong", address=f"198.51.100.{number}")
        status, body, headers, cookies = shape_of(answer)
        shapes.append((status, body.replace(name, "NAME"), headers.get("Content-Type"), cookies))
        counts.append(len(queries))

    assert len(set(map(str, shapes))) == 1
    assert len(set(counts)) == 1


def test_inactive_account_does_not_open_with_its_right_password(client):
    make_user(email="off@example.org", is_active=False)

    answer = sign_in(client, "off@example.org")

    assert answer.status_code == 200
    assert user_of(client) is None


def test_account_without_usable_password_does_not_open(client):
    make_user(email="maria@example.org", password=None)

    sign_in(client, password="")

    assert user_of(client) is None


@pytest.mark.parametrize(
    "fields",
    [
        {"identifier": ["maria@example.org", "jonas@example.org"], "password": PASSWORD},
        {"identifier": "maria@example.org", "password": [PASSWORD, "other"]},
        {"identifier": "maria@example.org\x00", "password": PASSWORD},
        {"identifier": "", "password": PASSWORD},
        {"identifier": "maria@example.org"},
        {"identifier": "m" * 10_000, "password": PASSWORD},
        {"identifier": "maria@example.org", "password": "p" * 100_000},
        {},
    ],
)
def test_odd_input_gets_an_answer_and_costs_no_hash(client, maria, monkeypatch, fields):
    hashed = []
    monkeypatch.setattr(passwords, "check", lambda *_args: hashed.append(1))

    answer = client.post(URL, fields)

    assert answer.status_code == 200
    assert hashed == []
    assert user_of(client) is None


@pytest.mark.parametrize(
    ("wanted", "led_to"),
    [
        ("/activity/", "/activity/"),
        ("https://evil.example/", "/security/"),
        ("//evil.example/", "/security/"),
        ("/\\evil.example", "/security/"),
        ("http://testserver/activity/", "/security/"),
        ("javascript:alert(1)", "/security/"),
        ("activity", "/security/"),
    ],
)
def test_next_leads_to_own_paths_alone(client, maria, wanted, led_to):
    answer = client.post(
        f"{URL}?next={wanted}", {"identifier": "maria@example.org", "password": PASSWORD}
    )

    assert answer.url == led_to


def test_session_key_is_new_after_signing_in(client, maria):
    session = client.session
    session["planted"] = True
    session.save()
    planted = session.session_key

    sign_in(client)

    assert client.session.session_key != planted
    assert not UserSession.objects.filter(pk=sessions.SessionStore(planted).key_hash).exists()


def test_session_key_is_new_when_the_same_person_signs_in_again(client, maria):
    sign_in(client)
    first = client.session.session_key

    sign_in(client)

    assert client.session.session_key != first


def test_completed_sign_in_sets_the_device_cookie_and_keeps_its_hash(client, maria):
    answer = sign_in(client)

    cookie = answer.cookies["acsr_device"]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 34_560_000)
    assert Device.objects.get().token_hash != cookie.value


def test_wrong_password_sets_no_device_cookie(client, maria):
    answer = sign_in(client, password="wrong")

    assert "acsr_device" not in answer.cookies


def test_device_cookie_that_somebody_planted_is_not_taken_over(client, maria):
    client.cookies["acsr_device"] = "planted"

    answer = sign_in(client)

    assert answer.cookies["acsr_device"].value != "planted"
    assert (
        Device.objects.get().token_hash
        == make_client(device=answer.cookies["acsr_device"].value).device
    )


def test_network_becomes_known_on_the_second_day(client, maria):
    sign_in(client)
    sign_in(client)
    first = KnownNetwork.objects.get().days

    with time_machine.travel(timezone.now() + timedelta(days=1)):
        sign_in(client)

    assert (first, KnownNetwork.objects.get().days) == (1, 2)


def test_eleventh_wrong_password_from_a_network_is_refused_with_its_time(client, maria):
    for _ in range(policy.PAIR_FAILURES.limit):
        sign_in(client, password="wrong")

    answer = sign_in(client)

    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 300
    assert user_of(client) is None


def test_limit_bites_at_the_same_try_for_unknown_accounts(client):
    statuses = [
        sign_in(client, "nobody@example.org", password="wrong").status_code for _ in range(11)
    ]

    assert statuses == [200] * 10 + [429]


@pytest.mark.parametrize(
    "spelling", ["MARIA@example.org", " maria@example.org", "maria+1@example.org"]
)
def test_other_spellings_share_the_limit(client, maria, spelling):
    for _ in range(policy.PAIR_FAILURES.limit):
        sign_in(client, password="wrong")

    assert sign_in(client, spelling, password="wrong").status_code == 429


def test_forged_forwarded_header_does_not_lift_the_limit(client, maria):
    for number in range(policy.PAIR_FAILURES.limit):
        sign_in(client, password="wrong", headers={"X-Forwarded-For": f"6.6.6.{number}"})

    answer = sign_in(client, password="wrong", headers={"X-Forwarded-For": "6.6.7.1"})

    assert answer.status_code == 429


def test_signing_in_to_an_own_account_resets_no_counter(client, maria):
    make_user(email="thief@example.net")
    for _ in range(policy.PAIR_FAILURES.limit):
        sign_in(client, password="wrong")
        sign_in(Client(), "thief@example.net")

    assert sign_in(client).status_code == 429
    assert budgets.peek(policy.OUTSIDE_FAILURES, str(maria.pk)) == policy.PAIR_FAILURES.limit


def test_stranger_at_the_limit_leaves_the_owner_alone(client, maria):
    sign_in(client)
    client.post("/sign-out/")
    for _ in range(policy.PAIR_FAILURES.limit + 1):
        sign_in(Client(), password="wrong")

    # Even from the very same network, the known browser has tries of its own.
    answer = sign_in(client)

    assert answer.status_code == 302
    assert user_of(client) == str(maria.pk)


def test_known_browser_has_a_limit_of_its_own(client, maria):
    sign_in(client)
    client.post("/sign-out/")
    for _ in range(policy.KNOWN_FAILURES.limit):
        sign_in(client, password="wrong")

    assert sign_in(client).status_code == 429
    assert budgets.peek(policy.OUTSIDE_FAILURES, str(maria.pk)) == 0


def test_right_passwords_use_nothing_up(client, maria):
    for _ in range(policy.PAIR_FAILURES.limit + 5):
        assert sign_in(Client()).status_code == 302


def test_frozen_account_says_so_to_who_knows_the_password(client, maria):
    restrictions.freeze(maria, "report", make_client())

    right = sign_in(client)
    wrong = sign_in(client, password="wrong")

    assert right.templates[0].name == "accounts/frozen.html"
    assert wrong.templates[0].name == "accounts/sign_in.html"
    assert user_of(client) is None


def test_staff_without_an_app_are_told_how_to_get_one(client):
    make_user(email="maria@example.org", is_staff=True)

    answer = sign_in(client)

    assert "create_staff" in answer.context["form"].errors["password"][0]
    assert user_of(client) is None


def test_second_person_in_one_browser_ends_the_session_of_the_first(client, maria):
    jonas = make_user(email="jonas@example.org")
    sign_in(client)

    sign_in(client, "jonas@example.org")

    assert user_of(client) == str(jonas.pk)
    assert list(UserSession.objects.values_list("user", flat=True)) == [jonas.pk]
    assert Device.objects.values("token_hash").distinct().count() == 1


def test_signing_out_ends_the_session(client, maria):
    sign_in(client)

    answer = client.post("/sign-out/")

    assert (answer.status_code, answer.url) == (302, "/")
    assert UserSession.objects.filter(user=maria).count() == 0


def test_signing_out_needs_a_post(client, maria):
    sign_in(client)

    assert client.get("/sign-out/").status_code == 405
    assert user_of(client) == str(maria.pk)

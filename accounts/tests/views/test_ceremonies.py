import json

import pytest
from django.test import Client as Browser

from accounts import policy
from accounts.tests.factories import make_user
from accounts.tests.passkeys import make_working_passkey
from accounts.tests.soft_authenticator import SoftAuthenticator, begin
from accounts.tests.views.steps import user_of

pytestmark = pytest.mark.django_db
SIGN_IN = "/sign-in/passkey/"
NESTED = "[" * 5000 + "]" * 5000
BODIES = {
    "nothing": b"",
    "list": b"[]",
    "text": b'"a"',
    "null": b"null",
    "number": b"1" * 5000,
    "infinity": b"Infinity",
    "object": b"{}",
    "cut off": b'{"id": ',
    "garbage": bytes(range(256)) * 40,
    "not utf-8": b'{"id": "\xff\xfe"}',
    "nested": NESTED.encode(),
    "nested within": b'{"id": ' + NESTED.encode() + b"}",
    "long": json.dumps({"id": "a" * 10_000}).encode(),
}
FIELDS = ("id", "rawId", "type", "response")
PARTS = ("clientDataJSON", "authenticatorData", "signature", "userHandle", "attestationObject")
VALUES = (None, 1, True, "", "!", "é", "\ud800", "a" * 10_000, [], {}, [[]], {"a": {}}, 1e308)


def post(browser, body, kind="application/json"):
    return browser.post(SIGN_IN + "complete/", body, content_type=kind)


@pytest.mark.parametrize("name", BODIES)
def test_body_that_is_no_answer_is_said_to_be_none(client, name):
    begin(client, SIGN_IN)

    response = post(client, BODIES[name])

    assert (response.status_code, response.json()["code"]) == (400, "malformed_request")


def test_form_is_no_answer(client):
    begin(client, SIGN_IN)

    response = client.post(SIGN_IN + "complete/", {"id": "a"})

    assert (response.status_code, response.json()["code"]) == (400, "malformed_request")


def test_form_whose_csrf_token_was_looked_for_is_no_answer():
    browser = Browser(enforce_csrf_checks=True)
    browser.cookies["acsr_csrf"] = token = "a" * 32

    response = browser.post(SIGN_IN + "complete/", {"id": "a", "csrfmiddlewaretoken": token})

    assert (response.status_code, response.json()["code"]) == (400, "malformed_request")


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("field", [*FIELDS, *PARTS])
def test_field_of_another_shape_is_refused(client, field, value):
    _, device = make_working_passkey(make_user())
    answer = device.sign(begin(client, SIGN_IN))
    holder = answer if field in FIELDS else answer["response"]
    holder[field] = value
    is_harmless = field == "attestationObject"

    response = post(client, json.dumps(answer).encode())

    assert response.status_code == 200 if is_harmless else response.status_code in {400, 403}
    assert response["Content-Type"] == "application/json"
    assert (user_of(client) is not None) == is_harmless


@pytest.mark.parametrize("half", ["begin/", "complete/"])
def test_get_does_nothing(client, half):
    assert client.get(SIGN_IN + half).status_code == 405


@pytest.mark.parametrize("half", ["begin/", "complete/"])
def test_other_sites_cannot_post(half):
    browser = Browser(enforce_csrf_checks=True)

    response = browser.post(SIGN_IN + half, b"{}", content_type="application/json")

    assert response.status_code == 403
    assert not browser.session.keys()


def test_flood_is_stopped_at_the_edge(client):
    for _ in range(policy.EDGE_LIMITS["passkey"][0].limit):
        client.post(SIGN_IN + "complete/", b"", content_type="application/json")

    assert client.post(SIGN_IN + "begin/").status_code == 429


def test_sign_in_with_a_passkey_costs_few_statements(client, django_assert_max_num_queries):
    _, device = make_working_passkey(make_user(), counter=1)
    answer = device.sign(begin(client, SIGN_IN))

    with django_assert_max_num_queries(24):
        assert post(client, answer).status_code == 200


def test_strangers_answer_costs_at_most_twelve_statements(client, django_assert_max_num_queries):
    answer = SoftAuthenticator(user_handle=b"x").sign(begin(client, SIGN_IN))

    with django_assert_max_num_queries(12):
        assert post(client, answer).status_code == 403

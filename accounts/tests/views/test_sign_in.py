"""Signing in by the pages: stages, pools and equal answers."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts import policy
from accounts.models import Device, User, UserSession
from accounts.services import budgets, restrictions, totp
from accounts.tests.factories import PASSWORD, make_client, make_totp, make_user
from outbox.models import Message

pytestmark = pytest.mark.django_db

URL = "/sign-in/"


def sign_in(client, identifier="maria@example.org", password=PASSWORD, query="", **fields):
    data = {"identifier": identifier, "password": password, **fields}
    return client.post(URL + query, data)


def signed_in_user(client):
    return client.session.get("_auth_user_id")


@pytest.fixture
def maria():
    return make_user(email="maria@example.org")


def test_right_password_signs_in_and_leads_to_the_account(client, maria):
    answer = sign_in(client)

    assert (answer.status_code, answer.url) == (302, "/security/")
    assert signed_in_user(client) == str(maria.pk)


def test_page_is_drawn(client):
    assert client.get(URL).status_code == 200


def test_wrong_password_is_told_beside_the_field(client, maria):
    answer = sign_in(client, password="wrong")

    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == ["password"]
    assert signed_in_user(client) is None

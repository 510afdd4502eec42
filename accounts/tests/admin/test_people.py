"""What staff see of an account at a glance."""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import make_device, make_trust, make_user

pytestmark = pytest.mark.django_db


def test_browsers_are_counted_that_are_trusted_now():
    maria, now = make_user(), timezone.now()
    make_trust(maria, token="now")
    make_trust(maria, make_device(maria, "late"), "late", expires_at=now - timedelta(days=1))
    make_trust(maria, make_device(maria, "before"), "before", epoch=maria.epoch - 1)
    make_trust(maria, make_device(maria, "forgotten", forgotten_at=now), "forgotten")

    assert admin.site._registry[User].trusted(maria) == 1

"""Maria, her browsers and her passkey, for the tests of pages."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import signals
from accounts.models import Device
from accounts.tests.factories import make_user
from accounts.tests.passkeys import make_working_passkey
from accounts.tests.views.contacts import confirm
from accounts.tests.views.steps import sign_in


@pytest.fixture
def maria():
    return make_user(email="maria@example.org")


@pytest.fixture
def young(client, maria):
    """A browser of Maria's that signed in for the first time a moment ago."""
    sign_in(client)
    return client


@pytest.fixture
def browser(young):
    """The same, in use for long, with a fresh confirmation."""
    Device.objects.update(first_seen_at=timezone.now() - timedelta(days=60))
    confirm(young)
    return young


@pytest.fixture
def key(maria):
    """A passkey of Maria's, and what answers for it."""
    return make_working_passkey(maria, counter=5)


@pytest.fixture
def failures():
    """What sign_in_failed told: (user, reason)."""
    told = []

    def hear(sender, *, user, reason, **kwargs):
        told.append((user, str(reason)))

    signals.sign_in_failed.connect(hear)
    yield told
    signals.sign_in_failed.disconnect(hear)

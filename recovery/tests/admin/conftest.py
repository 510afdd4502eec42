"""Staff in their browsers."""

import pytest
from django.test import Client as Browser

from accounts.models import User
from recovery.tests.admin.browsers import browser_of
from recovery.tests.staff import make_staff


@pytest.fixture
def reviewer() -> User:
    return make_staff()


@pytest.fixture
def browser(reviewer) -> Browser:
    return browser_of(reviewer)

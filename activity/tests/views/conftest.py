import pytest

from activity.tests.factories import make_user


@pytest.fixture
def user(db):
    return make_user(time_zone="Europe/Berlin")


@pytest.fixture
def owner(client, user):
    """Give a browser that is signed in to the account."""
    client.force_login(user)
    return client

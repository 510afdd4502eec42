import pytest
from django.core.exceptions import FieldError
from django.db import IntegrityError, transaction

from outbox.models import Message
from outbox.tests.factories import make_message

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "accepted", "secrets": {"code": "1234-5678"}},
        {"state": "accepted", "settled_at": None},
        {"state": "waiting", "settled_at": "2026-11-23T14:03:12Z"},
    ],
)
def test_the_database_refuses_a_row_that_must_not_exist(fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_message(**fields)


def test_nobody_can_search_in_secrets():
    with pytest.raises(FieldError):
        Message.objects.filter(secrets__contains="1234-5678")


@pytest.mark.parametrize(
    ("channel", "address", "shown"),
    [
        ("email", "maria@example.org", "m•••a@example.org"),
        ("email", "bob@example.org", "•••@example.org"),
        ("sms", "+33123456712", "+33 •• 12"),
    ],
)
def test_an_address_is_masked_for_lists(channel, address, shown):
    assert Message(channel=channel, address=address).masked_address == shown

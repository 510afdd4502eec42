"""What the tests of the queue make and read."""

from typing import Any

from django.http import HttpResponse

from accounts.tests.factories import make_user
from recovery.models import RecoveryTicket
from recovery.tests.staff import make_reviewed

QUEUE = "/admin/recovery/cases/"


def references(response: HttpResponse) -> list[str]:
    """Give the references of the rows, in their order."""
    return [row.reference for row in response.context["rows"]]


def make_case(**fields: Any) -> RecoveryTicket:
    """Make a case in review of an account of its own."""
    return make_reviewed(make_user(), **fields)

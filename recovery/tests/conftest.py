"""What the tests of recovery share."""

import re
from collections.abc import Callable

import pytest

from outbox.models import Message

CODE = re.compile(r"^\d{4}-\d{4}$")


@pytest.fixture
def code_for() -> Callable[..., str]:
    """Give the code of the newest message to an address, as its mailbox would show it."""

    def read(address: str, kind: str = "recovery.code") -> str:
        message = Message.objects.filter(address=address, kind=kind).latest("pk")
        code = str(message.secrets["code"])
        assert CODE.match(code)
        return code.replace("-", "")

    return read

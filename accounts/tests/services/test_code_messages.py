"""What the message with a second-step code shows, and where."""

import pytest
from django.utils import timezone

from accounts.services import code_devices
from accounts.tests.factories import make_client, make_user
from outbox.models import Message
from outbox.services import render

pytestmark = pytest.mark.django_db


def send(kind):
    """Send a code to the phone or mailbox of a person; gives the message."""
    user = make_user(phone="+4915112345678")
    contact = user.contacts.get(kind=kind)
    code_devices.send(user, contact, "sign_in:somebody", client=make_client())
    return Message.objects.get()


def test_message_shows_the_code_on_a_line_of_its_own_and_not_in_the_subject():
    message = send("email")

    shown = render.render(message, timezone.now())

    code = message.secrets["code"]
    assert len(code) == 9
    assert code in shown.text.splitlines()
    assert code in shown.html
    assert code[:4] not in shown.subject


def test_text_message_ends_in_the_code():
    message = send("phone")

    shown = render.render(message, timezone.now())

    assert shown.text.strip().endswith(message.secrets["code"])

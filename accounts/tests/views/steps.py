"""What the sign-in tests do again and again."""

from html import unescape

from django.utils.html import strip_tags

from accounts import policy
from accounts.services import budgets
from accounts.tests.factories import PASSWORD
from outbox.models import Message

URL = "/sign-in/"


def sign_in(client, identifier="maria@example.org", password=PASSWORD, query="", **fields):
    data = {"identifier": identifier, "password": password}
    headers = fields.pop("headers", None)
    address = fields.pop("address", "203.0.113.9")
    return client.post(URL + query, data | fields, headers=headers, REMOTE_ADDR=address)


def user_of(client):
    return client.session.get("_auth_user_id")


def fail_from_outside(user, times=policy.OUTSIDE_FAILURES.limit):
    for _ in range(times):
        budgets.consume(policy.OUTSIDE_FAILURES, str(user.pk))


def mailed_code():
    return Message.objects.get(kind="accounts.sign_in_code").secrets["code"]


def sent_code():
    """Give the code of the second step that was sent last."""
    sent = Message.objects.filter(kind="accounts.second_step_code")
    return sent.latest("pk").secrets["code"]


def text_of(response):
    """Give what a page says, on one line."""
    return " ".join(unescape(strip_tags(response.content.decode())).split())

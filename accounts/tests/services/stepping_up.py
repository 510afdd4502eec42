"""What the tests of step-up do again and again."""

from django.contrib.auth import SESSION_KEY
from django.utils import timezone

from accounts import policy
from accounts.services import step_up
from accounts.session_store import SessionStore
from accounts.tests.factories import PASSWORD, make_client
from outbox.models import Message


def session_of(user):
    """Give a stored session that ``user`` is signed in with."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session.save()
    return session


def confirm(session, user, password=PASSWORD, typed=""):
    client = make_client(session=session.key_hash)
    step_up.confirm(session, step_up.ask(user), password, typed, client=client)


def is_fresh(session):
    return step_up.is_fresh(session, timezone.now())


def sent_code():
    return Message.objects.get(kind=policy.SECOND_STEP_CODE.message_kind).secrets["code"]


def send_code(session, user, device):
    return step_up.send_code(user, device.pk, client=make_client(session=session.key_hash))

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from outbox import errors
from outbox.models import Message
from outbox.services import delivery, retry
from outbox.signals import staff_acted
from outbox.tests.factories import make_message

pytestmark = pytest.mark.django_db


@pytest.fixture
def actor():
    return get_user_model()()


@pytest.fixture
def acts():
    told = []

    def receive(sender, **facts):
        told.append((facts["actor"], facts["action"], facts["subject"]))

    staff_acted.connect(receive)
    yield told
    staff_acted.disconnect(receive)


def test_what_was_given_up_is_opened_again_and_audited(mail_server, actor, acts):
    message = make_message(state="abandoned", reason="mailbox_full", reply="552", attempts=3)

    retry.try_again(message.pk, actor=actor)
    opened = Message.objects.get()
    delivery.deliver_due()

    assert (opened.state, opened.attempts, opened.reason, opened.reply) == ("waiting", 0, "", "")
    assert opened.settled_at is None
    assert acts == [(actor, "outbox:message:tried_again", f"message:{message.pk}")]
    assert len(mail_server.mails) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "accepted"},
        {"state": "late"},
        {"state": "deferred"},
        {"state": "abandoned", "carries_secrets": True},
        {"state": "abandoned", "expires_at": timezone.now() - timedelta(minutes=1)},
    ],
)
def test_nothing_else_can_be_tried_again(fields, actor, acts):
    message = make_message(**fields)

    with pytest.raises(errors.RetryNotPossible):
        retry.try_again(message.pk, actor=actor)

    assert Message.objects.get().state == fields["state"]
    assert acts == []

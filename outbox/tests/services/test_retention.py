from datetime import timedelta

import pytest
from django.utils import timezone

from outbox import policy
from outbox.models import Message
from outbox.services import retention
from outbox.tests.factories import make_message

pytestmark = pytest.mark.django_db

A_TICK = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("state", "kept"),
    [
        ("accepted", policy.SETTLED_KEPT),
        ("late", policy.SETTLED_KEPT),
        ("abandoned", policy.ABANDONED_KEPT),
    ],
)
def test_settled_messages_are_forgotten_when_their_time_is_over(state, kept):
    now = timezone.now()
    make_message(state=state, settled_at=now - kept - A_TICK)
    young = make_message(state=state, settled_at=now - kept + timedelta(minutes=1))

    assert retention.prune() == 1
    assert list(Message.objects.all()) == [young]


@pytest.mark.parametrize("state", ["waiting", "deferred"])
def test_what_was_not_settled_is_kept_however_old(state):
    long_ago = timezone.now() - timedelta(days=400)
    make_message(state=state, created_at=long_ago, due_at=long_ago)

    assert retention.prune() == 0


def test_many_rows_go_in_batches(monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(policy, "PRUNE_BATCH", 2)
    for _ in range(3):
        make_message(state="accepted", settled_at=timezone.now() - policy.SETTLED_KEPT - A_TICK)

    # Twice read and delete, and a last look.
    with django_assert_num_queries(5):
        assert retention.prune() == 3
    assert not Message.objects.exists()

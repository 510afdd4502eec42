"""Forget settled messages: each holds an address in clear."""

from django.db.models import Q
from django.utils import timezone

from outbox import policy
from outbox.enums import SETTLED_STATES, MessageState
from outbox.models import Message


def prune() -> int:
    """Delete what was settled long enough ago; gives how many rows."""
    now = timezone.now()
    is_given_up = Q(state=MessageState.ABANDONED)
    is_over = Q(settled_at__lt=now - policy.SETTLED_KEPT) & ~is_given_up
    is_seen = Q(settled_at__lt=now - policy.ABANDONED_KEPT) & is_given_up
    deleted, _by_model = Message.objects.filter(
        is_over | is_seen, state__in=SETTLED_STATES
    ).delete()
    return deleted

"""Forget settled messages: each holds an address in clear."""

from typing import Any

from django.db.models import Q, QuerySet
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
    return delete_in_batches(Message.objects.filter(is_over | is_seen, state__in=SETTLED_STATES))


def delete_in_batches(rows: QuerySet[Any]) -> int:
    """Delete ``rows``, which are not sliced, each batch in a transaction; gives how many."""
    total = 0
    while batch := list(rows.order_by().values_list("pk", flat=True)[: policy.PRUNE_BATCH]):
        # The condition again: a row may have come back to life since it was read.
        deleted, _by_model = rows.filter(pk__in=batch).delete()
        total += deleted
    return total

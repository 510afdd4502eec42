"""Time that passes for the demo: every row of the portal becomes that much older."""

import math
from datetime import datetime, timedelta

from django.apps import apps
from django.db import transaction
from django.db.models import DateTimeField, F, Min, Model, QuerySet
from django.utils import timezone

from accounts.models import User, UserSession
from activity.models import AuditEntry, AuditHead
from activity.models import Notice as AccountNotice
from outbox.models import Message
from recovery.enums import TicketState
from recovery.models import Notice, RecoveryTicket

APPS = ("accounts", "recovery", "activity", "outbox")
# The chain cannot be changed, and people stay signed in.
LEFT_ALONE: tuple[type[Model], ...] = (AuditEntry, AuditHead, UserSession)
# What a worker holds right now it holds in real time; moved, two would send one message.
LEASE = "claimed_until"


def let_time_pass(seconds: int | None) -> None:
    """Make everything as it would be that much later; None: one second past the next due thing.

    The rows move back and the clock stays, with one UPDATE a table. Where nothing is due any more
    None does nothing.
    """
    now = timezone.now()
    with transaction.atomic():
        length = _until_next_due(now) if seconds is None else timedelta(seconds=seconds)
        for model in _models() if length else ():
            _move_back(model, length)


def _until_next_due(now: datetime) -> timedelta:
    """Give the whole seconds until something will have been due for a second; 0 for nothing."""
    firsts = [
        rows.filter(**{f"{field}__gt": now}).aggregate(first=Min(field))["first"]
        for rows, field in _due_rows()
    ]
    first = min(filter(None, firsts), default=None)
    return timedelta(seconds=math.ceil((first - now).total_seconds()) + 1 if first else 0)


def _due_rows() -> list[tuple[QuerySet, str]]:
    """Give what a person may wait for, each with the column of its time."""
    tickets = RecoveryTicket.objects.all()
    on_hold = tickets.filter(state=TicketState.ON_HOLD, contested_at__isnull=True)
    # Until then these look as if somebody were still looking at them.
    unanswered = tickets.filter(state__in=[TicketState.DENIED, TicketState.CANCELLED])
    return [
        (Notice.objects.filter(settled_at__isnull=True), "due_at"),
        (AccountNotice.objects.filter(settled_at__isnull=True), "due_at"),
        (Message.objects.unsettled(), "due_at"),
        (on_hold, "hold_until"),
        (unanswered, "answer_at"),
        (tickets.filter(effect_at__isnull=False), "effect_at"),
        (tickets.live(), "expires_at"),
    ]


def _models() -> list[type[Model]]:
    """Give every table that time passes for, in the order in which rows are locked elsewhere."""
    first: list[type[Model]] = [User, RecoveryTicket]
    rest = [model for label in APPS for model in apps.get_app_config(label).get_models()]
    return first + [model for model in rest if model not in (*first, *LEFT_ALONE)]


def _move_back(model: type[Model], length: timedelta) -> None:
    columns = [
        field.name
        for field in model._meta.concrete_fields
        if isinstance(field, DateTimeField) and field.name != LEASE
    ]
    if columns:
        model._base_manager.update(**{name: F(name) - length for name in columns})

"""Hints that rows of activity are due."""

from celery import shared_task
from django.utils import timezone

from activity.services import learning, notices, retention


@shared_task(name=notices.TASK, acks_late=True, ignore_result=True)
def send_due_notices(_notice_id: int | None = None) -> None:
    """Fan out what is due; the id is only the reason for being woken."""
    notices.send_due()


@shared_task(name="activity.count_sign_ins", acks_late=True, ignore_result=True)
def count_sign_ins() -> None:
    learning.count_due()


@shared_task(name="activity.prune", acks_late=True, ignore_result=True)
def prune() -> None:
    retention.prune(timezone.now())

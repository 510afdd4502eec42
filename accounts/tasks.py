"""What the worker does for accounts."""

from celery import shared_task

from accounts.services import retention


@shared_task(name="accounts.prune", acks_late=True, ignore_result=True)
def prune() -> None:
    """Delete what has outlived its use."""
    retention.prune()

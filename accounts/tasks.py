"""What the worker does for accounts."""

from celery import shared_task

from accounts.services import devices, retention, roll_back


@shared_task(name="accounts.prune", acks_late=True, ignore_result=True)
def prune() -> None:
    """Delete what has outlived its use."""
    retention.prune()


@shared_task(name="accounts.settle_roll_backs", acks_late=True, ignore_result=True)
def settle_roll_backs() -> None:
    """Let roll-backs stand that cannot be taken back any more."""
    roll_back.settle_due()


@shared_task(name="accounts.note_sign_ins", acks_late=True, ignore_result=True)
def note_sign_ins() -> None:
    """Write into accounts when they were last signed in to."""
    devices.note_sign_ins()

"""Hints that recovery rows are due; every task is safe to run twice."""

from celery import shared_task

from recovery.services import (
    break_glass,
    effects,
    evaluation,
    expiry,
    holds,
    notices,
    retention,
    rivals,
)


@shared_task(name="recovery.send_due_notices", acks_late=True, ignore_result=True)
def send_due_notices(row_id: int = 0) -> None:
    # First, so that a refusal is told with the same sweep as a stop, which needs no carrying out.
    effects.carry_out_due()
    notices.send_due()
    rivals.settle_due()


@shared_task(name="recovery.carry_out", acks_late=True, ignore_result=True)
def carry_out(row_id: int = 0) -> None:
    break_glass.lapse_due()
    effects.carry_out_due()


@shared_task(name="recovery.evaluate", acks_late=True, ignore_result=True)
def evaluate(row_id: int = 0) -> None:
    evaluation.evaluate_due()


@shared_task(name="recovery.release_due_holds", acks_late=True, ignore_result=True)
def release_due_holds() -> None:
    holds.start_due()
    holds.release_due()


@shared_task(name="recovery.expire_tickets", acks_late=True, ignore_result=True)
def expire_tickets() -> None:
    expiry.expire_due()


@shared_task(name="recovery.prune", acks_late=True, ignore_result=True)
def prune() -> None:
    retention.prune()

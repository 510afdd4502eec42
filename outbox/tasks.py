"""The tasks of the outbox: each calls one service and may be lost or come twice."""

from celery import shared_task

from outbox.services import delivery, retention


@shared_task(name="outbox.deliver_message", acks_late=True, ignore_result=True)
def deliver_message(message_id: int) -> None:
    delivery.deliver(message_id)


@shared_task(name="outbox.sweep", acks_late=True, ignore_result=True)
def sweep() -> None:
    delivery.deliver_due()


@shared_task(name="outbox.prune", acks_late=True, ignore_result=True)
def prune() -> None:
    retention.prune()

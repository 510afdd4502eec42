import pytest
from celery import current_app

from outbox import tasks
from outbox.models import Message
from outbox.tests.factories import make_code, make_message

pytestmark = pytest.mark.django_db


def test_tasks_have_the_names_that_the_schedule_uses():
    names = {tasks.deliver_message.name, tasks.sweep.name, tasks.prune.name}

    assert names == {"outbox.deliver_message", "outbox.sweep", "outbox.prune"}
    assert names <= set(current_app.tasks)


def test_a_hint_delivers_its_message_and_may_come_twice(mail_server):
    message, _other = make_code(), make_message()

    tasks.deliver_message(message.pk)
    tasks.deliver_message(message.pk)

    assert len(mail_server.mails) == 1


def test_the_sweep_delivers_what_no_hint_named(mail_server):
    make_code()
    make_message()

    tasks.sweep()

    assert set(Message.objects.values_list("state", flat=True)) == {"accepted"}


def test_pruning_leaves_what_is_young():
    make_message(state="accepted")

    tasks.prune()

    assert Message.objects.count() == 1

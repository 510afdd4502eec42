"""A code's clock starts when its mail is handed over."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import normalise, policy
from accounts.models import Challenge
from accounts.services import challenges
from accounts.tests.factories import make_client
from outbox.models import Message
from outbox.signals import message_accepted

KIND = policy.code_kind("accounts.test_code")


def issue():
    address = normalise.email("maria@example.org")
    return challenges.issue(KIND, "ticket:1", address, client=make_client())


@pytest.mark.django_db
def test_code_lives_its_time_from_the_hand_over_of_its_mail():
    issue()
    at = timezone.now() + timedelta(minutes=5)
    message = Message.objects.get()

    message_accepted.send(sender=Message, message=message, at=at)

    assert Challenge.objects.get().expires_at == at + KIND.lifetime


@pytest.mark.django_db
def test_late_hand_over_does_not_prolong_a_code():
    issued = issue()
    message = Message.objects.get()

    message_accepted.send(
        sender=Message, message=message, at=issued.sent_at + timedelta(minutes=29)
    )

    assert Challenge.objects.get().expires_at == issued.sent_at + KIND.longest


@pytest.mark.django_db
def test_message_without_a_code_starts_no_clock():
    issued = issue()
    notice = Message.objects.create(kind="activity.notice", address="maria@example.org")

    message_accepted.send(sender=Message, message=notice, at=timezone.now())

    assert Challenge.objects.get().expires_at == issued.expires_at

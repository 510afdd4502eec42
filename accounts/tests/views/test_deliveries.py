"""What pages say of a code on its way."""

import pytest

from accounts import policy
from accounts.models import Challenge
from accounts.services import code_devices
from accounts.tests.factories import make_client, make_code_device
from accounts.views import deliveries

pytestmark = pytest.mark.django_db


def test_code_that_is_handed_over_while_the_page_is_made_has_its_right_time(maria, deliver):
    device = make_code_device(maria)
    code_devices.send(maria, device.contact, "subject", client=make_client())
    as_read = Challenge.objects.get()
    deliver()

    context = deliveries.context_of(policy.SECOND_STEP_CODE, as_read)

    stored = Challenge.objects.get().expires_at
    assert stored < as_read.expires_at
    assert context["works_until"] == stored


def test_code_that_waits_has_no_time_yet(maria):
    code_devices.send(maria, make_code_device(maria).contact, "subject", client=make_client())

    context = deliveries.context_of(policy.SECOND_STEP_CODE, Challenge.objects.get())

    assert (context["works_until"], context["delivery"]["is_settled"]) == (None, False)

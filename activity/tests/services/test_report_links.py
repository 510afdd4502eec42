"""Report links: who holds a live one, and what its contact may do."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import policy as accounts_policy
from accounts.tests.factories import make_contact, make_user
from activity import policy
from activity.errors import DeadReport
from activity.models import ReportLink
from activity.services import report_links
from activity.tests.factories import make_event, make_incident
from activity.tests.reporting import DAY
from vault import digests

pytestmark = pytest.mark.django_db


@pytest.fixture
def maria():
    return make_user(email="maria@example.org")


@pytest.fixture
def contact(maria):
    return maria.contacts.get()


@pytest.fixture
def event(maria):
    return make_event(maria)


@pytest.fixture
def token(event, contact):
    return report_links.new_link(event, contact, timezone.now())


def test_a_link_is_found_by_its_token_of_which_the_hash_is_kept(token, event, contact):
    link = report_links.find(token)

    assert (link.event, link.contact) == (event, contact)
    assert link.token_hash == digests.token_hash(token)
    assert token not in str(ReportLink.objects.values())


@pytest.mark.parametrize("typed", ["", "x", "\x00", "ä" * 50])
def test_a_guessed_link_is_dead(token, typed):
    with pytest.raises(DeadReport):
        report_links.find(typed)


def test_the_stored_hash_opens_nothing(token):
    with pytest.raises(DeadReport):
        report_links.find(ReportLink.objects.get().token_hash)


def test_a_link_lives_as_long_as_its_event_is_shown(token, time_machine):
    made_at = ReportLink.objects.get().made_at
    time_machine.move_to(made_at + policy.REPORT_LINK_LIVES - timedelta(seconds=1), tick=False)
    assert report_links.find(token)

    time_machine.move_to(made_at + policy.REPORT_LINK_LIVES, tick=False)
    with pytest.raises(DeadReport):
        report_links.find(token)


@pytest.mark.parametrize(
    ("fields", "is_live"),
    [
        ({"removed_at": timedelta(days=29)}, True),
        ({"removed_at": timedelta(days=31)}, False),
        ({"suspended_at": timedelta(minutes=1)}, False),
    ],
)
def test_a_removed_contact_keeps_its_link_and_a_suspended_one_does_not(
    token, contact, fields, is_live
):
    for name, ago in fields.items():
        setattr(contact, name, timezone.now() - ago)
    contact.save()

    if is_live:
        assert report_links.find(token)
    else:
        with pytest.raises(DeadReport):
            report_links.find(token)


def test_a_switched_off_account_has_no_live_link(token, maria):
    maria.is_active = False
    maria.save()

    with pytest.raises(DeadReport):
        report_links.find(token)


def test_a_link_without_contact_is_that_of_who_has_reported(maria, event):
    with pytest.raises(DeadReport):
        report_links.find(report_links.new_link(event, None, timezone.now()))

    incident = make_incident(maria, event)
    token = report_links.new_link_of_presser(incident, timezone.now())

    assert report_links.find(token).incident == incident


def test_the_link_of_who_has_reported_lives_a_day(maria, event, time_machine):
    token = report_links.new_link_of_presser(make_incident(maria, event), timezone.now())

    time_machine.move_to(timezone.now() + policy.PAUSED_PAGE_LIVES)

    with pytest.raises(DeadReport):
        report_links.find(token)


@pytest.mark.parametrize(
    ("age", "fields", "has_say"),
    [
        (7 * DAY, {}, True),
        (7 * DAY - timedelta(seconds=1), {}, False),
        (300 * DAY, {"removed_at": timezone.now()}, False),
        (300 * DAY, {"suspended_at": timezone.now()}, False),
        # Put back by a report, until its owner has confirmed it.
        (300 * DAY, {"is_in_doubt": True, "counts_from": accounts_policy.NEVER}, False),
    ],
)
def test_a_contact_has_a_say_when_it_counts_and_is_on_file(maria, age, fields, has_say):
    now = timezone.now()
    fields = {"counts_from": now - age + accounts_policy.CONTACT_COUNTS_AFTER} | fields
    contact = make_contact(maria, "other@example.net", verified_at=now - age, **fields)

    assert report_links.has_say(contact, now) is has_say


def test_what_was_there_from_the_start_has_a_say_at_once():
    user = make_user(created_at=timezone.now() - DAY)

    assert report_links.has_say(user.contacts.get(), timezone.now())

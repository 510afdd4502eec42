"""What answers are compared with: the account before it was changed, and nothing of nobody."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from accounts.models import FormerPassword, FormerProfile
from accounts.services import profiles
from accounts.tests.factories import (
    make_code_device,
    make_contact,
    make_passkey,
    make_recovery_codes,
    make_totp,
    make_user,
)
from activity.enums import EventKind
from activity.models import SecurityEvent
from activity.useragents import Agent
from recovery.evidence import History
from recovery.history import browser_of, device_of, history_of, last_trusted_moment
from recovery.tests.factories import make_ticket

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def happen(user, kind, days_ago, **fields):
    at = timezone.now() - days_ago * DAY
    return SecurityEvent.objects.create(user=user, kind=kind, at=at, **fields)


def test_nobody_has_no_history_and_costs_the_same_statements(django_assert_num_queries):
    user, now = make_user(email="maria@example.org"), timezone.now()
    make_contact(user, "old@example.net")

    with django_assert_num_queries(9):
        known = history_of(user, now)
    with django_assert_num_queries(9):
        unknown = history_of(None, now)

    assert unknown == History(as_of=now)
    assert known.contact_keys == {"old@example.net"}


def test_last_trusted_moment_is_before_the_oldest_change_of_thirty_days():
    user = make_user()
    happen(user, EventKind.PASSWORD_CHANGED, 40)
    oldest = happen(user, EventKind.CONTACT_ADDED, 20)
    happen(user, EventKind.TWO_STEP_ON, 3)
    ticket = make_ticket(user)

    moment = last_trusted_moment(user, ticket)

    assert oldest.at - timedelta(minutes=2) < moment < oldest.at


@pytest.mark.parametrize("kind", [EventKind.SIGNED_IN, EventKind.SIGN_IN_FAILED])
def test_sign_ins_change_nothing_of_the_trusted_moment(kind):
    user = make_user()
    happen(user, kind, 2)
    ticket = make_ticket(user)

    assert last_trusted_moment(user, ticket) == ticket.opened_at


def test_what_belongs_to_the_making_of_an_account_is_no_change():
    user = make_user(created_at=timezone.now() - 5 * DAY)
    SecurityEvent.objects.create(
        user=user, kind=EventKind.CONTACT_ADDED, at=user.created_at + timedelta(hours=2)
    )
    ticket = make_ticket(user)

    assert last_trusted_moment(user, ticket) == ticket.opened_at


def test_sign_ins_are_counted_by_place_device_and_browser_until_then():
    user = make_user()
    firefox = {"browser": "Firefox", "system": "Windows", "country": "DE", "place": "Germany"}
    phone = {"browser": "Safari", "system": "iOS", "device": "iPhone"}
    happen(user, EventKind.SIGNED_IN, 9, **firefox)
    happen(user, EventKind.SIGNED_IN, 8, **firefox)
    last = happen(user, EventKind.SIGNED_IN, 7, **phone, country="FR", place="Lyon, France")
    happen(user, EventKind.SIGNED_IN, 6, **firefox, is_unusual=True)
    happen(user, EventKind.SIGN_IN_FAILED, 6, **firefox)
    happen(user, EventKind.SIGNED_IN, 1, browser="Opera", system="Linux", country="US")

    found = history_of(user, timezone.now() - 2 * DAY)

    assert found.places == {("DE", ""): 2, ("FR", "Lyon"): 1}
    assert found.devices == {"windows": 2, "iphone": 1}
    assert found.browsers == {"firefox": 2, "safari": 1}
    assert found.last_sign_in_at == last.at


def test_contacts_are_all_that_were_verified_by_then_but_those_typed_for_the_ticket():
    user = make_user(email="maria@example.org")
    now = timezone.now()
    make_contact(user, "gone@example.net", removed_at=now - 90 * DAY)
    make_contact(user, "m.aria+x@gmail.com")
    make_contact(user, "thief@example.com", verified_at=now - DAY)

    found = history_of(user, now - 2 * DAY, claimed_keys=("maria@example.org", "maria@gmail.com"))

    assert found.contact_keys == {"gone@example.net"}


def test_second_steps_are_those_of_then():
    user = make_user()
    now = timezone.now()
    make_totp(user)
    make_recovery_codes(user)
    make_passkey(user, made_at=now - DAY)

    assert history_of(user, now - 2 * DAY).second_steps == {"app", "printed"}

    make_code_device(user)
    assert history_of(user, now).second_steps == {"app", "printed", "passkey", "sent"}


def test_former_values_of_the_profile_count_for_a_year_after_they_were_replaced():
    user = make_user(first_name="Maria", last_name="Rossi", birth_date=date(1980, 5, 17))
    now = timezone.now()
    FormerProfile.objects.create(
        user=user, field="last_name", value="Bianchi", replaced_at=now - 100 * DAY
    )
    FormerProfile.objects.create(
        user=user, field="last_name", value="Verdi", replaced_at=now - 400 * DAY
    )
    FormerProfile.objects.create(
        user=user, field="birth_date", value="1981-05-17", replaced_at=now - 3 * DAY
    )

    found = history_of(user, now)

    assert found.names == (("Maria", "Rossi"), ("Maria", "Bianchi"))
    assert found.birth_dates == (date(1980, 5, 17), date(1981, 5, 17))


def test_a_former_password_that_a_thief_set_is_nothing_to_compare_with():
    user = make_user()
    now = timezone.now()
    FormerPassword.objects.create(user=user, encoded="x", set_at=now - DAY, replaced_at=now)

    assert not history_of(user, now - 2 * DAY).has_former_passwords
    assert history_of(user, now).has_former_passwords


def test_facts_of_the_operator_are_known_by_name_alone():
    user = make_user()
    profiles.set_facts(user, {"student": "4711"})

    assert history_of(user, timezone.now()).fact_names == {"student"}


@pytest.mark.parametrize(
    ("agent", "device", "browser"),
    [
        (Agent("Safari", "iOS", "iPhone"), "iphone", "safari"),
        (Agent("Safari", "iOS", "iPad"), "ipad", "safari"),
        (Agent("Chrome", "Android"), "android", "chrome"),
        (Agent("Samsung Internet", "Android", "Samsung SM-T510"), "tablet", "samsung"),
        (Agent("Edge", "Windows"), "windows", "edge"),
        (Agent("Firefox", "Ubuntu"), "linux", "firefox"),
        (Agent("Chrome", "ChromeOS"), "chromebook", "chrome"),
        (Agent("Vivaldi", "macOS"), "mac", "other"),
        (Agent(), "", ""),
    ],
)
def test_browsers_and_devices_are_called_as_the_questionnaire_does(agent, device, browser):
    assert (device_of(agent), browser_of(agent)) == (device, browser)

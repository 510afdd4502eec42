"""The security home and the page of recoverability, state by state."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format

from accounts import hooks, policy
from accounts.models import Device, TotpDevice, User
from accounts.services import totp
from accounts.tests.factories import (
    PASSWORD,
    make_code_device,
    make_contact,
    make_device,
    make_passkey,
    make_recovery_codes,
    make_totp,
    make_trust,
    make_user,
)
from accounts.tests.views.steps import sign_in, text_of
from accounts.views import standing

pytestmark = pytest.mark.django_db

HOME, OUTLOOK = "/security/", "/security/recoverability/"
STATEMENTS = 12


@pytest.fixture
def maria():
    return make_user(email="maria@example.org", phone="+33612345678")


@pytest.fixture
def browser(client, maria):
    """A signed-in browser of Maria's; what she has is added afterwards."""
    sign_in(client)
    return client


def make_old(client):
    Device.objects.update(first_seen_at=timezone.now() - policy.YOUNG_DEVICE)
    return client


def confirm(client, maria):
    app = TotpDevice.objects.filter(user=maria, confirmed=True).first()
    data = {"password": PASSWORD} | ({"token": totp.current_code(app)} if app else {})
    return client.post(f"/security/confirm/?next={OUTLOOK}", data)


def test_bare_account_is_told_what_to_do_first(client):
    make_user(email="maria@example.org")
    sign_in(client)

    page = client.get(HOME)

    found = page.context["standing"]
    assert page.context["title"] == "Make your account safe, and easy to get back."
    assert (found.safe.level, found.recoverable.level) == (1, 2)
    assert found.next_thing.url == "/security/two-step/codes/"


def test_recoverable_account_without_a_lock_is_told_of_the_lock(browser, maria):
    make_recovery_codes(maria)

    page = browser.get(HOME)

    assert page.context["title"] == "You would get back in. Make it hard for others, too."
    assert page.context["standing"].next_thing.url == "/security/two-step/"


def test_account_with_all_has_nothing_left_to_do(browser, maria):
    now = timezone.now()
    make_passkey(maria, backup_state=True, used_at=now)
    make_totp(maria, used_at=now)
    make_recovery_codes(maria, used_at=now)

    page = browser.get(HOME)

    assert page.context["title"] == "Your account is safe, and you would get back in."
    assert page.context["standing"].next_thing is None
    assert "The one thing to do next" not in text_of(page)


def test_every_way_in_leads_to_its_page(browser, maria):
    app = make_totp(maria, name="Pixel 9")
    make_recovery_codes(maria, codes=2)

    page = browser.get(HOME)

    content = page.content.decode()
    assert "Pixel 9" in content
    assert f'href="/security/two-step/totp/{app.pk}/"' in content
    assert 'href="/security/two-step/codes/"' in content
    assert 'href="/security/two-step/passkey/"' in content
    assert "Only 2 left" in text_of(page)


def test_new_browser_sees_no_address_in_full_anywhere(browser, maria):
    make_code_device(maria, maria.contacts.get(kind="phone"))

    page = browser.get(HOME)

    content = page.content.decode()
    assert "maria@example.org" not in content.replace(page.context["account_name"], "", 1)
    assert "+33612345678" not in content
    assert "+33\N{NO-BREAK SPACE}••\N{NO-BREAK SPACE}78" in content


def test_browser_that_is_known_for_a_week_sees_them(browser, maria):
    make_code_device(maria, maria.contacts.get(kind="phone"))
    make_old(browser)

    assert "+33612345678" in browser.get(HOME).content.decode()


def test_home_says_from_when_more_counts(browser, maria):
    make_contact(maria, "new@example.net", counts_from=timezone.now() + timedelta(days=5))

    day = date_format(timezone.localtime(timezone.now() + timedelta(days=5)), "l j F")

    assert f"From {day} more of what you have counts." in text_of(browser.get(HOME))


def test_step_that_lay_idle_is_the_next_thing(browser, maria):
    app = make_totp(maria)
    make_recovery_codes(maria)

    page = browser.get(HOME)

    assert page.context["standing"].next_thing.url == f"/security/two-step/totp/{app.pk}/"


def test_marked_address_is_shown_as_its_owner_marked_it(browser, maria):
    maria.contacts.filter(kind="phone").update(mark="shared", marked_at=timezone.now())

    assert "You said that someone else reads it." in text_of(browser.get(HOME))


def test_restricted_account_says_until_when_and_offers_nothing_that_is_forbidden(browser, maria):
    make_totp(maria, used_at=timezone.now())
    until = datetime(2027, 11, 26, 9, 12, tzinfo=UTC)
    User.objects.update(restricted_until=until, time_zone="Europe/Berlin")

    page = browser.get(HOME)

    assert page.context["title"] == "On this account some things wait for now."
    assert [banner.title for banner in page.context["banners"]] == [
        "Until Friday 26 November 2027, 10:12 (Berlin time, UTC+1) some things wait"
    ]
    assert not page.context["offers_passkey"]
    assert page.context["standing"].next_thing is None


def test_contested_account_says_so_and_offers_nothing_but_the_password(browser):
    User.objects.update(contested_at=timezone.now())

    page = browser.get(HOME)

    assert page.context["title"] == "Someone has asked for this account."
    assert [each.action_url for each in page.context["banners"]] == ["/security/password/"]
    assert page.context["standing"].next_thing is None


def test_without_anybody_to_judge_recoveries_the_home_still_stands(browser, settings):
    settings.RECOVERABILITY = ""

    page = browser.get(HOME)

    assert page.context["standing"].recoverable is None
    assert "How recoverable" not in text_of(page)


@pytest.mark.parametrize("count", [1, 3])
def test_home_costs_no_more_with_many_rows(browser, maria, count, django_assert_max_num_queries):
    for number in range(count):
        make_totp(maria)
        make_passkey(maria)
        make_contact(maria)
        make_code_device(maria)
        make_trust(maria, make_device(maria, token=f"d{number}"), token=f"t{number}")
        sign_in(Client())
    make_recovery_codes(maria)

    with django_assert_max_num_queries(STATEMENTS):
        assert browser.get(HOME).status_code == 200


@pytest.mark.parametrize("page", [HOME, OUTLOOK])
def test_pages_are_read_and_never_posted_to(browser, page):
    assert browser.post(page).status_code == 405


def test_stranger_is_asked_to_sign_in_for_the_outlook(client):
    answer = client.get(OUTLOOK)

    assert (answer.status_code, answer.url) == (302, f"/sign-in/?next={OUTLOOK}")


def test_outlook_asks_for_a_confirmation_first(browser):
    answer = browser.get(OUTLOOK)

    assert answer.status_code == 302
    assert answer.url.startswith("/security/confirm/")


def test_outlook_says_loss_by_loss_what_would_bring_the_person_back(browser, maria):
    make_totp(maria)
    confirm(browser, maria)

    page = browser.get(OUTLOOK)

    said = text_of(page)
    assert (
        "If you lost your phone You could get back with your password and your mailbox, "
        "in about 3 days" in said
    )
    assert "If you lost your phone and your mailbox People would have to decide" in said
    assert [each["lost"] for each in page.context["outlooks"]] == [
        "your password",
        "your phone",
        "your mailbox",
        "your phone and your mailbox",
    ]


def test_outlook_says_from_when_new_things_count(browser, maria):
    make_contact(maria, "new@example.net", counts_from=timezone.now() + timedelta(days=5))
    confirm(browser, maria)

    page = browser.get(OUTLOOK)

    assert [what for what, _ in page.context["soon"]] == ["an e-mail address"]
    assert "new@example.net" not in page.content.decode()


def test_outlook_is_of_the_own_account_alone(browser, maria):
    other = make_user(email="other@example.org")
    make_recovery_codes(other)
    confirm(browser, maria)

    assert "printed codes" not in " ".join(
        each["ways"] for each in browser.get(OUTLOOK).context["outlooks"]
    )


def test_outlook_costs_at_most_twelve_statements(browser, maria, django_assert_max_num_queries):
    make_totp(maria)
    make_recovery_codes(maria)
    confirm(browser, maria)

    with django_assert_max_num_queries(STATEMENTS):
        assert browser.get(OUTLOOK).status_code == 200


def test_ways_are_joined_as_people_say_them():
    def said(*ways):
        return standing.ways_of(hooks.Outlook("", list(ways), timedelta(0), False))

    assert [said("a"), said("a", "b"), said("a", "b", "c"), said()] == [
        "a",
        "a and b",
        "a, b and c",
        "",
    ]

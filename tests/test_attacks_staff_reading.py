"""What an insider must not read: names, addresses, the first one's choice, an account for ever."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Challenge
from accounts.tests.factories import make_client, make_user
from activity.enums import EventKind
from activity.models import AccountView, AuditEntry, SecurityEvent
from activity.services.events import record_event
from recovery.enums import TicketState, Verdict
from recovery.models import IdentityCheck, RecoveryTicket, Vote
from recovery.tests.factories import make_ticket
from recovery.tests.staff import REVIEWER, make_evidence, make_reviewed, make_staff, make_vote
from tests import routes
from tests.cases import OWNER, QUEUE, actions_of, confirm, deal, enter, url

pytestmark = pytest.mark.django_db
NOTE = "The dates in this note contradict one another."
CLAIMANT = "me@posteo.example"


@pytest.fixture
def lena():
    return make_staff(email="lena@example.org")


@pytest.fixture
def case():
    owner = make_user(email=OWNER, first_name="Jonas", last_name="Weberknecht")
    ticket = make_reviewed(owner, identifier=OWNER, identifier_key=OWNER, contact=CLAIMANT)
    make_evidence(ticket)
    return ticket


def pages_of(browser, ticket):
    """Give every page of the admin that opens, lists and details about requests."""
    found = {name: browser.get(path) for name, path in routes.paths(ticket).items()}
    return {
        name: answer.content.decode()
        for name, answer in found.items()
        if answer.status_code == 200 and "html" in answer["Content-Type"]
    }


def test_no_page_of_reviewers_names_owner_or_addresses(case):
    for role in (("view_recoveryticket", "view_message"), REVIEWER, ("view_auditentry",)):
        staff = make_staff(*role)
        deal(case, staff)

        pages = pages_of(enter(staff), case)

        assert pages
        for name, page in pages.items():
            for secret in ("Weberknecht", OWNER, CLAIMANT):
                assert secret not in page, (role, name)
        RecoveryTicket.objects.update(claimed_by=None)
        case.deals.all().delete()


def test_codes_on_their_way_are_listed_without_addresses(case):
    Challenge.objects.create(
        purpose="recovery.code", subject=case.subject, address=CLAIMANT, limit_key=CLAIMANT,
        code_hmac="x", expires_at=timezone.now(),
    )  # fmt: skip
    browser = enter(make_staff(is_superuser=True))

    page = browser.get(reverse("admin:accounts_challenge_changelist")).content.decode()

    assert "recovery.code" in page
    assert CLAIMANT not in page


def test_second_finds_the_first_choice_on_no_page(case, lena):
    browser = enter(lena)
    confirm(browser)
    deal(case, lena)
    browser.post(
        url(case, "decide"),
        {"verdict": "deny", "deny_reasons": ["contradiction"], "note": NOTE, "do": "decide"},
    )
    assert Vote.objects.get().verdict == Verdict.DENY
    root = make_staff(is_superuser=True)
    deal(case, root)
    browser = enter(root)
    entry = AuditEntry.objects.get(action="recovery:ticket:decided")
    chain = reverse("admin:activity_auditentry_changelist")

    pages = pages_of(browser, case)
    for way in ("", "?q=recovery:ticket:decided"):
        pages[f"chain {way}"] = browser.get(chain + way).content.decode()
    pages["entry"] = browser.get(
        reverse("admin:activity_auditentry_change", args=[entry.pk])
    ).content.decode()

    assert entry.subject in pages["chain "]
    for name in ("chain ", "chain ?q=recovery:ticket:decided", "entry"):
        assert "deny" not in pages[name].lower(), name
        assert "contradiction" not in pages[name], name
    for name, page in pages.items():
        assert NOTE not in page, name
    ballots = pages["recovery_case"].partition('class="case-slots"')[2].partition("</ol>")[0]
    assert "has decided" in ballots
    assert "denied" not in ballots
    assert "contradict" not in ballots


def test_who_decided_does_not_watch_the_account_for_ever(lena):
    now = timezone.now()
    ticket = make_ticket(make_user(), state=TicketState.DENIED, moved_at=now - timedelta(days=29))
    make_vote(ticket, lena, Verdict.DENY)
    browser = enter(lena)

    assert browser.get(url(ticket)).status_code == 200
    RecoveryTicket.objects.update(moved_at=now - timedelta(days=31))

    assert browser.get(url(ticket))["Location"] == QUEUE


def test_address_is_not_revealed_to_who_may_not_decide_any_more(case, lena):
    deal(case, lena)
    RecoveryTicket.objects.update(is_passed_on=True)

    answer = enter(lena).post(url(case, "reveal"), follow=True)

    assert "The people of security decide it" in answer.content.decode()
    assert OWNER not in answer.content.decode()
    assert "recovery:address:revealed" not in actions_of(case)


def test_preview_of_a_refusal_reveals_nothing(case, lena):
    deal(case, lena)

    page = enter(lena).post(
        url(case, "decide"),
        {"verdict": "deny", "deny_reasons": ["contradiction"], "note": NOTE, "do": "preview"},
    )

    assert "The person will read" in page.content.decode()
    assert OWNER not in page.content.decode()
    assert CLAIMANT not in page.content.decode()


def test_check_waits_for_its_confirmation_and_is_not_lost(case, lena):
    at = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
    browser = enter(lena)
    deal(case, lena)

    asked = browser.post(
        url(case, "check"), {"way": "video", "place": "Room seven", "checked_at": at}
    )
    page = browser.get(url(case)).content.decode()

    assert asked["Location"].startswith("/security/confirm/")
    assert not IdentityCheck.objects.exists()
    assert 'value="Room seven"' in page
    assert f'value="{at}"' in page


def test_check_from_before_the_request_is_refused_in_words(case, lena):
    at = timezone.localtime(timezone.now() - timedelta(days=9)).strftime("%Y-%m-%dT%H:%M")
    browser = enter(lena)
    confirm(browser)
    deal(case, lena)

    answer = browser.post(url(case, "check"), {"way": "desk", "place": "Desk 2", "checked_at": at})

    assert answer.status_code == 200
    assert "not before the request" in answer.content.decode()
    assert not IdentityCheck.objects.exists()


def test_help_desk_is_told_why_it_opens_nothing_for_itself(lena):
    answer = enter(lena).post(
        reverse("admin:recovery_caller"),
        {"identifier": "lena@example.org", "contact_email": "friend@example.net"},
    )

    assert "It is your own account" in answer.content.decode()
    assert not RecoveryTicket.objects.exists()


def test_second_is_led_to_what_is_folded_in(case, lena):
    make_reviewed(make_user(), folded_into=case, opened_at=timezone.now() - timedelta(days=3))
    deal(case, lena)

    page = enter(lena).get(url(case)).content.decode()

    assert reverse("admin:recovery_campaign", args=[case.pk]) in page


def test_empty_list_tells_no_counts_and_counts_as_a_look_at_whom_was_searched(case):
    record_event(case.user, EventKind.SIGNED_IN, client=make_client(), authenticators=["password"])
    SecurityEvent.objects.update(country="PT", system="Haiku")
    record_event(None, EventKind.SIGNED_IN, client=make_client(), authenticators=["password"])
    SecurityEvent.objects.filter(user=None).update(country="XK")
    browser = enter(make_staff(is_superuser=True))
    AccountView.objects.all().delete()

    page = browser.get(
        reverse("admin:activity_securityevent_changelist"),
        {"q": str(case.user_id), "country": "XK", "_facets": "True"},
    ).content.decode()

    assert AccountView.objects.filter(user=case.user).exists()
    assert "PT (" not in page
    assert "Haiku (" not in page

"""Cases alike: folded, parted and refused by who has the case, and by nobody else."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import policy as accounts_policy
from accounts.tests.factories import make_user
from recovery.enums import Verdict
from recovery.models import RecoveryTicket, Vote
from recovery.tests.admin.browsers import browser_of
from recovery.tests.staff import make_evidence, make_reviewed, make_staff

pytestmark = pytest.mark.django_db
NOTE = "The same script typed all of these."


def path_of(ticket: RecoveryTicket, action: str = "") -> str:
    return f"/admin/recovery/cases/{ticket.pk}/campaign/{action}"


@pytest.fixture
def ticket(reviewer):
    until = timezone.now() + timedelta(minutes=9)
    ticket = make_reviewed(make_user(), claimed_by=reviewer, claimed_until=until)
    make_evidence(ticket)
    return ticket


@pytest.fixture
def other():
    return make_reviewed(make_user())


def folded_into(ticket) -> list[RecoveryTicket]:
    return list(RecoveryTicket.objects.filter(folded_into=ticket))


def test_cases_alike_are_shown_to_who_has_the_case(browser, ticket, other):
    elsewhere = make_reviewed(make_user(), network="198.51.100.9")

    page = browser.get(path_of(ticket)).content.decode()

    assert other.reference[:4] in page
    assert elsewhere.reference[:4] not in page


@pytest.mark.parametrize("action", ["", "fold/", "part/", "refuse/"])
def test_who_has_not_the_case_is_led_to_the_queue(ticket, other, action):
    browser = browser_of(make_staff(), confirmed=True)
    call = browser.post if action else browser.get

    response = call(path_of(ticket, action), {"tickets": [str(other.pk)], "note": NOTE})

    assert response["Location"] == "/admin/recovery/cases/"
    assert (folded_into(ticket), Vote.objects.count()) == ([], 0)


@pytest.mark.parametrize("action", ["fold/", "part/", "refuse/"])
def test_role_without_reviews_is_refused(reviewer, ticket, other, action):
    reviewer.user_permissions.set(reviewer.user_permissions.filter(codename="view_recoveryticket"))
    browser = browser_of(reviewer, confirmed=True)

    response = browser.post(path_of(ticket, action), {"tickets": [str(other.pk)], "note": NOTE})

    assert response.status_code == 403
    assert (folded_into(ticket), Vote.objects.count()) == ([], 0)


@pytest.mark.parametrize("action", ["fold/", "part/", "refuse/"])
def test_old_second_step_is_refused(reviewer, ticket, other, action):
    old = timezone.now() - accounts_policy.STAFF_SECOND_STEP_LIVES - timedelta(seconds=1)
    browser = browser_of(reviewer, second_step_at=old, confirmed=True)

    response = browser.post(path_of(ticket, action), {"tickets": [str(other.pk)], "note": NOTE})

    assert response["Location"].startswith("/admin/login/")
    assert (folded_into(ticket), Vote.objects.count()) == ([], 0)


@pytest.mark.parametrize("action", ["fold/", "part/", "refuse/"])
def test_actions_are_no_links(browser, ticket, action):
    assert browser.get(path_of(ticket, action)).status_code in {302, 405}
    assert Vote.objects.count() == 0


def test_chosen_cases_are_folded_and_parted_again(browser, ticket, other):
    browser.post(path_of(ticket, "fold/"), {"tickets": [str(other.pk)]})
    folded = folded_into(ticket)
    page = browser.get(path_of(ticket)).content.decode()
    browser.post(path_of(ticket, "part/"))

    assert folded == [other]
    assert "1 case is folded in" in page
    assert folded_into(ticket) == []


def test_what_is_not_alike_cannot_be_folded(browser, ticket):
    elsewhere = make_reviewed(make_user(), network="198.51.100.9")

    browser.post(path_of(ticket, "fold/"), {"tickets": [str(elsewhere.pk)]})

    assert folded_into(ticket) == []


def test_folding_nothing_says_so(browser, ticket, other):
    page = browser.post(path_of(ticket, "fold/")).content.decode()

    assert "Choose at least one case." in page


def test_refusal_needs_a_step_up_and_keeps_the_note(reviewer, browser, ticket):
    response = browser.post(path_of(ticket, "refuse/"), {"note": NOTE})
    page = browser.get(path_of(ticket)).content.decode()

    assert response["Location"] == f"/security/confirm/?next={path_of(ticket)}"
    assert Vote.objects.count() == 0
    assert NOTE in page


def test_refusal_is_one_vote_of_two(reviewer, ticket, other):
    browser = browser_of(reviewer, confirmed=True)
    browser.post(path_of(ticket, "fold/"), {"tickets": [str(other.pk)]})

    response = browser.post(path_of(ticket, "refuse/"), {"note": NOTE})

    assert response["Location"] == "/admin/recovery/cases/"
    (vote,) = Vote.objects.all()
    assert (vote.ticket, vote.decider, vote.verdict, vote.reasons) == (
        ticket,
        reviewer,
        Verdict.DENY,
        ["campaign"],
    )
    ticket.refresh_from_db()
    assert (ticket.verdict, ticket.claimed_by) == ("", None)

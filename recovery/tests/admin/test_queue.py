"""The queue: who sees what, in which order, and that nobody picks."""

from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from accounts import policy as accounts_policy
from accounts.tests.factories import make_user
from activity.models import AuditEntry
from recovery import policy
from recovery.enums import Outcome, Reason, RiskLevel, TicketState
from recovery.models import RecoveryTicket
from recovery.tests.admin.browsers import browser_of
from recovery.tests.admin.cases import QUEUE, make_case, references
from recovery.tests.factories import make_proof, make_ticket
from recovery.tests.staff import make_evidence, make_reviewed, make_staff, make_vote

pytestmark = pytest.mark.django_db

NEXT = "/admin/recovery/cases/next/"
STATEMENTS = 8  # session, person, app, rights (2); own case, lanes, page
VIEWER = ("view_recoveryticket",)


def test_queue_is_ordered_by_lane_and_then_by_due_time(browser):
    now = timezone.now()
    late = make_case(first_due_at=now - timedelta(hours=2))
    soon = make_case(first_due_at=now + timedelta(hours=1))
    campaign = make_case(first_due_at=now - timedelta(hours=9))
    make_case(folded_into=campaign)
    appeal = make_case(appeal_of=make_ticket(state=TicketState.DENIED))
    protected = make_case(outcome=Outcome.SUPERUSERS)
    takeover = make_case(reason=Reason.TAKEOVER)
    contested = make_case(contested_at=now, first_due_at=now + timedelta(hours=30))

    response = browser.get(QUEUE)

    assert references(response) == [
        each.reference for each in (takeover, contested, protected, appeal, late, soon, campaign)
    ]
    assert [(count["waiting"], count["late"]) for count in response.context["lanes"]] == [
        (2, 0),
        (1, 0),
        (1, 0),
        (2, 1),
        (1, 1),
    ]


def test_lanes_and_lateness_are_said_in_words(browser):
    make_case(reason=Reason.TAKEOVER, first_due_at=timezone.now() - timedelta(hours=2), risk="high")

    page = browser.get(QUEUE).content.decode()

    for said in ("Takeover</span>", "2 h late", "high</span>", "1 case is late."):
        assert said in page


def test_row_says_what_decides_and_no_address_in_full(browser):
    user = make_user()
    ticket = make_reviewed(
        user, identifier="maria.rossi@example.org", risk=RiskLevel.MEDIUM, is_frozen=True
    )
    make_evidence(ticket, score=410, bar=340)
    make_proof(ticket)
    make_vote(ticket, make_staff())

    response = browser.get(QUEUE)

    (row,) = response.context["rows"]
    assert (row.held, str(row.evidence.text), str(row.risk.text), row.needs) == (
        1,
        "above the bar",
        "medium",
        "2nd decision",
    )
    assert "stopped before" in row.flags
    assert "maria.rossi" not in response.content.decode()
    assert ticket.contact not in response.content.decode()


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"score": 340 + policy.AT_THE_BAR - 1}, "at the bar"),
        ({"score": 340 + policy.AT_THE_BAR}, "above the bar"),
        ({"is_above_bar": False}, "below the bar"),
        ({"is_thin": True}, "thin history"),
    ],
)
def test_evidence_is_said_against_the_bar(browser, fields, word):
    make_evidence(make_case(), **{"bar": 340} | fields)

    (row,) = browser.get(QUEUE).context["rows"]

    assert str(row.evidence.text) == word


def test_what_is_folded_agreed_on_or_not_in_review_is_not_in_the_queue(browser):
    now = timezone.now()
    shown = make_case()
    make_case(folded_into=shown)
    make_case(verdict="deny", effect_at=now + timedelta(hours=3))
    make_ticket(state=TicketState.EVALUATING)

    assert references(browser.get(QUEUE)) == [shown.reference]


def test_only_who_has_a_case_is_led_to_it(browser, reviewer):
    now = timezone.now()
    until = now + timedelta(minutes=9)
    own = make_case(claimed_by=reviewer, claimed_until=until)
    make_case(claimed_by=make_staff(), claimed_until=until)
    make_case(claimed_by=reviewer, claimed_until=now - timedelta(minutes=1))
    make_case()

    rows = browser.get(QUEUE).context["rows"]

    assert {row.reference: row.url for row in rows if row.url} == {
        own.reference: reverse("admin:recovery_case", kwargs={"pk": own.pk})
    }


def test_viewer_sees_the_queue_and_is_dealt_nothing():
    make_case()
    browser = browser_of(make_staff(*VIEWER))

    page = browser.get(QUEUE)

    assert len(page.context["rows"]) == 1
    assert "Claim the next one" not in page.content.decode()
    assert browser.post(NEXT).status_code == 403
    assert not RecoveryTicket.objects.filter(claimed_by__isnull=False).exists()


@pytest.mark.parametrize("permissions", [("view_auditentry",), ("view_message",)])
def test_other_roles_see_no_queue(permissions):
    browser = browser_of(make_staff(*permissions))

    assert browser.get(QUEUE).status_code == 403


@pytest.mark.parametrize("path", [QUEUE, "/admin/recovery/caller/", "/admin/recovery/protected/"])
def test_strangers_and_members_see_no_page(path):
    member = make_staff(is_staff=False)

    assert Browser().get(path).status_code == 302
    assert browser_of(member).get(path, follow=True).status_code == 403


def test_next_deals_the_most_urgent_case_and_leads_to_it(browser, reviewer):
    make_case()
    urgent = make_case(reason=Reason.TAKEOVER)

    response = browser.post(NEXT)

    assert response["Location"] == reverse("admin:recovery_case", kwargs={"pk": urgent.pk})
    urgent.refresh_from_db()
    assert urgent.claimed_by == reviewer


def test_next_is_no_link(browser):
    make_case()

    assert browser.get(NEXT).status_code == 405


def test_next_says_when_nothing_waits(browser):
    response = browser.post(NEXT, follow=True)

    assert "Nothing waits that you may decide." in response.content.decode()


def test_next_says_when_the_hour_is_used_up(browser, reviewer):
    for _ in range(policy.REVIEWS_PER_PERSON.limit):
        ticket = make_case()
        assert browser.post(NEXT).status_code == 302
        RecoveryTicket.objects.filter(pk=ticket.pk).delete()
    left = make_case()

    response = browser.post(NEXT, follow=True)

    assert "You have taken 20 cases within the hour." in response.content.decode()
    left.refresh_from_db()
    assert left.claimed_by is None


def test_next_needs_a_fresh_second_step(reviewer):
    ticket = make_case()
    old = timezone.now() - accounts_policy.STAFF_SECOND_STEP_LIVES - timedelta(seconds=1)

    response = browser_of(reviewer, second_step_at=old).post(NEXT)

    assert response.status_code == 302
    assert response["Location"].startswith("/admin/login/")
    ticket.refresh_from_db()
    assert ticket.claimed_by is None


def test_as_many_statements_for_one_row_as_for_many(browser, django_assert_num_queries):
    make_evidence(make_case())
    browser.get(QUEUE)
    with django_assert_num_queries(STATEMENTS):
        browser.get(QUEUE)
    for _ in range(24):
        make_evidence(make_case(claimed_by=make_staff(), claimed_until=timezone.now()))

    with django_assert_num_queries(STATEMENTS):
        browser.get(QUEUE)


def test_front_page_starts_with_what_waits(browser):
    make_case(reason=Reason.TAKEOVER)

    page = browser.get("/admin/").content.decode()

    assert page.index("1 case waits for a decision") < page.index("part-recovery")
    assert "Claim the next one" in page


def test_front_page_of_who_may_not_see_cases_has_none():
    make_case()

    page = browser_of(make_staff("view_auditentry")).get("/admin/").content.decode()

    assert "waits for a decision" not in page


def test_looking_at_a_ticket_is_written_down(browser, reviewer):
    case = make_case()

    browser.get(reverse("admin:recovery_recoveryticket_change", args=[case.pk]))

    assert list(AuditEntry.objects.values_list("actor", "action", "subject")) == [
        (f"user:{reviewer.pk}", "recovery:ticket:viewed", case.subject)
    ]

"""Filters, search and pages of the queue."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from accounts.tests.factories import make_user
from recovery import lanes, policy
from recovery.enums import Reason, RiskLevel, TicketState
from recovery.models import RecoveryTicket
from recovery.tests.admin.cases import QUEUE, make_case, references
from recovery.tests.factories import make_ticket
from recovery.tests.staff import make_reviewed, make_staff, make_vote

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("lane=takeover", "takeover"),
        ("takeover=on", "takeover"),
        ("risk=high", "risky"),
        ("due=late", "late"),
        ("flag=frozen", "frozen"),
        ("flag=protected", "protected"),
        ("flag=shared", "shared"),
        ("flag=new_contacts", "young"),
        ("who=mine", "mine"),
        ("who=second", "begun"),
    ],
)
def test_filters_leave_what_fits(browser, reviewer, query, expected):
    now = timezone.now()
    shared = "becker@example.net"
    make_user(email=shared)
    cases = {
        "takeover": make_case(reason=Reason.TAKEOVER),
        "risky": make_case(risk=RiskLevel.HIGH),
        "late": make_case(first_due_at=now - timedelta(hours=1)),
        "frozen": make_case(is_frozen=True),
        "protected": make_reviewed(make_user(is_protected=True)),
        "shared": make_case(contact=shared),
        "young": make_reviewed(make_user(created_at=now - timedelta(days=3))),
        "mine": make_case(claimed_by=reviewer, claimed_until=now + timedelta(minutes=5)),
        "begun": make_case(),
    }
    make_vote(cases["begun"], make_staff())
    # Each from a network of its own: they are not alike.
    for number, case in enumerate(cases.values()):
        RecoveryTicket.objects.filter(pk=case.pk).update(network=f"198.51.100.{number}")

    assert references(browser.get(f"{QUEUE}?{query}")) == [cases[expected].reference]


def test_second_does_not_offer_what_one_may_not_decide(browser, reviewer):
    own = make_reviewed(reviewer)
    make_vote(own, make_staff())

    assert references(browser.get(f"{QUEUE}?who=second")) == []


def test_cases_alike_are_counted(browser):
    one, two = make_case(), make_case()
    make_case(network="198.51.100.1")

    rows = browser.get(f"{QUEUE}?flag=alike").context["rows"]

    assert {row.reference: row.flags for row in rows} == {
        one.reference: ["alike 1"],
        two.reference: ["alike 1"],
    }


def test_search_is_exact(browser):
    case = make_case(identifier="maria@example.org", identifier_key="maria@example.org")
    folded = make_case(folded_into=case)
    make_case(identifier_key="other@example.org")
    dashed = f"{case.reference[:4].lower()}-{case.reference[4:].lower()}"

    for typed in (dashed, folded.reference, case.contact, "maria@example.org"):
        assert references(browser.get(QUEUE, {"q": typed})) == [case.reference]
    for typed in (case.reference[:7], "maria", "%", "@"):
        assert references(browser.get(QUEUE, {"q": typed})) == []


def test_search_leads_on_to_ended_tickets(browser):
    ended = make_ticket(state=TicketState.DENIED)

    page = browser.get(QUEUE, {"q": ended.reference})

    assert page.context["elsewhere_url"] == (f"/admin/recovery/recoveryticket/?q={ended.reference}")


def test_pages_follow_each_other_and_lead_back(browser):
    now = timezone.now()
    made = [
        make_case(first_due_at=now + timedelta(minutes=number))
        for number in range(policy.QUEUE_PAGE + 5)
    ]
    expected = [case.reference for case in made]

    first = browser.get(f"{QUEUE}?due=")
    second = browser.get(QUEUE + first.context["more_url"])
    back = browser.get(QUEUE + second.context["less_url"])

    assert references(first) == references(back) == expected[: policy.QUEUE_PAGE]
    assert references(second) == expected[policy.QUEUE_PAGE :]
    assert (first.context["less_url"], second.context["more_url"]) == ("", "")
    assert back.context["less_url"] == ""


@pytest.mark.parametrize(
    "query",
    [
        "after=x",
        "after=1~2~3",
        "after=99~2026-01-01T00:00:00%2B00:00~x",
        # Days of which a database knows nothing, in one zone or the other.
        f"after=0~0001-01-01T00:00:00%2B23:59~{UUID(int=0)}",
        f"before=0~9999-12-31T23:59:59-23:59~{UUID(int=0)}",
        "lane=x",
        "q=%00",
        "who=1",
    ],
)
def test_broken_query_is_answered(browser, query):
    make_case()

    assert browser.get(f"{QUEUE}?{query}").status_code == 200


def test_place_is_read_as_it_was_written():
    make_case()
    place = lanes.Place.of(lanes.by_urgency(lanes.waiting()).get())

    assert lanes.Place.read(str(place)) == place

"""The case file in the admin: who opens it, what is written of it, what is shown and kept."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.tests.factories import make_user
from activity.enums import EventKind
from activity.models import SecurityEvent
from outbox.models import Message
from recovery.enums import Verdict
from recovery.models import CaseView, Deal, IdentityCheck, RecoveryTicket, ReviewDraft, Vote
from recovery.tests.factories import make_proof
from recovery.tests.staff import REVIEWER, make_evidence, make_reviewed, make_staff, make_vote
from tests.cases import BOOKKEEPING, OWNER, QUEUE, actions_of, approve, confirm, deal, enter, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def lena():
    return make_staff(email="lena@example.org", first_name="Lena", last_name="Vogt")


@pytest.fixture
def ticket(lena):
    ticket = make_reviewed(make_user(email=OWNER), contact="me@posteo.example")
    make_evidence(ticket, note="My employer closed.")
    deal(ticket, lena)
    return ticket


def test_case_file_opens_for_who_has_the_claim_and_each_opening_is_audited(ticket, lena):
    response = enter(lena).get(url(ticket))

    page = response.content.decode()
    assert response.status_code == 200
    assert "41 bits of 34 needed" in page
    assert "My employer closed." in page
    assert "Approve" in page
    assert actions_of(ticket) == ["recovery:case:viewed"]
    assert CaseView.objects.filter(ticket=ticket, viewer=lena).count() == 1


def test_addresses_are_masked_until_revealed_and_that_is_audited(ticket, lena):
    browser = enter(lena)

    masked = browser.get(url(ticket)).content.decode()
    revealed = browser.post(url(ticket, "reveal")).content.decode()
    again = browser.get(url(ticket)).content.decode()

    assert OWNER not in masked
    assert "me@posteo.example" not in masked
    assert OWNER in revealed
    assert "me@posteo.example" in revealed
    assert OWNER not in again
    assert actions_of(ticket).count("recovery:address:revealed") == 1


@pytest.mark.parametrize("page", ["", "decide", "reveal", "put_back", "recuse"])
def test_who_has_no_claim_is_led_to_the_queue_and_nothing_is_written(ticket, page):
    browser = enter(make_staff())

    response = browser.post(url(ticket, page), approve()) if page else browser.get(url(ticket))

    assert (response.status_code, response["Location"]) == (302, QUEUE)
    assert actions_of(ticket) == []
    assert not Vote.objects.exists()
    assert not ReviewDraft.objects.exists()


@pytest.mark.parametrize("page", ["", "decide", "reveal", "put_back", "recuse", "check"])
def test_who_has_no_right_gets_403(ticket, page):
    browser = enter(make_staff("view_message"))

    response = browser.post(url(ticket, page), approve()) if page else browser.get(url(ticket))

    assert response.status_code == 403
    assert actions_of(ticket) == []


def test_who_views_tickets_without_deciding_opens_no_case_file(ticket):
    assert enter(make_staff("view_recoveryticket")).get(url(ticket)).status_code == 403


@pytest.mark.parametrize("person", ["auditor", "superuser", "voter"])
def test_who_may_look_reads_without_a_form_and_is_audited(ticket, person):
    staff = {
        "auditor": lambda: make_staff("view_auditentry"),
        "superuser": lambda: make_staff(is_superuser=True),
        "voter": make_staff,
    }[person]()
    if person == "voter":
        make_vote(ticket, staff)

    page = enter(staff).get(url(ticket)).content.decode()

    assert "You read this case and do not decide it." in page
    assert 'name="verdict"' not in page
    assert actions_of(ticket) == ["recovery:case:viewed"]


def test_a_claim_that_lapsed_is_renewed_by_looking_unless_somebody_took_it(ticket, lena):
    past = timezone.now() - timedelta(minutes=1)
    RecoveryTicket.objects.filter(pk=ticket.pk).update(claimed_until=past)
    browser = enter(lena)

    assert browser.get(url(ticket)).status_code == 200
    ticket.refresh_from_db()
    assert ticket.claimed_until > timezone.now()
    RecoveryTicket.objects.filter(pk=ticket.pk).update(claimed_by=make_staff())
    assert browser.get(url(ticket))["Location"] == QUEUE


def test_second_reads_the_first_choice_only_after_choosing(ticket, lena):
    first = make_staff(first_name="Omar", last_name="Said")
    make_vote(ticket, first, Verdict.DENY, reasons=["contradiction"], note="It does not add up.")
    browser = enter(lena)

    before = browser.get(url(ticket)).content.decode()
    make_vote(ticket, lena)
    after = browser.get(url(ticket)).content.decode()

    assert "Omar Said" in before
    assert "has decided" in before
    assert "It does not add up." not in before
    assert "It does not add up." in after


def test_what_was_filled_in_outlives_the_confirmation(ticket, lena):
    browser = enter(lena)

    asked = browser.post(url(ticket, "decide"), approve(note="Looks right.", do="decide"))
    page = browser.get(url(ticket)).content.decode()

    assert asked["Location"].startswith("/security/confirm/")
    assert f"next={url(ticket)}" in asked["Location"].replace("%2F", "/")
    assert not Vote.objects.exists()
    assert "Looks right." in page
    assert 'value="rare_facts" checked' in page


def test_what_was_filled_in_outlives_a_claim_that_somebody_else_took(ticket, lena):
    browser = enter(lena)
    RecoveryTicket.objects.filter(pk=ticket.pk).update(claimed_by=make_staff())

    response = browser.post(url(ticket, "decide"), approve(note="Looks right.", do="decide"))

    assert response["Location"] == QUEUE
    assert ReviewDraft.objects.get().form["note"] == "Looks right."
    assert not Vote.objects.exists()


def test_draft_is_not_readable_in_the_database(ticket, lena):
    enter(lena).post(url(ticket, "decide"), approve(note="Looks right.", do="keep"))

    with connection.cursor() as cursor:
        cursor.execute("SELECT form FROM recovery_reviewdraft")
        stored = str(cursor.fetchall())
    assert "Looks right" not in stored


def test_confirmed_decision_is_cast_with_everything_chosen(ticket, lena):
    browser = enter(lena)
    confirm(browser)

    response = browser.post(url(ticket, "decide"), approve(hold="168", do="decide"))

    vote = Vote.objects.get()
    assert response["Location"] == QUEUE
    assert (vote.verdict, vote.reasons, vote.hold) == (
        "approve",
        ["rare_facts"],
        timedelta(days=7),
    )
    assert vote.decider == lena


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"verdict": ""}, "Choose what you decide."),
        ({"verdict": "grant"}, "Select a valid choice"),
        (approve(approve_reasons=[]), "Tick at least one reason."),
        (approve(approve_reasons=["too_little"]), "Select a valid choice"),
        (approve(hold="24"), "Select a valid choice"),
        (approve(suspend=["999"]), "Select a valid choice"),
        ({"verdict": "deny", "approve_reasons": ["rare_facts"]}, "Tick at least one reason."),
    ],
)
def test_what_does_not_fit_is_said_and_nothing_is_cast(ticket, lena, fields, said):
    browser = enter(lena)
    confirm(browser)

    response = browser.post(url(ticket, "decide"), {**fields, "do": "decide"})

    assert response.status_code == 200
    assert said in response.content.decode()
    assert not Vote.objects.exists()


def test_refusal_of_the_service_stands_at_its_field(ticket, lena):
    browser = enter(lena)
    confirm(browser)

    response = browser.post(
        url(ticket, "decide"), {"verdict": "deny", "deny_reasons": ["other"], "do": "decide"}
    )

    assert "20 characters" in response.content.decode()
    assert not Vote.objects.exists()


@pytest.mark.parametrize(
    ("fields", "subject", "words"),
    [
        (approve(), "accepted, with a waiting period", "We have accepted your request."),
        (
            {"verdict": "deny", "deny_reasons": ["too_little"]},
            "Your request",
            "too little to go by",
        ),
        ({"verdict": "more", "more_reasons": ["need_held"]}, "one more thing", "printed code"),
    ],
)
def test_preview_is_the_mail_and_nothing_is_sent(ticket, lena, fields, subject, words):
    browser = enter(lena)

    page = browser.post(url(ticket, "decide"), {**fields, "do": "preview"}).content.decode()

    preview = page.partition('id="preview"')[2].partition("</section>")[0]
    assert subject in preview
    assert words in preview
    assert not Message.objects.filter(address="me@posteo.example").exists()
    assert not Vote.objects.exists()


def test_preview_of_passing_on_says_that_nothing_is_told(ticket, lena):
    page = enter(lena).post(url(ticket, "decide"), {"verdict": "pass_on", "do": "preview"})

    assert "The person is told nothing" in page.content.decode()


def test_identity_check_is_recorded(ticket, lena):
    at = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
    browser = enter(lena)
    confirm(browser)

    response = browser.post(
        url(ticket, "check"), {"way": "desk", "place": "Desk 2", "checked_at": at}
    )

    check = IdentityCheck.objects.get()
    assert response["Location"] == url(ticket)
    assert (check.ticket, check.checked_by, check.way, check.place) == (
        ticket, lena, "desk", "Desk 2",
    )  # fmt: skip


def test_identity_check_of_a_time_to_come_is_refused(ticket, lena):
    at = timezone.localtime(timezone.now() + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M")
    browser = enter(lena)
    confirm(browser)

    response = browser.post(
        url(ticket, "check"), {"way": "desk", "place": "Desk 2", "checked_at": at}
    )

    assert "That time is still to come." in response.content.decode()
    assert not IdentityCheck.objects.exists()


def test_putting_back_and_recusing_lead_to_the_queue(ticket, lena):
    browser = enter(lena)

    assert browser.post(url(ticket, "put_back"))["Location"] == QUEUE
    assert browser.get(url(ticket))["Location"] == QUEUE
    assert list(Deal.objects.values_list("end", flat=True)) == ["returned"]


def test_putting_back_a_third_case_in_a_day_is_refused(ticket, lena):
    for _ in range(2):
        Deal.objects.create(
            ticket=make_reviewed(None), reviewer=lena, ended_at=timezone.now(), end="returned"
        )
    browser = enter(lena)

    assert browser.post(url(ticket, "put_back"))["Location"] == url(ticket)
    assert "put back two cases today" in browser.get(url(ticket)).content.decode()
    assert browser.post(url(ticket, "recuse"))["Location"] == QUEUE


def test_notes_of_strangers_are_text_and_nothing_else(ticket, lena):
    ticket.evidence.all().delete()
    make_evidence(ticket, note="<script>alert(1)</script>")

    page = enter(lena).get(url(ticket)).content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_reviewer_without_approval_right_uses_the_same_page(ticket):
    reviewer = make_staff(*REVIEWER)
    deal_again(ticket, reviewer)

    assert enter(reviewer).get(url(ticket)).status_code == 200


def deal_again(ticket, staff):
    Deal.objects.filter(ticket=ticket).update(ended_at=timezone.now(), end="returned")
    deal(ticket, staff)


def test_case_file_costs_fifteen_statements_beside_its_mark_in_the_audit_chain(ticket, lena):
    fill(ticket)
    browser = enter(lena)
    browser.get(url(ticket))  # writes the audit entry of this claim

    with CaptureQueriesContext(connection) as captured:
        assert browser.get(url(ticket)).status_code == 200

    statements = [query["sql"] for query in captured if not query["sql"].startswith(BOOKKEEPING)]
    assert len(statements) <= 15, "\n".join(statements)


def fill(ticket):
    """Make 200 events of the account and 20 related tickets, each with a proof."""
    now = timezone.now()
    SecurityEvent.objects.bulk_create(
        SecurityEvent(user=ticket.user, kind=EventKind.SIGNED_IN, at=now - timedelta(hours=hour))
        for hour in range(200)
    )
    for _ in range(20):
        make_proof(make_reviewed(ticket.user))

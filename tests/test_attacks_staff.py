"""Attacks 31 to 33 by direct POST, on every route that the admin has."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Contact
from accounts.tests.factories import make_device, make_user
from activity.models import AccountView
from recovery.enums import DealEnd, Outcome, TicketState
from recovery.models import Deal, IdentityCheck, RecoveryTicket, Vote
from recovery.tests.factories import make_ticket
from recovery.tests.staff import make_evidence, make_reviewed, make_staff, make_vote
from tests import routes
from tests.cases import OWNER, approve, confirm, deal, enter
from tests.factories import sign_in

pytestmark = pytest.mark.django_db
NOTE = "I spoke to them and they know it all."
S = TicketState
# Fields of every form of staff, and columns that nobody may set, in one post.
EVERYTHING = approve(
    do="decide",
    note=NOTE,
    way="desk",
    place="Desk 2",
    state="completed",
    people="0",
    needs_check="",
    hold_until="2020-01-01",
    hold_length="0",
    claimed_by="1",
    is_superuser="on",
    post="yes",
    action="delete_selected",
)
# What staff may do with anything: sign out, take the next case, open a request for a caller.
FREE = {"logout", "recovery_next", "recovery_caller"}


def everything(**fields):
    at = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
    return EVERYTHING | {"checked_at": at} | fields


def fires(browser, ticket, only="recovery_", besides=FREE):
    """Post everything to every route about this ticket; give the answers by name."""
    found = routes.paths(ticket, only)
    return {
        name: browser.post(path, everything(tickets=[str(ticket.pk)], _selected_action=[ticket.pk]))
        for name, path in found.items()
        if name not in besides
    }


@pytest.fixture
def case():
    ticket = make_reviewed(make_user(email=OWNER), contact="me@posteo.example")
    make_evidence(ticket)
    return ticket


@pytest.fixture
def lena():
    return make_staff(email="lena@example.org")


def root_browser(*, is_confirmed=True):
    browser = enter(make_staff(email="root@example.org", is_superuser=True))
    if is_confirmed:
        confirm(browser)
    return browser


def test_the_walk_knows_the_pages_of_staff(case):
    found = routes.paths(case)

    assert {"recovery_case_decide", "recovery_campaign_refuse", "recovery_next"} <= set(found)
    assert len(found) > 40


# 33: staff without a second step, or with an old one


def without(browser, *keys, **values):
    session = browser.session
    for key in keys:
        session.pop(key, None)
    session.update(values)
    session.save()
    return browser


@pytest.mark.parametrize("who", ["stranger", "member", "half", "no_app", "old", "unknown_age"])
def test_33_no_route_of_the_admin_opens_without_a_fresh_second_step(case, who):
    old = (timezone.now() - timedelta(hours=12, minutes=1)).isoformat()
    if who in ("no_app", "old", "unknown_age"):
        browser = root_browser()
        deal(case, case_root())
        without(
            browser,
            *{"no_app": ["otp_device_id"], "unknown_age": ["second_step_at"]}.get(who, []),
            **({"second_step_at": old} if who == "old" else {}),
        )
    else:
        browser = Client(REMOTE_ADDR="203.0.113.9", HTTP_USER_AGENT="Firefox/140.0")
        if who == "member":
            make_user(email="member@example.org")
            sign_in(browser, "member@example.org")
        if who == "half":
            make_staff(email="root@example.org", is_superuser=True)
            sign_in(browser, "root@example.org")
    before = routes.state()

    for name, path in routes.paths(case).items():
        for answer in (browser.get(path), browser.post(path, everything())):
            assert answer.status_code in (302, 307, 403), name
            where = answer.get("Location", "/sign-in/").partition("?")[0]
            led = ("/sign-in/", "/sign-in/verify/", "/sign-out/", "/security/", "/admin/login/")
            assert where in led or name == "logout", name

    assert routes.state() == before


def case_root():
    return Contact.objects.get(match_key="root@example.org").user


def test_no_route_about_requests_opens_without_a_role(case):
    browser = enter(make_staff("view_message", email="clerk@example.org"))
    confirm(browser)
    before = routes.state()

    for name, path in routes.paths(case, "recovery_").items():
        answers = browser.get(path), browser.post(path, everything())
        # Of what is not there the history leads to the front page, for everybody.
        refusals = {302, 403} if name.endswith("_history") else {403, 405}
        assert {answer.status_code for answer in answers} <= refusals, name

    assert routes.state() == before


@pytest.mark.parametrize("role", [("view_recoveryticket",), ("view_auditentry",)])
def test_who_only_looks_brings_nothing_about(case, role):
    staff = make_staff(*role, email="looks@example.org")
    browser = enter(staff)
    confirm(browser)
    deal(case, staff)
    before = routes.state()

    fires(browser, case, besides={"logout"})

    assert routes.state() == before


def test_no_post_of_another_site_brings_anything_about(case, lena):
    browser = enter(lena)
    confirm(browser)
    deal(case, lena)
    browser.handler.enforce_csrf_checks = True
    before = routes.state()

    answers = fires(browser, case, only="", besides=set())

    assert {answer.status_code for answer in answers.values()} == {403}
    assert routes.state() == before


def test_votes_checks_and_refusals_ask_for_a_confirmation(case, lena):
    browser = enter(lena)
    deal(case, lena)

    answers = fires(
        browser, case, besides={*FREE, "recovery_case_put_back", "recovery_case_recuse"}
    )

    for name in ("recovery_case_decide", "recovery_case_check", "recovery_campaign_refuse"):
        assert answers[name]["Location"].startswith("/security/confirm/"), name
    assert not Vote.objects.exists()
    assert not IdentityCheck.objects.exists()
    assert RecoveryTicket.objects.get().verdict == ""


# 31: one person opens, approves and completes; own cases; edits after the first approval


def barred(case, lena, why):
    tickets = RecoveryTicket.objects
    now = timezone.now()
    {
        "own_account": lambda: tickets.update(user=lena),
        "shared_address": lambda: tickets.update(
            contact_limit_key=Contact.objects.get(user=lena).limit_key
        ),
        "own_device": lambda: tickets.update(device_hash=make_device(lena, "hers").token_hash),
        "saw_account": lambda: AccountView.objects.create(staff=lena, user=case.user, last_at=now),
        "recused": lambda: Deal.objects.create(
            ticket=case, reviewer=lena, end=DealEnd.RECUSED, ended_at=now
        ),
        "security_only": lambda: tickets.update(is_passed_on=True),
        "superusers_only": lambda: tickets.update(outcome=Outcome.SUPERUSERS),
        "opened": lambda: tickets.update(opened_by=lena),
        "voted": lambda: make_vote(case, lena),
    }[why]()


BARS = ("own_account", "shared_address", "own_device", "saw_account", "recused", "security_only")


@pytest.mark.parametrize("why", [*BARS, "superusers_only", "opened", "voted"])
def test_31_nobody_decides_what_they_may_not_by_any_route(case, lena, why):
    alike = make_reviewed(make_user(), network=case.network)
    browser = enter(lena)
    confirm(browser)
    barred(case, lena, why)
    deal(case, lena)
    votes = Vote.objects.count()

    for name, path in routes.paths(case, "recovery_").items():
        if name in FREE:
            continue
        answer = browser.post(path, everything(tickets=[str(alike.pk)]))
        assert answer.status_code in (200, 302, 403, 405), name
        RecoveryTicket.objects.filter(pk=case.pk).update(
            claimed_by=lena, claimed_until=timezone.now() + timedelta(minutes=10)
        )

    case.refresh_from_db()
    alike.refresh_from_db()
    assert Vote.objects.count() == votes
    assert (case.verdict, case.effect_at, case.state) == ("", None, S.IN_REVIEW)
    assert alike.folded_into is None
    # Who opened it for a caller, or has decided, may have seen the person; nobody else here.
    assert why in ("opened", "voted") or not IdentityCheck.objects.exists()


def test_31_one_person_with_every_right_ends_where_another_has_to_agree(case):
    browser = root_browser()
    root = case_root()
    for _ in range(3):
        RecoveryTicket.objects.filter(pk=case.pk).update(claimed_by=root, claimed_until=later())
        fires(browser, case, besides={*FREE, "recovery_case_recuse", "recovery_case_put_back"})

    case.refresh_from_db()
    assert Vote.objects.filter(voided_at=None).count() == 1
    assert (case.state, case.verdict, case.effect_at) == (S.IN_REVIEW, "", None)


def later():
    return timezone.now() + timedelta(minutes=10)


def test_31_nothing_is_edited_after_the_first_approval(case, lena):
    make_vote(case, lena)
    alike = make_reviewed(make_user(), network=case.network)
    before = {name: rows for name, rows in routes.state().items() if name in ("Vote", "Proof")}
    browser = enter(lena)
    confirm(browser)
    deal(case, lena)

    for name, path in routes.paths(case, "recovery_").items():
        if name not in {*FREE, "recovery_case_check"}:
            browser.post(path, everything(verdict="deny", tickets=[str(alike.pk)]))

    now = routes.state()
    assert {name: now[name] for name in before} == before
    assert RecoveryTicket.objects.get(pk=alike.pk).folded_into is None
    assert RecoveryTicket.objects.get(pk=case.pk).hold_length == case.hold_length


# 32: a transition that the page does not offer


@pytest.mark.parametrize("state", [state for state in S if state != S.IN_REVIEW])
def test_32_no_route_moves_a_request_that_waits_for_nobody(lena, state):
    owner = make_user(email=OWNER)
    ticket = make_ticket(owner, state=state)
    browser = root_browser()
    root = case_root()
    RecoveryTicket.objects.filter(pk=ticket.pk).update(claimed_by=root, claimed_until=later())
    before = RecoveryTicket.objects.filter(pk=ticket.pk).values().get()

    fires(browser, ticket)

    changed = RecoveryTicket.objects.filter(pk=ticket.pk).values().get()
    claim = {"claimed_by_id": None, "claimed_until": None}
    assert changed | claim == before | claim
    assert not Vote.objects.exists()


def test_32_what_people_agreed_on_stands_until_its_time(case, lena):
    RecoveryTicket.objects.filter(pk=case.pk).update(
        verdict="deny", effect_at=later(), decided_at=timezone.now()
    )
    browser = root_browser()
    RecoveryTicket.objects.filter(pk=case.pk).update(claimed_by=case_root(), claimed_until=later())
    before = RecoveryTicket.objects.filter(pk=case.pk).values().get()

    fires(browser, case)

    changed = RecoveryTicket.objects.filter(pk=case.pk).values().get()
    claim = {"claimed_by_id": None, "claimed_until": None}
    assert changed | claim == before | claim
    assert not Vote.objects.exists()
    assert not IdentityCheck.objects.exists()


def test_32_a_hold_is_no_shorter_than_suggested(case, lena):
    browser = enter(lena)
    confirm(browser)
    deal(case, lena)
    path = routes.paths(case)["recovery_case_decide"]

    for hold in ("0", "24", "71", "-72", "72.5", "9999999999", "x", ["0", "72"]):
        answer = browser.post(path, approve(do="decide", hold=hold))
        assert answer.status_code == 200, hold

    assert not Vote.objects.exists()

"""Reports against what else happens in the same moment: one wins, never a mixture."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.errors import AccountChanged
from accounts.models import User, UserSession
from accounts.services import passwords
from accounts.tests.factories import make_client, make_contact, make_user
from accounts.tests.threads import run_at_once
from activity.enums import IncidentOrigin, IncidentState
from activity.errors import TooLateToTakeBack
from activity.models import Incident, SecurityEvent
from activity.services import incidents, report_links, verdicts
from activity.tests.factories import make_event
from activity.tests.reporting import link_to, make_session
from recovery.enums import TicketState
from recovery.errors import ProofLapsed
from recovery.models import RecoveryTicket
from recovery.services import completion, holds
from recovery.tests.factories import make_claimant, make_proof, make_ticket

ROUNDS = 30  # 200 of each were run once, which takes as long as half of all other tests
HOUR = timedelta(hours=1)
NEW = "Silver-kettle-4-meadow"
S = TicketState
pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def on_postgresql():
    if connection.vendor != "postgresql":
        pytest.skip("races need PostgreSQL")


@pytest.fixture
def prepared(db):
    """Give a new password as it is stored, hashed once for all rounds."""
    return passwords.prepare(None, NEW)


class Case:
    """One account with a sign-in of an hour ago, an old session and a link to its address."""

    def __init__(self) -> None:
        self.user = make_user()
        self.event = make_event(self.user, at=timezone.now() - HOUR)
        self.owner = make_session(self.user)
        self.link = link_to(self.user.contacts.get(), self.event)

    def presser(self):
        """Give what reports in the session, with the account as a request has read it by now."""
        event = SecurityEvent.objects.get(pk=self.event.pk)
        return partial(incidents.report_in_session, self.account, event, client=self.owner)

    def pause(self):
        return incidents.report_by_link(self.link, client=make_client())

    def take_back(self, incident):
        found = Incident.objects.select_related("user").get(pk=incident.pk)
        link = report_links.read_again(self.link) if found.contact_id else None
        incidents.take_back(found, client=self.owner, link=link)
        return "taken back"

    @property
    def account(self):
        return User.objects.get(pk=self.user.pk)

    @property
    def reports(self):
        return Incident.objects.filter(user=self.user)


def change(user, prepared, client):
    """Set a new password in a session, as services.passwords.change does after its checks."""
    with transaction.atomic():
        passwords.store(user, prepared, cause="change", client=client)
    return "changed"


def at_once(*acts):
    return run_at_once(len(acts), lambda place: acts[place]())


def was(result, kind):
    return isinstance(result, kind)


def test_two_presses_in_one_session_are_one_report():
    for _ in range(ROUNDS):
        case = Case()

        results = at_once(case.presser(), case.presser())

        assert case.reports.count() == 1
        assert {result.pk for result in results} == {case.reports.get().pk}
        assert UserSession.objects.filter(user=case.user).count() == 1


def test_two_presses_of_one_link_are_one_report():
    for _ in range(ROUNDS):
        case = Case()

        results = at_once(case.pause, case.pause)

        assert {result.pk for result in results} == {case.reports.get().pk}
        assert case.account.epoch == case.user.epoch + 1


def test_the_links_of_two_contacts_pause_once():
    for _ in range(ROUNDS):
        case = Case()
        other = link_to(make_contact(case.user), case.event)

        at_once(case.pause, partial(incidents.report_by_link, other, client=make_client()))

        undoable = case.reports.filter(undo_until__isnull=False)
        assert (case.reports.count(), undoable.count()) == (2, 1)
        assert case.account.epoch == case.user.epoch + 1


def test_a_session_and_a_link():
    """The pause is never lost; a session that was first has shut the others out before it."""
    seen = set()
    for _ in range(ROUNDS):
        case = Case()

        in_session, by_link = at_once(case.presser(), case.pause)

        seen.add(type(in_session))
        assert was(by_link, Incident)
        assert was(in_session, Incident | AccountChanged)
        account = case.account
        assert account.frozen_at is not None
        assert not UserSession.objects.filter(user=case.user).exists()
        assert (account.password_spent_at is not None) == was(in_session, Incident)
    assert seen <= {Incident, AccountChanged}


def test_taking_back_twice_is_done_once():
    for _ in range(ROUNDS):
        case = Case()
        incident = case.pause()

        results = at_once(partial(case.take_back, incident), partial(case.take_back, incident))

        assert sorted(type(result).__name__ for result in results) == ["TooLateToTakeBack", "str"]
        assert case.account.frozen_at is None


def test_a_press_and_a_taking_back_of_one_link():
    """Whoever came last: the report stands anew, or is taken back, and the account shows which."""
    for _ in range(ROUNDS):
        case = Case()
        incident = case.pause()

        pressed, _taken = at_once(case.pause, partial(case.take_back, incident))

        is_open = case.reports.filter(state=IncidentState.OPEN).exists()
        assert (case.account.frozen_at is not None) == is_open
        assert was(pressed, Incident)


def test_a_second_contacts_press_and_a_taking_back_leave_it_paused_or_pause_it_again():
    """The owner's press is never lost to a thief who takes his own back in that moment."""
    for _ in range(ROUNDS):
        case = Case()
        incident = case.pause()
        hers = link_to(make_contact(case.user), case.event)

        pressed, _taken = at_once(
            partial(incidents.report_by_link, hers, client=make_client()),
            partial(case.take_back, incident),
        )

        assert was(pressed, Incident)
        assert case.account.frozen_at is not None


def test_a_press_and_a_new_password(prepared):
    """A session report that was first makes the change start over; one that is later is refused."""
    for _ in range(ROUNDS):
        case = Case()
        setting = partial(change, case.account, prepared, case.owner)

        pressed, changed = at_once(case.presser(), setting)

        account = case.account
        assert sorted([was(pressed, AccountChanged), was(changed, AccountChanged)]) == [False, True]
        assert (account.password == prepared.encoded) == (changed == "changed")
        assert (account.password_spent_at is not None) == was(pressed, Incident)


def test_taking_back_and_a_new_password(prepared):
    """The old password is never let in again once a new one was set."""
    for _ in range(ROUNDS):
        case = Case()
        incident = case.presser()()
        setting = partial(change, case.account, prepared, case.owner)

        taken, changed = at_once(partial(case.take_back, incident), setting)

        assert (taken == "taken back") != (changed == "changed")
        assert was(taken, TooLateToTakeBack | str)
        assert case.account.password_spent_at is None


def test_a_press_and_the_completion_of_a_recovery():
    """A recovery that was first is paused after it; one that is later proves again."""
    for _ in range(ROUNDS):
        case = Case()
        ticket = make_ticket(case.user, state=S.APPROVED)
        make_proof(ticket)
        ticket = RecoveryTicket.objects.select_related("user").get(pk=ticket.pk)

        def complete(ticket=ticket):
            completion.complete(ticket, NEW, client=make_claimant())
            return "completed"

        paused, completed = at_once(case.pause, complete)

        ticket = RecoveryTicket.objects.get(pk=ticket.pk)
        assert was(paused, Incident)
        assert completed == "completed" or was(completed, ProofLapsed)
        assert (ticket.state == S.COMPLETED) == (completed == "completed")
        assert case.account.frozen_at is not None
        assert case.account.epoch == paused.epoch


def test_taking_back_and_the_completion_of_a_recovery():
    """Either way the account is in use again; the recovery, where it came, has the last word."""
    for _ in range(ROUNDS):
        case = Case()
        incident = case.pause()
        ticket = make_ticket(case.account, state=S.APPROVED)
        make_proof(ticket)
        ticket = RecoveryTicket.objects.select_related("user").get(pk=ticket.pk)

        def complete(ticket=ticket):
            completion.complete(ticket, NEW, client=make_claimant())
            return "completed"

        taken, completed = at_once(partial(case.take_back, incident), complete)

        account = case.account
        assert completed == "completed"
        assert account.frozen_at is None
        assert passwords.check(account, NEW)
        assert was(taken, TooLateToTakeBack | str)


def test_a_press_and_the_end_of_a_wait():
    """What was released a moment before is handed to people all the same."""
    for _ in range(ROUNDS):
        case = Case()
        now = timezone.now()
        ticket = make_ticket(
            case.user,
            state=S.ON_HOLD,
            people=2,
            hold_length=timedelta(days=3),
            hold_from=now - timedelta(days=3),
            hold_until=now - timedelta(seconds=1),
        )

        at_once(case.pause, holds.release_due)

        ticket.refresh_from_db()
        assert (ticket.state, ticket.contested_at is None) == (S.IN_REVIEW, False)


def test_me_and_not_me_in_one_moment():
    """Not me is never lost."""
    for _ in range(ROUNDS):
        case = Case()

        vouch = partial(verdicts.vouch_in_session, case.account, case.link.event, client=case.owner)

        pressed, vouched = at_once(case.presser(), vouch)

        case.event.refresh_from_db()
        assert was(pressed, Incident)
        assert pressed.origin == IncidentOrigin.OLD_SESSION
        assert was(vouched, bool | AccountChanged)
        assert case.event.verdict == "not_me"

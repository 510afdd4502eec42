from collections import Counter
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Count, F, Q
from django.utils import timezone

from accounts.models import TotpDevice, User
from accounts.services import totp
from accounts.services.first_step import check_password
from accounts.tests.factories import make_client, make_user
from accounts.validators import broken_rules
from acsr_site.demo import cast, loading, people, world
from acsr_site.dev import mail_server
from activity import places, risk
from activity import policy as activity_policy
from activity.enums import EventKind, IncidentState
from activity.models import AuditEntry, Incident, SecurityEvent
from activity.services import audit, learning
from outbox.enums import MessageState
from outbox.models import Message
from outbox.services.render import render
from recovery import policy
from recovery.enums import CancelCause, TicketState
from recovery.models import Evidence, EvidenceGrade, Notice, RecoveryTicket

DAY = timedelta(days=1)
TABLES = (User, RecoveryTicket, SecurityEvent, Message, AuditEntry, Notice)


def counts():
    return [model.objects.count() for model in TABLES]


def find(key):
    return User.objects.get(pk=next(f.id for f in cast.EVERYBODY if f.key == key))


def seeds_of_a_demo():
    """Give the seeds of a demo that is gone again."""
    with transaction.atomic():
        loading.load()
        seeds = {device.seed for device in TotpDevice.objects.all()}
        transaction.set_rollback(True)
    return seeds


def test_there_are_requests_in_every_state_that_one_can_stay_in(loaded):
    of_accounts = RecoveryTicket.objects.filter(user__isnull=False)

    found = Counter(of_accounts.values_list("state", flat=True))

    assert found == {
        TicketState.AWAITING_CODE: 2,
        TicketState.AWAITING_PROOF: 4,
        TicketState.IN_REVIEW: 24,
        TicketState.ON_HOLD: 5,
        TicketState.APPROVED: 3,
        TicketState.COMPLETED: 40,
        TicketState.DENIED: 25,
        TicketState.CANCELLED: 9,
        TicketState.EXPIRED: 6,
    }
    assert RecoveryTicket.objects.filter(user=None).count() == 20


def test_requests_were_stopped_for_every_reason_a_person_has(loaded):
    stopped = RecoveryTicket.objects.filter(user__isnull=False, state=TicketState.CANCELLED)

    causes = Counter(stopped.values_list("cancel_cause", flat=True))

    assert causes == {CancelCause.OBJECTION: 4, CancelCause.WITHDRAWN: 3, CancelCause.SESSION: 2}
    assert stopped.annotate(n=Count("objections")).filter(n=1).count() == 6


def test_every_kind_of_event_happened_and_none_is_in_the_future_or_too_old(loaded):
    now = timezone.now()
    kept = SecurityEvent.objects.filter(at__lte=now, at__gt=now - activity_policy.EVENTS_KEPT)

    assert set(kept.values_list("kind", flat=True)) == set(EventKind.values)
    assert kept.count() == SecurityEvent.objects.count()
    assert 2_900 <= kept.count() <= 3_400


def test_elif_has_412_events_from_five_countries(loaded):
    events = SecurityEvent.objects.filter(user=find("elif"))

    assert events.count() == 412
    assert events.values("country").distinct().count() == 5


def test_six_sign_ins_were_unusual_and_three_of_them_answered(loaded):
    unusual = SecurityEvent.objects.filter(is_unusual=True)

    found = Counter((event.user_id, event.country, event.verdict) for event in unusual)

    assert found == {
        (find("elif").pk, "GB", ""): 1,
        (find("elif").pk, "NL", "me"): 1,
        (find("elif").pk, "AE", "me"): 1,
        (find("elif").pk, "TR", "me"): 1,
        (find("other31").pk, "FR", ""): 1,
        (find("amira").pk, "US", ""): 1,
    }


def test_every_judged_sign_in_taught_what_it_may(loaded):
    untaught = SecurityEvent.objects.get(kind=EventKind.SIGNED_IN, is_learned=False)

    assert (untaught.user, untaught.country) == (find("other31"), "FR")
    assert learning.count_due() == 0
    for user in User.objects.all():
        learned = SecurityEvent.objects.filter(user=user, is_learned=True).count()
        counted = user.feature_counts.filter(feature=risk.ALL).values_list("count", flat=True)
        assert sum(counted) == learned


def test_one_report_waits_for_staff_and_one_was_taken_back(loaded):
    assert list(Incident.objects.order_by("opened_at").values_list("user", "state")) == [
        (find("other31").pk, IncidentState.TAKEN_BACK),
        (find("amira").pk, IncidentState.OPEN),
    ]


def test_wei_signed_in_39_times(loaded):
    signed_in = SecurityEvent.objects.filter(user=find("wei"), kind=EventKind.SIGNED_IN)

    assert signed_in.count() == 39


def test_messages_stand_in_every_state_but_on_their_way(loaded):
    states = set(Message.objects.values_list("state", flat=True))

    assert states == set(MessageState) - {MessageState.WAITING}


def test_every_message_can_be_written(loaded):
    now = timezone.now()

    texts = [render(message, now).text for message in Message.objects.all()]

    assert all(texts)


def test_the_audit_chain_is_whole(loaded):
    assert audit.verify() == []
    assert AuditEntry.objects.count() == 250


def test_the_chain_goes_on_after_the_demo(loaded):
    audit.append(actor="system", action="accounts:staff:created")

    assert audit.verify() == []


def test_what_cannot_be_due_is_not_due(loaded):
    """The worker must find the states that were loaded, not run them down at once."""
    now = timezone.now()
    soon = now + timedelta(minutes=15)

    assert RecoveryTicket.objects.run_out(soon).count() == 0
    assert Message.objects.claimable(soon).count() == 0
    assert (
        RecoveryTicket.objects.filter(
            Q(state=TicketState.ON_HOLD, hold_until__lte=soon) | Q(opened_at__gt=F("moved_at"))
        ).count()
        == 0
    )


def test_three_notices_go_out_at_the_first_start(loaded):
    due = Notice.objects.filter(settled_at__isnull=True, due_at__lte=timezone.now())

    names = due.values_list("ticket__user__first_name", "kind").order_by("kind")

    assert list(names) == [("Ingrid", "completed"), ("Grace", "held"), ("Elena", "last_day")]


def test_long_ended_requests_keep_no_address(loaded):
    ended = RecoveryTicket.objects.exclude(state__in=[TicketState.AWAITING_CODE]).filter(
        moved_at__lte=timezone.now() - policy.CLEAR_AFTER_END
    )

    kept = set(ended.values_list("identifier", "contact", "contact_match_key", "agent", "address"))

    assert kept == {("", "", "", "", None)}


@pytest.mark.parametrize("figure", cast.LISTED, ids=lambda figure: figure.key)
def test_passwords_keep_our_own_rules(figure):
    assert broken_rules(figure.password, [figure.name, figure.email]) == []


@pytest.mark.parametrize("key", ["maria", "nora", "sofia", "amira", "ben", "priya"])
def test_people_sign_in_with_what_the_page_says(loaded, key):
    figure = next(figure for figure in cast.LISTED if figure.key == key)
    listed = next(person for person in people() if person["name"] == figure.name)

    right = check_password(listed["email"], listed["password"], client=make_client())

    assert right.user.pk == figure.id


def test_the_listed_app_code_is_accepted(loaded):
    priya = next(person for person in people() if person["role"] == "superuser")

    device = totp.accept(find("priya"), priya["app_code"], timezone.now())

    assert device.user_id == find("priya").pk


def test_each_member_of_staff_has_an_app_and_one_role(loaded):
    roles = {
        figure.key: list(find(figure.key).groups.values_list("name", flat=True))
        for figure in cast.STAFF
    }

    expected = {f.key: [] if f.role == "superuser" else [f.role] for f in cast.STAFF}
    assert roles == expected
    assert TotpDevice.objects.filter(user__is_staff=True).count() == len(roles) == 7


def test_seeds_of_apps_differ_from_demo_to_demo(db):
    first, second = seeds_of_a_demo(), seeds_of_a_demo()

    assert first
    assert first.isdisjoint(second)


@pytest.mark.parametrize("country", world.HOMES)
def test_homes_are_in_their_country(country):
    assert places.country_of(f"{world.HOMES[country].network}.9") == country
    assert places.country_of(f"{world.HOMES[country].network}.250") == country


@pytest.mark.parametrize("figure", cast.EVERYBODY, ids=lambda figure: figure.key)
def test_a_demo_with_a_real_mail_server_writes_to_nobody(figure):
    reserved = ("example.org", "example.net", "example.com", ".example", "")  # RFC 2606

    assert figure.email.rpartition("@")[2].endswith(reserved[:-1]) or not figure.email
    assert figure.phone.startswith("+447700900") or not figure.phone


def test_loading_twice_changes_nothing(db):
    call_command("load_demo")
    before = counts()

    call_command("load_demo")

    assert counts() == before


def test_the_second_load_only_looks(loaded, django_assert_num_queries):
    with django_assert_num_queries(1):
        call_command("load_demo")


def test_loading_is_refused_outside_the_demo(db, settings):
    settings.DEMO = False

    with pytest.raises(CommandError, match="not the demo"):
        call_command("load_demo")

    assert counts() == [0] * len(TABLES)
    assert not mail_server.closed_path().exists()


def test_staff_with_known_passwords_never_come_into_somebody_elses_database(db):
    make_user()

    with pytest.raises(CommandError, match="accounts that are not the demo's"):
        call_command("load_demo")

    assert counts() == [1, *[0] * (len(TABLES) - 1)]


def test_jonas_mailbox_is_closed_once_and_others_stay_closed(db):
    mail_server.closed_path().write_text("somebody@example.org\n", encoding="utf-8")

    call_command("load_demo")
    call_command("load_demo")

    closed = mail_server.closed_path().read_text(encoding="utf-8").split()
    assert closed == ["somebody@example.org", cast.CLOSED_MAILBOX]


def test_a_mail_server_of_ones_own_is_not_told_of_closed_mailboxes(db, monkeypatch):
    monkeypatch.setenv("EMAIL_URL", "smtp://127.0.0.1:2525")

    call_command("load_demo")

    assert not mail_server.closed_path().exists()


def test_the_queue_has_late_claimed_and_half_decided_requests(loaded):
    waiting = RecoveryTicket.objects.filter(state=TicketState.IN_REVIEW)
    now = timezone.now()

    assert waiting.filter(first_due_at__lt=now).count() == 3
    assert waiting.filter(claimed_by__isnull=False).count() == 2
    assert waiting.filter(votes__isnull=False).count() == 5
    assert waiting.filter(appeal_of__isnull=False).count() == 2
    assert waiting.filter(contact__startswith="helpdesk.").count() == 6


def test_answers_are_kept_nowhere(loaded):
    assert Evidence.objects.filter(answers__isnull=False).count() == 0
    assert EvidenceGrade.objects.filter(evidence__is_above_bar=True).exists()


def test_the_queue_can_be_made_longer(loaded):
    waiting = RecoveryTicket.objects.filter(state=TicketState.IN_REVIEW)
    before = waiting.count()

    call_command("load_demo", queue=60)

    assert waiting.count() == before + 60
    assert waiting.filter(evidence__isnull=True, opened_at__gt=timezone.now() - DAY).count() < 10

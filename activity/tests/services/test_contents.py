import json
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import policy as accounts_policy
from accounts.enums import ContactKind
from accounts.queries import mask
from activity.enums import Done, EventKind, RiskReason
from activity.errors import DeadReport
from activity.models import Notice, ReportLink
from activity.services import contents, notices, report_links
from activity.tests.factories import (
    make_contact,
    make_event,
    make_incident,
    make_judged_event,
    make_user,
)
from outbox.enums import Channel
from outbox.models import Message
from outbox.services import delivery
from outbox.services.render import render
from vault import digests

OLD, YOUNG = timedelta(days=30, minutes=1), timedelta(days=29)
FRESH = timedelta(days=6)
MARA = "mara@example.org"
OF_THE_OWNER = ("Mara", "member-70", "••", "Firefox", "Windows", "Germany", "Berlin", "signed in")


@pytest.fixture
def user(db):
    return make_user(language="en", time_zone="Europe/Berlin", external_id="member-70")


def sign_in(user) -> Notice:
    return notices.announce(make_judged_event(user))


def on_file(user, value=MARA, *, age=OLD, **fields):
    """Give a contact that was added so long ago, after the account was made."""
    verified_at = timezone.now() - age
    fields.setdefault("counts_from", verified_at + accounts_policy.CONTACT_COUNTS_AFTER)
    return make_contact(user, value, verified_at=verified_at, **fields)


def everything(message: Message) -> str:
    """Give all that its reader sees."""
    rendered = render(message, timezone.now())
    return "\n".join([rendered.subject, rendered.text, rendered.html or ""])


def token_of(message: Message) -> str:
    return str(message.secrets["report"]).rstrip("/").rpartition("/")[2]


def test_old_contact_hears_who_when_where_with_what_and_why(user):
    on_file(user)
    notice = sign_in(user)

    notices.send_due()

    message = Message.objects.get()
    assert (message.kind, message.time_zone) == ("activity.unusual_sign_in", "Europe/Berlin")
    assert message.context == {
        "is_full": True,
        "title": "Someone signed in to your account",
        "what": "Someone signed in to your account with your password.",
        "why": "Nobody has signed in to your account from Germany before.",
        "at": notice.event.at.isoformat(),
        "device": "Firefox on Windows",
        "place": "Germany",
        "account_shown": mask("member-70"),
        "name": "Mara",
        "page": "/activity/",
        "page_label": "See what happened",
        "pauses": True,
        "is_paused": False,
    }


@pytest.mark.parametrize("kind", [EventKind.SIGNED_IN, EventKind.SECOND_STEP_FAILED])
@pytest.mark.parametrize(
    "contact",
    [
        {"age": YOUNG},
        {"age": FRESH},
        {"removed_at": timedelta()},
        {"counts_from": accounts_policy.NEVER, "is_in_doubt": True},
    ],
    ids=["a month", "a week", "removed", "put back by a report"],
)
def test_who_may_be_a_thief_or_a_former_reader_learns_nothing_of_the_owner(user, kind, contact):
    if "removed_at" in contact:
        contact = {"removed_at": timezone.now() - timedelta(minutes=1)}
    on_file(user, **contact)
    event = make_judged_event(user, kind)
    event.reasons = [RiskReason.NEW_COUNTRY, RiskReason.LONG_SILENCE]
    event.save()
    notices.announce(event)

    notices.send_due()

    message = Message.objects.get()
    told = everything(message) + json.dumps(message.context)
    assert [each for each in OF_THE_OWNER if each in told] == []
    assert message.context["is_full"] is False
    assert message.secrets["report"] in told.splitlines()


@pytest.mark.parametrize("kind", [EventKind.REPORTED, EventKind.REPORT_TAKEN_BACK])
def test_former_reader_does_not_hear_where_the_owner_reported_from(user, kind):
    on_file(user, removed_at=timezone.now() - timedelta(minutes=1))
    event = make_event(user, kind)

    assert not contents.is_told_in_full(user.contacts.get(), event)


@pytest.mark.parametrize("value", [{"age": YOUNG}, {"age": FRESH}])
def test_bare_form_leaves_out_what_was_folded(user, value, time_machine):
    on_file(user, **value)
    time_machine.move_to(timezone.now(), tick=False)
    for _ in range(4):
        sign_in(user)
    notices.send_due()
    time_machine.shift(timedelta(hours=1))

    notices.send_due()

    contexts = Message.objects.values_list("context", flat=True)
    assert ["more" in context for context in contexts] == [False, False]


def test_suspended_contact_hears_nothing_and_its_link_is_dead(user):
    contact = on_file(user)
    sign_in(user)
    notices.send_due()
    token = token_of(Message.objects.get())
    contact.suspended_at = timezone.now()
    contact.save()

    notices.announce(make_event(user, EventKind.PASSWORD_CHANGED))
    notices.send_due()

    assert Message.objects.count() == 1
    with pytest.raises(DeadReport):
        report_links.find(token)


def test_account_without_a_contact_settles_and_makes_no_link(user):
    sign_in(user)

    assert notices.send_due() == 1
    assert (Message.objects.count(), ReportLink.objects.count()) == (0, 0)


def test_phone_alone_hears_by_text_message(user):
    on_file(user, "+33612345678", kind=ContactKind.PHONE)
    sign_in(user)

    notices.send_due()

    message = Message.objects.get()
    assert (message.channel, message.kind) == (Channel.SMS, "activity.unusual_sign_in")
    assert render(message, timezone.now()).text.endswith(message.secrets["report"])


def test_each_contact_gets_a_link_of_its_own(user):
    contacts = [on_file(user), on_file(user, "other@example.org", age=YOUNG)]
    notice = sign_in(user)

    notices.send_due()

    found = [report_links.find(token_of(row)) for row in Message.objects.order_by("pk")]
    assert [link.contact for link in found] == contacts
    assert {link.event for link in found} == {notice.event}
    assert ReportLink.objects.count() == 2


def test_token_is_in_the_row_neither_in_clear_nor_after_it_is_sent(user, connection_cells):
    on_file(user)
    sign_in(user)
    notices.send_due()
    token = token_of(Message.objects.get())
    assert ReportLink.objects.get().token_hash == digests.token_hash(token)
    before = connection_cells()

    delivery.deliver_due()

    assert token not in before
    assert token not in connection_cells()
    assert Message.objects.get().secrets is None
    assert report_links.find(token).event == Notice.objects.get().event


def test_second_fan_out_makes_neither_a_message_nor_a_link(user):
    on_file(user)
    notice = sign_in(user)
    notices.send_due()
    delivery.deliver_due()
    Notice.objects.update(claimed_until=None)

    again = (notices.send_due(), notices._fan_out(notice.pk))

    assert again == (0, False)
    assert (Message.objects.count(), ReportLink.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("fields", "pauses"),
    [
        ({"age": OLD}, True),
        ({"age": FRESH}, False),
        ({"removed_at": timedelta()}, False),
    ],
)
def test_message_promises_what_its_reader_may_do(user, fields, pauses):
    if "removed_at" in fields:
        fields = {"removed_at": timezone.now()}
    on_file(user, **fields)
    sign_in(user)

    notices.send_due()

    told = everything(Message.objects.get())
    assert ("Pause your account here" in told, "Tell our staff here" in told) == (
        pauses,
        not pauses,
    )


def test_sms_of_one_kind_leave_those_of_another_their_number(user):
    on_file(user, "+33612345678", kind=ContactKind.PHONE)
    for _ in range(25):
        notices.announce(make_event(user, EventKind.BROWSER_TRUSTED))
    sign_in(user)

    notices.send_due(limit=1000)

    kinds = list(Message.objects.values_list("kind", flat=True))
    assert kinds.count("activity.unusual_sign_in") == 1


def test_report_of_a_session_is_told_with_what_it_did(user):
    on_file(user)
    done = [{"what": Done.SIGNED_OUT, "count": 2}, {"what": Done.SPENT_PASSWORD}]
    incident = make_incident(user, make_judged_event(user), done=done)
    notices.announce(make_event(user, EventKind.REPORTED, incident=str(incident.pk)))

    notices.send_due()

    context = Message.objects.get().context
    assert context["what"] == (
        "Somebody who is signed in to your account said that this was not them: "
        "Sign-in from a new country. Every other browser was signed out. "
        "The password is not accepted any more; a new one has to be set."
    )
    assert context["title"] == "Something on your account was reported"


def test_pause_by_a_report_says_so_and_asks_for_no_second_one(user):
    on_file(user)
    notices.announce(make_event(user, EventKind.ACCOUNT_FROZEN, cause="reported"))

    notices.send_due()

    message = Message.objects.get()
    assert message.context["what"].startswith("Your account was paused, because somebody told us")
    assert (message.context["is_paused"], message.secrets) == (True, None)
    assert ReportLink.objects.count() == 0


def test_end_of_a_pause_says_whether_it_was_taken_back(user):
    on_file(user)
    for cause in ("taken_back", "recovered"):
        notices.announce(make_event(user, EventKind.ACCOUNT_UNFROZEN, cause=cause))

    notices.send_due()

    whats = [row.context["what"] for row in Message.objects.order_by("pk")]
    assert whats == [
        "Your account is no longer paused: whoever paused it took that back.",
        "Your account is no longer paused.",
    ]


def test_message_is_in_the_language_of_the_account_and_not_of_the_worker(user):
    user.language = "de"
    user.save()
    on_file(user)
    sign_in(user)

    notices.send_due()

    assert Message.objects.get().language == "de"

import json
from datetime import timedelta

import pytest
from django.dispatch import Signal
from django.utils import timezone

from accounts import signals
from accounts.enums import FailurePool, PasswordCause
from accounts.hooks import Assessment
from accounts.models import TotpDevice, User
from activity import policy
from activity.enums import EventKind
from activity.models import AuditEntry, Notice, SecurityEvent
from activity.tests.factories import make_client, make_contact, make_user
from outbox import signals as outbox_signals


@pytest.fixture
def user(db):
    return make_user()


@pytest.fixture
def contact(user):
    return make_contact(user, "mara.secret@example.org", verified_at=timezone.now())


def send(signal: Signal, user, **arguments) -> None:
    signal.send(sender=None, user=user, client=make_client(), **arguments)


def recorded() -> list[tuple[str, dict]]:
    return list(SecurityEvent.objects.order_by("at").values_list("kind", "details"))


def test_sign_in_keeps_what_it_was_done_with(user):
    send(signals.signed_in, user, authenticators=["password", "totp"], assessment=None)

    assert recorded() == [(EventKind.SIGNED_IN, {"authenticators": ["password", "totp"]})]


def test_sign_in_keeps_how_it_was_judged(user):
    assessment = Assessment(score=71, reasons=["new_country"], model="m1", is_unusual=True)

    send(signals.signed_in, user, authenticators=["password"], assessment=assessment)

    event = SecurityEvent.objects.get()
    assert (event.score, event.reasons, event.risk_model, event.is_unusual) == (
        71,
        ["new_country"],
        "m1",
        True,
    )


def test_sign_in_that_nobody_judged_has_no_score(user):
    send(signals.signed_in, user, authenticators=["passkey"], assessment=Assessment())

    event = SecurityEvent.objects.get()
    assert (event.score, event.reasons, event.risk_model, event.is_unusual) == (None, [], "", False)


@pytest.mark.parametrize(("age_days", "teaches"), [(8, True), (6, False)])
@pytest.mark.parametrize(
    "assessment", [Assessment(), Assessment(score=71, model="m1", is_unusual=True)]
)
def test_second_step_that_is_no_strong_proof_yet_teaches_nothing(
    user, assessment, age_days, teaches
):
    User.objects.filter(pk=user.pk).update(created_at=timezone.now() - timedelta(days=400))
    user.refresh_from_db()
    step = TotpDevice(user=user, made_at=timezone.now() - timedelta(days=age_days))

    send(
        signals.signed_in,
        user,
        authenticators=["password", "totp"],
        assessment=assessment,
        second_step=step,
    )

    assert SecurityEvent.objects.get().is_learned is teaches


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("wrong_password", EventKind.SIGN_IN_FAILED),
        ("wrong_token", EventKind.SECOND_STEP_FAILED),
    ],
)
def test_failure_keeps_its_reason_and_pool(user, reason, kind):
    send(signals.sign_in_failed, user, reason=reason, pool=FailurePool.KNOWN)

    assert recorded() == [(kind, {"reason": reason, "pool": "known"})]


def test_failure_on_an_unknown_account_is_recorded_too(db):
    send(signals.sign_in_failed, None, reason="wrong_password", pool="")

    assert SecurityEvent.objects.get().user is None


def test_sign_out_and_sign_up_are_recorded_quietly(user):
    send(signals.signed_up, user)
    send(signals.signed_out, user)

    assert recorded() == [(EventKind.SIGNED_UP, {}), (EventKind.SIGNED_OUT, {})]
    assert Notice.objects.count() == 0


def test_ended_sessions_keep_their_count(user):
    send(signals.sessions_ended, user, count=3)

    assert recorded() == [(EventKind.SESSIONS_ENDED, {"count": 3})]


@pytest.mark.parametrize(
    ("cause", "is_announced"),
    [
        (PasswordCause.CHANGE, True),
        (PasswordCause.STAFF, True),
        (PasswordCause.SIGN_UP, False),
        (PasswordCause.IMPORT, False),
    ],
)
def test_new_password_is_announced_where_nothing_else_tells_of_it(user, cause, is_announced):
    send(signals.password_changed, user, cause=cause)

    assert recorded() == [(EventKind.PASSWORD_CHANGED, {"cause": cause.value})]
    assert Notice.objects.exists() is is_announced


def test_new_password_of_a_recovery_is_left_to_recovery(user):
    send(signals.password_changed, user, cause=PasswordCause.RECOVERY)

    assert recorded() == []


@pytest.mark.parametrize(
    ("signal", "kind"),
    [
        (signals.contact_added, EventKind.CONTACT_ADDED),
        (signals.contact_removed, EventKind.CONTACT_REMOVED),
        (signals.contact_suspended, EventKind.CONTACT_SUSPENDED),
        (signals.contact_restored, EventKind.CONTACT_RESTORED),
        (signals.primary_changed, EventKind.PRIMARY_CHANGED),
    ],
)
def test_contact_change_is_announced_without_its_address(user, contact, signal, kind):
    send(signal, user, contact=contact)

    assert recorded() == [(kind, {"contact": contact.pk, "contact_kind": "email"})]
    assert "secret" not in json.dumps(recorded())
    assert Notice.objects.get().event.kind == kind


def test_mark_is_announced_with_what_it_says(user, contact):
    contact.mark = "shared"

    send(signals.contact_marked, user, contact=contact)

    details = {"contact": contact.pk, "contact_kind": "email", "mark": "shared"}
    assert recorded() == [(EventKind.CONTACT_MARKED, details)]
    assert Notice.objects.count() == 1


def test_replacement_of_all_contacts_is_announced_once(user, contact):
    send(signals.contact_removed, user, contact=contact, is_quiet=True)
    send(signals.contacts_replaced, user)

    assert [kind for kind, _ in recorded()] == [
        EventKind.CONTACT_REMOVED,
        EventKind.CONTACTS_REPLACED,
    ]
    assert [notice.event.kind for notice in Notice.objects.all()] == [EventKind.CONTACTS_REPLACED]


@pytest.mark.parametrize(
    ("signal", "arguments", "kinds"),
    [
        (signals.authenticator_added, {"is_first": False}, [EventKind.AUTHENTICATOR_ADDED]),
        (
            signals.authenticator_added,
            {"is_first": True},
            [EventKind.AUTHENTICATOR_ADDED, EventKind.TWO_STEP_ON],
        ),
        (signals.authenticator_removed, {"is_last": False}, [EventKind.AUTHENTICATOR_REMOVED]),
        (
            signals.authenticator_removed,
            {"is_last": True},
            [EventKind.AUTHENTICATOR_REMOVED, EventKind.TWO_STEP_OFF],
        ),
    ],
)
def test_one_change_of_a_second_step_is_one_notice(user, signal, arguments, kinds):
    send(signal, user, kind="totp", **arguments)

    assert recorded() == [(kind, {"authenticator": "totp"}) for kind in kinds]
    assert [notice.event.kind for notice in Notice.objects.all()] == kinds[-1:]


def test_new_printed_codes_are_announced(user):
    send(signals.authenticator_added, user, kind="recovery_codes", is_first=False)

    assert recorded() == [(EventKind.RECOVERY_CODES_MADE, {"authenticator": "recovery_codes"})]
    assert Notice.objects.count() == 1


def test_what_another_fact_of_the_act_tells_is_recorded_without_a_notice(user):
    send(signals.authenticator_removed, user, kind="sms", is_last=True, is_quiet=True)

    assert [kind for kind, _ in recorded()] == [
        EventKind.AUTHENTICATOR_REMOVED,
        EventKind.TWO_STEP_OFF,
    ]
    assert Notice.objects.count() == 0


def test_used_printed_code_is_announced_with_what_is_left(user):
    send(signals.recovery_code_used, user, left=2)

    assert recorded() == [(EventKind.RECOVERY_CODE_USED, {"left": 2})]
    assert Notice.objects.count() == 1


def test_refused_confirmation_is_recorded_and_nobody_is_written_to(user):
    send(signals.step_up_failed, user, reason="wrong_token")

    assert recorded() == [(EventKind.STEP_UP_FAILED, {"reason": "wrong_token"})]
    assert Notice.objects.count() == 0


def test_trust_is_announced_and_its_end_recorded(user):
    send(signals.browser_trusted, user)
    send(signals.browser_distrusted, user)

    assert [kind for kind, _ in recorded()] == [
        EventKind.BROWSER_TRUSTED,
        EventKind.BROWSER_DISTRUSTED,
    ]
    assert [notice.event.kind for notice in Notice.objects.all()] == [EventKind.BROWSER_TRUSTED]


@pytest.mark.parametrize(
    ("signal", "kind"),
    [
        (signals.account_frozen, EventKind.ACCOUNT_FROZEN),
        (signals.account_unfrozen, EventKind.ACCOUNT_UNFROZEN),
    ],
)
def test_freeze_and_its_end_are_announced(user, signal, kind):
    send(signal, user, cause="undo")

    assert recorded() == [(kind, {"cause": "undo"})]
    assert Notice.objects.count() == 1


def test_own_codes_are_recorded(user):
    send(signals.code_sent, user, purpose="accounts.sign_in_code", reason="")
    send(signals.code_refused, user, purpose="accounts.sign_in_code", reason="wrong_code")

    assert recorded() == [
        (EventKind.CODE_SENT, {"purpose": "accounts.sign_in_code"}),
        (EventKind.CODE_WRONG, {"purpose": "accounts.sign_in_code", "reason": "wrong_code"}),
    ]


def test_codes_of_apps_above_are_left_to_them(user):
    send(signals.code_sent, user, purpose="recovery.code", reason="")
    send(signals.code_refused, user, purpose="recovery.code", reason="wrong_code")

    assert recorded() == []


def test_staff_act_goes_into_the_chain(user):
    signals.staff_acted.send(
        sender=None, actor=user, action="staff:user:frozen", subject="user:2", reason="call"
    )
    signals.staff_acted.send(sender=None, actor=None, action="system:x", subject="", reason="")
    outbox_signals.staff_acted.send(
        sender=None, actor=user, action="message:sent_again", subject="message:3", reason=""
    )

    entries = AuditEntry.objects.order_by("number")
    assert list(entries.values_list("actor", "action", "subject", "reason")) == [
        (f"user:{user.pk}", "staff:user:frozen", "user:2", "call"),
        ("system", "system:x", "", ""),
        (f"user:{user.pk}", "message:sent_again", "message:3", ""),
    ]


def test_refused_second_step_is_announced_and_a_wrong_password_is_not(user):
    for reason in ("wrong_password", "wrong_token"):
        send(signals.sign_in_failed, user, reason=reason, pool=FailurePool.KNOWN)

    assert Notice.objects.get().event.kind == EventKind.SECOND_STEP_FAILED


def test_mailed_code_of_a_sign_in_alone_is_announced_for_when_it_has_run_out(user):
    for purpose in ("accounts.sign_in_code", "accounts.second_step_code", "accounts.contact_code"):
        send(signals.code_sent, user, purpose=purpose, reason="")

    notice = Notice.objects.get()
    assert notice.event.details == {"purpose": "accounts.sign_in_code"}
    assert notice.due_at == notice.event.at + policy.CODE_UNUSED_AFTER


@pytest.mark.parametrize(
    ("signal", "kind"),
    [
        (signals.contact_suspended, EventKind.CONTACT_SUSPENDED),
        (signals.contact_restored, EventKind.CONTACT_RESTORED),
        (signals.contact_removed, EventKind.CONTACT_REMOVED),
    ],
)
def test_contacts_that_a_report_takes_or_gives_are_recorded_quietly(user, contact, signal, kind):
    send(signal, user, contact=contact, is_quiet=True)

    assert recorded() == [(kind, {"contact": contact.pk, "contact_kind": "email"})]
    assert Notice.objects.count() == 0


@pytest.mark.parametrize("is_quiet", [True, False])
@pytest.mark.parametrize(
    ("signal", "kind"),
    [
        (signals.authenticator_suspended, EventKind.AUTHENTICATOR_SUSPENDED),
        (signals.authenticator_restored, EventKind.AUTHENTICATOR_RESTORED),
    ],
)
def test_suspended_second_step_is_told_where_no_report_tells_it(user, signal, kind, is_quiet):
    send(signal, user, kind="totp", is_quiet=is_quiet)

    assert recorded() == [(kind, {"authenticator": "totp"})]
    assert Notice.objects.exists() is not is_quiet


def test_contact_that_counts_again_is_told(user, contact):
    send(signals.contact_confirmed, user, contact=contact)

    assert Notice.objects.get().event.kind == EventKind.CONTACT_CONFIRMED


def test_spent_password_is_left_to_the_report(user):
    send(signals.password_spent, user)

    assert recorded() == [(EventKind.PASSWORD_SPENT, {})]
    assert Notice.objects.count() == 0

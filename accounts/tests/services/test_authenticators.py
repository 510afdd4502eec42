"""Second steps of every kind: who may add which, found, named, asked about (attacks.md 27, 29)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import errors, policy, queries, signals
from accounts.models import Passkey, RecoveryCode, User
from accounts.services import authenticators, recovery_codes, restrictions
from accounts.tests.factories import (
    make_client,
    make_passkey,
    make_recovery_codes,
    make_totp,
    make_user,
)
from accounts.tests.heard import heard
from accounts.tests.second_steps import (
    ALWAYS_DISPUTED,
    KINDS,
    MAKERS,
    STEPS,
    activate,
    in_use,
    make_pending,
    remove,
)
from accounts.tests.threads import run_at_once

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", MAKERS)
def test_own_authenticator_is_found_by_its_kind(kind):
    user = make_user()
    row = MAKERS[kind](user)

    found = authenticators.find(user, kind, row.pk)

    assert (found, found.kind) == (row, kind)
    assert found.user is user


@pytest.mark.parametrize("kind", MAKERS)
def test_one_of_somebody_else_unconfirmed_or_removed_is_not_found(kind):
    user = make_user()
    rows = [
        MAKERS[kind](make_user()),
        MAKERS[kind](user, confirmed=False, made_at=None),
        MAKERS[kind](user, confirmed=False, removed_at=timezone.now()),
    ]

    for row in rows:
        with pytest.raises(errors.NoSuchAuthenticator):
            authenticators.find(user, kind, row.pk)


def test_codes_by_mail_are_not_found_as_codes_by_text_message():
    user = make_user()
    row = MAKERS[KINDS.EMAIL](user)

    with pytest.raises(errors.NoSuchAuthenticator):
        authenticators.find(user, KINDS.SMS, row.pk)


@pytest.mark.parametrize("kind", STEPS)
def test_first_one_needs_printed_codes_that_were_kept(kind):
    user = make_user()
    with pytest.raises(errors.SecondWayMissing):
        authenticators.require_may_add(user, kind)
    code_set, _codes = make_recovery_codes(user, is_kept=False)
    with pytest.raises(errors.SecondWayMissing):
        authenticators.require_may_add(user, kind)

    recovery_codes.keep(user, code_set.pk)

    authenticators.require_may_add(user, kind)


@pytest.mark.parametrize("kind", STEPS)
def test_printed_codes_that_are_used_up_are_no_second_way(kind):
    user = make_user()
    make_recovery_codes(user)
    RecoveryCode.objects.update(used_at=timezone.now())

    with pytest.raises(errors.SecondWayMissing):
        authenticators.require_may_add(user, kind)


@pytest.mark.parametrize("kind", [*STEPS, KINDS.EMAIL])
def test_second_one_stands_beside_the_first(kind):
    user = make_user()
    make_totp(user)

    authenticators.require_may_add(user, kind)


def test_codes_by_mail_need_another_step_and_printed_codes_are_none():
    user = make_user()
    make_recovery_codes(user)

    with pytest.raises(errors.OnlyBesideAnother):
        authenticators.require_may_add(user, KINDS.EMAIL)


@pytest.mark.parametrize("kind", [*STEPS, KINDS.EMAIL])
def test_no_more_of_one_kind_than_the_limit(kind):
    user = make_user()
    make_passkey(user)
    make_totp(user)
    for _ in range(policy.AUTHENTICATORS_MOST):
        MAKERS[kind](user)

    with pytest.raises(errors.TooMany):
        authenticators.require_may_add(user, kind)


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("hold", ["restrict", "contest"])
def test_held_account_adds_nothing(kind, hold):
    user = make_user()
    make_totp(user)
    if hold == "restrict":
        restrictions.restrict(user, timezone.now() + timedelta(days=7))
    else:
        restrictions.contest(user)

    with pytest.raises(errors.Forbidden):
        authenticators.require_may_add(user, kind)


@pytest.mark.parametrize("kind", MAKERS)
def test_standing_claim_stops_all_but_two_strong_proofs(kind, settings):
    settings.ACCOUNT_DISPUTES = ALWAYS_DISPUTED
    user = make_user()
    make_totp(user)

    with pytest.raises(errors.Forbidden):
        authenticators.require_may_add(user, kind)
    authenticators.require_may_add(user, kind, is_strong=True)


@pytest.mark.parametrize("kind", STEPS)
def test_first_one_turns_two_step_on_and_the_next_does_not(kind):
    user = make_user()
    make_recovery_codes(user)

    with heard(signals.authenticator_added) as told:
        activate(make_pending(user, kind))
        activate(make_pending(user, KINDS.TOTP))

    assert [(each["kind"], each["is_first"]) for each in told] == [(kind, True), ("totp", False)]
    assert User.objects.get().epoch == user.epoch == 3
    assert queries.has_second_step(user) is True


def test_activation_asks_again_whether_it_may_be_added():
    user = make_user()
    row = make_pending(user)

    with pytest.raises(errors.SecondWayMissing):
        activate(row)

    assert queries.has_second_step(user) is False
    assert User.objects.get().epoch == 1


def test_one_that_was_removed_or_is_in_use_is_not_activated_again():
    user = make_user()
    make_recovery_codes(user)
    used, removed = make_totp(user), make_totp(user)
    remove(removed)

    for row in (used, removed):
        row.user = user
        user.refresh_from_db()
        with pytest.raises(errors.AccountChanged):
            activate(row)

    assert in_use(user)[0] == used


def test_session_that_was_ended_meanwhile_adds_and_removes_nothing():
    user = make_user()
    make_recovery_codes(user)
    device, pending = make_totp(user), make_pending(user)
    User.objects.update(epoch=7)

    for work in (activate, remove):
        with pytest.raises(errors.AccountChanged):
            work(pending if work is activate else device)
    with pytest.raises(errors.AccountChanged):
        authenticators.turn_off(user, client=make_client())

    assert queries.second_steps(user) == [device]


def test_name_is_changed_and_cut_to_what_fits():
    row = make_passkey(make_user())

    authenticators.rename(row, f"  {'long ' * 40}")

    row.refresh_from_db()
    assert row.name == ("long " * 40)[:64]


def test_removed_one_is_not_renamed():
    row = make_passkey(make_user(), name="key")
    remove(row)

    with pytest.raises(errors.NoSuchAuthenticator):
        authenticators.rename(row, "mine")

    assert Passkey.objects.get().name == "key"


@pytest.mark.parametrize("kind", [*STEPS, KINDS.EMAIL])
def test_owner_is_asked_about_each_kind_once(kind):
    user, now = make_user(), timezone.now()
    row = MAKERS[kind](user, made_at=now - policy.STILL_WORKS_AFTER)

    first = authenticators.due_to_ask(queries.second_steps(user), now=now)
    authenticators.answer_works(row, now=now)
    later = now + timedelta(days=400)

    assert first == row
    assert authenticators.due_to_ask(queries.second_steps(user), now=later) is None


@pytest.mark.parametrize(
    "fields",
    [
        {"made_at": timedelta(days=27)},
        {"used_at": timedelta(days=27)},
        {"asked_at": timedelta(days=400)},
    ],
)
def test_owner_is_not_asked_about_a_new_one_a_used_one_or_again(fields):
    user, now = make_user(), timezone.now()
    make_totp(user, **{name: now - ago for name, ago in fields.items()})

    assert authenticators.due_to_ask(queries.second_steps(user), now=now) is None


def test_owner_is_asked_about_one_that_was_last_used_long_ago():
    user, now = make_user(), timezone.now()
    row = make_totp(user, used_at=now - policy.STILL_WORKS_AFTER)

    assert authenticators.due_to_ask(queries.second_steps(user), now=now) == row


@pytest.mark.django_db(transaction=True)
def test_limit_holds_for_what_is_added_at_once():
    user = make_user()
    for _ in range(policy.AUTHENTICATORS_MOST - 1):
        make_passkey(user)
    pending = [make_pending(user, KINDS.PASSKEY).pk for _ in range(4)]

    run_at_once(
        4,
        lambda which: activate(Passkey.objects.select_related("user").get(pk=pending[which])),
    )

    assert Passkey.objects.in_use().count() <= policy.AUTHENTICATORS_MOST

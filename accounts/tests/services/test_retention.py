"""What is forgotten, and what is not yet."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import normalise, policy
from accounts.models import (
    Budget,
    Challenge,
    CodeDevice,
    ContactUndo,
    FormerPassword,
    FormerProfile,
    KnownNetwork,
    Passkey,
    RecoveryCodeSet,
    SignUp,
    TotpDevice,
    TrustedBrowser,
    UserSession,
)
from accounts.services import budgets, challenges, devices, retention, totp
from accounts.session_store import SessionStore
from accounts.tests.factories import (
    make_client,
    make_code_device,
    make_device,
    make_passkey,
    make_recovery_codes,
    make_totp,
    make_trust,
    make_user,
)

pytestmark = pytest.mark.django_db

NOTHING = dict.fromkeys(
    (
        "budgets",
        "challenges",
        "sign_ups",
        "networks",
        "former_passwords",
        "former_profiles",
        "sessions",
        "trusted_browsers",
        "undo_links",
        "set_ups",
        "passkeys",
        "apps",
        "sent_codes",
        "printed_codes",
    ),
    0,
)


def fill():
    """Make one fresh row of each kind."""
    budgets.consume(policy.SMS_PER_NUMBER, "x")
    address = normalise.email("maria@example.org")
    challenges.issue(policy.SIGN_UP_CODE, "sign_up:1", address, client=make_client())
    SignUp.objects.create(
        address="a@example.org", match_key="a@example.org", encoded_password="!", browser_hash="x"
    )
    devices.remember_network(make_user(), make_client())
    SessionStore().save()


def count_rows():
    return [
        model.objects.count() for model in (Budget, Challenge, SignUp, KnownNetwork, UserSession)
    ]


def test_fresh_rows_stay():
    fill()

    assert retention.prune() == NOTHING
    assert count_rows() == [1, 1, 1, 1, 1]


def test_old_rows_go_and_a_second_run_finds_nothing():
    fill()
    old = timezone.now() - timedelta(days=91)
    Budget.objects.update(window_ends_at=old)
    Challenge.objects.update(expires_at=old)
    SignUp.objects.update(created_at=old)
    KnownNetwork.objects.update(last_day=old.date())
    UserSession.objects.update(expire_date=old)

    first = retention.prune()
    second = retention.prune()

    assert first == NOTHING | dict.fromkeys(
        ("budgets", "challenges", "sign_ups", "networks", "sessions"), 1
    )
    assert second == NOTHING
    assert count_rows() == [0, 0, 0, 0, 0]


def test_former_passwords_that_no_rule_looks_at_go():
    maria = make_user()
    long_ago = timezone.now() - policy.RETENTION["former_passwords"]
    for days in range(policy.PASSWORDS_REMEMBERED + 2):
        FormerPassword.objects.create(
            user=maria, encoded=f"hash-{days}", replaced_at=long_ago - timedelta(days=days)
        )

    counts = retention.prune()

    left = FormerPassword.objects.order_by("-replaced_at").values_list("encoded", flat=True)
    assert counts == NOTHING | {"former_passwords": 2}
    assert list(left) == [f"hash-{days}" for days in range(policy.PASSWORDS_REMEMBERED)]


def test_thief_who_changes_the_password_again_and_again_flushes_no_older_one():
    maria, now = make_user(), timezone.now()
    FormerPassword.objects.create(
        user=maria, encoded="owners", replaced_at=now - timedelta(days=200)
    )
    for number in range(policy.PASSWORDS_REMEMBERED + 2):
        FormerPassword.objects.create(user=maria, encoded=f"thiefs-{number}", replaced_at=now)

    assert retention.prune() == NOTHING


def test_former_profiles_go_after_a_year():
    maria, now = make_user(), timezone.now()
    for value, days in (("Nowak", 366), ("Kowalska", 364)):
        FormerProfile.objects.create(
            user=maria, field="last_name", value=value, replaced_at=now - timedelta(days=days)
        )

    counts = retention.prune()

    assert counts == NOTHING | {"former_profiles": 1}
    assert FormerProfile.objects.get().value == "Kowalska"


def test_links_and_trust_go_when_their_time_is_over():
    user, now = make_user(), timezone.now()
    fresh, over = now + timedelta(minutes=1), now - timedelta(minutes=1)
    kept = make_trust(user, expires_at=fresh)
    make_trust(user, make_device(user, "other"), "other", expires_at=over)
    for number, end in enumerate((fresh, over)):
        ContactUndo.objects.create(
            contact=user.contacts.get(), token_hash=str(number), expires_at=end
        )

    counts = retention.prune()

    assert counts == NOTHING | {"trusted_browsers": 1, "undo_links": 1}
    assert TrustedBrowser.objects.get() == kept
    assert ContactUndo.objects.get().expires_at == fresh


def test_seed_that_was_never_confirmed_goes_after_its_time():
    totp.begin(make_user())
    fresh = retention.prune()
    TotpDevice.objects.update(begun_at=timezone.now() - policy.TOTP_SET_UP_LIVES)

    assert fresh == NOTHING
    assert retention.prune() == NOTHING | {"set_ups": 1}


def test_app_in_use_is_no_forgotten_set_up():
    make_totp(make_user(), begun_at=timezone.now() - timedelta(days=900))

    assert retention.prune() == NOTHING


def test_removed_authenticators_stay_as_long_as_recoveries_look_at_them():
    user, now = make_user(), timezone.now()
    ends = policy.RETENTION["authenticators"]
    for ago in (ends, ends - timedelta(minutes=1)):
        fields = {"confirmed": False, "removed_at": now - ago}
        for make in (make_passkey, make_totp, make_code_device):
            make(user, **fields)
        make_recovery_codes(user, codes=0, **fields)

    counts = retention.prune()

    gone = dict.fromkeys(("passkeys", "apps", "sent_codes", "printed_codes"), 1)
    assert counts == NOTHING | gone
    assert retention.prune() == NOTHING
    left = [model.objects.count() for model in (Passkey, TotpDevice, CodeDevice, RecoveryCodeSet)]
    assert left == [1, 1, 1, 1]

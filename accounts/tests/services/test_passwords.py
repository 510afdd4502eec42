import unicodedata

import pytest
from django.contrib.auth.hashers import (
    MD5PasswordHasher,
    PBKDF2PasswordHasher,
    check_password,
    make_password,
)
from django.db import transaction
from django.db.models import F

from accounts import errors, imported_hashes, policy, signals
from accounts.enums import Mode, PasswordCause
from accounts.hashers import WrappedPasswordHasher
from accounts.models import FormerPassword, ImportedWork, User
from accounts.services import passwords, retention, sessions
from accounts.tests.factories import PASSWORD, make_client, make_user

NEW = "Quiet-meadow-8-anvil"

pytestmark = pytest.mark.django_db


def wrap(raw: str, iterations: int = 10) -> str:
    return WrappedPasswordHasher().wrap(PBKDF2PasswordHasher().encode(raw, "salt", iterations))


@pytest.fixture
def spent(monkeypatch):
    """Record what checks burn beyond their own hash."""
    calls = []
    monkeypatch.setattr(imported_hashes, "spend", lambda *call: calls.append(call))
    return calls


def set_password(user: User, raw: str) -> None:
    prepared = passwords.prepare(user, raw)
    with transaction.atomic():
        passwords.store(user, prepared, cause=PasswordCause.CHANGE, client=make_client())


def test_check_takes_the_right_password_alone():
    user = make_user()

    assert [passwords.check(user, raw) for raw in (PASSWORD, NEW, "")] == [True, False, False]


def test_check_takes_every_way_to_compose_letters():
    user = make_user(password=unicodedata.normalize("NFC", "Café-au-lait-9-Übung"))

    assert passwords.check(user, unicodedata.normalize("NFD", "Café-au-lait-9-Übung")) is True


@pytest.mark.parametrize("password", [None, "!", ""])
def test_account_without_a_usable_password_takes_none(password):
    user = make_user()
    user.password = make_password(None) if password is None else password

    assert [passwords.check(user, raw) for raw in ("", "!", PASSWORD)] == [False] * 3


def test_nobody_has_no_password():
    assert passwords.check(None, PASSWORD) is False


def test_known_and_unknown_accounts_cost_the_same_statements(django_assert_num_queries):
    user = make_user()

    with django_assert_num_queries(1):
        passwords.check(user, NEW)
    with django_assert_num_queries(1):
        passwords.check(None, NEW)


def test_every_check_spends_what_the_dearest_imported_hash_costs(spent):
    ImportedWork.objects.create(algorithm="pbkdf2_sha256", work=1000)
    own, cheap = make_user(), make_user()
    cheap.password = wrap(PASSWORD, iterations=400)

    for user in (None, own, cheap):
        passwords.check(user, NEW)

    assert spent == [
        ("pbkdf2_sha256", 1000),
        ("pbkdf2_sha256", 1000),
        ("pbkdf2_sha256", 600),
    ]


def test_right_imported_password_becomes_plain_argon2():
    user = make_user()
    User.objects.filter(pk=user.pk).update(password=wrap("old-site"))
    user.refresh_from_db()

    assert passwords.check(user, "wrong") is False
    assert passwords.check(user, "old-site") is True

    user.refresh_from_db()
    assert user.password.startswith("argon2$")
    assert check_password("old-site", user.password) is True
    assert user.epoch == 1


def test_renewal_does_not_undo_a_password_set_meanwhile():
    user = make_user()
    User.objects.filter(pk=user.pk).update(password=wrap("old-site"))
    user.refresh_from_db()
    set_by_recovery = make_password(NEW)
    User.objects.filter(pk=user.pk).update(password=set_by_recovery)

    passwords.check(user, "old-site")

    user.refresh_from_db()
    assert user.password == set_by_recovery


def test_recorded_work_only_grows():
    ImportedWork.objects.create(algorithm="pbkdf2_sha256", work=50)
    md5 = WrappedPasswordHasher().wrap(MD5PasswordHasher().encode("x", "salt"))

    passwords.record_imported_work([wrap("a", 10), wrap("b", 70), wrap("c", 60), md5])

    assert list(ImportedWork.objects.values_list("algorithm", "work")) == [("pbkdf2_sha256", 70)]


def test_prepare_hashes_what_keeps_all_rules():
    prepared = passwords.prepare(None, NEW)

    assert check_password(NEW, prepared.encoded) is True
    assert repr(prepared) == "Prepared(...)"


def test_prepare_refuses_with_the_codes_of_the_checklist():
    with pytest.raises(errors.PasswordRefused) as refusal:
        passwords.prepare(None, "short")

    assert refusal.value.codes == ["length-12", "upper", "digit", "special"]


@pytest.mark.parametrize("password", ["Rossi-copper-7-x", "Maria77-copper-x", "Rover-copper-7-x"])
def test_prepare_refuses_words_of_the_person(password):
    user = make_user(email="maria@rover.example", last_name="Rossi")

    with pytest.raises(errors.PasswordRefused) as refusal:
        passwords.prepare(user, password)

    assert refusal.value.codes == ["words"]


def test_prepare_refuses_words_of_an_account_that_is_to_be():
    with pytest.raises(errors.PasswordRefused):
        passwords.prepare(None, "Rossi-copper-7-x", extra_words=["rossi@example.org"])


def test_last_five_passwords_are_refused_and_the_sixth_is_not():
    user = make_user()
    used = [f"Quiet-meadow-{number}-anvil" for number in range(5)]
    for raw in used:
        set_password(user, raw)

    for raw in used:
        with pytest.raises(errors.PasswordRefused) as refusal:
            passwords.prepare(user, raw)
        assert refusal.value.codes == ["former"]
    assert passwords.prepare(user, PASSWORD)


def test_imported_password_is_one_of_the_last():
    user = make_user()
    user.password = wrap(NEW)

    with pytest.raises(errors.PasswordRefused):
        passwords.prepare(user, NEW)


def test_store_keeps_the_former_hash_and_tells():
    user = make_user()
    told = []

    def listen(sender, **facts):
        told.append((facts["user"], facts["cause"]))

    signals.password_changed.connect(listen)
    former, prepared = user.password, passwords.prepare(user, NEW)

    with transaction.atomic():
        passwords.store(user, prepared, cause=PasswordCause.RECOVERY, client=make_client())

    signals.password_changed.disconnect(listen)
    user.refresh_from_db()
    assert user.password == prepared.encoded
    assert list(FormerPassword.objects.values_list("encoded", flat=True)) == [former]
    assert told == [(user, PasswordCause.RECOVERY)]


def test_pruning_forgets_all_but_the_last_few():
    user = make_user()
    for number in range(7):
        set_password(user, f"Quiet-meadow-{number}-anvil")
    user.former_passwords.update(
        replaced_at=F("replaced_at") - policy.RETENTION["former_passwords"]
    )

    retention.prune()

    assert user.former_passwords.count() == policy.PASSWORDS_REMEMBERED


def test_checklist_of_a_first_password_has_no_former_ones():
    user = make_user()

    assert [code for code, _ in passwords.rules(user)][-2:] == ["words", "former"]
    assert [code for code, _ in passwords.rules()][-2:] == ["common", "words"]


def test_change_sets_the_password_and_raises_the_epoch():
    user = make_user()

    passwords.change(user, PASSWORD, NEW, client=make_client())

    stored = User.objects.get(pk=user.pk)
    assert check_password(NEW, stored.password) is True
    assert (stored.epoch, user.epoch) == (2, 2)


def test_change_with_a_wrong_old_password_changes_nothing():
    user = make_user()
    before = user.password

    with pytest.raises(errors.WrongPassword):
        passwords.change(user, "Wrong-lantern-7-river", NEW, client=make_client())

    user.refresh_from_db()
    assert (user.password, user.epoch) == (before, 1)


def test_change_does_not_let_a_session_guess_the_password():
    user = make_user()
    for _ in range(policy.PASSWORD_CONFIRMATIONS.limit):
        with pytest.raises(errors.WrongPassword):
            passwords.change(user, "wrong", NEW, client=make_client())

    with pytest.raises(errors.LimitReached):
        passwords.change(user, PASSWORD, NEW, client=make_client())


def test_change_of_an_account_that_was_recovered_meanwhile_is_refused():
    user = make_user()
    sessions.raise_epoch(User.objects.get(pk=user.pk))

    with pytest.raises(errors.WrongPassword):
        passwords.change(user, PASSWORD, NEW, client=make_client())


def test_change_is_refused_by_a_frozen_account():
    user = make_user(frozen_at="2026-01-01T00:00:00Z", frozen_cause="owner")
    assert User.objects.get(pk=user.pk).mode == Mode.FROZEN

    with pytest.raises(errors.Forbidden):
        passwords.change(user, PASSWORD, NEW, client=make_client())

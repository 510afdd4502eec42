import pytest
from django.contrib.auth.hashers import check_password
from django.contrib.auth.models import Group

from accounts import errors, signals
from accounts.models import Contact, TotpDevice, User
from accounts.services import passwords, staff
from accounts.tests.factories import PASSWORD, make_code_device, make_totp, make_user
from accounts.tests.heard import heard

pytestmark = pytest.mark.django_db


@pytest.fixture
def told():
    """Collect what the audit chain is told."""
    staff.sync_roles()  # which tells the chain of roles that are new
    acts = []

    def listen(sender, *, actor, action, subject, reason, **kwargs):
        acts.append((actor, action, subject, reason))

    signals.staff_acted.connect(listen)
    yield acts
    signals.staff_acted.disconnect(listen)


def make(email="lena@example.org", role="reviewer", **options):
    options.setdefault("password", passwords.prepare(None, PASSWORD))
    return staff.make_staff(email, role, **options)


def test_new_member_has_role_password_address_and_app(told):
    made = make(names={"first_name": "Lena", "last_name": "Berg"})

    user = User.objects.get()
    assert (str(user), user.is_staff, user.is_superuser) == ("Lena Berg", True, False)
    assert [group.name for group in user.groups.all()] == ["reviewer"]
    assert check_password(PASSWORD, user.password) is True
    assert Contact.objects.get().signs_in is True
    assert TotpDevice.objects.get().seed in made.set_up_url
    assert made.is_new is True
    assert told == [(None, "accounts:staff:created", f"user:{user.pk}", "role reviewer")]


def test_superuser_has_no_group():
    make(role="superuser")

    user = User.objects.get()
    assert (user.is_superuser, user.groups.count()) == (True, 0)


def test_account_that_exists_is_promoted_and_signed_out(told):
    user = make_user(email="Lena@example.org")
    before = user.password

    made = make(password=None)

    user.refresh_from_db()
    assert (made.is_new, made.user, user.is_staff) == (False, user, True)
    assert user.password == before
    assert user.epoch > 1
    assert told == [(None, "accounts:staff:promoted", f"user:{user.pk}", "role reviewer")]


def test_another_role_replaces_the_first_and_takes_superuser_away():
    make(role="superuser")

    make(role="auditor", password=None)

    user = User.objects.get()
    assert (user.is_superuser, [group.name for group in user.groups.all()]) == (False, ["auditor"])


def test_app_that_is_there_stays_unless_asked():
    make()
    first = TotpDevice.objects.get()

    again = make(password=None)

    assert again.set_up_url == ""
    assert TotpDevice.objects.get() == first


def test_app_is_replaced_when_asked():
    user = make_user(email="lena@example.org")
    lost = make_totp(user)

    with heard(signals.authenticator_added) as added, heard(signals.authenticator_removed) as gone:
        made = make(password=None, renew_app=True)

    lost.refresh_from_db()
    assert (lost.confirmed, lost.seed) == (False, None)
    assert TotpDevice.objects.in_use().get() != lost
    assert made.set_up_url.startswith("otpauth://totp/")
    assert [each["is_first"] for each in added] == [False]
    assert [each["is_last"] for each in gone] == [False]


def test_other_second_steps_stay_when_the_app_is_replaced():
    user = make_user(email="lena@example.org")
    make_totp(user)
    by_mail = make_code_device(user, user.contacts.get())

    make(password=None, renew_app=True)

    by_mail.refresh_from_db()
    assert by_mail.confirmed is True


@pytest.mark.parametrize(
    ("email", "role"), [("lena@", "reviewer"), ("lena@example.org", "emperor")]
)
def test_broken_address_and_unknown_role_are_refused(email, role):
    with pytest.raises(errors.StaffRefused):
        make(email, role)

    assert User.objects.count() == 0


def test_new_member_without_password_is_refused():
    with pytest.raises(errors.StaffRefused):
        make(password=None)


@pytest.mark.parametrize(
    "fields", [{"is_active": False}, {"frozen_at": "2026-01-01T00:00:00Z", "frozen_cause": "owner"}]
)
def test_paused_and_disabled_accounts_are_not_promoted(fields):
    make_user(email="lena@example.org", **fields)

    with pytest.raises(errors.StaffRefused):
        make(password=None)

    assert User.objects.get().is_staff is False


def test_roles_are_brought_back_to_the_table():
    staff.sync_roles()
    reviewers = Group.objects.get(name="reviewer")
    reviewers.permissions.set(Group.objects.get(name="auditor").permissions.all())

    staff.sync_roles()

    assert {permission.codename for permission in reviewers.permissions.all()} == {
        "view_recoveryticket",
        "review_recoveryticket",
        "open_recoveryticket",
    }


def test_generated_passwords_keep_the_rules_and_differ():
    made = {staff.generate_password() for _ in range(20)}

    assert len(made) == 20
    assert all(passwords.prepare(None, password) for password in made)

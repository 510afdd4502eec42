from io import StringIO

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command

from accounts import signals
from accounts.services import staff

pytestmark = pytest.mark.django_db

ROLES = {"reader": ("accounts.view_user", "accounts.view_contact")}
HERE = __name__


@pytest.fixture(autouse=True)
def _roles(settings):
    settings.STAFF_ROLES = f"{HERE}.ROLES"


@pytest.fixture
def told():
    """Collect what the audit chain is told."""
    acts = []

    def listen(sender, *, actor, action, subject, reason, **kwargs):
        acts.append((actor, action, reason))

    signals.staff_acted.connect(listen)
    yield acts
    signals.staff_acted.disconnect(listen)


def run(*options) -> str:
    out = StringIO()
    call_command("sync_roles", *options, stdout=out)
    return out.getvalue()


def held() -> set[str]:
    return set(Group.objects.get(name="reader").permissions.values_list("codename", flat=True))


def test_roles_are_made_and_the_chain_is_told(told):
    said = run()

    assert held() == {"view_user", "view_contact"}
    assert said.splitlines() == [
        "reader: may accounts.view_contact",
        "reader: may accounts.view_user",
        "2 permissions changed; roles: reader, superuser.",
    ]
    assert told == [(None, "accounts:roles:synced", "2 permissions changed")]


def test_what_somebody_added_by_hand_is_taken_away():
    run()
    Group.objects.get().permissions.add(Permission.objects.get(codename="view_device"))

    said = run()

    assert held() == {"view_user", "view_contact"}
    assert said.startswith("reader: may no longer accounts.view_device")


def test_second_run_changes_nothing_and_tells_nobody(told):
    run()
    told.clear()

    assert run() == "0 permissions changed; roles: reader, superuser.\n"
    assert told == []


def test_dry_run_says_it_and_changes_nothing(told):
    said = run("--dry-run")

    assert "2 permissions changed (dry run)" in said
    assert (Group.objects.count(), told) == (0, [])


def test_group_of_the_operators_own_stays():
    own = Group.objects.create(name="pupils")
    own.permissions.add(Permission.objects.get(codename="view_device"))

    run()

    assert own.permissions.count() == 1


def test_unknown_permission_stops_with_words_and_changes_nothing(settings):
    settings.STAFF_ROLES = f"{HERE}.BROKEN"

    with pytest.raises(CommandError, match=r"No such permission: accounts\.fly"):
        run()

    assert Group.objects.count() == 0


BROKEN = {"reader": ("accounts.view_user",), "pilot": ("accounts.fly",)}


def test_names_of_roles_end_in_superuser():
    assert staff.role_names() == ["reader", "superuser"]

"""What holds of every roll-back, over accounts and changes drawn at random."""

from datetime import timedelta
from random import Random

import pytest
from django.utils import timezone

from accounts import policy, queries
from accounts.enums import ContactMark
from accounts.models import Contact, KnownNetwork, TotpDevice, User
from accounts.tests.factories import (
    make_code_device,
    make_contact,
    make_device,
    make_passkey,
    make_recovery_codes,
    make_totp,
    make_user,
)
from accounts.tests.rolling_back import TABLES, rows_of, since, take_back

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
NAME = "maria@example.org"


@pytest.mark.parametrize("seed", range(25))
def test_taken_back_it_has_never_been(seed):
    maria, at = _drawn(Random(seed))
    before = rows_of(maria)

    take_back(maria, since(maria, at))

    assert rows_of(maria) == before


@pytest.mark.parametrize("seed", range(25))
def test_nobody_gains_and_the_name_is_not_lost(seed):
    maria, at = _drawn(Random(seed))
    now = timezone.now()
    counted = {each.pk for each in Contact.objects.on_file() if each.counts_from <= now}

    since(maria, at)

    on_file = list(Contact.objects.on_file())
    assert queries.find_account(NAME, now) == maria
    assert {each.pk for each in on_file if each.counts_from <= now} <= counted
    assert not [each for each in on_file if each.verified_at >= at]
    assert {each.counts_from for each in on_file if each.is_in_doubt} <= {policy.NEVER}
    for table in TABLES[1:5]:
        assert not table.objects.in_use().filter(made_at__gte=at).exists()
    assert User.objects.get().password_spent_at is not None


def _drawn(random):
    """Give an account with a history, and a moment in the middle of it."""
    now = timezone.now()
    at = now - random.choice([DAY / 24, 3 * DAY, 20 * DAY])

    def moment():
        """Give some time before or after it."""
        return random.choice([at - 9 * DAY, at - DAY, at + (now - at) / 3, at + (now - at) / 2])

    maria = make_user(email=NAME)
    own = maria.contacts.get()
    for number in range(random.randint(0, 4)):
        _add(random, maria, f"other{number}@example.net", moment, now)
    _rename(random, own, at, now)
    for make in (make_totp, make_passkey, make_recovery_codes, make_code_device):
        if random.random() < 0.6:
            make(maria, made_at=moment())
    TotpDevice.objects.filter(made_at__lt=at - DAY).update(last_step=random.randint(1, 9))
    for number in range(random.randint(0, 3)):
        seen = moment()
        make_device(maria, f"device{number}", first_seen_at=seen)
        KnownNetwork.objects.create(
            user=maria,
            network=f"192.0.2.{number}",
            days=number,
            first_day=seen.date(),
            last_day=now.date(),
        )
    return maria, at


def _add(random, user, value, moment, now):
    """Add an address that may be removed, marked or a former name by now."""
    verified_at = moment()
    fields = {"counts_from": random.choice([verified_at, now + 6 * DAY])}
    if random.random() < 0.4:
        fields["removed_at"] = max(moment(), verified_at)
    if random.random() < 0.3:
        fields |= {"mark": ContactMark.LOST, "marked_at": moment()}
    if random.random() < 0.3:
        fields["demoted_at"] = moment()
    make_contact(user, value, verified_at=verified_at, **fields)


def _rename(random, own, at, now):
    """Let the account be named by another address since, and take the former one off, maybe."""
    since_then = at + (now - at) / 4
    is_renamed = random.random() < 0.6
    if is_renamed:
        Contact.objects.filter(pk=own.pk).update(signs_in=False, demoted_at=since_then)
        make_contact(own.user, "thief@example.net", signs_in=True, verified_at=since_then)
    if is_renamed and random.random() < 0.6:
        Contact.objects.filter(pk=own.pk).update(removed_at=since_then)

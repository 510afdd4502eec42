"""Browsers and networks that an account has signed in from."""

import uuid
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Exists, F, Max, Model, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from accounts import policy
from accounts.client import Client
from accounts.models import Device, KnownNetwork, User
from accounts.queries import NOBODY
from vault import digests

NO_COOKIE = "-"  # no SHA-256
# A cookie that is known, be it by another account's sign-in, is kept; any other is replaced. Who
# was forgotten is known again from today on: its age counts for objections. The account is locked
# by the same statement, as by every change of it: a sign-in would else meet the rows that a report
# writes in another order (activity's counts of it among them).
REMEMBER = """
INSERT INTO accounts_device
  (id, user_id, token_hash, agent, hints, first_seen_at, last_seen_at, forgotten_at)
SELECT %s, account.id,
  CASE WHEN EXISTS (SELECT 1 FROM accounts_device WHERE token_hash = %s) THEN %s ELSE %s END,
  %s, %s, %s, %s, NULL
FROM (SELECT id FROM accounts_user WHERE id = %s {lock}) AS account
WHERE TRUE
ON CONFLICT (token_hash, user_id) DO UPDATE SET
  agent = excluded.agent,
  hints = excluded.hints,
  last_seen_at = excluded.last_seen_at,
  first_seen_at = CASE WHEN accounts_device.forgotten_at IS NULL
                       THEN accounts_device.first_seen_at ELSE excluded.first_seen_at END,
  forgotten_at = NULL
RETURNING *
"""
# A day counts once, however often the account signs in.
REMEMBER_NETWORK = """
INSERT INTO accounts_knownnetwork (user_id, network, days, first_day, last_day)
VALUES (%s, %s, 1, %s, %s)
ON CONFLICT (user_id, network) DO UPDATE SET
  days = accounts_knownnetwork.days + 1, last_day = excluded.last_day
WHERE accounts_knownnetwork.last_day < excluded.last_day
"""


def is_known(user: User | None, client: Client) -> bool:
    """Tell whether this browser has signed in to this account; one query where it has a cookie."""
    if not client.device:
        return False
    return Device.objects.filter(
        user_id=user.pk if user else NOBODY, token_hash=client.device, forgotten_at=None
    ).exists()


def knows_browser(client: Client) -> Exists:
    """Give the same as a column of a query of accounts."""
    return Exists(
        Device.objects.filter(
            user=OuterRef("pk"), token_hash=client.device or NO_COOKIE, forgotten_at=None
        )
    )


def is_known_network(user: User | None, client: Client) -> bool:
    """Tell whether the account signed in from this network on two days or more; one query."""
    return _known_networks(client).filter(user_id=user.pk if user else NOBODY).exists()


def knows_network(client: Client) -> Exists:
    """Give the same as a column of a query of accounts."""
    return Exists(_known_networks(client).filter(user=OuterRef("pk")))


def remember(user: User, client: Client) -> tuple[Device, str]:
    """Note a completed sign-in from this browser; give its row and the new cookie value or "".

    A value that no sign-in of ours ever set is not taken over: somebody else may have planted it.
    One statement, so that two sign-ins of one browser at once share its row. Takes the account's
    lock until the caller's transaction ends.
    """
    token = digests.new_token()
    new_hash = digests.token_hash(token)
    now = _as_stored(Device, "first_seen_at", timezone.now())
    can_lock = connection.features.has_select_for_update  # SQLite has one writer anyway
    lock = connection.ops.for_update_sql(no_key=True) if can_lock else ""
    (device,) = Device.objects.raw(
        REMEMBER.format(lock=lock),
        [
            _as_stored(Device, "id", uuid.uuid4()),
            *(client.device, client.device, new_hash, client.agent, client.hints),
            *(now, now),
            _as_stored(Device, "user", user.pk),
        ],
    )
    device.user = user
    return device, token if device.token_hash == new_hash else ""


def remember_network(user: User, client: Client) -> None:
    """Count this day for the network of a completed sign-in; one statement."""
    if not client.network:
        return
    today = _as_stored(KnownNetwork, "last_day", timezone.now().date())
    owner = _as_stored(KnownNetwork, "user", user.pk)
    with connection.cursor() as cursor:
        cursor.execute(REMEMBER_NETWORK, [owner, client.network, today, today])


def forget_all(user: User, *, since: datetime | None = None, until: datetime | None = None) -> int:
    """Make every browser and network of the account unknown; gives how many browsers.

    since: only those that were new since then; until: and that did not sign in after that. For
    recovery and freezes: a thief's browser must not stay a known one.
    """
    rows = Device.objects.filter(user=user, forgotten_at=None)
    networks = KnownNetwork.objects.filter(user=user)
    if since:
        rows = rows.filter(first_seen_at__gte=since)
        networks = networks.filter(first_day__gte=since.date())
    if until:
        rows = rows.filter(last_seen_at__lt=until)
        networks = networks.filter(last_day__lte=until.date())
    networks.delete()
    return rows.update(forgotten_at=timezone.now())


def note_sign_ins(batch: int = policy.NOTED_AT_ONCE) -> int:
    """Bring User.last_login up to date; gives of how many accounts. Safe to run twice.

    It is asked about days and years (recovery.history, admin), so that every sign-in is spared the
    write to a row that other changes lock.
    """
    own = Device.objects.filter(user=OuterRef("pk")).order_by().values("user")
    last_at = Subquery(own.annotate(at=Max("last_seen_at")).values("at"))
    behind = User.objects.annotate(last_at=last_at).filter(
        Q(last_login=None, last_at__isnull=False) | Q(last_login__lt=F("last_at"))
    )
    waiting = behind.order_by("pk").values_list("pk", flat=True)
    total, keys = 0, list(waiting[:batch])
    while keys:
        total += User.objects.filter(pk__in=keys).update(last_login=last_at)
        keys = list(waiting.filter(pk__gt=keys[-1])[:batch])
    return total


def _known_networks(client: Client) -> QuerySet[KnownNetwork]:
    return KnownNetwork.objects.filter(network=client.network, days__gte=policy.KNOWN_NETWORK_DAYS)


def _as_stored(model: type[Model], field: str, value: Any) -> Any:
    """Give a value as this database takes it in a statement of our own."""
    return model._meta.get_field(field).get_db_prep_save(value, connection)  # type: ignore[union-attr]

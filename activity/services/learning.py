"""Teach the counts what was seen; unteach them what was disputed.

An account's own counts change with its event, in one transaction that holds the account's lock
(devices.remember takes it for a sign-in), so that the next sign-in knows of it. Those of all
accounts are changed by the worker alone, so that sign-ins do not wait for each other; is_counted
says whether they have an event in them.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Model, Q, QuerySet
from django.utils import timezone

from accounts.enums import AuthenticatorKind
from accounts.hooks import Assessment
from accounts.models import Authenticator, User
from accounts.policy import authenticator_counts_from
from accounts.services import networks
from activity import policy
from activity.assessors import known, values_of, vouched_value
from activity.enums import EventKind
from activity.models import CommonCount, FeatureCount, SecurityEvent
from activity.risk import VOUCHED, Features, Value

# One statement for any number of values, each once, sorted: two that lock the same rows do so in
# one order. Never below 0, whatever was forgotten in between.
ADD_OWN = """
INSERT INTO activity_featurecount (user_id, feature, value, count, last_at) VALUES {rows}
ON CONFLICT (user_id, feature, value) DO UPDATE SET
  count = activity_featurecount.count + excluded.count,
  last_at = CASE WHEN activity_featurecount.last_at < excluded.last_at
                 THEN excluded.last_at ELSE activity_featurecount.last_at END
"""
ADD_COMMON = """
INSERT INTO activity_commoncount (feature, value, count, last_at) VALUES {rows}
ON CONFLICT (feature, value) DO UPDATE SET
  count = CASE WHEN activity_commoncount.count + excluded.count > 0
               THEN activity_commoncount.count + excluded.count ELSE 0 END,
  last_at = CASE WHEN activity_commoncount.last_at < excluded.last_at
                 THEN excluded.last_at ELSE activity_commoncount.last_at END
"""
SUM_UP = """
INSERT INTO activity_commoncount (feature, value, count, last_at)
SELECT feature, value, SUM(count), MAX(last_at) FROM activity_featurecount
WHERE feature <> %s GROUP BY feature, value
"""
# What shows that a sign-in is the owner's, of whom an unusual one may teach; a trusted browser is
# no such thing, because its cookie can be stolen with the password.
CONFIRMING = frozenset(str(kind) for kind in AuthenticatorKind)
# What an event is counted by, and to whom it belongs.
COLUMNS = ("pk", "user_id", "at", "address", "country", "browser", "system", "device")


def may_teach(
    user: User,
    assessment: Assessment,
    authenticators: Sequence[str],
    second_step: Authenticator | None,
) -> bool:
    """Tell whether a complete sign-in is believed to be the owner's.

    One that was found usual; else one that was confirmed, or shown by a passkey, which nobody
    judges. A thief with nothing but the password must not become normal by coming again, nor with
    an authenticator that he made himself: one that is no strong proof yet confirms nothing.
    """
    if assessment.model and not assessment.is_unusual:
        return True
    if second_step is not None and _is_young(second_step, user):
        return False
    return not assessment.is_unusual or not CONFIRMING.isdisjoint(authenticators)


def learn(event: SecurityEvent) -> bool:
    """Add a sign-in to the counts of its account, once; gives whether it was not in them yet."""
    with transaction.atomic():
        is_new = _of(event).filter(is_learned=False).update(is_learned=True)
        if is_new:
            add_to_account(event)
    event.is_learned = True
    return bool(is_new)


def add_to_account(event: SecurityEvent) -> None:
    """Count a sign-in whose row was just written as learned; one statement."""
    _add_own(event, values_of(features_of(event)))


def vouch(event: SecurityEvent) -> None:
    """Learn what the owner says was them, and keep quiet about its pattern from now on.

    Nothing for what is no sign-in: a change teaches no habits.
    """
    if event.kind != EventKind.SIGNED_IN or event.user_id is None:
        return
    with transaction.atomic():
        learn(event)
        _add_own(event, [vouched_value(features_of(event))])


def unlearn(event: SecurityEvent) -> bool:
    """Take a disputed sign-in out of the counts again, and the vouching for its pattern.

    Gives whether it was in them. The worker takes it out of the counts of all accounts, where it
    is in those: is_counted stands until then.
    """
    features = features_of(event)
    own = FeatureCount.objects.filter(user=event.user_id)
    with transaction.atomic():
        was_learned = _of(event).filter(is_learned=True).update(is_learned=False)
        if was_learned:
            _take_one(own.filter(_any_of(values_of(features))))
        feature, pattern = vouched_value(features)
        own.filter(feature=feature, value=pattern).delete()
    event.is_learned = False
    return bool(was_learned)


def count_due(limit: int = policy.COUNTED_AT_ONCE) -> int:
    """Bring the counts of all accounts up to date; gives how many sign-ins went in or out.

    A batch is one transaction, from claiming its events on: a worker that dies loses nothing and
    doubles nothing, and two workers take different events.
    """
    total = 0
    for is_learned in (True, False):
        while count := _count_batch(is_learned=is_learned, limit=limit):
            total += count
            if count < limit:
                break
    return total


def rebuild() -> int:
    """Make both counts anew from the learned sign-ins that are kept; gives how many there are.

    What owners vouched for stays. Sign-ins may go on meanwhile: they wait while a hundred accounts
    are counted. One that ends in the very moment in which all are added up may stand twice in the
    counts of all accounts, which changes no judgement.
    """
    total = 0
    keys = User.objects.order_by("pk").values_list("pk", flat=True)
    batch = list(keys[: policy.REBUILT_AT_ONCE])
    while batch:
        total += _rebuild_accounts(batch)
        batch = list(keys.filter(pk__gt=batch[-1])[: policy.REBUILT_AT_ONCE])
    _rebuild_common()
    return total


def features_of(event: SecurityEvent) -> Features:
    """Give what of a kept sign-in is compared: the same as of the browser that made it."""
    return _features(event.address or "", event.country, event.browser, event.system, event.device)


def _features(address: str, country: str, browser: str, system: str, device: str) -> Features:
    return Features(
        address=address,
        network=networks.wide_network_of(address),
        range=networks.range_of(address),
        country=country,
        browser=known(browser),
        system=known(system),
        device=known(device),
    )


def _of(event: SecurityEvent) -> QuerySet[SecurityEvent]:
    return SecurityEvent.objects.filter(pk=event.pk, kind=EventKind.SIGNED_IN, user__isnull=False)


def _add_own(event: SecurityEvent, values: Sequence[Value]) -> None:
    owner = _as_stored(FeatureCount, "user", event.user_id)
    at = _as_stored(FeatureCount, "last_at", event.at)
    _execute(ADD_OWN, [(owner, feature, value, 1, at) for feature, value in values])


def _take_one(rows: QuerySet[FeatureCount]) -> None:
    """Take one off each, and away what is none then; locked in the order of adding."""
    keys = [row.pk for row in rows.order_by("feature", "value").select_for_update()]
    locked = FeatureCount.objects.filter(pk__in=keys)
    locked.filter(count__lte=1).delete()
    locked.update(count=F("count") - 1)


def _any_of(values: Iterable[Value]) -> Q:
    found = Q()
    for feature, value in values:
        found |= Q(feature=feature, value=value)
    return found


@transaction.atomic
def _count_batch(*, is_learned: bool, limit: int) -> int:
    """Add what was learned, or take out what was unlearned; gives how many events it was."""
    _lock(CommonCount, "ROW EXCLUSIVE")  # before any event: a rebuild takes both in this order too
    due = SecurityEvent.objects.filter(is_learned=is_learned, is_counted=not is_learned)
    claimed = list(
        due.order_by("at").select_for_update(skip_locked=True).values_list(*COLUMNS)[:limit]
    )
    if not claimed:
        return 0
    SecurityEvent.objects.filter(pk__in=[row[0] for row in claimed]).update(is_counted=is_learned)
    counts: Counter[Value] = Counter()
    latest: dict[Value, datetime] = {}
    for _pk, _user, at, *facts in claimed:
        for value in values_of(_features(facts[0] or "", *facts[1:])):
            counts[value] += 1
            latest[value] = max(latest.get(value, at), at)
    _add_common(counts, latest, sign=1 if is_learned else -1)
    return len(claimed)


def _add_common(counts: Counter[Value], latest: dict[Value, datetime], *, sign: int) -> None:
    values = sorted(counts)
    for start in range(0, len(values), policy.ROWS_AT_ONCE):
        some = values[start : start + policy.ROWS_AT_ONCE]
        _execute(
            ADD_COMMON,
            [
                (*value, sign * counts[value], _as_stored(CommonCount, "last_at", latest[value]))
                for value in some
            ],
        )
        if sign < 0:
            # A row that was forgotten meanwhile was just made with less than nothing.
            asked = {"feature__in": {name for name, _ in some}, "value__in": [v for _, v in some]}
            CommonCount.objects.filter(**asked, count__lte=0).delete()


@transaction.atomic
def _rebuild_accounts(users: list[UUID]) -> int:
    # Not the accounts: of a hundred, one that a slow change holds would make all others wait. What
    # a sign-in has counted is seen with its event, and what it will count waits for these.
    _lock(FeatureCount, "EXCLUSIVE")
    learned = SecurityEvent.objects.filter(
        user__in=users, kind=EventKind.SIGNED_IN, is_learned=True
    )
    counts: dict[tuple[UUID, Value], FeatureCount] = {}
    total = 0
    for _pk, user, at, *facts in learned.values_list(*COLUMNS).iterator(policy.ROWS_AT_ONCE):
        total += 1
        for feature, value in values_of(_features(facts[0] or "", *facts[1:])):
            row = counts.setdefault(
                (user, (feature, value)),
                FeatureCount(user_id=user, feature=feature, value=value, last_at=at),
            )
            row.count += 1
            row.last_at = max(row.last_at, at)
    FeatureCount.objects.filter(user__in=users).exclude(feature=VOUCHED).delete()
    FeatureCount.objects.bulk_create(counts.values(), batch_size=policy.ROWS_AT_ONCE)
    return total


@transaction.atomic
def _rebuild_common() -> None:
    _lock(CommonCount, "EXCLUSIVE")  # no worker counts meanwhile
    learned = SecurityEvent.objects.filter(is_learned=True, is_counted=False)
    learned.update(is_counted=True)
    SecurityEvent.objects.filter(is_learned=False, is_counted=True).update(is_counted=False)
    CommonCount.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(SUM_UP, [VOUCHED])


def _lock(model: type[Model], mode: str) -> None:
    """Lock a table against writers until the transaction ends; SQLite has one writer anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {model._meta.db_table} IN {mode} MODE")


def _execute(statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Run an INSERT of these rows. Its text is ours; every value is a parameter."""
    marks = f"({', '.join(['%s'] * len(rows[0]))})"
    with connection.cursor() as cursor:
        cursor.execute(
            statement.format(rows=", ".join([marks] * len(rows))),
            [value for row in rows for value in row],
        )


def _as_stored(model: type[Model], field: str, value: Any) -> Any:
    """Give a value as this database takes it in a statement of our own."""
    return model._meta.get_field(field).get_db_prep_save(value, connection)  # type: ignore[union-attr]


def _is_young(row: Authenticator, user: User) -> bool:
    made_at = row.made_at
    return made_at is None or authenticator_counts_from(made_at, user.created_at) > timezone.now()

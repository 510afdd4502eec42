"""What accounts asks of activity while somebody signs in (SIGN_IN_ASSESSORS)."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.client import Client
from accounts.hooks import Assessment
from accounts.models import User
from accounts.services import networks
from activity import places, policy, risk, useragents
from activity.enums import Level
from activity.models import FeatureCount, SecurityEvent
from activity.risk import Circumstances, Counts, Features, Point, Value

# Before the name of a feature: of how many sign-ins it was known; its value is "".
KNOWN = "known:"
LONGEST_VALUE = FeatureCount._meta.get_field("value").max_length

# One statement for all that a judgement rests on, and each part of it searches one index for a
# bounded number of rows: it costs the same after ten sign-ins and after a million. Sixteen values
# are always asked for, so that it is one text for the database to know. The kind is written out
# because the partial index activity_event_failed_from has it so.
READ = """
WITH asked (feature, value) AS (VALUES
  (%s, %s), (%s, %s), (%s, %s), (%s, %s), (%s, %s), (%s, %s), (%s, %s), (%s, %s),
  (%s, %s), (%s, %s), (%s, %s), (%s, %s), (%s, %s), (%s, %s), (%s, %s), (%s, %s)
), failed AS (
  SELECT user_id FROM activity_securityevent
  WHERE network = %s AND kind = 'account:sign_in:failed' AND at > %s
  ORDER BY at DESC LIMIT %s
)
SELECT * FROM (
  SELECT 'last' AS source, id, at, country, latitude, longitude,
    '' AS feature, '' AS value, 0 AS count
  FROM activity_securityevent WHERE user_id = %s AND is_learned ORDER BY at DESC LIMIT 1
) AS latest
UNION ALL
SELECT 'own', NULL, NULL, NULL, NULL, NULL, seen.feature, seen.value, seen.count
  FROM asked CROSS JOIN activity_featurecount AS seen
  WHERE seen.user_id = %s AND seen.feature = asked.feature AND seen.value = asked.value
UNION ALL
SELECT 'common', NULL, NULL, NULL, NULL, NULL, seen.feature, seen.value, seen.count
  FROM asked CROSS JOIN activity_commoncount AS seen
  WHERE seen.feature = asked.feature AND seen.value = asked.value
UNION ALL
SELECT 'failures', NULL, NULL, NULL, NULL, NULL, '', '', count(*) FROM failed WHERE user_id = %s
UNION ALL
SELECT 'accounts', NULL, NULL, NULL, NULL, NULL, '', '', count(DISTINCT user_id) FROM failed
UNION ALL
SELECT 'strangers', NULL, NULL, NULL, NULL, NULL, '', '', count(*)
  FROM failed WHERE user_id IS NULL
"""


@dataclass
class Seen:
    """What READ found. numbers: those of its sources that are one number each."""

    last: SecurityEvent | None = None
    own: dict[Value, int] = field(default_factory=dict)
    common: dict[Value, int] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)


def assess_sign_in(user: User, client: Client) -> Assessment:
    """Judge a sign-in from what was seen before; one statement, whatever the history."""
    now = timezone.now()
    features = features_of(client)
    seen = _read(user, client, features, now)
    circumstances = _circumstances(user, client, seen, now)
    found = risk.judge(features, _counts(features, seen), circumstances)
    return Assessment(
        score=found.score,
        reasons=[str(reason) for reason in found.reasons],
        model=risk.MODEL,
        is_unusual=found.level != Level.LOW,
        needs_confirmation=found.level == Level.HIGH,
    )


def features_of(client: Client) -> Features:
    """Give what of this browser and address is compared.

    The header alone, never the hints: what is a word for people today is no feature tomorrow.
    """
    agent = useragents.read(client.agent)
    return Features(
        address=client.address,
        network=client.wide_network,
        range=networks.range_of(client.address),
        country=places.country_of(client.address),
        browser=known(agent.browser),
        system=known(agent.system),
        device=known(agent.device),
    )


def known(word: str) -> str:
    """Give "" for what nobody knows: it is never compared."""
    return "" if word == useragents.UNKNOWN else word


def values_of(features: Features) -> list[Value]:
    """Give what one sign-in adds one to, in the order in which rows are locked."""
    named = {name: getattr(features, name) for name in risk.FEATURES}
    values = [(name, value[:LONGEST_VALUE]) for name, value in named.items() if value]
    values += [(KNOWN + name, "") for name, value in named.items() if value]
    return sorted([*values, (risk.ALL, "")])


def vouched_value(features: Features) -> Value:
    """Give the row that says that the owner vouched for what looks like this."""
    return (risk.VOUCHED, features.pattern[:LONGEST_VALUE])


def _read(user: User, client: Client, features: Features, now: datetime) -> Seen:
    asked = [(name, getattr(features, name)[:LONGEST_VALUE]) for name in risk.FEATURES]
    asked += [(KNOWN + name, "") for name in risk.FEATURES]
    asked += [(risk.ALL, ""), vouched_value(features)]
    at = SecurityEvent._meta.get_field("at")
    key = User._meta.pk.get_db_prep_value(user.pk, connection)
    rows: Any = SecurityEvent.objects.raw(  # with columns that no event has
        READ,
        [
            *(word for value in asked for word in value),
            client.network or None,  # NULL equals nothing
            at.get_db_prep_value(now - policy.FAILURES_LATELY, connection),
            policy.FAILURES_READ,
            *(key, key, key),
        ],
    )
    seen = Seen()
    for row in rows:
        if row.source == "last":
            seen.last = row
        elif row.source in ("own", "common"):
            getattr(seen, row.source)[row.feature, row.value] = row.count
        else:
            seen.numbers[row.source] = row.count
    return seen


def _counts(features: Features, seen: Seen) -> Counts:
    return Counts(
        own_total=seen.own.get((risk.ALL, ""), 0),
        common_total=seen.common.get((risk.ALL, ""), 0),
        own=seen.own,
        common=seen.common,
        own_known={name: seen.own.get((KNOWN + name, ""), 0) for name in risk.FEATURES},
        common_known={name: seen.common.get((KNOWN + name, ""), 0) for name in risk.FEATURES},
        is_vouched=seen.own.get(vouched_value(features), 0) > 0,
    )


def _circumstances(user: User, client: Client, seen: Seen, now: datetime) -> Circumstances:
    place = places.find(client.address)
    accounts = seen.numbers.get("accounts", 0)
    accounts += seen.numbers.get("strangers", 0) // policy.TYPOS_OF_A_NAME
    return Circumstances(
        now=_point(now, place.country, place.latitude, place.longitude),
        last=_last_point(seen.last),
        failures=seen.numbers.get("failures", 0),
        # Behind one address of a campus many people mistype in an hour.
        accounts_failed=accounts
        // networks.shared_factor(client.address, settings.SHARED_NETWORKS),
        is_forgotten=bool(user.last_login and user.last_login < now - policy.COUNTS_KEPT),
    )


def _last_point(event: SecurityEvent | None) -> Point | None:
    if event is None:
        return None
    return _point(event.at, event.country, event.latitude, event.longitude)


def _point(at: datetime, country: str, latitude: float | None, longitude: float | None) -> Point:
    radius = places.radius_around(country, latitude, longitude)
    if radius is None:
        return Point(at)
    return Point(at, latitude, longitude, radius)

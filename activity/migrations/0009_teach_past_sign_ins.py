"""Teach the counts from the sign-ins that are kept, as services.learning does from now on.

None of them was judged and none disputed: the rows are older than both.
"""

from ipaddress import ip_network
from itertools import groupby

from django.db import migrations

ROWS = 500
KINDS = ("address", "network", "range", "country", "browser", "system", "device")
SUM_UP = """
INSERT INTO activity_commoncount (feature, value, count, last_at)
SELECT feature, value, SUM(count), MAX(last_at) FROM activity_featurecount GROUP BY feature, value
"""


def teach(apps, schema_editor):
    events = apps.get_model("activity", "SecurityEvent").objects
    count_model = apps.get_model("activity", "FeatureCount")
    past = events.filter(kind="account:sign_in:succeeded", verdict="", is_unusual=False)
    past = past.filter(user__isnull=False, is_learned=False)
    past.update(is_learned=True, is_counted=True)
    learned = events.filter(is_learned=True, kind="account:sign_in:succeeded")
    rows = learned.order_by("user_id", "at").values_list(
        "user_id", "at", "address", "country", "browser", "system", "device"
    )
    waiting = []
    for user, of_user in groupby(rows.iterator(ROWS), key=lambda row: row[0]):
        counts = {}
        for _user, at, *facts in of_user:
            for feature, value in _values(*facts):
                row = counts.setdefault(
                    (feature, value),
                    count_model(user_id=user, feature=feature, value=value),
                )
                row.count += 1
                row.last_at = at  # they come oldest first
        waiting += counts.values()
        if len(waiting) >= ROWS:
            count_model.objects.bulk_create(waiting, batch_size=ROWS)
            waiting = []
    count_model.objects.bulk_create(waiting, batch_size=ROWS)
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(SUM_UP)


def _values(address, country, browser, system, device):
    words = (
        address or "",
        _around(address, 24, 48),
        _around(address, 16, 32),
        country,
        browser,
        system,
        device,
    )
    for feature, word in zip(KINDS, words, strict=True):
        if word and word != "unknown":
            yield feature, word
            yield f"known:{feature}", ""
    yield "all", ""


def _around(address, bits, bits_of_six):
    if not address:
        return ""
    return str(ip_network((address, bits_of_six if ":" in address else bits), strict=False))


def forget(apps, schema_editor):
    """Leave what the former version never looks at."""
    apps.get_model("activity", "SecurityEvent").objects.update(is_learned=False, is_counted=False)
    apps.get_model("activity", "FeatureCount").objects.all().delete()
    apps.get_model("activity", "CommonCount").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("activity", "0008_learned_sign_ins")]

    operations = [migrations.RunPython(teach, forget)]

"""Give every event that was written before its area."""

from django.db import migrations

AREAS = {
    "sign_in": (
        "account:sign_in:succeeded",
        "account:session:signed_out",
        "account:sign_up:completed",
        "account:session:ended",
    ),
    "refused": (
        "account:sign_in:failed",
        "account:second_step:failed",
        "account:step_up:failed",
        "account:code:wrong",
        "recovery:code:wrong",
        "recovery:proof:refused",
    ),
    "change": (
        "account:password:changed",
        "account:contact:added",
        "account:contact:removed",
        "account:contact:suspended",
        "account:contact:restored",
        "account:contact:marked",
        "account:contact:primary",
        "account:contact:all_replaced",
        "account:authenticator:added",
        "account:authenticator:removed",
        "account:two_step:on",
        "account:two_step:off",
        "account:recovery_codes:made",
        "account:recovery_code:used",
        "account:browser:trusted",
        "account:browser:distrusted",
        "account:freeze:started",
        "account:freeze:ended",
    ),
}


def set_areas(apps, schema_editor):
    events = apps.get_model("activity", "SecurityEvent").objects
    for area, kinds in AREAS.items():
        events.filter(kind__in=kinds).update(area=area)
    events.filter(kind__startswith="recovery:", area="other").update(area="recovery")


class Migration(migrations.Migration):
    dependencies = [("activity", "0005_sign_in_risk_and_incidents")]

    operations = [migrations.RunPython(set_areas, migrations.RunPython.noop)]

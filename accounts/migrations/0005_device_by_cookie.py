"""The rows of a device cookie are found by an index: every sign-in asks for them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_contact_proved_at")]

    operations = [
        migrations.RemoveConstraint(
            model_name="device",
            name="accounts_device_once_per_account",
        ),
        migrations.AddConstraint(
            model_name="device",
            constraint=models.UniqueConstraint(
                fields=("token_hash", "user"), name="accounts_device_once_per_account"
            ),
        ),
    ]

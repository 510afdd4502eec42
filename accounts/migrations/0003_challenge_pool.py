"""Strangers and the person's own browser count wrong codes apart."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_imported_hashes")]

    operations = [
        migrations.AddField(
            model_name="challenge",
            name="pool",
            field=models.CharField(blank=True, max_length=10),
        ),
    ]

"""Room for wrapped hashes, and what imported hashes cost to check."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.AlterField(
            model_name="user",
            name="password",
            field=models.CharField(max_length=255, verbose_name="password"),
        ),
        migrations.CreateModel(
            name="ImportedWork",
            fields=[
                (
                    "algorithm",
                    models.CharField(max_length=20, primary_key=True, serialize=False),
                ),
                ("work", models.BigIntegerField()),
            ],
        ),
    ]

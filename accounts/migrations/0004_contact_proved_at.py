"""A contact remembers when it last answered: a domain may change hands meanwhile."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_challenge_pool")]

    operations = [
        migrations.AddField(
            model_name="contact",
            name="proved_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]

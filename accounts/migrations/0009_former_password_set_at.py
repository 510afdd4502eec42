from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_profile_facts"),
    ]

    operations = [
        migrations.AddField(
            model_name="formerpassword",
            name="set_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]

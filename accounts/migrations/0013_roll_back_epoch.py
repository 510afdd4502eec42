from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0012_roll_backs_to_take_back'),
    ]

    operations = [
        migrations.AddField(
            model_name='rollback',
            name='epoch',
            field=models.PositiveIntegerField(default=0),
            preserve_default=False,
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0003_version"),
    ]

    operations = [
        migrations.AddField(
            model_name="call",
            name="lead_from_member_state",
            field=models.BooleanField(
                default=False,
                help_text="Whether only an organisation of a member state of the CBSS can lead.",
                verbose_name="the lead partner is from a member state",
            ),
        ),
    ]

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0004_lead_from_member_state"),
    ]

    operations = [
        migrations.RemoveField(model_name="partnership", name="folded"),
        migrations.RemoveField(model_name="project", name="folded"),
    ]

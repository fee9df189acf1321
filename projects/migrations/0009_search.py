from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0008_sums"),
    ]

    operations = [
        migrations.RemoveField(model_name="partnership", name="folded"),
        migrations.RemoveField(model_name="project", name="folded"),
    ]

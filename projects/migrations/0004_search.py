from django.db import migrations

from psf.triggers import watch_tables


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0003_version"),
        ("psf", "0003_search"),
    ]

    operations = [
        migrations.RemoveField(model_name="partnership", name="folded"),
        migrations.RemoveField(model_name="project", name="folded"),
        migrations.RunPython(watch_tables, migrations.RunPython.noop),
    ]

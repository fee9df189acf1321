from django.db import migrations, models

from psf.triggers import unwatch_tables, watch_tables


class Migration(migrations.Migration):
    dependencies = [
        ("psf", "0001_initial"),
        ("partners", "0002_version"),
        ("projects", "0003_version"),
    ]

    operations = [
        migrations.CreateModel(
            name="DataVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("value", models.BigIntegerField()),
            ],
        ),
        migrations.RunPython(watch_tables, unwatch_tables),
    ]

from django.db import migrations, models

from psf.search.maintenance import drop_search_tables, create_search_tables


class Migration(migrations.Migration):
    dependencies = [
        ("psf", "0002_data_version"),
    ]

    operations = [
        migrations.CreateModel(
            name="SearchWord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("word", models.CharField(db_index=True, max_length=40)),
            ],
        ),
        migrations.CreateModel(
            name="SearchNote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=10)),
                ("record", models.BigIntegerField()),
            ],
            options={
                "indexes": [models.Index(fields=["kind", "record"], name="search_note_record")],
            },
        ),
        migrations.RunPython(create_search_tables, drop_search_tables),
    ]

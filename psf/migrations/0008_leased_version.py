from django.db import migrations


class Migration(migrations.Migration):
    """Changes no table: triggers are made anew after it, and PostgreSQL's lease the version."""

    dependencies = [
        ("psf", "0007_stems_of_titles"),
    ]

    operations: list[migrations.RunPython] = []

from django.db import migrations


class Migration(migrations.Migration):
    """The table of the stems of titles, which is made with all documents after migrations."""

    dependencies = [
        ("psf", "0006_some_found"),
    ]

    operations: list[migrations.RunPython] = []

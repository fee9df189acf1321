from django.db import migrations

from psf.search.maintenance import create_search_functions


class Migration(migrations.Migration):
    dependencies = [
        ("psf", "0005_reminders"),
    ]

    operations = [migrations.RunPython(create_search_functions, migrations.RunPython.noop)]

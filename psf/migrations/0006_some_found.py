from django.db import migrations

from psf.search.maintenance import make_functions


class Migration(migrations.Migration):
    dependencies = [
        ("psf", "0005_reminders"),
    ]

    operations = [migrations.RunPython(make_functions, migrations.RunPython.noop)]

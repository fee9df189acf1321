from django.db import migrations

from psf.history.triggers import drop_functions


class Migration(migrations.Migration):

    dependencies = [
        ('history', '0004_doors_of_a_call'),
    ]

    # The triggers themselves are made anew after migrations.
    operations = [
        migrations.RunPython(drop_functions, migrations.RunPython.noop, elidable=True),
    ]

from django.db import migrations


def drop_function(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION IF EXISTS psf_leased_version()")


class Migration(migrations.Migration):
    """Drops the function that gave leases on the data version."""

    dependencies = [("psf", "0008_leased_version")]

    operations = [migrations.RunPython(drop_function, migrations.RunPython.noop, elidable=True)]

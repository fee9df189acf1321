from django.db import migrations

from projects.listing_triggers import drop_tables, make_tables


def make_anew(apps, schema_editor):
    drop_tables(apps, schema_editor)
    make_tables(apps, schema_editor)


class Migration(migrations.Migration):
    dependencies = [("projects", "0017_taken_back_with_results")]

    operations = [migrations.RunPython(make_anew, migrations.RunPython.noop)]

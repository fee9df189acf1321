from django.db import migrations

from projects.list_index.rows import create_listing_tables, drop_listing_tables


def make_anew(apps, schema_editor):
    drop_listing_tables(apps, schema_editor)
    create_listing_tables(apps, schema_editor)


class Migration(migrations.Migration):
    dependencies = [("projects", "0019_language_codes")]

    operations = [migrations.RunPython(make_anew, migrations.RunPython.noop)]

from django.db import migrations

from projects.list_index.rows import drop_tables, make_tables


def make_anew(apps, schema_editor):
    drop_tables(apps, schema_editor)
    make_tables(apps, schema_editor)


class Migration(migrations.Migration):
    dependencies = [("projects", "0019_language_codes")]

    operations = [migrations.RunPython(make_anew, migrations.RunPython.noop)]

from django.db import migrations

from projects.list_index.rows import create_listing_tables, drop_listing_tables


def recreate(apps, schema_editor):
    """The triggers are installed after the migrations, and write all rows again."""
    drop_listing_tables(apps, schema_editor)
    create_listing_tables(apps, schema_editor)


class Migration(migrations.Migration):
    dependencies = [("projects", "0001_squashed_0032_zone_of_the_form")]

    operations = [migrations.RunPython(recreate, migrations.RunPython.noop)]

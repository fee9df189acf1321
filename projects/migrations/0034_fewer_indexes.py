from django.db import migrations

from projects.list_index.rows import create_listing_tables, drop_listing_tables


def recreate(apps, schema_editor):
    """The triggers are installed after the migrations, and write all rows again."""
    drop_listing_tables(apps, schema_editor)
    create_listing_tables(apps, schema_editor)


class Migration(migrations.Migration):
    dependencies = [("projects", "0033_listing_without_marks")]

    operations = [
        migrations.RunPython(recreate, migrations.RunPython.noop),
        migrations.RemoveIndex(model_name="partnership", name="partnership_for_sums"),
    ]

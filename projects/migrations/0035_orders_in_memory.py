from django.db import migrations


class Migration(migrations.Migration):
    """The list reads its orders from memory."""

    dependencies = [("projects", "0034_fewer_indexes")]

    operations = [
        migrations.RunSQL(
            ["DROP INDEX IF EXISTS listing_oldest", "DROP INDEX IF EXISTS listing_by_title"],
            migrations.RunSQL.noop,
        )
    ]

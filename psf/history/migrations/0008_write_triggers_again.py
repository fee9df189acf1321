from django.db import migrations


class Migration(migrations.Migration):
    """Changes no table. Triggers of SQLite are smaller, and any migration creates them again."""

    dependencies = [("history", "0007_records_of_a_set")]
    operations = []

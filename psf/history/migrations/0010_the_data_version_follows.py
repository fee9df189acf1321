from django.db import migrations


class Migration(migrations.Migration):
    """Changes no table. Any migration creates the triggers again, and the data version has fewer."""

    dependencies = [("history", "0009_triggers_compare_rows_once")]
    operations = []

from django.db import migrations


class Migration(migrations.Migration):
    """Changes no table. Triggers of PostgreSQL are faster, and any migration creates them again."""

    dependencies = [("history", "0008_write_triggers_again")]
    operations = []

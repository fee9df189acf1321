from django.db import migrations


class Migration(migrations.Migration):
    """Changed tables of lists that a later migration removes."""

    dependencies = [("projects", "0034_fewer_indexes")]

    operations = []

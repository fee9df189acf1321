from django.db import migrations


class Migration(migrations.Migration):
    """Changed tables of lists that a later migration removes."""

    dependencies = [("projects", "0001_squashed_0032_zone_of_the_form")]

    operations = []

from django.db import migrations

from psf.accounts.roles import create_roles


class Migration(migrations.Migration):
    """Administrators see the audit log by a permission of its own."""

    dependencies = [
        ("psf", "0013_cache_table"),
        ("projects", "0033_listing_without_marks"),
        ("history", "0001_squashed_0006_plain_channel_labels"),
    ]

    operations = [
        migrations.RunPython(
            lambda apps, schema_editor: create_roles(apps), migrations.RunPython.noop
        ),
    ]

from django.db import migrations


class Migration(migrations.Migration):
    """Search documents without a copy of the texts. All documents are made after migrations."""

    dependencies = [("psf", "0011_audit_log")]

    operations: list[migrations.RunPython] = []

from django.db import migrations, models
from django.db.models import F
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual


def delete_previews(apps, schema_editor):
    """Files wait for a confirmation for a day at most. Their previews have former names."""
    apps.get_model("psf", "Import").objects.filter(saved_at=None).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("psf", "0018_notes_from_the_history"),
    ]

    operations = [
        migrations.RunPython(delete_previews, migrations.RunPython.noop),
        migrations.RemoveConstraint(
            model_name="import",
            name="import_met_is_not_too_long",
        ),
        migrations.RenameField(
            model_name="import",
            old_name="met",
            new_name="fingerprint",
        ),
        migrations.AddConstraint(
            model_name="import",
            constraint=models.CheckConstraint(
                condition=LessThanOrEqual(Length(F("fingerprint")), 64),
                name="import_fingerprint_is_not_too_long",
                violation_error_message="This text is too long: shorten it.",
            ),
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("psf", "0019_fingerprint_of_an_import"),
    ]

    operations = [
        migrations.AddField(
            model_name="import",
            name="is_of_applications",
            field=models.BooleanField(
                default=False, help_text="The content is filled application forms, packed as JSON."
            ),
        ),
    ]

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("history", "0011_channels_by_their_names"),
        ("psf", "0020_imports_of_applications"),
    ]

    operations = [
        migrations.AddField(
            model_name="import",
            name="change_set",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="history.changeset",
            ),
        ),
    ]

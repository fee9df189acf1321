import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F


class Migration(migrations.Migration):
    dependencies = [("projects", "0069_applications_are_never_public")]

    operations = [
        migrations.AddField(
            "contact",
            "form",
            models.ForeignKey(
                blank=True,
                editable=False,
                help_text="The application form that named the person.",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="contacts",
                to="projects.document",
                verbose_name="application form",
            ),
        ),
        migrations.AlterModelOptions(
            "contact",
            {
                "ordering": ["project", F("form").desc(nulls_last=True), "name", "pk"],
                "verbose_name": "contact person",
                "verbose_name_plural": "contact persons",
            },
        ),
    ]

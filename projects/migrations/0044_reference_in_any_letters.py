import django.core.validators
from django.core.management import CommandError
from django.db import migrations, models
from django.db.models.functions import Upper

MAX_NAMED = 5  # references in the message


def refuse_equal_references(apps, schema_editor):
    """Name the projects that break the new rule. Staff decide which reference is right."""
    projects = apps.get_model("projects", "Project").objects.using(schema_editor.connection.alias)
    rows = projects.values(capitals=Upper("reference")).annotate(number=models.Count("pk"))
    equal = rows.filter(number__gt=1).order_by("capitals").values("capitals")[:MAX_NAMED]
    same = projects.alias(capitals=Upper("reference")).filter(capitals__in=equal)
    if found := list(same.order_by("capitals", "reference").values_list("reference", flat=True)):
        raise CommandError(
            "References must now differ in more than capitals: "
            f"{', '.join(found)}. Change them with the version in use, then run this again."
        )


class Migration(migrations.Migration):
    dependencies = [
        ("partners", "0014_partners_by_kind"),
        ("projects", "0043_amounts_above_zero"),
    ]

    operations = [
        migrations.RunPython(refuse_equal_references, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="project",
            constraint=models.UniqueConstraint(
                Upper("reference"),
                name="project_reference_is_its_own_in_any_letters",
                violation_error_message=(
                    "Another project has this reference. Capital and small letters count as the "
                    "same."
                ),
            ),
        ),
        migrations.AlterField(
            model_name="project",
            name="reference",
            field=models.CharField(
                help_text="Such as PSF-2019-01.",
                max_length=30,
                validators=[
                    django.core.validators.RegexValidator(
                        "^[A-Za-z0-9][A-Za-z0-9./-]*\\Z",
                        "Use letters, digits, full stops, slashes and hyphens only.",
                    )
                ],
                verbose_name="reference",
            ),
        ),
        migrations.AddIndex(
            model_name="project",
            index=models.Index(fields=["reference"], name="project_reference"),
        ),
    ]

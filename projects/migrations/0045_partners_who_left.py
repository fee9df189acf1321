from django.core.management import CommandError
from django.db import migrations, models
from django.db.models import Count, Q

MAX_NAMED = 5  # projects in the message


def refuse_contradictions(apps, schema_editor):
    """Name the projects that break the new rules. Staff know which day is right."""
    using = schema_editor.connection.alias
    rows = apps.get_model("projects", "Partnership").objects.using(using)
    pairs = rows.filter(left_on=None).exclude(partner=None).values("project", "partner")
    twice = pairs.annotate(number=Count("pk")).filter(number__gt=1).values("project").order_by()
    projects = apps.get_model("projects", "Project").objects.using(using).order_by("reference")
    rules = {
        "The lead partner of {} has a last day.": Q(
            pk__in=rows.filter(role="lead", left_on__isnull=False).values("project").order_by()
        ),
        "An organisation is in {} twice and has not left.": Q(pk__in=twice),
    }
    references = {
        rule: [*projects.filter(broken).values_list("reference", flat=True)[:MAX_NAMED]]
        for rule, broken in rules.items()
    }
    if problems := [rule.format(", ".join(found)) for rule, found in references.items() if found]:
        raise CommandError(
            f"{' '.join(problems)} Correct this with the version in use, then run this again."
        )


class Migration(migrations.Migration):
    dependencies = [
        ("partners", "0014_partners_by_kind"),
        ("projects", "0044_reference_in_any_letters"),
    ]

    operations = [
        migrations.RunPython(refuse_contradictions, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="partnership",
            constraint=models.UniqueConstraint(
                condition=Q(left_on__isnull=True),
                fields=("project", "partner"),
                name="partnership_stays_once_per_project",
                violation_error_message=(
                    "This organisation is already in the project. First enter when it left."
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="partnership",
            constraint=models.CheckConstraint(
                condition=~Q(role="lead") | Q(left_on__isnull=True),
                name="partnership_lead_stays",
                violation_error_message=(
                    "The lead partner cannot leave. Choose another one, or empty the last day."
                ),
            ),
        ),
    ]

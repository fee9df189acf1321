import django.db.models.deletion
from django.db import migrations, models

FUNCTIONS = [
    "projects_list(bigint[])",
    *(
        f"{name}()"
        for name in [
            "project_listed",
            "project_relisted",
            "project_unlisted",
            "projects_unlisted",
            "project_values_listed",
            "part_listed",
            "part_relisted",
            "part_unlisted",
            "call_relists",
            "partner_relists",
            "member_listed",
            "member_relisted",
            "member_unlisted",
        ]
    ),
]


def drop_copies(apps, schema_editor):
    """Drop the tables that triggers wrote. All triggers are dropped before migrations."""
    for table in ["projects_listedpart", "projects_listing"]:
        schema_editor.execute(f"DROP TABLE IF EXISTS {table}")
    if schema_editor.connection.vendor == "postgresql":
        for function in FUNCTIONS:
            schema_editor.execute(f"DROP FUNCTION IF EXISTS {function} CASCADE")


class Migration(migrations.Migration):
    dependencies = [
        ("partners", "0014_partners_by_kind"),
        ("projects", "0036_lead_partners"),
    ]

    operations = [
        migrations.RunPython(drop_copies, migrations.RunPython.noop),
        migrations.DeleteModel(name="ListedPart"),
        migrations.DeleteModel(name="Listing"),
        migrations.RemoveIndex(model_name="project", name="project_for_sums"),
        migrations.AlterField(
            model_name="partnership",
            name="country",
            field=models.ForeignKey(db_index=False, help_text="The country it represents. Its seat can be in another country.", on_delete=django.db.models.deletion.PROTECT, related_name="partnerships", to="partners.country", verbose_name="country"),
        ),
        migrations.AlterField(
            model_name="partnership",
            name="partner",
            field=models.ForeignKey(blank=True, db_index=False, help_text="Empty: only the country is known.", null=True, on_delete=django.db.models.deletion.PROTECT, related_name="partnerships", to="partners.partner", verbose_name="organisation"),
        ),
        migrations.AddIndex(
            model_name="partnership",
            index=models.Index(fields=["country", "role", "project", "partner"], name="partnership_by_country"),
        ),
        migrations.AddIndex(
            model_name="partnership",
            index=models.Index(fields=["partner", "role", "project"], name="partnership_by_partner"),
        ),
        migrations.AddIndex(
            model_name="project",
            index=models.Index(fields=["published_at"], name="project_published_at"),
        ),
        migrations.AddIndex(
            model_name="project",
            index=models.Index(fields=["id", "call", "published_at"], name="project_publication"),
        ),
        migrations.AddIndex(
            model_name="project",
            index=models.Index(fields=["call", "status", "published_at", "amount_kind", "amount_eur", "reference", "id"], name="project_in_lists"),
        ),
    ]

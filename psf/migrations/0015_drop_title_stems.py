from django.db import migrations


class Migration(migrations.Migration):
    """Similar projects are found by the search documents themselves."""

    dependencies = [("psf", "0014_permission_of_audit_log")]

    operations = [
        migrations.RunSQL(
            "DROP TABLE IF EXISTS psf_search_project_titles",
            migrations.RunSQL.noop,
            elidable=True,
        ),
    ]

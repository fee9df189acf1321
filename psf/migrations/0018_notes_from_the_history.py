from django.db import migrations, models

FORGET = "DELETE FROM psf_searchnote"


class Migration(migrations.Migration):
    """A note names the changed record. All documents are written again after migrations."""

    dependencies = [("psf", "0017_imports_without_background")]

    operations = [
        migrations.RunSQL(FORGET, migrations.RunSQL.noop, elidable=True),
        migrations.AlterField("searchnote", "kind", models.CharField(max_length=100)),
        migrations.AlterField("searchnote", "record", models.CharField(max_length=50)),
        migrations.RunSQL(migrations.RunSQL.noop, FORGET, elidable=True),
    ]

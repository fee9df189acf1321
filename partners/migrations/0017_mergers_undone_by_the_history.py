import json

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def keep_loser_and_pairs(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """The first deleted row was the loser; the history does not have the pairs."""
    for merger in apps.get_model("partners", "Merger")._base_manager.all():
        rows = json.loads(merger.before)
        if rows:
            pairs = [row for row in rows if row["model"] == "partners.duplicatecandidate"]
            merger.loser_key, merger.pairs = rows[0]["pk"], json.dumps(pairs)
            merger.save(update_fields=["loser_key", "pairs"])


class Migration(migrations.Migration):

    dependencies = [("partners", "0001_squashed_0016_kind_not_known")]

    operations = [
        migrations.AddField(
            "merger", "loser_key", models.PositiveBigIntegerField(blank=True, null=True)
        ),
        migrations.AddField(
            "merger",
            "pairs",
            models.TextField(
                default="[]",
                help_text="The decisions about possible duplicates of the loser, as JSON.",
            ),
        ),
        migrations.RunPython(keep_loser_and_pairs, migrations.RunPython.noop),
        migrations.RemoveField("merger", "before"),
        migrations.RemoveField("merger", "moved"),
    ]

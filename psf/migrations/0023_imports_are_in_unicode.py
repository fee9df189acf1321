from django.db import migrations, models


class Migration(migrations.Migration):
    """The defaults are for the way back."""

    dependencies = [("psf", "0022_comparisons_are_not_stored")]

    operations = [
        *[
            migrations.RemoveConstraint("import", f"import_{name}_is_not_too_long")
            for name in ["encoding", "sha256"]
        ],
        *[
            migrations.AlterField("import", name, field)
            for name, field in {
                "encoding": models.CharField(default="utf-8", max_length=20),
                "sha256": models.CharField(default="", max_length=64),
                "size": models.BigIntegerField(default=0, help_text="Bytes, unpacked."),
            }.items()
        ],
        *[migrations.RemoveField("import", name) for name in ["encoding", "sha256", "size"]],
    ]

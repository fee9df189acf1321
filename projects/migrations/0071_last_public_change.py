from django.db import migrations, models


def forget_internal_changes(apps, schema_editor):
    """The moment also moved with changes that no reader saw. The history has the public ones."""
    apps.get_model("projects", "Project").objects.update(changed_at=None)


class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0070_forms_of_contact_persons'),
    ]

    operations = [
        migrations.AlterField(
            model_name='project',
            name='changed_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name='last public change before the import of all data'),
        ),
        migrations.RunPython(forget_internal_changes, migrations.RunPython.noop),
    ]

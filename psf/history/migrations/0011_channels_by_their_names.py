from django.db import migrations, models

NAMES = [("step", "status"), ("following", "award")]


def rename(apps, old, new):
    apps.get_model("history", "ChangeSet").objects.filter(channel=old).update(channel=new)


def forwards(apps, schema_editor):
    for old, new in NAMES:
        rename(apps, old, new)


def backwards(apps, schema_editor):
    for old, new in NAMES:
        rename(apps, new, old)


class Migration(migrations.Migration):

    dependencies = [
        ('history', '0001_squashed_0010_the_data_version_follows'),
    ]

    operations = [
        migrations.RenameField(
            model_name='changeset',
            old_name='door',
            new_name='channel',
        ),
        migrations.AlterField(
            model_name='changeset',
            name='channel',
            field=models.CharField(choices=[('form', 'form'), ('action', 'list of records'), ('status', 'change of status'), ('assessment', 'assessment'), ('decision', 'decision of the committee'), ('letters', 'letters'), ('award', 'agreement and payments'), ('earlier_call', 'copy of an earlier call'), ('publication', 'publication'), ('import', 'import'), ('announcement', 'announcement reader'), ('merge', 'merge of organisations'), ('command', 'command'), ('restore', 'restoring a state'), ('undo', 'undoing changes'), ('unknown', 'directly in the database')], max_length=12, verbose_name='channel'),
        ),
        migrations.RunPython(forwards, backwards),
    ]

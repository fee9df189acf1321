import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.lookups
from django.conf import settings
from django.db import migrations, models

from psf.accounts.roles import create_roles, rename_permissions

# Old name, new name and new verbose name of a model.
MODELS = [
    ('ground', 'ineligibilityreason', 'reason for “not eligible”'),
    ('groundgiven', 'ineligibilityfinding', 'reason given'),
]


def rename_kinds(apps, pairs):
    """The history names each row by the kind of its model."""
    changes = apps.get_model('history', 'Change').objects
    for old, new in pairs:
        for field in ['kind', 'record_kind']:
            old_rows = changes.filter(**{field: f'projects.{old}'})
            old_rows.update(**{field: f'projects.{new}'})


def rename_column(apps, kind, old, new):
    """The history stores rows as JSON, with the columns as keys."""
    for change in apps.get_model('history', 'Change').objects.filter(kind=kind).iterator():
        for row in filter(None, [change.before, change.after]):
            if old in row:
                row[new] = row.pop(old)
        change.save(update_fields=['before', 'after'])


def rename_stored(apps, schema_editor):
    rename_kinds(apps, [(old, new) for old, new, _name in MODELS])
    rename_column(apps, 'projects.ineligibilityfinding', 'ground_id', 'reason_id')
    for old, new, name in MODELS:
        rename_permissions(apps, 'projects', old, new, name)
    create_roles(apps)  # in a new database, the roles could not get these permissions before


def restore_stored(apps, schema_editor):
    rename_column(apps, 'projects.ineligibilityfinding', 'reason_id', 'ground_id')
    rename_kinds(apps, [(new, old) for old, new, _name in MODELS])
    for old, new, name in MODELS:
        rename_permissions(apps, 'projects', new, old, name)


class Migration(migrations.Migration):

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('contenttypes', '0002_remove_content_type_name'),
        ('history', '0006_plain_channel_labels'),
        ('projects', '0022_call_of_a_part'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(model_name='ground', name='ground_stands_once_in_a_call'),
        migrations.RemoveConstraint(model_name='ground', name='ground_position_is_a_count'),
        migrations.RemoveConstraint(model_name='ground', name='ground_text_is_not_too_long'),
        migrations.RemoveConstraint(model_name='ground', name='ground_advice_is_not_too_long'),
        migrations.RemoveConstraint(model_name='groundgiven', name='ground_is_given_once'),
        migrations.RenameModel(old_name='Ground', new_name='IneligibilityReason'),
        migrations.RenameModel(old_name='GroundGiven', new_name='IneligibilityFinding'),
        migrations.AlterModelOptions(
            name='ineligibilityfinding',
            options={'verbose_name': 'reason given', 'verbose_name_plural': 'not eligible because'},
        ),
        migrations.RenameField(model_name='ineligibilityfinding', old_name='ground', new_name='reason'),
        migrations.AlterModelOptions(
            name='ineligibilityfinding',
            options={'ordering': ['reason__position', 'reason'], 'verbose_name': 'reason given', 'verbose_name_plural': 'not eligible because'},
        ),
        migrations.AlterField(
            model_name='ineligibilityfinding',
            name='project',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='ineligibility_findings', to='projects.project'),
        ),
        migrations.AlterField(
            model_name='ineligibilityfinding',
            name='reason',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='findings', to='projects.ineligibilityreason', verbose_name='reason'),
        ),
        migrations.AlterField(
            model_name='ineligibilityreason',
            name='call',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='ineligibility_reasons', to='projects.call'),
        ),
        migrations.AddConstraint(
            model_name='ineligibilityfinding',
            constraint=models.UniqueConstraint(fields=('project', 'reason'), name='ineligibilityfinding_once_per_project', violation_error_message='This reason is given already.'),
        ),
        migrations.AddConstraint(
            model_name='ineligibilityreason',
            constraint=models.UniqueConstraint(fields=('call', 'text'), name='ineligibilityreason_once_per_call', violation_error_message='This reason stands in the list already.'),
        ),
        migrations.AddConstraint(
            model_name='ineligibilityreason',
            constraint=models.CheckConstraint(condition=models.Q(('position__isnull', True), ('position__range', (0, 32767)), _connector='OR'), name='ineligibilityreason_position_is_a_count', violation_error_message='A number lies between 0 and 32 767.'),
        ),
        migrations.AddConstraint(
            model_name='ineligibilityreason',
            constraint=models.CheckConstraint(condition=django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length(models.F('text')), 300), name='ineligibilityreason_text_is_not_too_long', violation_error_message='This text is too long: shorten it.'),
        ),
        migrations.AddConstraint(
            model_name='ineligibilityreason',
            constraint=models.CheckConstraint(condition=django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length(models.F('advice')), 500), name='ineligibilityreason_advice_is_not_too_long', violation_error_message='This text is too long: shorten it.'),
        ),
        migrations.RunPython(rename_stored, restore_stored),
    ]

import json

import django.db.models.functions.text
import django.db.models.lookups
from django.conf import settings
from django.db import migrations, models

from psf.accounts.roles import rename_permissions


def rename_in_mergers(apps, old, new):
    """A merger keeps deleted pairs as JSON, with the name of their model."""
    old, new = f'partners.{old}', f'partners.{new}'
    for merger in apps.get_model('partners', 'Merger').objects.filter(before__contains=old):
        rows = json.loads(merger.before)
        for row in rows:
            row['model'] = new if row['model'] == old else row['model']
        merger.before = json.dumps(rows)
        merger.save(update_fields=['before'])


def rename_stored(apps, schema_editor):
    rename_in_mergers(apps, 'resemblance', 'duplicatecandidate')
    rename_permissions(apps, 'partners', 'resemblance', 'duplicatecandidate', 'possible duplicate')


def restore_stored(apps, schema_editor):
    rename_in_mergers(apps, 'duplicatecandidate', 'resemblance')
    rename_permissions(apps, 'partners', 'duplicatecandidate', 'resemblance', 'resemblance')


class Migration(migrations.Migration):

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('contenttypes', '0002_remove_content_type_name'),
        ('partners', '0010_order_of_keys'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(model_name='resemblance', name='resemblance_once_per_pair'),
        migrations.RemoveConstraint(model_name='resemblance', name='resemblance_older_record_first'),
        migrations.RemoveConstraint(model_name='resemblance', name='resemblance_score_percent_is_a_percentage'),
        migrations.RemoveConstraint(model_name='resemblance', name='resemblance_reasons_is_not_too_long'),
        migrations.RenameModel(old_name='Resemblance', new_name='DuplicateCandidate'),
        migrations.AlterModelOptions(
            name='duplicatecandidate',
            options={'ordering': ['-score_percent', 'pk'], 'verbose_name': 'possible duplicate', 'verbose_name_plural': 'possible duplicates'},
        ),
        migrations.AlterField(
            model_name='duplicatecandidate',
            name='score_percent',
            field=models.PositiveSmallIntegerField(help_text='Similarity of the two, in per cent.'),
        ),
        migrations.AlterField(
            model_name='duplicatecandidate',
            name='reasons',
            field=models.CharField(blank=True, help_text='Codes of the reasons, separated by commas.', max_length=100),
        ),
        migrations.AddConstraint(
            model_name='duplicatecandidate',
            constraint=models.UniqueConstraint(fields=('first', 'second'), name='duplicatecandidate_once_per_pair', violation_error_message='This pair is recorded already.'),
        ),
        migrations.AddConstraint(
            model_name='duplicatecandidate',
            constraint=models.CheckConstraint(condition=models.Q(('first__lt', models.F('second'))), name='duplicatecandidate_older_record_first', violation_error_message='The older record of the two comes first.'),
        ),
        migrations.AddConstraint(
            model_name='duplicatecandidate',
            constraint=models.CheckConstraint(condition=models.Q(('score_percent__lte', 100)), name='duplicatecandidate_score_percent_is_a_percentage', violation_error_message='A percentage lies between 0 and 100.'),
        ),
        migrations.AddConstraint(
            model_name='duplicatecandidate',
            constraint=models.CheckConstraint(condition=django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length(models.F('reasons')), 100), name='duplicatecandidate_reasons_is_not_too_long', violation_error_message='This text is too long: shorten it.'),
        ),
        migrations.RunPython(rename_stored, restore_stored),
    ]

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('history', '0001_initial'),
        ('history', '0002_how_it_came_in'),
        ('history', '0003_steps'),
        ('history', '0004_doors_of_a_call'),
        ('history', '0005_triggers_once_a_statement'),
        ('history', '0006_plain_channel_labels'),
        ('history', '0001_squashed_0006_plain_channel_labels'),
        ('history', '0007_records_of_a_set'),
        ('history', '0008_write_triggers_again'),
        ('history', '0009_triggers_compare_rows_once'),
        ('history', '0010_the_data_version_follows'),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ChangeSet',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('made_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now, verbose_name='when')),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='account')),
                ('who', models.CharField(blank=True, help_text='The name at that time, which stays when the account is deleted.', max_length=150, verbose_name='who')),
                ('door', models.CharField(choices=[('form', 'form'), ('action', 'list of records'), ('step', 'change of status'), ('assessment', 'assessment'), ('decision', 'decision of the committee'), ('letters', 'letters'), ('following', 'agreement and payments'), ('earlier_call', 'copy of an earlier call'), ('publication', 'publication'), ('import', 'import'), ('announcement', 'announcement reader'), ('merge', 'merge of organisations'), ('command', 'command'), ('restore', 'restoring a state'), ('undo', 'undoing changes'), ('unknown', 'directly in the database')], max_length=12, verbose_name='channel')),
                ('reason', models.CharField(blank=True, max_length=500, verbose_name='reason')),
                ('undoes', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='undone_by', to='history.changeset', verbose_name='undoes')),
            ],
            options={
                'verbose_name': 'set of changes',
                'verbose_name_plural': 'recent changes',
                'ordering': ['-pk'],
                'permissions': [('undo_changeset', 'Can undo a set of changes')],
            },
        ),
        migrations.CreateModel(
            name='Change',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('change_set', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='changes', to='history.changeset')),
                ('kind', models.CharField(max_length=100)),
                ('key', models.CharField(max_length=50)),
                ('record_kind', models.CharField(max_length=100)),
                ('record_key', models.CharField(max_length=50)),
                ('action', models.CharField(choices=[('+', 'added'), ('~', 'changed'), ('-', 'deleted')], max_length=1)),
                ('before', models.JSONField(null=True)),
                ('after', models.JSONField(null=True)),
            ],
            options={
                'verbose_name': 'change',
                'verbose_name_plural': 'changes',
                'ordering': ['pk'],
                'indexes': [models.Index(fields=['record_kind', 'record_key'], name='change_of_record'), models.Index(fields=['kind', 'key'], name='change_of_row'), models.Index(condition=models.Q(('action', '-')), fields=['kind'], name='change_deletes'), models.Index(fields=['change_set', 'record_kind', 'record_key'], name='change_of_set')],
            },
        ),
    ]

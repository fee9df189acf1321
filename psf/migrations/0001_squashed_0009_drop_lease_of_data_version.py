import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.lookups
from django.conf import settings
from django.db import migrations, models

from psf.search.maintenance import create_search_tables, drop_search_tables


class Migration(migrations.Migration):

    replaces = [
        ('psf', '0001_initial'),
        ('psf', '0002_data_version'),
        ('psf', '0003_search'),
        ('psf', '0004_imports'),
        ('psf', '0005_reminders'),
        ('psf', '0006_some_found'),
        ('psf', '0007_stems_of_titles'),
        ('psf', '0008_leased_version'),
        ('psf', '0009_drop_lease_of_data_version'),
    ]

    initial = True

    dependencies = [
        ('projects', '0001_squashed_0032_zone_of_the_form'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CalendarAddress',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='calendar_address', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('fingerprint', models.CharField(max_length=64, unique=True)),
                ('made_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='DataVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('value', models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='OneTimePassword',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='one_time_password', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name='SearchWord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('word', models.CharField(db_index=True, max_length=40)),
            ],
        ),
        migrations.CreateModel(
            name='SentReminder',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('sent_on', models.DateField()),
            ],
        ),
        migrations.CreateModel(
            name='FailedSignIn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('fingerprint', models.CharField(max_length=64)),
                ('failed_at', models.DateTimeField(db_index=True)),
            ],
            options={
                'indexes': [models.Index(fields=['fingerprint', 'failed_at'], name='failed_sign_in_fingerprint')],
            },
        ),
        migrations.CreateModel(
            name='SearchNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=10)),
                ('record', models.BigIntegerField()),
            ],
            options={
                'indexes': [models.Index(fields=['kind', 'record'], name='search_note_record')],
            },
        ),
        migrations.CreateModel(
            name='Import',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('call', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='imports', to='projects.call')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('file_name', models.CharField(max_length=200, verbose_name='file')),
                ('encoding', models.CharField(max_length=20)),
                ('notation', models.CharField(max_length=20)),
                ('content', models.BinaryField()),
                ('size', models.BigIntegerField(help_text='Bytes, unpacked.')),
                ('sha256', models.CharField(max_length=64)),
                ('uploaded_at', models.DateTimeField(auto_now_add=True, verbose_name='uploaded')),
                ('working_since', models.DateTimeField(blank=True, null=True)),
                ('met', models.CharField(blank=True, max_length=64)),
                ('choices', models.JSONField(blank=True, default=list)),
                ('preview', models.JSONField(blank=True, default=dict)),
                ('problems', models.JSONField(blank=True, default=list)),
                ('outcome', models.CharField(blank=True, max_length=500, verbose_name='what was done')),
                ('saved_at', models.DateTimeField(blank=True, null=True, verbose_name='imported')),
            ],
            options={
                'verbose_name': 'import',
                'verbose_name_plural': 'imports',
                'ordering': ['-uploaded_at', '-pk'],
                'default_permissions': (),
                'constraints': [models.CheckConstraint(condition=django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length(models.F('file_name')), 200), name='import_file_name_is_not_too_long', violation_error_message='This text is too long: shorten it.'), models.CheckConstraint(condition=django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length(models.F('encoding')), 20), name='import_encoding_is_not_too_long', violation_error_message='This text is too long: shorten it.'), models.CheckConstraint(condition=django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length(models.F('notation')), 20), name='import_notation_is_not_too_long', violation_error_message='This text is too long: shorten it.'), models.CheckConstraint(condition=django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length(models.F('sha256')), 64), name='import_sha256_is_not_too_long', violation_error_message='This text is too long: shorten it.'), models.CheckConstraint(condition=django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length(models.F('met')), 64), name='import_met_is_not_too_long', violation_error_message='This text is too long: shorten it.'), models.CheckConstraint(condition=django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length(models.F('outcome')), 500), name='import_outcome_is_not_too_long', violation_error_message='This text is too long: shorten it.')],
            },
        ),
        migrations.RunPython(create_search_tables, drop_search_tables),
    ]

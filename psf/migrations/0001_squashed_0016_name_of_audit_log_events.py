import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.lookups
from django.conf import settings
from django.core.management import call_command
from django.db import migrations, models

from psf.accounts.roles import create_roles
from psf.search.maintenance import create_search_tables, drop_search_tables


def create_cache_table(apps, schema_editor):
    call_command(
        "createcachetable", "psf_cache", database=schema_editor.connection.alias, verbosity=0
    )


def give_permissions(apps, schema_editor):
    create_roles(apps)


class Migration(migrations.Migration):
    replaces = [
        ("psf", "0001_initial"),
        ("psf", "0002_data_version"),
        ("psf", "0003_search"),
        ("psf", "0004_imports"),
        ("psf", "0005_reminders"),
        ("psf", "0006_some_found"),
        ("psf", "0007_stems_of_titles"),
        ("psf", "0008_leased_version"),
        ("psf", "0009_drop_lease_of_data_version"),
        ("psf", "0001_squashed_0009_drop_lease_of_data_version"),
        ("psf", "0010_staff_sessions"),
        ("psf", "0011_audit_log"),
        ("psf", "0012_documents_without_copy"),
        ("psf", "0013_cache_table"),
        ("psf", "0014_permission_of_audit_log"),
        ("psf", "0015_drop_title_stems"),
        ("psf", "0016_name_of_audit_log_events"),
    ]

    initial = True

    dependencies = [
        ("projects", "0001_squashed_0049_publication_with_status"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CalendarAddress",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="calendar_address",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("fingerprint", models.CharField(max_length=64, unique=True)),
                ("made_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="DataVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("value", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="OneTimePassword",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="one_time_password",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name="SearchWord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("word", models.CharField(db_index=True, max_length=40)),
            ],
        ),
        migrations.CreateModel(
            name="SentReminder",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("sent_on", models.DateField()),
            ],
        ),
        migrations.CreateModel(
            name="FailedSignIn",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("fingerprint", models.CharField(max_length=64)),
                ("failed_at", models.DateTimeField(db_index=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["fingerprint", "failed_at"], name="failed_sign_in_fingerprint"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SearchNote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=10)),
                ("record", models.BigIntegerField()),
            ],
            options={
                "indexes": [models.Index(fields=["kind", "record"], name="search_note_record")],
            },
        ),
        migrations.CreateModel(
            name="Import",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "call",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="imports",
                        to="projects.call",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("file_name", models.CharField(max_length=200, verbose_name="file")),
                ("encoding", models.CharField(max_length=20)),
                ("notation", models.CharField(max_length=20)),
                ("content", models.BinaryField()),
                ("size", models.BigIntegerField(help_text="Bytes, unpacked.")),
                ("sha256", models.CharField(max_length=64)),
                ("uploaded_at", models.DateTimeField(auto_now_add=True, verbose_name="uploaded")),
                ("working_since", models.DateTimeField(blank=True, null=True)),
                ("met", models.CharField(blank=True, max_length=64)),
                ("choices", models.JSONField(blank=True, default=list)),
                ("preview", models.JSONField(blank=True, default=dict)),
                ("problems", models.JSONField(blank=True, default=list)),
                (
                    "outcome",
                    models.CharField(blank=True, max_length=500, verbose_name="what was done"),
                ),
                ("saved_at", models.DateTimeField(blank=True, null=True, verbose_name="imported")),
            ],
            options={
                "verbose_name": "import",
                "verbose_name_plural": "imports",
                "ordering": ["-uploaded_at", "-pk"],
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=django.db.models.lookups.LessThanOrEqual(
                            django.db.models.functions.text.Length(models.F("file_name")), 200
                        ),
                        name="import_file_name_is_not_too_long",
                        violation_error_message="This text is too long: shorten it.",
                    ),
                    models.CheckConstraint(
                        condition=django.db.models.lookups.LessThanOrEqual(
                            django.db.models.functions.text.Length(models.F("encoding")), 20
                        ),
                        name="import_encoding_is_not_too_long",
                        violation_error_message="This text is too long: shorten it.",
                    ),
                    models.CheckConstraint(
                        condition=django.db.models.lookups.LessThanOrEqual(
                            django.db.models.functions.text.Length(models.F("notation")), 20
                        ),
                        name="import_notation_is_not_too_long",
                        violation_error_message="This text is too long: shorten it.",
                    ),
                    models.CheckConstraint(
                        condition=django.db.models.lookups.LessThanOrEqual(
                            django.db.models.functions.text.Length(models.F("sha256")), 64
                        ),
                        name="import_sha256_is_not_too_long",
                        violation_error_message="This text is too long: shorten it.",
                    ),
                    models.CheckConstraint(
                        condition=django.db.models.lookups.LessThanOrEqual(
                            django.db.models.functions.text.Length(models.F("met")), 64
                        ),
                        name="import_met_is_not_too_long",
                        violation_error_message="This text is too long: shorten it.",
                    ),
                    models.CheckConstraint(
                        condition=django.db.models.lookups.LessThanOrEqual(
                            django.db.models.functions.text.Length(models.F("outcome")), 500
                        ),
                        name="import_outcome_is_not_too_long",
                        violation_error_message="This text is too long: shorten it.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StaffSession",
            fields=[
                (
                    "session_key",
                    models.CharField(
                        max_length=40, primary_key=True, serialize=False, verbose_name="session key"
                    ),
                ),
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
                ("started_at", models.DateTimeField()),
                ("used_at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sessions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "session",
                "verbose_name_plural": "sessions",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="AuditEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("made_at", models.DateTimeField(db_index=True, verbose_name="when")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("signed_in", "signed in"),
                            ("signed_out", "signed out"),
                            ("failed", "wrong password or code"),
                            ("refused", "refused"),
                            ("account", "change of an account"),
                            ("publication", "publication"),
                            ("import", "import"),
                            ("export", "download"),
                        ],
                        max_length=20,
                        verbose_name="event",
                    ),
                ),
                (
                    "who",
                    models.CharField(
                        blank=True, max_length=150, verbose_name="name of the account"
                    ),
                ),
                (
                    "client",
                    models.CharField(
                        blank=True, max_length=45, verbose_name="address of the browser"
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="details")),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="account",
                    ),
                ),
            ],
            options={
                "verbose_name": "audit log event",
                "verbose_name_plural": "audit log events",
                "ordering": ["-made_at", "-pk"],
            },
        ),
        migrations.RunPython(create_search_tables, drop_search_tables),
        migrations.RunPython(create_cache_table, migrations.RunPython.noop),
        migrations.RunPython(give_permissions, migrations.RunPython.noop),
    ]

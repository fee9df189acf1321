import django.db.models.deletion
from django.db import migrations, models


def delete_flags_of_calls(apps, schema_editor):
    """The reader of today finds doubtful points about projects only."""
    apps.get_model("projects", "AnnouncementFlag").objects.filter(project=None).delete()


class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0071_last_public_change'),
    ]

    operations = [
        migrations.RunPython(delete_flags_of_calls, migrations.RunPython.noop),
        migrations.RemoveConstraint(
            model_name='announcementflag',
            name='announcementflag_is_of_a_call_or_a_project',
        ),
        migrations.RemoveField(
            model_name='announcementflag',
            name='call',
        ),
        migrations.AlterField(
            model_name='announcementflag',
            name='project',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='flags', to='projects.project'),
        ),
        migrations.RemoveField(
            model_name='announcementline',
            name='call',
        ),
        migrations.RemoveField(
            model_name='announcementline',
            name='partnership',
        ),
    ]

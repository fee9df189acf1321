from django.db import migrations, models

from psf.accounts.roles import create_roles


def rename(apps, old, new):
    permissions = apps.get_model("auth", "Permission").objects
    of_projects = permissions.filter(content_type__app_label="projects")
    of_projects.filter(codename=old).update(codename=new)


def forwards(apps, schema_editor):
    """Accounts and groups keep the permission. Roles have it by its new name."""
    rename(apps, "follow_project", "manage_awards")
    create_roles(apps)


def backwards(apps, schema_editor):
    rename(apps, "manage_awards", "follow_project")


class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0055_led_by_cbss'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='project',
            options={'ordering': [models.OrderBy(models.F('call__closes_at'), descending=True, nulls_first=True), 'reference'], 'permissions': [('publish_project', 'Can publish and unpublish projects'), ('check_project', 'Can check applications: eligible, not eligible, withdrawn'), ('decide_project', 'Can decide on applications and their awards'), ('manage_awards', 'Can manage awards')], 'verbose_name': 'project', 'verbose_name_plural': 'projects'},
        ),
        migrations.RunPython(forwards, backwards),
    ]

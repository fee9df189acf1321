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
        migrations.RemoveConstraint(
            model_name='call',
            name='call_taken_back_has_a_reason',
        ),
        migrations.RemoveConstraint(
            model_name='decision',
            name='decision_taken_back_has_a_reason',
        ),
        migrations.RemoveConstraint(
            model_name='project',
            name='project_taken_back_has_a_reason',
        ),
        migrations.RemoveConstraint(
            model_name='project',
            name='project_taken_back_with_results_is_taken_back',
        ),
        migrations.AddConstraint(
            model_name='call',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('unpublished_at__isnull', True), ('unpublished_reason', '')), models.Q(('unpublished_at__isnull', False), models.Q(('unpublished_reason', ''), _negated=True)), _connector='OR'), name='call_unpublished_has_a_reason', violation_error_message='Give a reason for unpublishing the record.'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('unpublished_at__isnull', True), ('unpublished_reason', '')), models.Q(('unpublished_at__isnull', False), models.Q(('unpublished_reason', ''), _negated=True)), _connector='OR'), name='decision_unpublished_has_a_reason', violation_error_message='Give a reason for unpublishing the record.'),
        ),
        migrations.AddConstraint(
            model_name='project',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('unpublished_at__isnull', True), ('unpublished_reason', '')), models.Q(('unpublished_at__isnull', False), models.Q(('unpublished_reason', ''), _negated=True)), _connector='OR'), name='project_unpublished_has_a_reason', violation_error_message='Give a reason for unpublishing the record.'),
        ),
        migrations.AddConstraint(
            model_name='project',
            constraint=models.CheckConstraint(condition=models.Q(('unpublished_with_results', False), ('unpublished_at__isnull', False), _connector='OR'), name='project_unpublished_with_results_is_unpublished', violation_error_message='Give a reason for unpublishing the record.'),
        ),
        migrations.RunPython(forwards, backwards),
    ]

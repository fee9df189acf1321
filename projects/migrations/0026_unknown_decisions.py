from django.db import migrations
from django.db.models import F

CALLS = ['psf-2017', 'psf-2020', 'psf-2022', 'psf-2023', 'psf-2024', 'psf-2025']


def delete_unknown_decisions(apps, schema_editor):
    """Delete the decisions that `load_history` recorded for calls without a known result.

    A decision about which staff have entered anything, or a call with figures, stays.
    """
    decisions = apps.get_model('projects', 'Decision').objects.filter(
        call__slug__in=CALLS,
        call__received_count=None,
        call__eligible_count=None,
        call__funded_count=None,
        published_at=F('call__published_at'),
        unpublished_at=None,
        body='',
        meeting='',
        mode='unknown',
        decided_on=None,
        announced_on=None,
        reference='',
        prepared_by=None,
        applied_by=None,
        applied_at=None,
    )
    calls = list(decisions.values_list('call', flat=True))
    decisions.delete()
    apps.get_model('projects', 'Call').objects.filter(pk__in=calls).update(version=F('version') + 1)


class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0025_sent_by_mail'),
    ]

    operations = [
        migrations.RunPython(delete_unknown_decisions, migrations.RunPython.noop),
    ]

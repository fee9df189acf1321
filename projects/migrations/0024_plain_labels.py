import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import projects.models.calls
from django.conf import settings
from django.db import migrations, models


def rename_permissions(apps, schema_editor):
    """Django never changes the names of existing permissions."""
    permissions = apps.get_model('auth', 'Permission').objects
    for codename, name in [
        ('publish_project', 'Can publish and unpublish projects'),
        ('follow_project', 'Can manage awards'),
    ]:
        rows = permissions.filter(content_type__app_label='projects', codename=codename)
        rows.update(name=name)


class Migration(migrations.Migration):

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('partners', '0012_plain_labels'),
        ('projects', '0023_ineligibility'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='announcementflag',
            options={'ordering': ['line', 'pk'], 'verbose_name': 'flag of an announcement', 'verbose_name_plural': 'doubtful points in the announcement'},
        ),
        migrations.AlterModelOptions(
            name='project',
            options={'ordering': [models.OrderBy(models.F('call__closes_at'), descending=True, nulls_first=True), 'reference'], 'permissions': [('publish_project', 'Can publish and unpublish projects'), ('check_project', 'Can check applications: eligible, not eligible, withdrawn'), ('decide_project', 'Can decide on applications and their awards'), ('follow_project', 'Can manage awards')], 'verbose_name': 'project', 'verbose_name_plural': 'projects'},
        ),
        migrations.AlterModelOptions(
            name='waiver',
            options={'ordering': ['rule'], 'verbose_name': 'waiver', 'verbose_name_plural': 'waivers'},
        ),
        migrations.AlterField(
            model_name='agreement',
            name='closed_on',
            field=models.DateField(blank=True, help_text='No payments from this day on.', null=True, verbose_name='account closed'),
        ),
        migrations.AlterField(
            model_name='amendment',
            name='amount_before_eur',
            field=models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True, verbose_name='former amount'),
        ),
        migrations.AlterField(
            model_name='amendment',
            name='day',
            field=models.DateField(blank=True, help_text='First day or last day of the partner.', null=True, verbose_name='day'),
        ),
        migrations.AlterField(
            model_name='amendment',
            name='ends_before',
            field=models.DateField(blank=True, null=True, verbose_name='former end'),
        ),
        migrations.AlterField(
            model_name='amendment',
            name='ends_before_precision',
            field=models.CharField(choices=[('day', 'the day'), ('month', 'only the month'), ('year', 'only the year')], default='day', max_length=6, verbose_name='precision of the former end'),
        ),
        migrations.AlterField(
            model_name='amendment',
            name='words',
            field=models.TextField(help_text='The change and its reason. Never public.', max_length=2000, verbose_name='description'),
        ),
        migrations.AlterField(
            model_name='announcement',
            name='fingerprint',
            field=models.CharField(help_text='SHA-256 of the lines, to recognise the same text.', max_length=64, verbose_name='fingerprint'),
        ),
        migrations.AlterField(
            model_name='announcementflag',
            name='is_settled',
            field=models.BooleanField(default=False, help_text='The problem was fixed, or the record is correct as it is.', verbose_name='settled'),
        ),
        migrations.AlterField(
            model_name='announcementflag',
            name='sentence',
            field=models.CharField(max_length=500, verbose_name='doubtful point'),
        ),
        migrations.AlterField(
            model_name='announcementline',
            name='kind',
            field=models.CharField(choices=[('blank', 'blank'), ('title', 'title of the text'), ('call', 'call'), ('figures', 'facts of the call'), ('call_text', 'about the call'), ('project_title', 'title of a project'), ('lead', 'lead partner'), ('countries', 'countries'), ('priority', 'priority'), ('heading', 'heading'), ('partner', 'partner'), ('paragraph', 'about the project'), ('note', 'note'), ('left_out', 'left out: personal data'), ('not_understood', 'not understood')], max_length=14, verbose_name='read as'),
        ),
        migrations.AlterField(
            model_name='call',
            name='assessments_due_on',
            field=models.DateField(blank=True, help_text='The last day for assessors to submit. Empty: no deadline.', null=True, verbose_name='assessments due'),
        ),
        migrations.AlterField(
            model_name='call',
            name='assessors_needed',
            field=models.PositiveSmallIntegerField(default=2, help_text='Number of assessors for each eligible application. 0: no assessment here.', verbose_name='assessors needed'),
        ),
        migrations.AlterField(
            model_name='call',
            name='budget_eur',
            field=models.DecimalField(blank=True, decimal_places=2, help_text='EUR. The total of all grants of the call.', max_digits=12, null=True, verbose_name='budget'),
        ),
        migrations.AlterField(
            model_name='call',
            name='ceiling_eur',
            field=models.DecimalField(blank=True, decimal_places=2, help_text='EUR. The highest possible grant for one project.', max_digits=12, null=True, verbose_name='ceiling of a grant'),
        ),
        migrations.AlterField(
            model_name='call',
            name='closes_at',
            field=models.DateTimeField(blank=True, help_text='The first moment that is too late. Empty: not known.', null=True, verbose_name='closes'),
        ),
        migrations.AlterField(
            model_name='call',
            name='closes_precision',
            field=models.CharField(choices=[('minute', 'to the minute'), ('day', 'the day'), ('month', 'only the month'), ('year', 'only the year')], default='minute', max_length=6, verbose_name='precision of the closing'),
        ),
        migrations.AlterField(
            model_name='call',
            name='decided_by_two',
            field=models.BooleanField(default=False, help_text='The person who prepared the decision cannot apply it. A second person must.', verbose_name='two people decide'),
        ),
        migrations.AlterField(
            model_name='call',
            name='floor_eur',
            field=models.DecimalField(blank=True, decimal_places=2, help_text='EUR', max_digits=12, null=True, verbose_name='lowest grant'),
        ),
        migrations.AlterField(
            model_name='call',
            name='is_anonymised',
            field=models.BooleanField(default=False, help_text='Assessors see applications without the names of organisations.', verbose_name='anonymised'),
        ),
        migrations.AlterField(
            model_name='call',
            name='lead_from_member_state',
            field=models.BooleanField(default=False, help_text='Only an organisation from a member state of the CBSS can lead.', verbose_name='the lead partner is from a member state'),
        ),
        migrations.AlterField(
            model_name='call',
            name='min_cofunding_percent',
            field=models.PositiveSmallIntegerField(blank=True, help_text='Per cent of the total budget.', null=True, verbose_name='minimum co-funding'),
        ),
        migrations.AlterField(
            model_name='call',
            name='min_member_states',
            field=models.PositiveSmallIntegerField(blank=True, help_text="Member states of the CBSS among the partners, including the lead partner's.", null=True, verbose_name='minimum number of member states'),
        ),
        migrations.AlterField(
            model_name='call',
            name='opens_precision',
            field=models.CharField(choices=[('minute', 'to the minute'), ('day', 'the day'), ('month', 'only the month'), ('year', 'only the year')], default='minute', max_length=6, verbose_name='precision of the opening'),
        ),
        migrations.AlterField(
            model_name='call',
            name='time_zone',
            field=models.CharField(default='Europe/Stockholm', help_text='Time zone of the opening and closing shown to readers.', max_length=50, validators=[projects.models.calls.validate_time_zone], verbose_name='time zone'),
        ),
        migrations.AlterField(
            model_name='call',
            name='unpublished_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='last unpublished'),
        ),
        migrations.AlterField(
            model_name='consensus',
            name='agreed_percent',
            field=models.PositiveSmallIntegerField(blank=True, help_text='Per cent of the maximum. Empty: the mean of the assessors counts.', null=True, verbose_name='result agreed on'),
        ),
        migrations.AlterField(
            model_name='consensus',
            name='text',
            field=models.TextField(blank=True, max_length=5000, verbose_name='text of the agreement'),
        ),
        migrations.AlterField(
            model_name='contact',
            name='keep_until',
            field=models.DateField(help_text='Last day on which the data are needed. Then they are deleted.', verbose_name='keep until'),
        ),
        migrations.AlterField(
            model_name='contact',
            name='purpose',
            field=models.CharField(help_text='Why the data are needed, such as: questions about the reports.', max_length=200, verbose_name='purpose'),
        ),
        migrations.AlterField(
            model_name='criterion',
            name='description',
            field=models.CharField(blank=True, help_text='For the assessors.', max_length=500, verbose_name='explanation'),
        ),
        migrations.AlterField(
            model_name='criterion',
            name='maximum',
            field=models.SmallIntegerField(default=5, help_text='End of the scale that starts at 0: 1 to 100.', verbose_name='maximum points'),
        ),
        migrations.AlterField(
            model_name='criterion',
            name='position',
            field=models.PositiveSmallIntegerField(default=1, help_text='Order on the form.', verbose_name='position'),
        ),
        migrations.AlterField(
            model_name='criterion',
            name='weight',
            field=models.SmallIntegerField(default=1, help_text='Weight among all criteria: 1 to 100.', verbose_name='weight'),
        ),
        migrations.AlterField(
            model_name='decision',
            name='reference',
            field=models.CharField(blank=True, help_text='Number of the document.', max_length=100, verbose_name='reference'),
        ),
        migrations.AlterField(
            model_name='decision',
            name='unpublished_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='last unpublished'),
        ),
        migrations.AlterField(
            model_name='decisionline',
            name='reason',
            field=models.CharField(blank=True, help_text='Part of the letter.', max_length=1000, verbose_name='reason for the applicant'),
        ),
        migrations.AlterField(
            model_name='document',
            name='added_at',
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='added'),
        ),
        migrations.AlterField(
            model_name='document',
            name='added_by',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='added by'),
        ),
        migrations.AlterField(
            model_name='document',
            name='language',
            field=models.CharField(default='en', help_text='Language code of title and text, such as en or lv.', max_length=35, validators=[django.core.validators.RegexValidator('^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*\\Z', 'Give a language code, such as lv or sv-FI.')], verbose_name='language'),
        ),
        migrations.AlterField(
            model_name='ineligibilityreason',
            name='advice',
            field=models.CharField(blank=True, help_text='Advice for the next application. Part of the letter.', max_length=500, verbose_name='advice'),
        ),
        migrations.AlterField(
            model_name='ineligibilityreason',
            name='text',
            field=models.CharField(help_text='A sentence for a letter, such as: The lead partner is missing.', max_length=300, verbose_name='reason'),
        ),
        migrations.AlterField(
            model_name='instalment',
            name='due_on',
            field=models.DateField(blank=True, help_text='Empty: no due date.', null=True, verbose_name='due'),
        ),
        migrations.AlterField(
            model_name='letter',
            name='address',
            field=models.EmailField(blank=True, help_text='Empty: sent by hand.', max_length=254, verbose_name='e-mail address'),
        ),
        migrations.AlterField(
            model_name='letter',
            name='cancelled_why',
            field=models.CharField(blank=True, max_length=500, verbose_name='reason for the cancellation'),
        ),
        migrations.AlterField(
            model_name='letter',
            name='correction',
            field=models.CharField(blank=True, max_length=500, verbose_name='reason for the replacement'),
        ),
        migrations.AlterField(
            model_name='letter',
            name='corrects',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='corrected_by', to='projects.letter', verbose_name='replaces'),
        ),
        migrations.AlterField(
            model_name='lettertemplate',
            name='body',
            field=models.TextField(help_text='Empty lines separate paragraphs. Placeholders: {project}, {reference}, {lead_partner}, {call}, {reasons}, {decided_by}, {decided_on}, and {award}, {place} or {advice} in letters about these.', max_length=8000, verbose_name='text'),
        ),
        migrations.AlterField(
            model_name='output',
            name='language',
            field=models.CharField(default='en', help_text='Language code of title and text, such as en or lv.', max_length=35, validators=[django.core.validators.RegexValidator('^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*\\Z', 'Give a language code, such as lv or sv-FI.')], verbose_name='language'),
        ),
        migrations.AlterField(
            model_name='partnership',
            name='country',
            field=models.ForeignKey(help_text='The country it represents. Its seat can be in another country.', on_delete=django.db.models.deletion.PROTECT, related_name='partnerships', to='partners.country', verbose_name='country'),
        ),
        migrations.AlterField(
            model_name='partnership',
            name='position',
            field=models.PositiveSmallIntegerField(default=1, help_text='Order in the published list.', verbose_name='position'),
        ),
        migrations.AlterField(
            model_name='project',
            name='activity_countries',
            field=models.ManyToManyField(blank=True, help_text='Where the work is done. This can differ from the countries of the partners.', related_name='activities', to='partners.country', verbose_name='places of activity'),
        ),
        migrations.AlterField(
            model_name='project',
            name='announced_countries',
            field=models.ManyToManyField(blank=True, help_text="The countries in the headline, including the lead partner's country.", related_name='announced_in', to='partners.country', verbose_name='countries as announced'),
        ),
        migrations.AlterField(
            model_name='project',
            name='disagreement_explained',
            field=models.CharField(blank=True, help_text='One sentence, such as: Estonia withdrew before signing. Readers see it beside the difference. The work list then drops the difference.', max_length=500, verbose_name='why headline and list differ'),
        ),
        migrations.AlterField(
            model_name='project',
            name='ends_precision',
            field=models.CharField(choices=[('day', 'the day'), ('month', 'only the month'), ('year', 'only the year')], default='day', max_length=6, verbose_name='precision of the end'),
        ),
        migrations.AlterField(
            model_name='project',
            name='starts_precision',
            field=models.CharField(choices=[('day', 'the day'), ('month', 'only the month'), ('year', 'only the year')], default='day', max_length=6, verbose_name='precision of the start'),
        ),
        migrations.AlterField(
            model_name='project',
            name='title_language',
            field=models.CharField(default='en', help_text='Language code for screen readers, such as en or lv.', max_length=35, validators=[django.core.validators.RegexValidator('^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*\\Z', 'Give a language code, such as lv or sv-FI.')], verbose_name='language of the title'),
        ),
        migrations.AlterField(
            model_name='project',
            name='total_budget_eur',
            field=models.DecimalField(blank=True, decimal_places=2, help_text='EUR, including the share of the partners. Empty: not published.', max_digits=12, null=True, verbose_name='total budget'),
        ),
        migrations.AlterField(
            model_name='project',
            name='unpublished_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='last unpublished'),
        ),
        migrations.AlterField(
            model_name='project',
            name='unpublished_with_results',
            field=models.BooleanField(default=False, editable=False, verbose_name='unpublished with the results'),
        ),
        migrations.AlterField(
            model_name='repayment',
            name='why',
            field=models.CharField(max_length=500, verbose_name='reason'),
        ),
        migrations.AlterField(
            model_name='report',
            name='due_on',
            field=models.DateField(blank=True, help_text='Empty: no due date.', null=True, verbose_name='due'),
        ),
        migrations.AlterField(
            model_name='source',
            name='about',
            field=models.CharField(choices=[('announcement', 'announcement'), ('title', 'title'), ('period', 'period'), ('amount', 'amount'), ('partners', 'partners'), ('rules', 'rules of the call'), ('figures', 'figures of the call'), ('decision', 'decision'), ('other', 'other')], max_length=12, verbose_name='fact'),
        ),
        migrations.AlterField(
            model_name='source',
            name='citation',
            field=models.CharField(help_text='Publisher and title.', max_length=500, verbose_name='source'),
        ),
        migrations.AlterField(
            model_name='source',
            name='note',
            field=models.CharField(blank=True, help_text='Differences from the record, if any.', max_length=500, verbose_name='note'),
        ),
        migrations.AlterField(
            model_name='waiver',
            name='reason',
            field=models.CharField(max_length=500, verbose_name='reason'),
        ),
        migrations.AlterConstraint(
            model_name='agreement',
            name='agreement_closed_after_it_was_signed',
            constraint=models.CheckConstraint(condition=models.Q(('closed_on__isnull', True), models.Q(('closed_on__gte', models.F('lead_signed_on')), ('lead_signed_on__isnull', False), ('we_signed_on__isnull', False), ('closed_on__gte', models.F('we_signed_on'))), _connector='OR'), name='agreement_closed_after_it_was_signed', violation_error_message='An account can be closed only after both sides have signed.'),
        ),
        migrations.AlterConstraint(
            model_name='amendment',
            name='amendment_names_a_partner_who_joins_or_leaves',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('day__isnull', False), ('kind__in', ['joined', 'left']), ('partnership__isnull', False)), models.Q(models.Q(('kind__in', ['joined', 'left']), _negated=True), ('day__isnull', True), ('partnership__isnull', True)), _connector='OR'), name='amendment_names_a_partner_who_joins_or_leaves', violation_error_message='Give partner and day only if a partner joins or leaves, and then give both.'),
        ),
        migrations.AlterConstraint(
            model_name='amendment',
            name='amendment_prolongation_has_a_new_end',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ends_after__isnull', False), ('kind', 'prolonged')), models.Q(models.Q(('kind', 'prolonged'), _negated=True), ('ends_after__isnull', True), ('ends_before__isnull', True)), _connector='OR'), name='amendment_prolongation_has_a_new_end', violation_error_message='A prolongation needs a new end. Other amendments have none.'),
        ),
        migrations.AlterConstraint(
            model_name='amendment',
            name='amendment_ends_after_is_later',
            constraint=models.CheckConstraint(condition=models.Q(('ends_before__isnull', True), ('ends_after__isnull', True), ('ends_after__gt', models.F('ends_before')), _connector='OR'), name='amendment_ends_after_is_later', violation_error_message='The new end must be later than the former end.'),
        ),
        migrations.AlterConstraint(
            model_name='amendment',
            name='amendment_amounts_are_of_a_budget_shift',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('amount_after_eur__isnull', True), ('amount_before_eur__isnull', True)), models.Q(('amount_after_eur__isnull', False), ('amount_before_eur__isnull', False), ('kind', 'budget')), _connector='OR'), name='amendment_amounts_are_of_a_budget_shift', violation_error_message='Only a budget shift changes the amount. Give the former and the new amount.'),
        ),
        migrations.AlterConstraint(
            model_name='assessment',
            name='assessment_once_per_project_and_assessor',
            constraint=models.UniqueConstraint(fields=('project', 'assessor'), name='assessment_once_per_project_and_assessor', violation_error_message='This application is already assigned to this assessor.'),
        ),
        migrations.AlterConstraint(
            model_name='assessment',
            name='assessment_conflict_is_in_words',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('declaration', 'conflict'), models.Q(('conflict', ''), _negated=True)), models.Q(models.Q(('declaration', 'conflict'), _negated=True), ('conflict', '')), _connector='OR'), name='assessment_conflict_is_in_words', violation_error_message='Describe the conflict of interest.'),
        ),
        migrations.AlterConstraint(
            model_name='assessment',
            name='assessment_submitted_is_complete',
            constraint=models.CheckConstraint(condition=models.Q(('submitted_at__isnull', True), models.Q(('declaration', 'none'), models.Q(('recommendation', 'not_yet'), _negated=True), models.Q(('comment', ''), _negated=True)), _connector='OR'), name='assessment_submitted_is_complete', violation_error_message='A submitted assessment needs a recommendation and an overall comment, and no conflict of interest.'),
        ),
        migrations.AlterConstraint(
            model_name='call',
            name='call_ceiling_eur_is_at_least_floor_eur',
            constraint=models.CheckConstraint(condition=models.Q(('floor_eur__isnull', True), ('ceiling_eur__isnull', True), ('ceiling_eur__gte', models.F('floor_eur')), _connector='OR'), name='call_ceiling_eur_is_at_least_floor_eur', violation_error_message='The ceiling is below the lowest grant.'),
        ),
        migrations.AlterConstraint(
            model_name='call',
            name='call_min_cofunding_percent_is_a_percentage',
            constraint=models.CheckConstraint(condition=models.Q(('min_cofunding_percent__isnull', True), ('min_cofunding_percent__lte', 100), _connector='OR'), name='call_min_cofunding_percent_is_a_percentage', violation_error_message='A percentage must be between 0 and 100.'),
        ),
        migrations.AlterConstraint(
            model_name='call',
            name='call_received_count_is_at_least_eligible_count',
            constraint=models.CheckConstraint(condition=models.Q(('eligible_count__isnull', True), ('received_count__isnull', True), ('received_count__gte', models.F('eligible_count')), _connector='OR'), name='call_received_count_is_at_least_eligible_count', violation_error_message='There are more eligible applications than received applications.'),
        ),
        migrations.AlterConstraint(
            model_name='call',
            name='call_eligible_count_is_at_least_funded_count',
            constraint=models.CheckConstraint(condition=models.Q(('funded_count__isnull', True), ('eligible_count__isnull', True), ('eligible_count__gte', models.F('funded_count')), _connector='OR'), name='call_eligible_count_is_at_least_funded_count', violation_error_message='There are more funded projects than eligible applications.'),
        ),
        migrations.AlterConstraint(
            model_name='call',
            name='call_received_count_is_at_least_funded_count',
            constraint=models.CheckConstraint(condition=models.Q(('funded_count__isnull', True), ('received_count__isnull', True), ('received_count__gte', models.F('funded_count')), _connector='OR'), name='call_received_count_is_at_least_funded_count', violation_error_message='There are more funded projects than received applications.'),
        ),
        migrations.AlterConstraint(
            model_name='call',
            name='call_taken_back_has_a_reason',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('unpublished_at__isnull', True), ('unpublished_reason', '')), models.Q(('unpublished_at__isnull', False), models.Q(('unpublished_reason', ''), _negated=True)), _connector='OR'), name='call_taken_back_has_a_reason', violation_error_message='Give a reason for unpublishing the record.'),
        ),
        migrations.AlterConstraint(
            model_name='consensus',
            name='consensus_says_something',
            constraint=models.CheckConstraint(condition=models.Q(('agreed_percent__isnull', False), models.Q(('text', ''), _negated=True), _connector='OR'), name='consensus_says_something', violation_error_message='Give the agreed result, or describe the agreement.'),
        ),
        migrations.AlterConstraint(
            model_name='consensus',
            name='consensus_agreed_percent_is_a_percentage',
            constraint=models.CheckConstraint(condition=models.Q(('agreed_percent__isnull', True), ('agreed_percent__lte', 100), _connector='OR'), name='consensus_agreed_percent_is_a_percentage', violation_error_message='A percentage must be between 0 and 100.'),
        ),
        migrations.AlterConstraint(
            model_name='consensus',
            name='consensus_recommends',
            constraint=models.CheckConstraint(condition=models.Q(('recommendation', 'not_yet'), _negated=True), name='consensus_recommends', violation_error_message='A consensus needs a recommendation.'),
        ),
        migrations.AlterConstraint(
            model_name='contact',
            name='contact_has_a_name_and_a_purpose',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('name', ''), _negated=True), models.Q(('purpose', ''), _negated=True)), name='contact_has_a_name_and_a_purpose', violation_error_message='Give the name and the purpose.'),
        ),
        migrations.AlterConstraint(
            model_name='criterion',
            name='criterion_once_per_call',
            constraint=models.UniqueConstraint(fields=('call', 'name'), name='criterion_once_per_call', violation_error_message='The call already has a criterion with this name.'),
        ),
        migrations.AlterConstraint(
            model_name='criterion',
            name='criterion_weight_is_from_1_to_100',
            constraint=models.CheckConstraint(condition=models.Q(('weight__range', (1, 100))), name='criterion_weight_is_from_1_to_100', violation_error_message='A weight must be between 1 and 100.'),
        ),
        migrations.AlterConstraint(
            model_name='criterion',
            name='criterion_maximum_is_from_1_to_100',
            constraint=models.CheckConstraint(condition=models.Q(('maximum__range', (1, 100))), name='criterion_maximum_is_from_1_to_100', violation_error_message='The maximum must be between 1 and 100 points.'),
        ),
        migrations.AlterConstraint(
            model_name='decision',
            name='decision_announced_on_is_at_least_decided_on',
            constraint=models.CheckConstraint(condition=models.Q(('decided_on__isnull', True), ('announced_on__isnull', True), ('announced_on__gte', models.F('decided_on')), _connector='OR'), name='decision_announced_on_is_at_least_decided_on', violation_error_message='The announcement must not be before the decision.'),
        ),
        migrations.AlterConstraint(
            model_name='decision',
            name='decision_taken_back_has_a_reason',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('unpublished_at__isnull', True), ('unpublished_reason', '')), models.Q(('unpublished_at__isnull', False), models.Q(('unpublished_reason', ''), _negated=True)), _connector='OR'), name='decision_taken_back_has_a_reason', violation_error_message='Give a reason for unpublishing the record.'),
        ),
        migrations.AlterConstraint(
            model_name='decisionline',
            name='decisionline_award_is_for_the_funded',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('award_eur__isnull', False), ('outcome', 'funded')), models.Q(models.Q(('outcome', 'funded'), _negated=True), ('award_eur__isnull', True)), _connector='OR'), name='decisionline_award_is_for_the_funded', violation_error_message='A funded application needs an award. Other applications have none.'),
        ),
        migrations.AlterConstraint(
            model_name='decisionline',
            name='decisionline_place_is_on_the_reserve',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('outcome', 'reserve'), ('reserve_place__isnull', False)), models.Q(models.Q(('outcome', 'reserve'), _negated=True), ('reserve_place__isnull', True)), _connector='OR'), name='decisionline_place_is_on_the_reserve', violation_error_message='An application on the reserve list needs a place. Others have none.'),
        ),
        migrations.AlterConstraint(
            model_name='ineligibilityfinding',
            name='ineligibilityfinding_once_per_project',
            constraint=models.UniqueConstraint(fields=('project', 'reason'), name='ineligibilityfinding_once_per_project', violation_error_message='This reason is already given.'),
        ),
        migrations.AlterConstraint(
            model_name='ineligibilityreason',
            name='ineligibilityreason_once_per_call',
            constraint=models.UniqueConstraint(fields=('call', 'text'), name='ineligibilityreason_once_per_call', violation_error_message='This reason is already in the list.'),
        ),
        migrations.AlterConstraint(
            model_name='instalment',
            name='instalment_one_at_each_position',
            constraint=models.UniqueConstraint(fields=('project', 'position'), name='instalment_one_at_each_position', violation_error_message='The project already has an instalment at this position.'),
        ),
        migrations.AlterConstraint(
            model_name='instalment',
            name='instalment_paid_is_a_day_and_an_amount',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('paid_eur__isnull', True), ('paid_on__isnull', True)), models.Q(('paid_eur__isnull', False), ('paid_on__isnull', False)), _connector='OR'), name='instalment_paid_is_a_day_and_an_amount', violation_error_message='A payment needs a day and an amount.'),
        ),
        migrations.AlterConstraint(
            model_name='letter',
            name='letter_waits_alone',
            constraint=models.UniqueConstraint(condition=models.Q(('cancelled_at__isnull', True), ('sent_at__isnull', True)), fields=('project',), name='letter_waits_alone', violation_error_message='A letter to the applicant is already waiting.'),
        ),
        migrations.AlterConstraint(
            model_name='letter',
            name='letter_correction_says_why',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('correction', ''), ('corrects__isnull', True)), models.Q(('corrects__isnull', False), models.Q(('correction', ''), _negated=True)), _connector='OR'), name='letter_correction_says_why', violation_error_message='Give a reason for the replacement.'),
        ),
        migrations.AlterConstraint(
            model_name='letter',
            name='letter_sent_is_not_cancelled',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('cancelled_at__isnull', True), ('cancelled_why', '')), models.Q(('cancelled_at__isnull', False), ('sent_at__isnull', True), models.Q(('cancelled_why', ''), _negated=True)), _connector='OR'), name='letter_sent_is_not_cancelled', violation_error_message='Only a waiting letter can be cancelled, with a reason.'),
        ),
        migrations.AlterConstraint(
            model_name='letter',
            name='letter_address_is_where_it_was_sent',
            constraint=models.CheckConstraint(condition=models.Q(('address', ''), ('sent_at__isnull', False), _connector='OR'), name='letter_address_is_where_it_was_sent', violation_error_message='Only a sent letter has an address.'),
        ),
        migrations.AlterConstraint(
            model_name='lettertemplate',
            name='lettertemplate_is_one_for_a_kind',
            constraint=models.UniqueConstraint(fields=('call', 'kind'), name='lettertemplate_is_one_for_a_kind', violation_error_message='The call already has a text for this kind of letter.'),
        ),
        migrations.AlterConstraint(
            model_name='output',
            name='output_has_a_link_or_a_document',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('url', ''), _negated=True), ('document__isnull', False), _connector='OR'), name='output_has_a_link_or_a_document', violation_error_message='An output needs a link, a document, or both.'),
        ),
        migrations.AlterConstraint(
            model_name='partnership',
            name='partnership_left_on_is_at_least_joined_on',
            constraint=models.CheckConstraint(condition=models.Q(('joined_on__isnull', True), ('left_on__isnull', True), ('left_on__gte', models.F('joined_on')), _connector='OR'), name='partnership_left_on_is_at_least_joined_on', violation_error_message='A partner cannot leave before it joined.'),
        ),
        migrations.AlterConstraint(
            model_name='project',
            name='project_ends_on_is_at_least_starts_on',
            constraint=models.CheckConstraint(condition=models.Q(('starts_on__isnull', True), ('ends_on__isnull', True), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='project_ends_on_is_at_least_starts_on', violation_error_message='The end must not be before the start.'),
        ),
        migrations.AlterConstraint(
            model_name='project',
            name='project_amount_has_a_kind',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('amount_eur__isnull', True), ('amount_kind', 'not_published')), models.Q(('amount_eur__isnull', False), models.Q(('amount_kind', 'not_published'), _negated=True)), _connector='OR'), name='project_amount_has_a_kind', violation_error_message='An amount needs a kind (ceiling, awarded, final, returned). Without an amount the kind must be “not published”.'),
        ),
        migrations.AlterConstraint(
            model_name='project',
            name='project_award_is_of_a_funded_project',
            constraint=models.CheckConstraint(condition=models.Q(('amount_kind__in', ['ceiling', 'not_published']), ('status__in', ['funded', 'running', 'completed', 'terminated']), _connector='OR'), name='project_award_is_of_a_funded_project', violation_error_message='Only a funded project can have an award. A ceiling is not an award.'),
        ),
        migrations.AlterConstraint(
            model_name='project',
            name='project_public_is_funded',
            constraint=models.CheckConstraint(condition=models.Q(('published_at__isnull', True), ('status__in', ['funded', 'running', 'completed', 'terminated']), _connector='OR'), name='project_public_is_funded', violation_error_message='This project is public or scheduled, so it must stay funded. Unpublish the project first.'),
        ),
        migrations.AlterConstraint(
            model_name='project',
            name='project_taken_back_with_results_is_taken_back',
            constraint=models.CheckConstraint(condition=models.Q(('unpublished_with_results', False), ('unpublished_at__isnull', False), _connector='OR'), name='project_taken_back_with_results_is_taken_back', violation_error_message='Give a reason for unpublishing the record.'),
        ),
        migrations.AlterConstraint(
            model_name='project',
            name='project_taken_back_has_a_reason',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('unpublished_at__isnull', True), ('unpublished_reason', '')), models.Q(('unpublished_at__isnull', False), models.Q(('unpublished_reason', ''), _negated=True)), _connector='OR'), name='project_taken_back_has_a_reason', violation_error_message='Give a reason for unpublishing the record.'),
        ),
        migrations.AlterConstraint(
            model_name='report',
            name='report_approved_after_it_was_received',
            constraint=models.CheckConstraint(condition=models.Q(('approved_on__isnull', True), models.Q(('approved_on__gte', models.F('received_on')), ('received_on__isnull', False)), _connector='OR'), name='report_approved_after_it_was_received', violation_error_message='A report can be approved only after it was received.'),
        ),
        migrations.AlterConstraint(
            model_name='score',
            name='score_once_per_criterion',
            constraint=models.UniqueConstraint(fields=('assessment', 'criterion'), name='score_once_per_criterion', violation_error_message='This criterion already has points.'),
        ),
        migrations.AlterConstraint(
            model_name='score',
            name='score_points_are_from_0_to_100',
            constraint=models.CheckConstraint(condition=models.Q(('points__isnull', True), ('points__range', (0, 100)), _connector='OR'), name='score_points_are_from_0_to_100', violation_error_message='Points must be between 0 and 100.'),
        ),
        migrations.AlterConstraint(
            model_name='waiver',
            name='waiver_is_one_for_a_rule',
            constraint=models.UniqueConstraint(fields=('project', 'rule'), name='waiver_is_one_for_a_rule', violation_error_message='This rule already has a waiver.'),
        ),
        migrations.AlterConstraint(
            model_name='waiver',
            name='waiver_has_a_reason',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='waiver_has_a_reason', violation_error_message='Give a reason.'),
        ),
        migrations.RunPython(rename_permissions, migrations.RunPython.noop),
    ]

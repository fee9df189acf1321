import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.lookups
from decimal import Decimal
from django.db import migrations, models

from psf.accounts.roles import create_roles


def add_permissions(apps, schema_editor):
    create_roles(apps)


class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0056_names_of_awards_and_unpublishing'),
    ]

    operations = [
        migrations.CreateModel(
            name='Question',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.CharField(max_length=200, verbose_name='question')),
                ('hint', models.CharField(blank=True, help_text='For applicants, below the question.', max_length=500, verbose_name='hint')),
                ('limit', models.PositiveSmallIntegerField(default=1000, help_text='Characters: at most 2000, or 500 for an answer of each partner.', verbose_name='longest answer')),
                ('for_each_partner', models.BooleanField(default=False, help_text='Otherwise one answer for the project.', verbose_name='for each partner')),
                ('position', models.PositiveSmallIntegerField(default=1, help_text='Order on the form.', verbose_name='position')),
                ('call', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='questions', to='projects.call', verbose_name='call')),
                ('criterion', models.ForeignKey(blank=True, help_text='Assessors read the answer beside this criterion.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='questions', to='projects.criterion', verbose_name='criterion')),
            ],
            options={
                'verbose_name': 'question',
                'verbose_name_plural': 'questions of the application form',
                'ordering': ['call', 'position', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Answer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField(default=0, help_text='0: the answer of the whole project.', verbose_name='partner on the form')),
                ('text', models.TextField(max_length=2000, verbose_name='answer')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='answers', to='projects.project', verbose_name='application')),
                ('question', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='projects.question', verbose_name='question')),
            ],
            options={
                'verbose_name': 'answer',
                'verbose_name_plural': 'answers',
                'ordering': ['project', 'question__position', 'question', 'number'],
            },
        ),
        migrations.CreateModel(
            name='PartnerBudget',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField(verbose_name='partner on the form')),
                ('name', models.CharField(max_length=300, verbose_name='partner')),
                ('personnel_eur', models.DecimalField(blank=True, decimal_places=2, help_text='EUR', max_digits=12, null=True, verbose_name='personnel')),
                ('travel_eur', models.DecimalField(blank=True, decimal_places=2, help_text='EUR', max_digits=12, null=True, verbose_name='travel')),
                ('subcontracting_eur', models.DecimalField(blank=True, decimal_places=2, help_text='EUR', max_digits=12, null=True, verbose_name='sub-contracting')),
                ('other_eur', models.DecimalField(blank=True, decimal_places=2, help_text='EUR', max_digits=12, null=True, verbose_name='other costs')),
                ('administration_eur', models.DecimalField(blank=True, decimal_places=2, help_text='EUR', max_digits=12, null=True, verbose_name='administration')),
                ('own_share_eur', models.DecimalField(blank=True, decimal_places=2, help_text='EUR', max_digits=12, null=True, verbose_name='own share')),
                ('other_funding_eur', models.DecimalField(blank=True, decimal_places=2, help_text='EUR', max_digits=12, null=True, verbose_name='other funding')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='budgets', to='projects.project', verbose_name='application')),
            ],
            options={
                'verbose_name': 'budget of a partner',
                'verbose_name_plural': 'budgets of partners',
                'ordering': ['project', 'number'],
                'constraints': [models.UniqueConstraint(fields=('project', 'number'), name='partner_budget_once_per_project', violation_error_message='The partner has a budget already.'), models.CheckConstraint(condition=models.Q(('number__isnull', True), ('number__range', (0, 32767)), _connector='OR'), name='partnerbudget_number_is_a_count', violation_error_message='A number lies between 0 and 32 767.'), models.CheckConstraint(condition=django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length(models.F('name')), 300), name='partnerbudget_name_is_not_too_long', violation_error_message='This text is too long: shorten it.'), models.CheckConstraint(condition=models.Q(('personnel_eur__isnull', True), models.Q(('personnel_eur__gte', Decimal('0')), ('personnel_eur__lte', Decimal('9999999999.99'))), _connector='OR'), name='partnerbudget_personnel_eur_is_an_amount', violation_error_message='An amount lies between 0 and 9 999 999 999.99 EUR.'), models.CheckConstraint(condition=models.Q(('travel_eur__isnull', True), models.Q(('travel_eur__gte', Decimal('0')), ('travel_eur__lte', Decimal('9999999999.99'))), _connector='OR'), name='partnerbudget_travel_eur_is_an_amount', violation_error_message='An amount lies between 0 and 9 999 999 999.99 EUR.'), models.CheckConstraint(condition=models.Q(('subcontracting_eur__isnull', True), models.Q(('subcontracting_eur__gte', Decimal('0')), ('subcontracting_eur__lte', Decimal('9999999999.99'))), _connector='OR'), name='partnerbudget_subcontracting_eur_is_an_amount', violation_error_message='An amount lies between 0 and 9 999 999 999.99 EUR.'), models.CheckConstraint(condition=models.Q(('other_eur__isnull', True), models.Q(('other_eur__gte', Decimal('0')), ('other_eur__lte', Decimal('9999999999.99'))), _connector='OR'), name='partnerbudget_other_eur_is_an_amount', violation_error_message='An amount lies between 0 and 9 999 999 999.99 EUR.'), models.CheckConstraint(condition=models.Q(('administration_eur__isnull', True), models.Q(('administration_eur__gte', Decimal('0')), ('administration_eur__lte', Decimal('9999999999.99'))), _connector='OR'), name='partnerbudget_administration_eur_is_an_amount', violation_error_message='An amount lies between 0 and 9 999 999 999.99 EUR.'), models.CheckConstraint(condition=models.Q(('own_share_eur__isnull', True), models.Q(('own_share_eur__gte', Decimal('0')), ('own_share_eur__lte', Decimal('9999999999.99'))), _connector='OR'), name='partnerbudget_own_share_eur_is_an_amount', violation_error_message='An amount lies between 0 and 9 999 999 999.99 EUR.'), models.CheckConstraint(condition=models.Q(('other_funding_eur__isnull', True), models.Q(('other_funding_eur__gte', Decimal('0')), ('other_funding_eur__lte', Decimal('9999999999.99'))), _connector='OR'), name='partnerbudget_other_funding_eur_is_an_amount', violation_error_message='An amount lies between 0 and 9 999 999 999.99 EUR.')],
            },
        ),
        migrations.AddConstraint(
            model_name='question',
            constraint=models.UniqueConstraint(fields=('call', 'text'), name='question_once_per_call', violation_error_message='The call already has this question.'),
        ),
        migrations.AddConstraint(
            model_name='question',
            constraint=models.CheckConstraint(condition=models.Q(('limit__range', (1, 500)), models.Q(('for_each_partner', False), ('limit__range', (1, 2000))), _connector='OR'), name='question_limit_fits_a_cell', violation_error_message='An answer has 1 to 2000 characters, and 1 to 500 if each partner answers.'),
        ),
        migrations.AddConstraint(
            model_name='question',
            constraint=models.CheckConstraint(condition=django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length(models.F('text')), 200), name='question_text_is_not_too_long', violation_error_message='This text is too long: shorten it.'),
        ),
        migrations.AddConstraint(
            model_name='question',
            constraint=models.CheckConstraint(condition=django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length(models.F('hint')), 500), name='question_hint_is_not_too_long', violation_error_message='This text is too long: shorten it.'),
        ),
        migrations.AddConstraint(
            model_name='question',
            constraint=models.CheckConstraint(condition=models.Q(('limit__isnull', True), ('limit__range', (0, 32767)), _connector='OR'), name='question_limit_is_a_count', violation_error_message='A number lies between 0 and 32 767.'),
        ),
        migrations.AddConstraint(
            model_name='question',
            constraint=models.CheckConstraint(condition=models.Q(('position__isnull', True), ('position__range', (0, 32767)), _connector='OR'), name='question_position_is_a_count', violation_error_message='A number lies between 0 and 32 767.'),
        ),
        migrations.AddConstraint(
            model_name='answer',
            constraint=models.UniqueConstraint(fields=('project', 'question', 'number'), name='answer_once_per_project', violation_error_message='The question has an answer already.'),
        ),
        migrations.AddConstraint(
            model_name='answer',
            constraint=models.CheckConstraint(condition=models.Q(('number__isnull', True), ('number__range', (0, 32767)), _connector='OR'), name='answer_number_is_a_count', violation_error_message='A number lies between 0 and 32 767.'),
        ),
        migrations.AddConstraint(
            model_name='answer',
            constraint=models.CheckConstraint(condition=django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length(models.F('text')), 2000), name='answer_text_is_not_too_long', violation_error_message='This text is too long: shorten it.'),
        ),
        migrations.RunPython(add_permissions, migrations.RunPython.noop),
    ]

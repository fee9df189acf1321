import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.lookups
import psf.database.record_version
import psf.text.folding
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('partners', '0001_initial'),
        ('partners', '0002_version'),
        ('partners', '0003_order'),
        ('partners', '0004_matching'),
        ('partners', '0005_registry_number'),
        ('partners', '0006_relatives'),
        ('partners', '0007_language_codes'),
        ('partners', '0008_named_and_addressed'),
        ('partners', '0009_names_in_order'),
        ('partners', '0010_order_of_keys'),
        ('partners', '0011_duplicate_candidate'),
        ('partners', '0012_plain_labels'),
        ('partners', '0013_name_language_may_be_unknown'),
        ('partners', '0001_squashed_0013_name_language_may_be_unknown'),
        ('partners', '0014_partners_by_kind'),
        ('partners', '0015_orders_of_unknown_values'),
        ('partners', '0016_kind_not_known'),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Country',
            fields=[
                ('code', models.CharField(help_text='ISO 3166-1 alpha-2, such as LV.', max_length=2, primary_key=True, serialize=False, verbose_name='code')),
                ('name', models.CharField(help_text='In English.', max_length=100, unique=True, verbose_name='name')),
                ('slug', models.SlugField(max_length=2, unique=True, verbose_name='address')),
                ('version', psf.database.record_version.VersionField()),
            ],
            options={
                'verbose_name': 'country',
                'verbose_name_plural': 'countries',
                'ordering': ['name'],
                'constraints': [models.CheckConstraint(condition=django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length(models.F('code')), 2), name='country_code_is_not_too_long', violation_error_message='This text is too long: shorten it.'), models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='country_name_is_not_empty', violation_error_message='This cannot stay empty.'), models.CheckConstraint(condition=django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length(models.F('name')), 100), name='country_name_is_not_too_long', violation_error_message='This text is too long: shorten it.'), models.CheckConstraint(condition=models.Q(('slug', ''), _negated=True), name='country_slug_is_not_empty', violation_error_message='This cannot stay empty.'), models.CheckConstraint(condition=django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length(models.F('slug')), 2), name='country_slug_is_not_too_long', violation_error_message='This text is too long: shorten it.')],
            },
        ),
        migrations.CreateModel(
            name='Partner',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='The name to show, in English where there is one.', max_length=300, verbose_name='name')),
                ('name_language', models.CharField(blank=True, default='en', help_text='Language code, such as en or lv, for screen readers. Empty if the language is unknown.', max_length=35, validators=[django.core.validators.RegexValidator('^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*\\Z', 'Give a language code, such as lv or sv-FI.')], verbose_name='language of the name')),
                ('slug', models.SlugField(help_text="The last part of the page's address. It never changes.", max_length=100, unique=True, verbose_name='address')),
                ('country', models.ForeignKey(help_text='Where the organisation is based.', on_delete=django.db.models.deletion.PROTECT, related_name='partners', to='partners.country', verbose_name='country')),
                ('kind', models.CharField(choices=[('ministry', 'ministry'), ('agency', 'agency'), ('municipality', 'municipality'), ('emergency_service', 'emergency service'), ('university', 'university or research'), ('ngo', 'non-governmental organisation'), ('international', 'international organisation'), ('company', 'company'), ('other', 'other'), ('unknown', 'kind not known')], max_length=20, verbose_name='kind')),
                ('city', models.CharField(blank=True, max_length=100, verbose_name='city')),
                ('website', models.URLField(blank=True, max_length=300, verbose_name='website')),
                ('registry_number', models.CharField(blank=True, help_text='In the register of its country, without spaces and signs. Shown to readers.', max_length=40, validators=[django.core.validators.RegexValidator('^[0-9A-Z]+\\Z', 'Use digits and capital letters only, without spaces and signs.')], verbose_name='registry number')),
                ('parent', models.ForeignKey(blank=True, db_index=False, help_text='The organisation to which this unit belongs, such as a university.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='units', to='partners.partner', verbose_name='part of')),
                ('successor', models.ForeignKey(blank=True, db_index=False, help_text='The organisation that this one became or joined.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='predecessors', to='partners.partner', verbose_name='successor')),
                ('succeeded_on', models.DateField(blank=True, null=True, verbose_name='day of succession')),
                ('internal_note', models.TextField(blank=True, help_text='Never shown to readers.', max_length=5000, verbose_name='internal note')),
                ('version', psf.database.record_version.VersionField()),
                ('folded', psf.text.folding.FoldedField(of=['name'])),
                ('match_words', psf.text.folding.FoldedField(of=['name'])),
            ],
            options={
                'verbose_name': 'partner',
                'verbose_name_plural': 'partners',
                'ordering': ['name', 'slug'],
                'permissions': [('merge_partner', 'Can merge organisations and undo it')],
                'indexes': [models.Index(fields=['folded', 'slug', 'id'], name='partner_in_order'), models.Index(fields=['id', 'folded', 'slug'], name='partner_order_of_keys'), models.Index(fields=['country', 'match_words'], name='partner_like_names'), models.Index(condition=models.Q(('registry_number', ''), _negated=True), fields=['country', 'registry_number'], name='partner_in_register'), models.Index(condition=models.Q(('parent__isnull', False)), fields=['parent'], name='partner_units'), models.Index(condition=models.Q(('successor__isnull', False)), fields=['successor'], name='partner_predecessors'), models.Index(fields=['kind', 'country', 'id'], name='partner_by_kind')],
                'constraints': [models.CheckConstraint(condition=models.Q(('parent__isnull', True), models.Q(('parent', models.F('pk')), _negated=True), _connector='OR'), name='partner_is_not_its_own_parent', violation_error_message='An organisation cannot be part of itself.'), models.CheckConstraint(condition=models.Q(('successor__isnull', True), models.Q(('successor', models.F('pk')), _negated=True), _connector='OR'), name='partner_is_not_its_own_successor', violation_error_message='An organisation cannot be its own successor.'), models.CheckConstraint(condition=models.Q(('succeeded_on__isnull', True), ('successor__isnull', False), _connector='OR'), name='partner_succession_has_a_successor', violation_error_message='Enter the successor, or remove the day of succession.'), models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='partner_name_is_not_empty', violation_error_message='This cannot stay empty.'), models.CheckConstraint(condition=django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length(models.F('name')), 300), name='partner_name_is_not_too_long', violation_error_message='This text is too long: shorten it.'), models.CheckConstraint(condition=django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length(models.F('name_language')), 35), name='partner_name_language_is_not_too_long', violation_error_message='This text is too long: shorten it.'), models.CheckConstraint(condition=models.Q(('slug', ''), _negated=True), name='partner_slug_is_not_empty', violation_error_message='This cannot stay empty.'), models.CheckConstraint(condition=django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length(models.F('slug')), 100), name='partner_slug_is_not_too_long', violation_error_message='This text is too long: shorten it.'), models.CheckConstraint(condition=django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length(models.F('city')), 100), name='partner_city_is_not_too_long', violation_error_message='This text is too long: shorten it.'), models.CheckConstraint(condition=django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length(models.F('website')), 300), name='partner_website_is_not_too_long', violation_error_message='This text is too long: shorten it.'), models.CheckConstraint(condition=django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length(models.F('registry_number')), 40), name='partner_registry_number_is_not_too_long', violation_error_message='This text is too long: shorten it.'), models.CheckConstraint(condition=django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length(models.F('internal_note')), 5000), name='partner_internal_note_is_not_too_long', violation_error_message='This text is too long: shorten it.'), models.CheckConstraint(condition=models.Q(('kind__in', ['ministry', 'agency', 'municipality', 'emergency_service', 'university', 'ngo', 'international', 'company', 'other', 'unknown'])), name='partner_kind_is_known', violation_error_message='Choose one of the listed values.')],
            },
        ),
        migrations.CreateModel(
            name='Merger',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('winner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='mergers', to='partners.partner', verbose_name='merged into')),
                ('name', models.CharField(max_length=300, verbose_name='merged')),
                ('slug', models.SlugField(max_length=100, verbose_name='old address')),
                ('before', models.TextField(help_text='The deleted rows, as JSON.')),
                ('moved', models.TextField(help_text='The keys of the moved rows, as JSON.')),
                ('merged_at', models.DateTimeField(auto_now_add=True, verbose_name='merged on')),
                ('merged_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('undone_at', models.DateTimeField(blank=True, null=True, verbose_name='undone on')),
                ('undone_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'merger',
                'verbose_name_plural': 'mergers',
                'ordering': ['-merged_at', '-pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('undone_at__isnull', True)), fields=('slug',), name='merger_old_address_leads_to_one_page', violation_error_message='This address already leads to another organisation.'), models.CheckConstraint(condition=django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length(models.F('name')), 300), name='merger_name_is_not_too_long', violation_error_message='This text is too long: shorten it.'), models.CheckConstraint(condition=django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length(models.F('slug')), 100), name='merger_slug_is_not_too_long', violation_error_message='This text is too long: shorten it.')],
            },
        ),
        migrations.CreateModel(
            name='DuplicateCandidate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('first', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='partners.partner')),
                ('second', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='partners.partner')),
                ('score_percent', models.PositiveSmallIntegerField(help_text='Similarity of the two, in per cent.')),
                ('reasons', models.CharField(blank=True, help_text='Codes of the reasons, separated by commas.', max_length=100)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'possible duplicate',
                'verbose_name_plural': 'possible duplicates',
                'ordering': ['-score_percent', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('first', 'second'), name='duplicatecandidate_once_per_pair', violation_error_message='This pair is recorded already.'), models.CheckConstraint(condition=models.Q(('first__lt', models.F('second'))), name='duplicatecandidate_older_record_first', violation_error_message='The older record of the two comes first.'), models.CheckConstraint(condition=models.Q(('score_percent__lte', 100)), name='duplicatecandidate_score_percent_is_a_percentage', violation_error_message='A percentage lies between 0 and 100.'), models.CheckConstraint(condition=django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length(models.F('reasons')), 100), name='duplicatecandidate_reasons_is_not_too_long', violation_error_message='This text is too long: shorten it.')],
            },
        ),
        migrations.CreateModel(
            name='LeadPartner',
            fields=[
            ],
            options={
                'verbose_name': 'lead partner',
                'verbose_name_plural': 'lead partners',
                'proxy': True,
            },
            bases=('partners.partner',),
        ),
        migrations.CreateModel(
            name='PartnerName',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('partner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='names', to='partners.partner')),
                ('text', models.CharField(max_length=300, verbose_name='name')),
                ('language', models.CharField(blank=True, help_text='Language code, such as fi. Empty if unknown or if the name mixes languages.', max_length=35, validators=[django.core.validators.RegexValidator('^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*\\Z', 'Give a language code, such as lv or sv-FI.')], verbose_name='language')),
                ('kind', models.CharField(choices=[('official', 'official'), ('english', 'English'), ('abbreviation', 'abbreviation'), ('former', 'former'), ('as_published', 'as published')], max_length=12, verbose_name='kind')),
                ('valid_from', models.DateField(blank=True, null=True, verbose_name='from')),
                ('valid_to', models.DateField(blank=True, null=True, verbose_name='to')),
                ('source', models.CharField(blank=True, help_text='Where the name is used. Shown to readers.', max_length=500, verbose_name='source')),
                ('folded', psf.text.folding.FoldedField(of=['text'])),
                ('match_words', psf.text.folding.FoldedField(of=['text'])),
            ],
            options={
                'verbose_name': 'other name',
                'verbose_name_plural': 'other names',
                'ordering': ['partner', 'kind', 'language', 'text'],
                'indexes': [models.Index(fields=['partner', 'match_words'], name='partnername_like_names')],
                'constraints': [models.UniqueConstraint(fields=('partner', 'text', 'kind', 'language'), name='partnername_once_per_kind_and_language', violation_error_message='The organisation already has this name.'), models.CheckConstraint(condition=models.Q(('valid_from__isnull', True), ('valid_to__isnull', True), ('valid_to__gte', models.F('valid_from')), _connector='OR'), name='partnername_valid_to_is_at_least_valid_from', violation_error_message='The use of a name cannot end before it starts.'), models.CheckConstraint(condition=models.Q(('kind__in', ['official', 'english', 'abbreviation', 'former', 'as_published'])), name='partnername_kind_is_known', violation_error_message='Choose one of the listed values.'), models.CheckConstraint(condition=django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length(models.F('text')), 300), name='partnername_text_is_not_too_long', violation_error_message='This text is too long: shorten it.'), models.CheckConstraint(condition=django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length(models.F('language')), 35), name='partnername_language_is_not_too_long', violation_error_message='This text is too long: shorten it.'), models.CheckConstraint(condition=django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length(models.F('source')), 500), name='partnername_source_is_not_too_long', violation_error_message='This text is too long: shorten it.')],
            },
        ),
        migrations.CreateModel(
            name='CountryName',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('country', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='names', to='partners.country')),
                ('text', models.CharField(max_length=100, verbose_name='name')),
                ('language', models.CharField(blank=True, help_text='Language code, such as fi.', max_length=35, verbose_name='language')),
                ('folded', psf.text.folding.FoldedField(of=['text'])),
            ],
            options={
                'verbose_name': 'name of a country',
                'verbose_name_plural': 'names of countries',
                'ordering': ['country', 'language', 'text'],
                'constraints': [models.UniqueConstraint(fields=('country', 'language', 'text'), name='countryname_once_per_language', violation_error_message='The country already has this name.'), models.CheckConstraint(condition=django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length(models.F('text')), 100), name='countryname_text_is_not_too_long', violation_error_message='This text is too long: shorten it.'), models.CheckConstraint(condition=django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length(models.F('language')), 35), name='countryname_language_is_not_too_long', violation_error_message='This text is too long: shorten it.')],
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('country', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='partners.country', verbose_name='country')),
                ('organisation', models.CharField(blank=True, help_text='Only for a member that is not a country: the European Union.', max_length=100, verbose_name='organisation')),
                ('status', models.CharField(choices=[('member', 'member'), ('observer', 'observer'), ('suspended', 'suspended'), ('former', 'former member')], max_length=10, verbose_name='status')),
                ('valid_from', models.DateField(blank=True, help_text='Empty if unknown.', null=True, verbose_name='from')),
                ('from_precision', models.CharField(choices=[('day', 'the day'), ('month', 'only the month'), ('year', 'only the year')], default='day', max_length=6, verbose_name='precision of the start')),
                ('valid_to', models.DateField(blank=True, help_text='The last day. Empty if the membership continues.', null=True, verbose_name='to')),
                ('source', models.CharField(help_text='Where this information comes from.', max_length=500, verbose_name='source')),
                ('version', psf.database.record_version.VersionField()),
            ],
            options={
                'verbose_name': 'membership of the CBSS',
                'verbose_name_plural': 'memberships of the CBSS',
                'ordering': [models.OrderBy(models.F('country__name'), nulls_last=True), models.OrderBy(models.F('valid_from'), nulls_first=True), 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('country__isnull', False), ('organisation', '')), models.Q(('country__isnull', True), models.Q(('organisation', ''), _negated=True)), _connector='OR'), name='membership_is_of_a_country_or_an_organisation', violation_error_message='Enter a country or an organisation, not both.'), models.CheckConstraint(condition=models.Q(('valid_from__isnull', True), ('valid_to__isnull', True), ('valid_to__gte', models.F('valid_from')), _connector='OR'), name='membership_valid_to_is_at_least_valid_from', violation_error_message='A membership cannot end before it starts.'), models.UniqueConstraint(fields=('country', 'valid_from'), name='membership_begins_once', violation_error_message='The country already has a membership from that day.'), models.UniqueConstraint(condition=models.Q(('valid_from__isnull', True)), fields=('country',), name='membership_begins_once_unknown', violation_error_message='The country already has a membership without a start.'), models.CheckConstraint(condition=models.Q(('status__in', ['member', 'observer', 'suspended', 'former'])), name='membership_status_is_known', violation_error_message='Choose one of the listed values.'), models.CheckConstraint(condition=models.Q(('from_precision__in', ['day', 'month', 'year'])), name='membership_from_precision_is_known', violation_error_message='Choose one of the listed values.'), models.CheckConstraint(condition=django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length(models.F('organisation')), 100), name='membership_organisation_is_not_too_long', violation_error_message='This text is too long: shorten it.'), models.CheckConstraint(condition=django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length(models.F('source')), 500), name='membership_source_is_not_too_long', violation_error_message='This text is too long: shorten it.')],
            },
        ),
    ]

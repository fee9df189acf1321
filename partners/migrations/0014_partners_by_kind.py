from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('partners', '0001_squashed_0013_name_language_may_be_unknown'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='partner',
            index=models.Index(fields=['kind', 'country', 'id'], name='partner_by_kind'),
        ),
    ]

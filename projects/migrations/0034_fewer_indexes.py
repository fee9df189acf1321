from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("projects", "0033_listing_without_marks")]

    operations = [
        migrations.RemoveIndex(model_name="partnership", name="partnership_for_sums"),
    ]

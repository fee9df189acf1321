from django.db import migrations, models


class Migration(migrations.Migration):
    """The list of lead partners looks for each organisation."""

    dependencies = [("projects", "0035_orders_in_memory")]

    operations = [
        migrations.AddIndex(
            model_name="partnership",
            index=models.Index(
                fields=["partner"],
                condition=models.Q(role="lead"),
                name="partnership_of_lead_partner",
            ),
        )
    ]

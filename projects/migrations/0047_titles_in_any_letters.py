from django.core.management import CommandError
from django.db import migrations, models
from django.db.models.functions import Upper

NAMED = {
    "call": ("title", "Another call has this title. Capital and small letters count as the same."),
    **dict.fromkeys(
        ["priority", "topic"],
        ("name", "This name exists already. Capital and small letters count as the same."),
    ),
}
MAX_NAMED = 10  # titles in the message


def refuse_equal_titles(apps, schema_editor):
    """Name the records that break the new rule. Staff decide which title is right."""
    found = []
    for model, (field, _message) in NAMED.items():
        manager = apps.get_model("projects", model).objects
        records = manager.using(schema_editor.connection.alias)
        numbers = records.values(capitals=Upper(field)).annotate(number=models.Count("pk"))
        equal = numbers.filter(number__gt=1).order_by().values("capitals")
        same = records.alias(capitals=Upper(field)).filter(capitals__in=equal)
        rows = same.order_by("capitals", field)
        found += [f"{model} “{title}”" for title in rows.values_list(field, flat=True)[:MAX_NAMED]]
    if found:
        raise CommandError(
            "Titles of calls, priorities and topics must now differ in more than capitals: "
            f"{', '.join(found[:MAX_NAMED])}. "
            "Change them with the version in use, then run this again."
        )


class Migration(migrations.Migration):
    dependencies = [("projects", "0046_orders_of_unknown_values")]

    operations = [
        migrations.RunPython(refuse_equal_titles, migrations.RunPython.noop),
        *(
            migrations.AddConstraint(
                model_name=model,
                constraint=models.UniqueConstraint(
                    Upper(field),
                    name=f"{model}_{field}_is_its_own_in_any_letters",
                    violation_error_message=message,
                ),
            )
            for model, (field, message) in NAMED.items()
        ),
    ]

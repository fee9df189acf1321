from django.db import migrations, models
from django.db.models import Q

PURGED = "[…]"  # the text of a purged letter, whose way of sending is not known


def record_ways(apps, schema_editor):
    """Record which letters were sent by e-mail, as far as known."""
    sent = apps.get_model("projects", "Letter").objects.filter(sent_at__isnull=False)
    sent.exclude(address="").update(sent_by_mail=True)
    sent.filter(address="").exclude(text=PURGED).update(sent_by_mail=False)


def delete_addresses(apps, schema_editor):
    """Delete the addresses of letters from the history, which no longer records them."""
    changes = apps.get_model("history", "Change").objects.filter(kind="projects.letter")
    for change in changes.iterator():
        rows = [change.before, change.after]
        if not any("address" in (row or {}) for row in rows):
            continue
        for row in rows:
            (row or {}).pop("address", None)
        if change.before or change.after:
            change.save(update_fields=["before", "after"])
        else:
            change.delete()


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0024_plain_labels"),
        ("history", "0006_plain_channel_labels"),
    ]

    operations = [
        migrations.RemoveConstraint("letter", "letter_address_is_where_it_was_sent"),
        migrations.AddField(
            "letter",
            "sent_by_mail",
            models.BooleanField(
                "sent by e-mail", blank=True, null=True, help_text="Empty: not sent, or not known."
            ),
        ),
        migrations.AlterField(
            "letter",
            "address",
            models.EmailField(
                "e-mail address",
                blank=True,
                max_length=254,
                help_text="Empty: sent by hand, or deleted.",
            ),
        ),
        migrations.RunPython(record_ways, migrations.RunPython.noop),
        migrations.RunPython(delete_addresses, migrations.RunPython.noop),
        migrations.AddConstraint(
            "letter",
            models.CheckConstraint(
                name="letter_address_is_where_it_was_sent",
                condition=Q(address="") | Q(sent_by_mail__isnull=False, sent_by_mail=True),
                violation_error_message="Only a letter sent by e-mail has an address.",
            ),
        ),
        migrations.AddConstraint(
            "letter",
            models.CheckConstraint(
                name="letter_sent_by_mail_is_sent",
                condition=Q(sent_by_mail__isnull=True) | Q(sent_at__isnull=False),
                violation_error_message="Only a sent letter was sent by e-mail or by hand.",
            ),
        ),
    ]

"""The end of contact persons' data: nothing of them is left in the database."""

from collections import Counter
from datetime import date

from django.db import transaction

from .models import Contact


@transaction.atomic
def purge(day: date, dry_run: bool = False) -> Counter[str]:
    """Delete the contacts whose last day lies before this one.

    How many there were in each project, by its reference. A dry run only counts.
    """
    past = Contact.objects.past(day)
    found = Counter(
        past.order_by("project__reference").values_list("project__reference", flat=True)
    )
    if not dry_run:
        past.delete()
    return found

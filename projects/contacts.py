"""The end of contact persons' data: nothing of them is left in the database."""

from collections import Counter
from datetime import date
from typing import Any

from psf.history import changes
from psf.history.kinds import kind_of
from psf.history.models import Action, Change, Door

from .models import Contact, Letter


def purge(day: date, dry_run: bool = False) -> Counter[str]:
    """Delete the contacts whose last day lies before this one, with every trace of them.

    How many there were in each project, by its reference. A dry run only counts.
    """
    past = Contact.objects.past(day)
    with changes.by(None, door=Door.COMMAND):
        found = Counter(
            past.order_by("project__reference").values_list("project__reference", flat=True)
        )
        if not dry_run:
            addresses = _addresses_of(past)
            past.delete()
            for project, theirs in addresses.items():
                _forget_in_letters(project, theirs - _addresses_of_project(project))
    return found


def _addresses_of(contacts: Any) -> dict[int, set[str]]:
    """The e-mail addresses of some contacts, by the keys of their projects."""
    found: dict[int, set[str]] = {}
    for project, address in contacts.exclude(email="").values_list("project", "email"):
        found.setdefault(project, set()).add(address.lower())
    return found


def _addresses_of_project(project: int) -> set[str]:
    return _addresses_of(Contact.objects.filter(project=project)).get(project, set())


def _forget_in_letters(project: int, addresses: set[str]) -> None:
    """Letters stay, and not to which of these addresses they went; nor does the history say it."""
    sent = Letter.objects.filter(project=project).exclude(address="")
    keys = [letter.pk for letter in sent if letter.address.lower() in addresses]
    Letter.objects.filter(pk__in=keys).update(address="")
    for change in Change.objects.filter(kind=kind_of(Letter), record_key=str(project)):
        held = {str(row.get("address")).lower() for row in [change.old(), change.new()]}
        if held & addresses:
            _forget_in(change)


def _forget_in(change: Change) -> None:
    """Of rows that were added or deleted the column stays, empty; of others it is not told."""
    whole = change.action != Action.CHANGED
    for row in [change.before, change.after]:
        if row and whole:
            row["address"] = ""
        elif row:
            row.pop("address", None)
    if change.before or change.after:
        change.save(update_fields=["before", "after"])
    else:
        change.delete()

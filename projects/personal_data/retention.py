"""Deletes personal data on time: contact persons, the text of old letters, readers' addresses."""

import re
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, time

from django.db.models import CharField, QuerySet
from django.db.models.functions import Cast, Lower
from django.utils import timezone

from projects.models import CallSubscription, Contact, FormMail, Import, Letter, Project
from projects.models.choices import FUNDED_STATUSES
from projects.models.letters import REMOVED
from psf.history import recording
from psf.history.models import Action, Change, ChangeSet, Channel
from psf.history.tracking import kind_of

# Unless the command names other periods.
KEEP_CONTACTS = 0  # days after their last day
KEEP_LETTERS = 60  # months after the last letter to the applicant

KEEP_ADDRESSES = 24  # months that a reader waits for the next call

MIN_LENGTH = len(REMOVED)  # a shorter text cannot identify a person
IDENTIFIERS = ["name", "email", "telephone"]
REASONS = ["correction", "cancelled_why"]  # also stored as reasons in the history
TEXTS = ["subject", "text", *REASONS]

Redaction = Callable[[str, object], object]  # column and value -> the value that may be kept


def purge_contacts(day: date, dry_run: bool = False) -> Counter[str]:
    """Delete the contacts with a last day before `day`, also from letters and the history.

    Mails about application forms go after a year, and uploads that nobody confirmed after a day.
    Returns the number of contacts by project reference. A dry run only counts.
    """
    expired = Contact.objects.past(day)
    if not dry_run:
        FormMail.objects.expired(day).delete()
        Import.objects.expired().delete()
    with recording.change_set(None, channel=Channel.COMMAND):
        counts = Counter(
            expired.order_by("project__reference").values_list("project__reference", flat=True)
        )
        if not dry_run:
            expired_identifiers = _identifiers_of(expired)
            expired.erase()
            for project, identifiers in expired_identifiers.items():
                contacts = Contact.objects.filter(project=project)
                identifiers -= _identifiers_of(contacts).get(project, set())
                if identifiers:
                    _redact_letters(project, redact_persons(identifiers))
                    _redact_mails(FormMail.objects.filter(project=project), identifiers)
    return counts


def purge_letters(day: date, dry_run: bool = False) -> Counter[str]:
    """Delete the text of letters to unsuccessful applicants whose last letter is before `day`.

    The rows stay, so the fact and the day of each letter stay known. Letters to funded projects
    lose only the address. Returns the number of letters by project reference. A dry run only
    counts.
    """
    letters = Letter.objects.expired(day).order_by("project__reference")
    with recording.change_set(None, channel=Channel.COMMAND):
        projects = Counter(letters.values_list("project", "project__reference", "project__status"))
        for project, _reference, status in projects if not dry_run else []:
            is_funded = status in FUNDED_STATUSES
            _redact_letters(project, _redact_address if is_funded else _redact_letter)
        if not dry_run:  # letters of deleted projects
            moment = timezone.make_aware(datetime.combine(day, time.min))
            keys = Project.objects.annotate(as_text=Cast("pk", CharField())).values("as_text")
            old = Change.objects.filter(change_set__made_at__lt=moment)
            _redact_history(old.exclude(record_key__in=keys), _redact_letter)
    return Counter({reference: count for (_key, reference, _status), count in projects.items()})


def purge_addresses(day: date, dry_run: bool = False) -> int:
    """Delete the addresses of readers that were confirmed before `day`. Returns their number."""
    moment = timezone.make_aware(datetime.combine(day, time.min))
    old = CallSubscription.objects.filter(confirmed_at__lt=moment)
    return old.count() if dry_run else old.delete()[0]


def _identifiers_of(contacts: QuerySet[Contact]) -> dict[int, set[str]]:
    """By the key of a project: names, addresses and telephone numbers of its contacts."""
    identifiers: dict[int, set[str]] = {}
    for project, *values in contacts.values_list("project", *IDENTIFIERS):
        texts = {value.lower() for value in values if len(value) >= MIN_LENGTH}
        identifiers.setdefault(project, set()).update(texts)
    return identifiers


def redact_persons(identifiers: set[str]) -> Redaction:
    choices = "|".join(re.escape(text) for text in sorted(identifiers, key=len, reverse=True))
    pattern = re.compile(rf"(?<!\w)({choices})(?!\w)", re.IGNORECASE)

    def redact(column: str, value: object) -> object:
        if column == "address":
            return "" if str(value).lower() in identifiers else value
        return pattern.sub(REMOVED, str(value)) if column in TEXTS else value

    return redact


def _redact_address(column: str, value: object) -> object:
    return "" if column == "address" else value


def _redact_mails(mails: QuerySet[FormMail], identifiers: set[str]) -> int:
    """Remove addresses in small letters from mails about application forms."""
    mails = mails.annotate(in_small_letters=Lower("address"))
    return mails.filter(in_small_letters__in=identifiers).update(address="")


def _redact_letter(column: str, value: object) -> object:
    if column == "address":
        return ""
    return REMOVED if value and column in TEXTS else value


def redact_person(identifiers: set[str]) -> int:
    """Remove names, addresses and numbers in small letters from all letters and their history.

    Returns the number of changed letters and mails. The caller records the change.
    """
    redact = redact_persons(identifiers)
    count = _redact_rows(Letter.objects.all(), redact)
    count += _redact_mails(FormMail.objects.all(), identifiers)
    _redact_history(Change.objects.all(), redact)
    return count


def _redact_letters(project: int, redact: Redaction) -> None:
    _redact_rows(Letter.objects.filter(project=project), redact)
    _redact_history(Change.objects.filter(record_key=str(project)), redact)


def _redact_rows(letters: QuerySet[Letter], redact: Redaction) -> int:
    count = 0
    for letter in letters:
        columns = {name: getattr(letter, name) for name in ["address", *TEXTS]}
        redacted = {name: redact(name, value) for name, value in columns.items()}
        if redacted != columns:
            count += Letter.objects.filter(pk=letter.pk).update(**redacted)
    return count


def _redact_history(changes: QuerySet[Change], redact: Redaction) -> None:
    """Redact the changes of letters, and reasons of change sets copied from letters."""
    for change in changes.filter(kind=kind_of(Letter)).select_related("change_set"):
        change_set = change.change_set
        rows = [change.old(), change.new()]
        if change_set.reason in [row.get(name) for row in rows for name in REASONS]:
            reason = redact(REASONS[0], change_set.reason)
            ChangeSet.objects.filter(pk=change_set.pk).update(reason=reason)
        _redact_change(change, redact)


def _redact_change(change: Change, redact: Redaction) -> None:
    """Redact a change. Columns without a difference after that are dropped."""
    before, after = (
        {name: redact(name, value) for name, value in row.items()}
        for row in [change.old(), change.new()]
    )
    if (before, after) == (change.old(), change.new()):
        return
    if change.action == Action.CHANGED:
        for name in [name for name in before if before[name] == after[name]]:
            del before[name], after[name]
    change.before, change.after = before or None, after or None
    if change.before or change.after:
        change.save(update_fields=["before", "after"])
    else:
        change.delete()

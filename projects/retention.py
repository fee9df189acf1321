"""The end of personal data: nothing of contact persons is left, and letters are kept for a time."""

import re
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

from django.db.models import CharField, Max, Q, QuerySet
from django.db.models.functions import Cast
from django.utils import timezone

from projects.models import Contact, Letter, Project
from projects.models.choices import FUNDED_STATUSES
from psf.history import recording
from psf.history.models import Action, Change, ChangeSet, Channel
from psf.history.tracking import kind_of

GONE = "[…]"
SHORTEST = len(GONE)  # what is shorter than that is no name, and its place has no room
WORDS = ["name", "email", "telephone"]  # by which a text can name a contact person
WHYS = ["correction", "cancelled_why"]  # the history gives them as its reasons too
TEXTS = ["subject", "text", *WHYS]

Forget = Callable[[str, Any], Any]  # of a column and what it holds, what may be kept of that


def purge(day: date, dry_run: bool = False) -> Counter[str]:
    """Delete the contacts whose last day lies before this one, with every trace of them.

    How many there were in each project, by its reference. A dry run only counts.
    """
    past = Contact.objects.past(day)
    with recording.change_set(None, channel=Channel.COMMAND):
        found = Counter(
            past.order_by("project__reference").values_list("project__reference", flat=True)
        )
        if not dry_run:
            words = _words_of(past)
            past.delete()
            for project, theirs in words.items():
                kept = _words_of(Contact.objects.filter(project=project)).get(project, set())
                if theirs - kept:
                    _forget_in_letters(project, _words(theirs - kept))
    return found


def purge_letters(day: date, dry_run: bool = False) -> Counter[str]:
    """Forget what letters said to applicants who were not funded, the last one before this day.

    That, and when, somebody wrote stays known. Letters to funded projects keep their words, but
    not to which address they went. How many letters there were for each, by its reference. A dry
    run only counts.
    """
    moment = timezone.make_aware(datetime.combine(day, time.min))
    ended = Project.objects.annotate(last=Max("letters__made_at")).filter(last__lt=moment)
    letters = Letter.objects.filter(project__in=ended).order_by("project__reference")
    funded = Q(project__status__in=FUNDED_STATUSES)
    with recording.change_set(None, channel=Channel.COMMAND):
        found: Counter[str] = Counter()
        for held, forget in [
            (letters.exclude(funded).exclude(text=GONE, address=""), _whole_letter),
            (letters.filter(funded).exclude(address=""), _address),
        ]:
            keys = Counter(held.values_list("project", "project__reference"))
            found.update({reference: count for (_key, reference), count in keys.items()})
            for project, _reference in keys if not dry_run else []:
                _forget_in_letters(project, forget)
        if not dry_run:
            _forget_letters_of_deleted(moment)
    return found


def _words_of(contacts: Any) -> dict[int, set[str]]:
    """By what some contacts can be named, by the keys of their projects."""
    found: dict[int, set[str]] = {}
    for project, *words in contacts.values_list("project", *WORDS):
        named = {word.lower() for word in words if len(word) >= SHORTEST}
        found.setdefault(project, set()).update(named)
    return found


def _words(words: set[str]) -> Forget:
    named = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    pattern = re.compile(rf"(?<!\w)({named})(?!\w)", re.IGNORECASE)

    def forget(column: str, value: Any) -> Any:
        if column == "address":
            return "" if value.lower() in words else value
        return pattern.sub(GONE, value) if column in TEXTS else value

    return forget


def _whole_letter(column: str, value: Any) -> Any:
    if column == "address":
        return ""
    return GONE if value and column in TEXTS else value


def _address(column: str, value: Any) -> Any:
    return "" if column == "address" else value


def _forget_in_letters(project: int, forget: Forget) -> None:
    """Letters stay, without what is to be forgotten; nor does the history tell it."""
    for letter in Letter.objects.filter(project=project):
        held = {name: getattr(letter, name) for name in ["address", *TEXTS]}
        kept = {name: forget(name, value) for name, value in held.items()}
        if kept != held:
            Letter.objects.filter(pk=letter.pk).update(**kept)
    _forget_in_history(Change.objects.filter(record_key=str(project)), forget)


def _forget_letters_of_deleted(moment: datetime) -> None:
    there = Project.objects.annotate(as_text=Cast("pk", CharField())).values("as_text")
    old = Change.objects.filter(change_set__made_at__lt=moment)
    _forget_in_history(old.exclude(record_key__in=there), _whole_letter)


def _forget_in_history(found: QuerySet[Change], forget: Forget) -> None:
    """The same in the changes of letters, and in their reasons where these say what letters say."""
    for change in found.filter(kind=kind_of(Letter)).select_related("change_set"):
        change_set = change.change_set
        rows = [change.old(), change.new()]
        if change_set.reason in [row.get(name) for row in rows for name in WHYS]:
            reason = forget(WHYS[0], change_set.reason)
            ChangeSet.objects.filter(pk=change_set.pk).update(reason=reason)
        _forget_in(change, forget)


def _forget_in(change: Change, forget: Forget) -> None:
    """Of rows that were changed a column goes where nothing is left that was changed."""
    before, after = (
        {name: forget(name, value) for name, value in row.items()}
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

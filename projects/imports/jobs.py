"""Uploaded imports that wait for a confirmation."""

import zlib
from functools import partial
from typing import Any, cast

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Max, Model, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from partners.matching.duplicates import mark_as_different
from partners.models import Partner
from projects.imports.apply import import_table
from projects.imports.organisations import Key
from projects.imports.parser import ProjectTable, read_table
from projects.imports.plan import Author, Plan, make_plan
from projects.imports.preview import preview_of, summary
from projects.imports.problems import MEGABYTE, refuse
from projects.models import Call, Import, Partnership, Project
from projects.models.projects import ProjectQuerySet
from projects.permissions import DECIDE
from psf.database.record_version import lock_record
from psf.history import recording
from psf.history.models import Change, Channel
from psf.history.restore import is_undone, undo_what_stayed
from psf.history.tracking import kind_of
from psf.search.index import update_indexes

MOST_UPLOADED = 5 * MEGABYTE  # a request reads and compares the file


def receive(file: UploadedFile, call: Call, owner: User, notation: str) -> Import:
    """Keep an uploaded file until its import is confirmed. Raises `Refused` if it has faults."""
    Import.objects.expired().delete()
    if (file.size or 0) > MOST_UPLOADED:
        raise refuse(
            _(
                "The file has more than %(most)d MB. Split it, or ask the operator to import it "
                "with the command import_projects."
            )
            % {"most": MOST_UPLOADED // MEGABYTE}
        )
    row = Import(call=call, owner=owner, notation=notation)
    row.file_name, content = (file.name or "")[-200:], file.read()
    row.content = zlib.compress(content)
    compare_file(row)
    row.save()
    return row


def _read(row: Import) -> ProjectTable:
    return read_table(zlib.decompress(row.content), row.notation)


def _owner_may_decide(row: Import) -> bool:
    return bool(row.owner and row.owner.has_perm(DECIDE))


def compare_file(row: Import) -> None:
    """Compare the file with the records of now. Raises `Refused`."""
    plan = make_plan(_read(row), row.call, _owner_may_decide(row))
    row.fingerprint, row.preview = plan.fingerprint(), preview_of(plan)


def save_import(row: Import, choices: dict[Key, int | None]) -> str:
    """Save the compared changes, and say what was saved.

    Raises `Refused`, also if the records have changed since then.
    """
    author = Author(row.file_name, row.owner, _owner_may_decide(row))
    finish = partial(finish_import, row.pk)
    plan = import_table(_read(row), row.call, author, row.fingerprint, choices, finish)
    done = _("“%(file)s” was imported.") % {"file": row.file_name}
    return " ".join([done, *summary(plan)])


def finish_import(key: int, plan: Plan) -> None:
    """Runs in the transaction of the records: an import is saved completely or not at all."""
    row = lock_record(Import(pk=key))
    if row.saved_at:
        raise refuse(_("This file is imported already."))
    row.saved_at = timezone.now()
    row.outcome = " ".join(summary(plan))
    row.change_set = plan.change_set
    row.content = b""
    row.save()
    for organisation in plan.new_organisations():
        for candidate in organisation.similar:  # the owner chose “not the same”
            partner = Partner(pk=organisation.key())
            mark_as_different(candidate.partner, partner, cast(User, row.owner))


def imported_projects(row: Import) -> ProjectQuerySet:
    """The projects that the import added or changed."""
    keys = _records(row.change_set.changes, Project) if row.change_set else set()
    return Project.objects.filter(pk__in=keys).order_by("reference")


def _records(changes: Any, model: type[Model]) -> set[int]:
    keys = changes.order_by().filter(record_kind=kind_of(model)).values_list("record_key")
    return {int(key) for (key,) in keys.distinct()}


def undo_import(row: Import, by: User, keep: set[int], reason: str) -> None:
    """Reverse an import, except of the projects in `keep` and of what changed since then.

    The organisations of other projects stay. Raises ValidationError if nothing can be undone.
    """
    if row.change_set is None or is_undone(row.change_set):
        raise ValidationError(_("This import is already undone."))
    changes = row.change_set.changes
    last = changes.aggregate(last=Max("pk"))["last"]
    later = Change.objects.filter(pk__gt=last)
    projects = _records(changes, Project) - _records(later, Project) - keep
    organisations = _records(changes, Partner) - _records(later, Partner)
    named = Partnership.objects.filter(partner__in=organisations).exclude(project__in=projects)
    organisations -= set(named.values_list("partner", flat=True))
    if not projects:
        raise ValidationError(_("Every project stays: nothing is undone."))
    with recording.change_set(by, channel=Channel.UNDO, reason=reason) as undoing:
        undone = Q(record_kind=kind_of(Project), record_key__in=map(str, projects))
        undone |= Q(record_kind=kind_of(Partner), record_key__in=map(str, organisations))
        undo_what_stayed(changes.filter(undone))
        update_indexes()
        undoing.undoes = row.change_set
        undoing.save(update_fields=["undoes"])

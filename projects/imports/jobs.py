"""Uploaded imports that wait for a confirmation."""

import hashlib
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
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
from projects.imports.parser import read_table
from projects.imports.plan import Author, Plan, make_plan
from projects.imports.preview import preview_of, summary
from projects.imports.problems import MEGABYTE, Refused, refuse
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


def receive(file: UploadedFile, call: Call, owner: User, encoding: str, notation: str) -> Import:
    """Compare an uploaded file with the records, and store it if it is readable.

    Raises `Refused`.
    """
    Import.objects.expired().delete()
    if (file.size or 0) > MOST_UPLOADED:
        raise refuse(
            _(
                "The file has more than %(most)d MB. Split it, or ask the operator to import it "
                "with the command import_projects."
            )
            % {"most": MOST_UPLOADED // MEGABYTE}
        )
    row = Import(call=call, owner=owner, encoding=encoding, notation=notation)
    row.file_name, content = (file.name or "")[-200:], file.read()
    row.size, row.sha256 = len(content), hashlib.sha256(content).hexdigest()
    row.content = zlib.compress(content)
    _compare(row)
    row.save()
    return row


@contextmanager
def unpacked_file(row: Import) -> Iterator[Path]:
    """A temporary copy of the uploaded file, with the same check sum."""
    content = zlib.decompress(row.content)
    if hashlib.sha256(content).hexdigest() != row.sha256:
        raise refuse(_("The stored file differs from the previewed file. Upload the file again."))
    with tempfile.NamedTemporaryFile(prefix="psf-import-") as file:
        file.write(content)
        file.flush()
        yield Path(file.name)


def owner_may_decide(row: Import) -> bool:
    return bool(row.owner and row.owner.has_perm(DECIDE))


def _compare(row: Import) -> None:
    with unpacked_file(row) as path:
        table = read_table(path, row.encoding, row.notation)
    plan = make_plan(table, row.call, owner_may_decide(row))
    row.fingerprint, row.preview = plan.fingerprint(), preview_of(plan)


def save_import(row: Import) -> None:
    """Save the previewed changes. Raises `Refused`, also if the records have changed since then."""
    with unpacked_file(row) as path:
        table = read_table(path, row.encoding, row.notation)
    author = Author(row.file_name, row.owner, owner_may_decide(row))
    choices = {(country, name): pk for country, name, pk in row.choices}
    import_table(
        table, row.call, author, row.fingerprint, choices, finish=partial(finish_import, row.pk)
    )


def finish_import(key: int, plan: Plan) -> None:
    """Runs in the transaction of the records: an import is saved completely or not at all."""
    row = lock_record(Import(pk=key))
    if row.saved_at:
        raise refuse(_("This file is imported already."))
    row.saved_at = timezone.now()
    row.outcome = " ".join(summary(plan))
    row.change_set = plan.change_set
    row.content, row.preview, row.choices = b"", {}, []
    row.save()
    for organisation in plan.new_organisations():
        for candidate in organisation.similar:  # the owner chose “not the same”
            partner = Partner(pk=organisation.key())
            mark_as_different(candidate.partner, partner, cast(User, row.owner))


def compare_again(row: Import) -> None:
    """Compare the file with the current records; the preview stays if that is refused."""
    with suppress(Refused):
        _compare(row)
        row.save(update_fields=["fingerprint", "preview", "choices"])


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

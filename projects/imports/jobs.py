"""From an uploaded file to its preview, and from the preview into the records.

A thread in the background reads and saves a long file. The page of the import shows the progress.
If the thread ends early, nothing is saved.
"""

import hashlib
import logging
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Thread
from typing import cast

from django.contrib.auth.models import User
from django.core.files.uploadedfile import UploadedFile
from django.db import connections, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from partners.matching.duplicates import mark_as_different
from partners.models import Partner
from projects.imports.apply import import_table
from projects.imports.limits import MEGABYTE, MOST_BYTES
from projects.imports.parser import Progress, no_progress, read_table
from projects.imports.plan import Author, Plan, make_plan
from projects.imports.preview import preview_of
from projects.imports.problems import Problem, Refused, refuse
from projects.imports.progress import Reporter
from projects.imports.summary import summary
from projects.models import Call, Import
from projects.permissions import DECIDE
from psf.database.record_version import lock_record

logger = logging.getLogger(__name__)

SOON = 3 * MEGABYTE  # smaller files are processed during the request
MOST_PACKED = 50 * MEGABYTE
CHUNK = 1_000_000
Work = Callable[[Import, Progress], None]


def receive(file: UploadedFile, call: Call, owner: User, encoding: str, notation: str) -> Import:
    """Store an uploaded file. A short file is compared first, and stored only if it is readable.

    Raises `Refused`.
    """
    Import.objects.expired().delete()
    if (file.size or 0) > MOST_BYTES:
        raise refuse(
            _("The file has more than %(most)d MB. Split it.") % {"most": MOST_BYTES // MEGABYTE}
        )
    row = Import(call=call, owner=owner, encoding=encoding, notation=notation)
    row.file_name, row.size = (file.name or "")[-200:], file.size or 0
    row.content, row.sha256 = _pack(file)
    if row.size <= SOON:
        _compare(row)
        row.save()
    else:
        row.working_since = timezone.now()
        row.save()
        in_background(row.pk, _compare_and_keep)
    return row


def _pack(file: UploadedFile) -> tuple[bytes, str]:
    packer, digest, packed = zlib.compressobj(6), hashlib.sha256(), bytearray()
    for chunk in file.chunks():
        digest.update(chunk)
        packed += packer.compress(chunk)
        if len(packed) > MOST_PACKED:
            raise refuse(
                _("The compressed file has more than %(most)d MB. Split it.")
                % {"most": MOST_PACKED // MEGABYTE}
            )
    return bytes(packed + packer.flush()), digest.hexdigest()


@contextmanager
def unpacked_file(row: Import) -> Iterator[Path]:
    """A temporary copy of the uploaded file, with the same check sum."""
    unpacker, digest = zlib.decompressobj(), hashlib.sha256()
    with tempfile.NamedTemporaryFile(prefix="psf-import-") as file:
        packed = bytes(row.content)
        while packed:
            chunk = unpacker.decompress(packed, CHUNK)
            packed = unpacker.unconsumed_tail
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        if digest.hexdigest() != row.sha256:
            raise refuse(
                _("The stored file differs from the previewed file. Upload the file again.")
            )
        yield Path(file.name)


def owner_may_decide(row: Import) -> bool:
    return bool(row.owner and row.owner.has_perm(DECIDE))


def _compare(row: Import, progress: Progress = no_progress) -> None:
    with unpacked_file(row) as path:
        table = read_table(path, row.encoding, row.notation, progress)
    plan = make_plan(table, row.call, owner_may_decide(row), progress=progress)
    row.met, row.preview, row.problems = plan.fingerprint(), preview_of(plan), []


def save_import(row: Import, progress: Progress = no_progress) -> None:
    """Save the previewed changes. Raises `Refused`, also if the records have changed since then."""
    with unpacked_file(row) as path:
        table = read_table(path, row.encoding, row.notation, progress)
    author = Author(row.file_name, row.owner, owner_may_decide(row))
    choices = {(country, name): pk for country, name, pk in row.choices}
    import_table(table, row.call, author, row.met, choices, progress, partial(_finish, row.pk))


def _finish(key: int, plan: Plan) -> None:
    """Runs in the transaction of the records: an import is saved completely or not at all."""
    row = lock_record(Import(pk=key))
    if row.saved_at:
        raise refuse(_("This file is imported already."))
    row.saved_at = timezone.now()
    row.outcome = " ".join(summary(plan))
    row.content, row.preview, row.choices, row.working_since = b"", {}, [], None
    row.save()
    for organisation in plan.new_organisations():
        for candidate in organisation.similar:  # the owner chose “not the same”
            partner = Partner(pk=organisation.key())
            mark_as_different(candidate.partner, partner, cast(User, row.owner))


def start_saving(row: Import) -> None:
    _work_on(row, save_import)


def compare_again(row: Import) -> None:
    """Compare the file with the current records."""
    _work_on(row, _compare_and_keep)


def _work_on(row: Import, work: Work) -> None:
    """Do the work for a short file during the request, for a long file in the background."""
    if row.size <= SOON:
        work(row, no_progress)
        return
    row.working_since, row.problems = timezone.now(), []
    row.save(update_fields=["working_since", "problems", "choices"])
    in_background(row.pk, work)


def _compare_and_keep(row: Import, progress: Progress) -> None:
    _compare(row, progress)
    row.save(update_fields=["met", "preview", "problems", "choices"])


def in_background(key: int, work: Work) -> Thread:
    thread = Thread(target=_work, args=(key, work), daemon=True, name=f"import-{key}")
    thread.start()
    return thread


def _work(key: int, work: Work) -> None:
    reporter = Reporter(key)
    problems: list[Problem] = []
    try:
        reporter(_("Starting"), 0, 0)
        work(Import.objects.select_related("call", "owner").get(pk=key), reporter)
    except Refused as refusal:
        problems = refusal.problems
    except Exception:  # the page must tell the owner that the import ended
        logger.exception("An import stopped.")
        problems = [Problem(0, "", "", _("The import stopped. Nothing was saved. Try again."))]
    finally:
        with transaction.atomic():
            Import.objects.filter(pk=key).update(working_since=None)
            if problems:
                Import.objects.filter(pk=key).update(problems=[list(row) for row in problems])
        reporter.end()
        connections.close_all()

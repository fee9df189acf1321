"""From an uploaded file to its preview, and from there into the records.

A long file is read and saved by a thread of its own, so that nobody waits for an answer; its
page says how far it has come. Whatever ends that thread, nothing is half saved.
"""

import hashlib
import logging
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any, cast

from django.contrib.auth.models import User
from django.core.files.uploadedfile import UploadedFile
from django.db import connections, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from partners.matching.duplicates import mark_as_different
from partners.models import Partner
from projects.imports.apply import import_table
from projects.imports.limits import MEGABYTE, MOST_BYTES
from projects.imports.parser import Progress, nobody_asks, read_table
from projects.imports.plan import Plan, make_plan
from projects.imports.preview import preview_of
from projects.imports.problems import Problem, Refused, refuse
from projects.imports.progress import Reporter
from projects.imports.records import Author
from projects.imports.summary import summary
from projects.models import Call, Import
from projects.permissions import DECIDE

logger = logging.getLogger(__name__)

SOON = 3 * MEGABYTE  # a file up to this size is read while its owner waits
MOST_PACKED = 50 * MEGABYTE
CHUNK = 1_000_000


def receive(file: UploadedFile, call: Call, owner: Any, encoding: str, notation: str) -> Import:
    """Take an uploaded file in. A short one is compared at once, and kept only if it can be read.

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
        in_background(row.pk, _examine)
    return row


def _pack(file: UploadedFile) -> tuple[bytes, str]:
    packer, digest, packed = zlib.compressobj(6), hashlib.sha256(), bytearray()
    for chunk in file.chunks():
        digest.update(chunk)
        packed += packer.compress(chunk)
        if len(packed) > MOST_PACKED:
            raise refuse(
                _("Packed, the file has more than %(most)d MB. Split it.")
                % {"most": MOST_PACKED // MEGABYTE}
            )
    return bytes(packed + packer.flush()), digest.hexdigest()


@contextmanager
def unpacked(row: Import) -> Iterator[Path]:
    """The file as it was uploaded, for as long as it is read; never another one."""
    unpacker, digest = zlib.decompressobj(), hashlib.sha256()
    with tempfile.NamedTemporaryFile(prefix="psf-import-") as file:
        rest = bytes(row.content)
        while rest:
            chunk = unpacker.decompress(rest, CHUNK)
            rest = unpacker.unconsumed_tail
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        if digest.hexdigest() != row.sha256:
            raise refuse(_("The file is not the one that you were shown: upload it again."))
        yield Path(file.name)


def may_decide(row: Import) -> bool:
    return bool(row.owner and row.owner.has_perm(DECIDE))


def _compare(row: Import, progress: Progress = nobody_asks) -> None:
    with unpacked(row) as path:
        table = read_table(path, row.encoding, row.notation, progress)
    plan = make_plan(table, row.call, may_decide(row), progress=progress)
    row.met, row.preview, row.problems = plan.met(), preview_of(plan), []


def save(row: Import, progress: Progress = nobody_asks) -> None:
    """Write what the preview showed; raises `Refused`, also if the records have changed since."""
    with unpacked(row) as path:
        table = read_table(path, row.encoding, row.notation, progress)
    author = Author(row.file_name, row.owner, may_decide(row))
    choices = {(country, name): pk for country, name, pk in row.choices if pk}
    import_table(table, row.call, author, row.met, choices, progress, _finish(row.pk))


def _finish(key: int) -> Callable[[Plan], None]:
    def finish(plan: Plan) -> None:
        """In the transaction of the records themselves: saved, or not at all."""
        row = Import.objects.select_for_update().get(pk=key)
        if row.saved_at:
            raise refuse(_("This file was imported already."))
        row.saved_at = timezone.now()
        row.outcome = " ".join(summary(plan))
        row.content, row.preview, row.choices, row.working_since = b"", {}, [], None
        row.save()
        for organisation in plan.new_organisations():
            for candidate in organisation.similar:  # the owner chose none of them
                partner = Partner(pk=organisation.key())
                mark_as_different(candidate.partner, partner, cast(User, row.owner))

    return finish


def save_soon(row: Import) -> None:
    """Save a short file at once, a long one in the background."""
    if row.size <= SOON:
        save(row)
        return
    row.working_since, row.problems = timezone.now(), []
    row.save(update_fields=["working_since", "problems", "choices"])
    in_background(row.pk, save)


def look_again(row: Import) -> None:
    """Compare the file with the records as they are now."""
    if row.size <= SOON:
        _compare(row)
        row.save()
        return
    row.working_since, row.problems = timezone.now(), []
    row.save(update_fields=["working_since", "problems"])
    in_background(row.pk, _examine)


def _examine(row: Import, progress: Progress) -> None:
    _compare(row, progress)
    row.save(update_fields=["met", "preview", "problems"])


def in_background(key: int, work: Callable[[Import, Progress], None]) -> Thread:
    thread = Thread(target=_work, args=(key, work), daemon=True, name=f"import-{key}")
    thread.start()
    return thread


def _work(key: int, work: Callable[[Import, Progress], None]) -> None:
    reporter = Reporter(key)
    problems: list[Problem] = []
    try:
        reporter(_("Starting"), 0, 0)
        work(Import.objects.select_related("call", "owner").get(pk=key), reporter)
    except Refused as refusal:
        problems = refusal.problems
    except Exception:  # whatever it was, its owner must learn that it ended
        logger.exception("An import stopped.")
        problems = [Problem(0, "", "", _("The import stopped. Nothing was saved: try again."))]
    finally:
        with transaction.atomic():
            Import.objects.filter(pk=key).update(working_since=None)
            if problems:
                Import.objects.filter(pk=key).update(problems=[list(row) for row in problems])
        reporter.end()
        connections.close_all()

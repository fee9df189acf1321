"""Imports that wait for a confirmation, and the templates of files."""

import csv
import hashlib
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from io import BytesIO, StringIO
from pathlib import Path
from typing import cast

from django.contrib.auth.models import User
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import gettext as _

from partners.matching.duplicates import mark_as_different
from partners.models import Partner
from projects.imports.apply import import_table
from projects.imports.columns import FIELDS, REQUIRED, TERMS, columns_for
from projects.imports.file_rows import TEMPLATE_SHEET
from projects.imports.parser import read_table
from projects.imports.plan import Author, Plan, make_plan
from projects.imports.preview import preview_of, summary
from projects.imports.problems import MEGABYTE, MOST_ROWS, Refused, refuse
from projects.models import Call, Import
from projects.permissions import DECIDE
from psf.database.record_version import lock_record
from psf.exports.files import safe_row

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
    import_table(table, row.call, author, row.fingerprint, choices, finish=partial(_finish, row.pk))


def _finish(key: int, plan: Plan) -> None:
    """Runs in the transaction of the records: an import is saved completely or not at all."""
    row = lock_record(Import(pk=key))
    if row.saved_at:
        raise refuse(_("This file is imported already."))
    row.saved_at = timezone.now()
    row.outcome = " ".join(summary(plan))
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


WIDTHS = {"title": 40, "summary": 40, "description": 40, "partner_name": 40}


def column_table(*, may_decide: bool) -> list[tuple[str, bool, str, list[str]]]:
    """Each column: name, whether it is required, what to enter, allowed words."""
    return [
        (name, name in REQUIRED, str(meaning), _allowed_words(name))
        for name, meaning in columns_for(may_decide=may_decide).items()
    ]


def _allowed_words(column: str) -> list[str]:
    if column in TERMS:
        return list(FIELDS[column].related_model.objects.values_list("name", flat=True))
    if column == "currency":
        return ["EUR"]
    return [value for value, _label in FIELDS[column].flatchoices or []]


def as_csv(*, may_decide: bool) -> bytes:
    """The header row, with a byte order mark for Excel."""
    text = StringIO()
    csv.writer(text).writerow(columns_for(may_decide=may_decide))
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(*, may_decide: bool) -> bytes:
    """A sheet to fill in, with lists of the allowed words, and a sheet of explanations."""
    # Imported here to save memory: few requests need a workbook.
    from xlsxwriter import Workbook
    from xlsxwriter.utility import xl_range_abs

    file = BytesIO()
    with Workbook(file, {"strings_to_urls": False}) as book:
        bold = book.add_format({"bold": True})
        sheet, explanation = map(book.add_worksheet, [TEMPLATE_SHEET, _("Allowed values")])
        sheet.freeze_panes(1, 0)
        heads = [_("Column"), _("Required"), _("What to enter"), _("Allowed words")]
        explanation.write_row(0, 0, heads, bold)
        columns = column_table(may_decide=may_decide)
        for place, (name, required, meaning, words) in enumerate(columns):
            sheet.set_column(place, place, WIDTHS.get(name, 18))
            sheet.write_string(0, place, name, bold)
            explained = [name, _("yes") if required else "", meaning, *safe_row(words)]
            explanation.write_row(place + 1, 0, explained)
            if words and name not in TERMS:  # a cell may name several terms
                offered = xl_range_abs(place + 1, 3, place + 1, 2 + len(words))
                rule = {"validate": "list", "source": f"='{explanation.name}'!{offered}"}
                sheet.data_validation(1, place, MOST_ROWS, place, rule)
        for place, width in enumerate([18, 10, 70]):
            explanation.set_column(place, place, width)
    return file.getvalue()

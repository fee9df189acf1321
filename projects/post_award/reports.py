"""Reports: expected, received, approved."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from projects.models import Project, Report
from projects.post_award.account import check_funded, save_fields
from psf.database.record_version import lock_record


@transaction.atomic
def plan_report(
    project: Project, *, kind: str, due_on: date | None = None, report: Report | None = None
) -> Report:
    """Add an expected report, or change it before it is received."""
    check_funded(lock_record(project))
    row = report or Report(project=project)
    if row.pk:
        row.refresh_from_db()
        _check_not_received(row)
    save_fields(row, kind=kind, due_on=due_on)
    return row


@transaction.atomic
def delete_report(report: Report) -> None:
    """Delete an expected report that is not received."""
    lock_record(report.project)
    report.refresh_from_db()
    _check_not_received(report)
    if report.documents.exists():
        raise ValidationError(_("Documents belong to this report. Move them to another one first."))
    report.delete()


@transaction.atomic
def receive_report(report: Report, on: date) -> None:
    lock_record(report.project)
    report.refresh_from_db()
    _check_not_received(report)
    save_fields(report, received_on=on)


@transaction.atomic
def approve_report(report: Report, on: date) -> None:
    lock_record(report.project)
    report.refresh_from_db()
    if report.approved_on:
        raise ValidationError(_("This report is approved already."))
    save_fields(report, approved_on=on)


def _check_not_received(report: Report) -> None:
    if report.received_on:
        raise ValidationError(_("This report was received already."))

"""Reports: expected, received, approved."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from projects.models import Project, Report
from projects.post_award.account import check_funded, locked, save


@transaction.atomic
def expect_report(
    project: Project, *, kind: str, due_on: date | None = None, report: Report | None = None
) -> Report:
    """Say that a report is owed and when, or change that before it has come in."""
    check_funded(locked(project))
    row = report or Report(project=project)
    if row.pk:
        row.refresh_from_db()
        _check_awaited(row)
    save(row, kind=kind, due_on=due_on)
    return row


@transaction.atomic
def drop_report(report: Report) -> None:
    """Owe a report no more that has not come in."""
    locked(report.project)
    report.refresh_from_db()
    _check_awaited(report)
    if report.documents.exists():
        raise ValidationError(_("Documents belong to this report: give them another place first."))
    report.delete()


@transaction.atomic
def receive_report(report: Report, on: date) -> None:
    locked(report.project)
    report.refresh_from_db()
    _check_awaited(report)
    save(report, received_on=on)


@transaction.atomic
def approve_report(report: Report, on: date) -> None:
    locked(report.project)
    report.refresh_from_db()
    if report.approved_on:
        raise ValidationError(_("This report is approved already."))
    save(report, approved_on=on)


def _check_awaited(report: Report) -> None:
    if report.received_on:
        raise ValidationError(_("This report was received already."))

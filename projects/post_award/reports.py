"""Reports: expected, received, approved."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from projects.models import Project, Report
from projects.post_award.account import check_funded, lock_with_project, save_fields


@transaction.atomic
def plan_report(
    project: Project, *, kind: str, due_on: date | None = None, report: Report | None = None
) -> Report:
    """Add an expected report, or change it before it is received."""
    row = report or Report(project=project)
    check_funded(lock_with_project(row))
    _check_not_received(row)
    save_fields(row, kind=kind, due_on=due_on)
    return row


@transaction.atomic
def delete_report(report: Report) -> None:
    """Delete an expected report that is not received."""
    lock_with_project(report)
    _check_not_received(report)
    if report.documents.exists():
        raise ValidationError(_("Documents belong to this report. Move them to another one first."))
    report.delete()


@transaction.atomic
def receive_report(report: Report, on: date) -> None:
    lock_with_project(report)
    _check_not_received(report)
    save_fields(report, received_on=on)


@transaction.atomic
def approve_report(report: Report, on: date) -> None:
    lock_with_project(report)
    if report.approved_on:
        raise ValidationError(_("This report is approved already."))
    save_fields(report, approved_on=on)


def _check_not_received(report: Report) -> None:
    if report.received_on:
        raise ValidationError(_("This report was received already."))

"""Days after an award that are probably a typing mistake. A warning refuses nothing."""

from datetime import date, timedelta

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from projects.eligibility.unlikely_values import period_warning
from projects.models import Agreement, Instalment, Project, Report
from psf.text.dates import Precision, describe

AFTER_THE_END = timedelta(days=2 * 365)  # for the last report and the last instalment


def day_warnings(
    project: Project,
    agreement: Agreement | None,
    instalments: list[Instalment],
    reports: list[Report],
) -> list[str]:
    """Sentences about signatures before the closing, and due days far from the period."""
    starts, ends, closes = project.starts_on, project.ends_on, project.call.closing_day()
    signatures = [agreement.lead_signed_on, agreement.we_signed_on] if agreement else []
    signed = sorted(filter(None, signatures))
    warnings = [period_warning(project.call, starts, ends, project.starts_precision)]
    if signed and closes and signed[0] < closes:
        words = _("The agreement was signed on %(day)s, before the call closed. Check the year.")
        warnings.append(words % {"day": describe(signed[0], Precision.DAY)})
    # An advance may be due before the start, a report may not.
    warnings += [_due_warning(str(row), row.due_on, None, ends) for row in instalments]
    warnings += [_due_warning(row.get_kind_display(), row.due_on, starts, ends) for row in reports]
    return [*filter(None, warnings)]


def _due_warning(row: str, day: date | None, first: date | None, last: date | None) -> str:
    if day and first and day < first:
        words = _("%(row)s: due on %(day)s, before the project starts. Check the year.")
    elif day and last and day > last + AFTER_THE_END:
        words = _("%(row)s: due on %(day)s, over two years after the project ends. Check the year.")
    else:
        return ""
    return words % {"row": capfirst(row), "day": describe(day, Precision.DAY)}

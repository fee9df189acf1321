"""The draft of a decision: a line for each eligible application."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _

from projects.eligibility.award_limits import amount_error, awarded_total
from projects.models import Call, Decision, DecisionLine, Outcome, Project, ProjectStatus
from projects.permissions import DECIDE
from psf.database.record_version import bump_version, lock
from psf.history import recording
from psf.history.models import Channel


class Line(NamedTuple):
    """What is proposed for one application."""

    project: Project
    outcome: str  # of Outcome; "" for nothing yet
    award_eur: Decimal | None = None
    reserve_place: int | None = None
    reason: str = ""


class Row(NamedTuple):
    """A line of the draft as it is shown."""

    project: Project
    line: DecisionLine | None
    running_total: Decimal | None  # EUR with all funded lines down to this one; None for the others
    result: Decimal | None  # of the assessment, in per cent


class Draft(NamedTuple):
    """The whole draft, the funded first, and what it comes to (EUR)."""

    rows: list[Row]
    given_before: Decimal  # to projects of this call that were funded already
    proposed: Decimal
    budget: Decimal | None

    def total(self) -> Decimal:
        return self.given_before + self.proposed

    def left(self) -> Decimal | None:
        """What of the budget is left; below nought when it is not enough. None: no budget."""
        return None if self.budget is None else self.budget - self.total()


def draft_of(call: Call, results: Mapping[int, Decimal] | None = None) -> Draft:
    """What is proposed for the eligible applications of the call.

    `results` of the assessment, by the keys of the projects, give the order within an outcome.
    """
    results = results or {}
    order = [Outcome.FUNDED, Outcome.RESERVE, "", Outcome.REJECTED]
    projects = (
        call.projects.filter(status=ProjectStatus.ELIGIBLE)
        .for_list()
        .select_related("call", "decision_line")
        .order_by("reference")
    )
    pairs = [(project, getattr(project, "decision_line", None)) for project in projects]
    pairs.sort(
        key=lambda pair: (
            order.index(pair[1].outcome if pair[1] else ""),
            (pair[1] and pair[1].reserve_place) or 0,
            -results.get(pair[0].pk, Decimal()),
        )
    )
    given = awarded_total(call)
    rows, total = [], given
    for project, line in pairs:
        funded = line is not None and line.award_eur is not None
        if line and line.award_eur is not None:
            total += line.award_eur
        rows.append(Row(project, line, total if funded else None, results.get(project.pk)))
    return Draft(rows, given, total - given, call.budget_eur)


def prepare(call: Call, lines: Iterable[Line], by: Any) -> None:
    """Write the draft anew: what it has no line for has none afterwards.

    The draft may exceed the budget, which is only then a mistake when it is applied. Raises
    `ValidationError` with a sentence for each line that cannot be.
    """
    if not by.has_perm(DECIDE):
        raise PermissionDenied
    with recording.change_set(by, channel=Channel.DECISION):
        call = lock(Call.objects.filter(pk=call.pk))[0]
        eligible = {
            project.pk: project
            for project in lock(call.projects.filter(status=ProjectStatus.ELIGIBLE))
        }
        rows = [_row(eligible.get(line.project.pk), line) for line in lines if line.outcome]
        found = [sentence for row in rows for sentence in _refusals(call, row)]
        places = [row.reserve_place for row in rows if row.reserve_place is not None]
        if len(places) > len(set(places)):
            found.append(_("Two applications have the same place on the reserve list."))
        if found:
            raise ValidationError(found)
        _write(eligible, rows)
        Decision.objects.update_or_create(call=call, defaults={"prepared_by": by})
        bump_version(Call, [call.pk])


def _row(project: Project | None, line: Line) -> DecisionLine:
    if project is None:
        raise ValidationError(
            _("%(project)s is not eligible any more, so nothing was saved: look again.")
            % {"project": line.project.reference}
        )
    return DecisionLine(
        project=project,
        outcome=line.outcome,
        award_eur=line.award_eur,
        reserve_place=line.reserve_place,
        reason=line.reason.strip(),
    )


def _refusals(call: Call, row: DecisionLine) -> list[str]:
    found = [amount_error(call, row.award_eur)]
    try:
        row.clean_fields(exclude=["project"])
        row.validate_constraints(exclude=["project"])
    except ValidationError as error:
        found += error.messages
    return [f"{row.project.reference}: {sentence}" for sentence in found if sentence]


def _write(eligible: dict[int, Project], rows: list[DecisionLine]) -> None:
    """Only what changes is written: the history tells nothing else."""
    stored = {
        line.project_id: line for line in DecisionLine.objects.filter(project__in=eligible.keys())
    }
    for row in rows:
        if line := stored.pop(row.project_id, None):
            row.pk = line.pk
        row.save()
    DecisionLine.objects.filter(pk__in=[line.pk for line in stored.values()]).delete()

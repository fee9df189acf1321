"""The same change to several projects: to all of them or to none."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from projects.eligibility.award_limits import check_project
from projects.eligibility.unlikely_values import period_warning
from projects.models import Priority, Project, Topic
from projects.post_award.account import check_account
from projects.post_award.actions import check_end
from projects.publication.publish import check_public_project
from projects.workflow.status_changes import lock_with_calls
from psf.history import recording
from psf.history.models import Channel
from psf.text.dates import Precision, describe

# The terms of a project, or a day with its precision.
Value = set[Priority | Topic] | tuple[date | None, str]


class EditKind(NamedTuple):
    """A possible bulk edit: it adds or removes a term, or sets a day."""

    label: str | Promise
    field: str
    terms: type[Priority] | type[Topic] | None = None
    removes: bool = False


KINDS = {
    "add-priority": EditKind(gettext_lazy("Add a priority"), "priorities", Priority),
    "remove-priority": EditKind(gettext_lazy("Remove a priority"), "priorities", Priority, True),
    "add-topic": EditKind(gettext_lazy("Add a topic"), "topics", Topic),
    "remove-topic": EditKind(gettext_lazy("Remove a topic"), "topics", Topic, True),
    "starts": EditKind(gettext_lazy("Set the first day"), "starts"),
    "ends": EditKind(gettext_lazy("Set the last day"), "ends"),
}


class BulkEdit(NamedTuple):
    """A kind of edit with its value: a term or a day."""

    kind: EditKind
    value: Priority | Topic | date

    def old(self, project: Project) -> Value:
        """The terms of the project, or the day with its precision."""
        if self.kind.terms:
            return set(getattr(project, self.kind.field).all())
        return tuple(getattr(project, name) for name in self._columns())

    def new(self, project: Project) -> Value:
        if isinstance(self.value, date):
            return self.value, Precision.DAY
        terms = set(getattr(project, self.kind.field).all()) - {self.value}
        return terms if self.kind.removes else terms | {self.value}

    def warning(self, project: Project) -> str:
        """The warning about an unlikely period with the new day; "" without a warning."""
        if not isinstance(self.value, date):
            return ""
        starts_on, ends_on, precision = project.starts_on, project.ends_on, project.starts_precision
        if self.kind.field == "starts":
            starts_on, precision = self.value, Precision.DAY
        else:
            ends_on = self.value
        return period_warning(project.call, starts_on, ends_on, precision)

    def write(self, project: Project) -> None:
        """Write the new value if the project has another value. Raises ValidationError."""
        new = self.new(project)
        if new == self.old(project):
            return
        if self.kind.terms:
            getattr(project, self.kind.field).set(new)
        else:
            values = dict(zip(self._columns(), new, strict=True))
            check_end(project, values)
            for name, value in values.items():
                setattr(project, name, value)
        project.validate_constraints()
        project.version += 1
        columns = [] if self.kind.terms else self._columns()
        project.save(update_fields=[*columns, "version", "changed_at"])
        check_project(project)
        check_public_project(project)
        check_account(project)

    def _columns(self) -> list[str]:
        return [f"{self.kind.field}_on", f"{self.kind.field}_precision"]


def describe_value(value: Value) -> str:
    """A value of `BulkEdit.old()` or `BulkEdit.new()` for staff; "" for no term or day."""
    if isinstance(value, set):
        return ", ".join(sorted(map(str, value)))
    day, precision = value
    return describe(day, precision) if day else ""


def edit_projects(
    projects: Sequence[Project], edit: BulkEdit, by: User | None, reason: str
) -> None:
    """Edit all projects in one change set. Raises ValidationError with all blockers."""
    with recording.change_set(by, channel=Channel.ACTION, reason=reason):
        write_edit(lock_with_calls(projects), edit)


def write_edit(projects: Sequence[Project], edit: BulkEdit) -> None:
    """The same for projects that are locked already, and for a preview."""
    errors = list[str]()
    for project in projects:
        try:
            edit.write(project)
        except ValidationError as error:
            errors += [f"{project.reference}: {message}" for message in error.messages]
    if errors:
        raise ValidationError(errors)

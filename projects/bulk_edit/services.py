"""One change of several projects at once: of all of them, or of none."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.eligibility.award_limits import check_project
from projects.models import Priority, Project, Topic
from projects.post_award.account import check_account
from projects.workflow.steps import lock_with_calls, versions_of
from psf.history import recording
from psf.history.models import Channel
from psf.text.dates import Precision, describe


class Kind(NamedTuple):
    """What can be changed of many: terms that are added or taken away, or a day that is set."""

    label: str | Promise
    field: str
    terms: type[Priority] | type[Topic] | None = None
    removes: bool = False


KINDS = {
    "add-priority": Kind(gettext_lazy("Add a priority"), "priorities", Priority),
    "remove-priority": Kind(gettext_lazy("Remove a priority"), "priorities", Priority, True),
    "add-topic": Kind(gettext_lazy("Add a topic"), "topics", Topic),
    "remove-topic": Kind(gettext_lazy("Remove a topic"), "topics", Topic, True),
    "starts": Kind(gettext_lazy("Set the first day"), "starts"),
    "ends": Kind(gettext_lazy("Set the last day"), "ends"),
}


class Change(NamedTuple):
    """A kind of change with its value: a term, or a day."""

    kind: Kind
    value: Any

    def old(self, project: Project) -> Any:
        """The terms of the project, or the day with what is known of it."""
        if self.kind.terms:
            return set(getattr(project, self.kind.field).all())
        return tuple(getattr(project, name) for name in self._columns())

    def new(self, project: Project) -> Any:
        if not self.kind.terms:
            return self.value, Precision.DAY
        others = self.old(project) - {self.value}
        return others if self.kind.removes else others | {self.value}

    def write(self, project: Project) -> None:
        """Write it into one project, if it changes anything; raises ValidationError."""
        new = self.new(project)
        if new == self.old(project):
            return
        if self.kind.terms:
            getattr(project, self.kind.field).set(new)
        else:
            for name, value in zip(self._columns(), new, strict=True):
                setattr(project, name, value)
        project.validate_constraints()
        project.version += 1
        columns = [] if self.kind.terms else self._columns()
        project.save(update_fields=[*columns, "version", "changed_at"])
        check_project(project)
        check_account(project)

    def _columns(self) -> list[str]:
        return [f"{self.kind.field}_on", f"{self.kind.field}_precision"]


def in_words(state: set[Any] | tuple[date | None, str]) -> str:
    """What `Change.old()` and `Change.new()` give, as staff read it; "" for nothing."""
    if isinstance(state, set):
        return ", ".join(sorted(map(str, state)))
    day, precision = state
    return describe(day, precision) if day else ""


def change_many(
    projects: Sequence[Project], change: Change, by: Any, reason: str, shown: str
) -> None:
    """Change all of them, in one set of the history; `shown` is their `versions_of()` then.

    Raises ValidationError with all that stands in the way.
    """
    with recording.change_set(by, channel=Channel.ACTION, reason=reason):
        locked = lock_with_calls(projects)
        if versions_of(locked) != shown:
            raise ValidationError(
                _("What you were shown has changed, so nothing was done: look at it again.")
            )
        write(locked, change)


def write(projects: Sequence[Project], change: Change) -> None:
    """The same for projects that are locked, or to be taken back again."""
    refused = list[str]()
    for project in projects:
        try:
            change.write(project)
        except ValidationError as error:
            refused += [f"{project.reference}: {message}" for message in error.messages]
    if refused:
        raise ValidationError(refused)

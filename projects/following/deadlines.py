"""The days on which something is due after an award."""

from datetime import date
from typing import NamedTuple

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from projects.models import Instalment, Project, Report


class Deadline(NamedTuple):
    """A day, what is due on it, of which project, where staff see to it, and whether it is done."""

    day: date
    words: str
    project: Project
    url: str
    done: bool


def deadlines_of(project: Project) -> list[Deadline]:
    return deadlines_in(Project.objects.filter(pk=project.pk))


def deadlines_in(projects: QuerySet[Project]) -> list[Deadline]:
    """What is due in these projects, the earliest first, in two queries."""
    due = {"project__in": projects, "due_on__isnull": False}
    reports = Report.objects.filter(**due).select_related("project")
    instalments = Instalment.objects.filter(**due).select_related("project")
    found = [
        _deadline(row, capfirst(row.get_kind_display()), row.received_on is not None)
        for row in reports
    ]
    found += [
        _deadline(
            row,
            _("Instalment: %(condition)s") % {"condition": row.condition},
            row.paid_on is not None,
        )
        for row in instalments
    ]
    return sorted(found, key=lambda deadline: (deadline.day, deadline.project.reference))


def _deadline(row: Report | Instalment, words: str, done: bool) -> Deadline:
    assert row.due_on is not None  # the query leaves out rows without a day
    url = reverse("admin:projects_project_following", args=[row.project_id])
    return Deadline(row.due_on, words, row.project, url, done)

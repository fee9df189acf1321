"""Tasks for records that came from files and announcements."""

from typing import Any

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from partners.models.countries import number_of
from projects.checks.check import RowsCheck, WorkListGroup, form_url
from projects.models import AnnouncementFlag, Call, Project, ProjectStatus
from projects.models.choices import FUNDED_STATUSES
from projects.models.projects import ProjectQuerySet
from projects.permissions import CHANGE_PROJECT
from psf.history.models import Action, Change, Channel
from psf.history.tracking import kind_of


class OpenFlags(RowsCheck[AnnouncementFlag]):
    key = "announcement-flags"
    label = gettext_lazy("Notes on announcements to settle")
    group = WorkListGroup.INCOMPLETE
    permission = CHANGE_PROJECT

    def rows(self) -> QuerySet[AnnouncementFlag]:
        rows = AnnouncementFlag.objects.filter(is_settled=False)
        return rows.select_related("call", "project").order_by("pk")

    def sentence(self, row: AnnouncementFlag) -> str:
        record = row.project.reference if row.project else row.call
        return _("%(record)s: %(sentence)s") % {"record": record, "sentence": row.sentence}

    def url(self, row: Any) -> str:
        return f"{form_url(row.project or row.call)}#flags-heading"


def imported_drafts() -> ProjectQuerySet:
    """The projects from files and announcements that were never public and that may become it."""
    imported = Change.objects.filter(
        kind=kind_of(Project),
        key=Cast(OuterRef("pk"), CharField()),
        action=Action.ADDED,
        change_set__door__in=[Channel.IMPORT, Channel.ANNOUNCEMENT],
    )
    # The applications of calls without a decision wait for their check.
    judged = Q(status__in=FUNDED_STATUSES) | Q(call__decision__isnull=False)
    return Project.objects.filter(
        judged,
        Exists(imported),
        status__in=[ProjectStatus.SUBMITTED, *FUNDED_STATUSES],
        published_at__isnull=True,
        unpublished_at__isnull=True,
    )


class ImportedDrafts(RowsCheck[Any]):
    key = "imported-drafts"
    label = gettext_lazy("Draft projects from files and announcements")
    group = WorkListGroup.UNPUBLISHED
    permission = CHANGE_PROJECT

    def rows(self) -> QuerySet[Any]:
        drafts = imported_drafts()
        calls = Call.objects.filter(Exists(drafts.filter(call=OuterRef("pk"))))
        return calls.annotate(drafts=number_of("pk", drafts, by="call", each_once=True))

    def sentence(self, row: Any) -> str:
        words = ngettext(
            "%(call)s has %(count)d draft project from a file or an announcement.",
            "%(call)s has %(count)d draft projects from files or announcements.",
            row.drafts,
        )
        return words % {"call": row, "count": row.drafts}

    def url(self, row: Any) -> str:
        projects = reverse("admin:projects_project_changelist")
        return f"{projects}?call__id__exact={row.pk}&publication=drafts"

"""The steps that make records public or take them back, and what must hold first.

Each step is all or nothing, and raises the version of what it changes. Who may take it is a
permission, asked by the admin.
"""

from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from projects.models import Call, Decision, Project, ProjectStatus
from projects.models.choices import FUNDED_STATUSES
from projects.models.querysets import ProjectQuerySet
from psf.database.record_version import bump_version

PUBLICATION = ["published_at", "unpublished_at", "unpublished_reason"]
OF_A_PROJECT = [*PUBLICATION, "unpublished_with_results", "version"]


def hindrances(project: Project, at: datetime) -> list[str]:
    """What keeps a project from being public at that moment, in sentences; [] if nothing."""
    found = []
    if project.status not in FUNDED_STATUSES:
        found.append(
            _("“%(project)s” is %(status)s: only a funded project can be public.")
            % {"project": project, "status": project.get_status_display()}
        )
    if not project.partnerships.leading().exists():
        found.append(_("“%(project)s” has no lead partner: add one first.") % {"project": project})
    if not project.call.is_public(at):
        found.append(
            _("“%(call)s” is not public at that moment: publish the call first.")
            % {"call": project.call}
        )
    return found


@transaction.atomic
def publish_call(call: Call, at: datetime) -> None:
    """Show the call's page, its text and its rules from that moment on."""
    call.refresh_from_db(from_queryset=Call.objects.select_for_update())
    if call.is_public():
        raise ValidationError(_("“%(call)s” is public already.") % {"call": call})
    call.published_at = at
    call.version += 1
    call.save(update_fields=["published_at", "version"])


@transaction.atomic
def take_back_call(call: Call, reason: str) -> None:
    """Hide the call again, as long as nothing of its results is public, now or later."""
    call.refresh_from_db(from_queryset=Call.objects.select_for_update())
    if call.projects.filter(published_at__isnull=False).exists():
        raise ValidationError(
            _("“%(call)s” has public projects: take those back first.") % {"call": call}
        )
    if Decision.objects.filter(call=call, published_at__isnull=False).exists():
        raise ValidationError(
            _("The decision on “%(call)s” is public: take the results back first.") % {"call": call}
        )
    _take_back(call, reason)
    call.version += 1
    call.save(update_fields=[*PUBLICATION, "version"])


def _take_back(record: Call | Decision | Project, reason: str) -> None:
    """Hide it; if readers saw it, its address tells them why from now on.

    What it tells of an earlier time stays when a later moment is called off.
    """
    if record.is_public():
        if not reason.strip():
            raise ValidationError(_("Say why, in a sentence for readers."))
        record.unpublished_at, record.unpublished_reason = timezone.now(), reason.strip()
    record.published_at = None


@transaction.atomic
def publish_project(project: Project, at: datetime, with_results: bool = False) -> None:
    """Show the project from that moment on, again if it had been taken back.

    Until that moment its address goes on telling why it was. `with_results` is whether it belongs
    to the results of its call from now on, should they come at another moment.
    """
    project.refresh_from_db(from_queryset=Project.objects.select_for_update())
    if project.is_public():
        raise ValidationError(_("“%(project)s” is public already.") % {"project": project})
    if reasons := hindrances(project, at):
        raise ValidationError(reasons)
    project.published_at = at
    project.unpublished_with_results = with_results and project.unpublished_at is not None
    project.version += 1
    project.save(update_fields=OF_A_PROJECT)


@transaction.atomic
def take_back_project(project: Project, reason: str, with_results: bool = False) -> None:
    """Hide the project again; its address then tells readers that it was here, and why not now.

    Where nobody has seen it nothing is left to tell. `with_results` is whether it goes because
    the results of its call go, and so comes back with them.
    """
    project.refresh_from_db(from_queryset=Project.objects.select_for_update())
    if project.published_at is None:
        raise ValidationError(_("“%(project)s” is not public.") % {"project": project})
    _take_back(project, reason)
    project.unpublished_with_results = with_results and project.unpublished_at is not None
    project.version += 1
    project.save(update_fields=OF_A_PROJECT)


def awaiting_publication(call: Call) -> list[Project]:
    """The funded projects of the call that become public with its results.

    They were never public, or were taken back with the results; a later moment at which they are
    to be public counts for nothing, so that all have the one that is chosen last.
    """
    wanted = Q(unpublished_at__isnull=True) | Q(unpublished_with_results=True)
    hidden = Q(published_at__isnull=True) | Q(published_at__gt=timezone.now())
    return list(call.projects.filter(wanted, hidden, status__in=FUNDED_STATUSES).for_list())


def taken_back_alone(call: Call) -> ProjectQuerySet:
    """The projects of the call that were taken back for a reason of their own.

    They become public with the results only if whoever publishes those names them.
    """
    gone = call.projects.filter(published_at__isnull=True, unpublished_at__isnull=False)
    return gone.filter(unpublished_with_results=False, status__in=FUNDED_STATUSES)


def were_taken_back(call: Call) -> bool:
    """Whether readers knew results of the call, which are published again now."""
    gone = Decision.objects.filter(call=call, published_at__isnull=True)
    return gone.filter(unpublished_at__isnull=False).exists()


def awaits_decision(call: Call) -> bool:
    """Whether the draft of its decision has lines that are not applied."""
    drafted = call.projects.filter(status=ProjectStatus.ELIGIBLE, decision_line__isnull=False)
    return drafted.exists()


@transaction.atomic
def publish_results(call: Call, at: datetime, again: Iterable[Project] = ()) -> list[Project]:
    """Show the decision and every funded project of the call from one moment on.

    `again` are those to show again although they were taken back by themselves. Returns the
    projects that become public. If one of them cannot, nothing does.
    """
    call = Call.objects.select_for_update().get(pk=call.pk)
    try:
        decision: Decision = call.decision
    except ObjectDoesNotExist:
        raise ValidationError(_("Record the decision on the call first.")) from None
    if awaits_decision(call):
        raise ValidationError(
            _("The decision on “%(call)s” is a draft: apply it first.") % {"call": call}
        )
    named = taken_back_alone(call).filter(pk__in=[project.pk for project in again])
    projects = [*awaiting_publication(call), *named.for_list()]
    if reasons := [reason for project in projects for reason in hindrances(project, at)]:
        raise ValidationError(list(dict.fromkeys(reasons)))
    if decision.is_public() and not projects:
        raise ValidationError(_("The results of “%(call)s” are public already.") % {"call": call})
    if not decision.is_public():  # what readers know already stays known
        decision.published_at = at
        decision.save(update_fields=["published_at"])
    bump_version(Call, [call.pk])
    for project in projects:
        publish_project(project, at, with_results=True)
    return projects


@transaction.atomic
def take_back_results(call: Call, reason: str) -> list[Project]:
    """Hide the decision and every project of the call again. Returns those projects."""
    call = Call.objects.select_for_update().get(pk=call.pk)
    projects = list(call.projects.filter(published_at__isnull=False))
    for project in projects:
        take_back_project(project, reason, with_results=True)
    for decision in Decision.objects.filter(call=call, published_at__isnull=False):
        _take_back(decision, reason)
        decision.save(update_fields=PUBLICATION)
    bump_version(Call, [call.pk])
    return projects

"""Publishing and unpublishing, now or later: blockers, state, and the next change."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model, Q
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy

from projects.models import Call, Decision, Project, ProjectStatus
from projects.models.choices import FUNDED_STATUSES
from psf.database.record_version import bump_version, lock_record
from psf.text.dates import describe_moment


def publication_blockers(project: Project, at: datetime) -> list[str]:
    """Sentences that say why a project cannot be public at a moment; [] without blockers."""
    blockers = []
    if project.status not in FUNDED_STATUSES:
        blockers.append(
            _("“%(project)s” is %(status)s. Only a funded project can be public.")
            % {"project": project, "status": project.get_status_display()}
        )
    if not project.partnerships.leading().exists():
        blockers.append(
            _("“%(project)s” has no lead partner. Add one first.") % {"project": project}
        )
    if not project.call.is_public(at):
        blockers.append(
            _("“%(call)s” is not public yet. Publish the call first.") % {"call": project.call}
        )
    return blockers


def call_error(project: Project, call: Call) -> str:
    """Why a public project cannot be in the call; "" if it can, or if it is not public."""
    if not project.published_at or call.is_public(project.published_at):
        return ""
    words = _("This project is public, but “%(call)s” is not. Publish the call first.")
    return words % {"call": call}


LEAD_IS_NEEDED = gettext_lazy(
    "A public project needs a lead partner. Choose another one, or unpublish the project first."
)


def check_public_project(project: Project) -> None:
    """Raise `ValidationError` if a saved public project lacks a lead partner or a public call."""
    error = call_error(project, project.call)
    if project.published_at and not project.partnerships.leading().exists():
        error = str(LEAD_IS_NEEDED)
    if error:
        raise ValidationError(error)


PUBLICATION = ["published_at", "unpublished_at", "unpublished_reason"]
PROJECT_FIELDS = [*PUBLICATION, "unpublished_with_results", "version"]


@transaction.atomic
def publish_call(call: Call, at: datetime) -> None:
    """Make the page of the call public from a moment on."""
    lock_record(call)
    if call.is_public():
        raise ValidationError(_("“%(call)s” is public already.") % {"call": call})
    call.published_at = at
    call.version += 1
    call.save(update_fields=["published_at", "version"])


@transaction.atomic
def unpublish_call(call: Call, reason: str) -> None:
    """Unpublish the call; refused if results are public or scheduled."""
    lock_record(call)
    if call.published_at is None and call.unpublished_at is None:
        raise ValidationError(_("“%(call)s” is not public.") % {"call": call})
    if call.projects.filter(published_at__isnull=False).exists():
        raise ValidationError(
            _("“%(call)s” has public or scheduled projects. Unpublish these first.")
            % {"call": call}
        )
    if Decision.objects.filter(call=call, published_at__isnull=False).exists():
        raise ValidationError(
            _("The decision on “%(call)s” is public or scheduled. Unpublish the results first.")
            % {"call": call}
        )
    _unpublish(call, reason)
    call.version += 1
    call.save(update_fields=[*PUBLICATION, "version"])


def _unpublish(record: Call | Decision | Project, reason: str) -> None:
    """Hide the record. If it is or was public, its address shows the reason.

    Cancelling a scheduled publication keeps the reason of an earlier time.
    """
    if record.is_public():
        if not reason.strip():
            raise ValidationError(_("Give a reason in a sentence for readers."))
        record.unpublished_at = timezone.now()
    if record.unpublished_at and reason.strip():
        record.unpublished_reason = reason.strip()
    record.published_at = None


@transaction.atomic
def publish_project(project: Project, at: datetime, with_results: bool = False) -> None:
    """Make the project public from a moment on, also after it was unpublished.

    Until that moment its address shows the reason. With `with_results` a later change of the
    publication of the results includes the project.
    """
    lock_record(project)
    if project.is_public():
        raise ValidationError(_("“%(project)s” is public already.") % {"project": project})
    if reasons := publication_blockers(project, at):
        raise ValidationError(reasons)
    project.published_at = at
    project.unpublished_with_results = with_results and project.unpublished_at is not None
    project.version += 1
    project.save(update_fields=PROJECT_FIELDS)


@transaction.atomic
def unpublish_project(project: Project, reason: str, with_results: bool = False) -> None:
    """Unpublish the project. If it is or was public, its address shows the reason.

    A project unpublished `with_results` is published again with the results.
    """
    lock_record(project)
    if project.published_at is None:
        if project.unpublished_at is None:
            raise ValidationError(_("“%(project)s” is not public.") % {"project": project})
        with_results = project.unpublished_with_results
    _unpublish(project, reason)
    project.unpublished_with_results = with_results and project.unpublished_at is not None
    project.version += 1
    project.save(update_fields=PROJECT_FIELDS)


def awaiting_publication(call: Call) -> list[Project]:
    """The funded projects of the call that become public with its results.

    These projects were never public or were unpublished with the results. A scheduled
    publication does not exclude a project, so all projects get the last chosen moment.
    """
    with_results = Q(unpublished_at__isnull=True) | Q(unpublished_with_results=True)
    hidden = Q(published_at__isnull=True) | Q(published_at__gt=timezone.now())
    return list(call.projects.filter(with_results, hidden, status__in=FUNDED_STATUSES).for_list())


@transaction.atomic
def publish_results(call: Call, at: datetime) -> list[Project]:
    """Make the decision and all funded projects of the call public from a moment on.

    Returns the published projects. A project that was unpublished separately stays unpublished. If
    one project is blocked, nothing is published.
    """
    lock_record(call)
    decision = call.recorded_decision()
    if decision is None:
        raise ValidationError(_("Record the decision on the call first."))
    if call.projects.filter(status=ProjectStatus.ELIGIBLE, decision_line__isnull=False).exists():
        raise ValidationError(
            _("The decision on “%(call)s” is a draft. Apply it first.") % {"call": call}
        )
    projects = awaiting_publication(call)
    if reasons := [reason for project in projects for reason in publication_blockers(project, at)]:
        raise ValidationError(list(dict.fromkeys(reasons)))
    if decision.is_public() and not projects:
        raise ValidationError(_("The results of “%(call)s” are public already.") % {"call": call})
    if not decision.is_public():  # a public decision keeps its moment
        decision.published_at = at
        decision.save(update_fields=["published_at"])
    bump_version(Call, [call.pk])
    for project in projects:
        publish_project(project, at, with_results=True)
    return projects


@transaction.atomic
def unpublish_results(call: Call, reason: str) -> list[Project]:
    """Unpublish the decision and all projects of the call. Returns these projects.

    The reason of results that are unpublished already is replaced.
    """
    lock_record(call)
    projects = list(call.projects.filter(published_at__isnull=False))
    decisions = Decision.objects.filter(call=call, published_at__isnull=False)
    if not projects and not decisions:
        projects = list(call.projects.filter(unpublished_with_results=True))
        decisions = Decision.objects.filter(call=call, unpublished_at__isnull=False)
    if not projects and not decisions:
        raise ValidationError(_("The results of “%(call)s” are not public.") % {"call": call})
    for project in projects:
        unpublish_project(project, reason, with_results=True)
    for decision in decisions:
        _unpublish(decision, reason)
        decision.save(update_fields=PUBLICATION)
    bump_version(Call, [call.pk])
    return projects


@transaction.atomic
def cancel_publication(record: Call | Project) -> list[Project]:
    """Cancel what is scheduled: of a project, or of a call with its results.

    Nothing that is public changes. Returns the projects that stay hidden.
    """
    if isinstance(record, Project):
        projects = [record]
    else:
        projects = list(record.projects.filter(published_at__isnull=False).select_related("call"))
    projects = [project for project in projects if project.scheduled_for()]
    for project in projects:
        unpublish_project(project, "", with_results=project.unpublished_with_results)
    if isinstance(record, Call):
        for decision in Decision.objects.filter(call=record).select_related("call"):
            if decision.scheduled_for():
                _unpublish(decision, "")
                decision.save(update_fields=PUBLICATION)
        if record.scheduled_for():
            unpublish_call(record, "")
        else:
            bump_version(Call, [record.pk])
    return projects


def scheduled_results(call: Call) -> datetime | None:
    """The next moment when results of the call become public; None if none is scheduled."""
    decision = call.recorded_decision()
    hidden = call.projects.filter(published_at__gt=timezone.now()).select_related("call")
    records = [*([decision] if decision else []), *hidden]
    return min(filter(None, (record.scheduled_for() for record in records)), default=None)


# The state of publication, and its next change


def scheduled_sentence(at: datetime) -> str:
    return _("Scheduled for %(moment)s") % {"moment": describe_moment(at)}


def publication_status(record: Call | Project) -> str:
    """Whether readers see the record and the results of a call, in sentences."""
    results = scheduled_results(record) if isinstance(record, Call) else None
    sentences = [_page_status(record)]
    if results:
        sentences.append(_("Results: %(scheduled)s.") % {"scheduled": scheduled_sentence(results)})
    return " ".join(sentences)


def _page_status(record: Call | Project) -> str:
    status = ""
    if record.published_at:
        moment = describe_moment(record.published_at)
        if record.is_public():
            return _("Public since %(moment)s.") % {"moment": moment}
        status = f"{scheduled_sentence(record.scheduled_for() or record.published_at)}."
    if not record.unpublished_at:
        return status or _("Not public.")
    unpublished = _("Unpublished on %(moment)s: %(reason)s") % {
        "moment": describe_moment(record.unpublished_at),
        "reason": record.unpublished_reason,
    }
    return f"{status} {unpublished}".strip()


MOMENTS: list[tuple[type[Model], list[str]]] = [
    (Call, ["published_at", "opens_at", "closes_at"]),
    (Decision, ["published_at"]),
    (Project, ["published_at"]),
]


def next_change(now: datetime) -> datetime:
    """The first moment after `now` when public pages change, at the latest midnight.

    At midnight the membership of a country can change, and in the time zone of a call the number
    of days left.
    """
    open_calls = Call.objects.filter(closes_at__gt=now).order_by()
    moments = []
    for name in [settings.TIME_ZONE, *open_calls.values_list("time_zone", flat=True).distinct()]:
        zone = ZoneInfo(name)
        tomorrow = now.astimezone(zone).date() + timedelta(days=1)
        moments.append(datetime.combine(tomorrow, time.min, zone))
    for model, fields in MOMENTS:
        for field in fields:
            later = model._default_manager.filter(**{f"{field}__gt": now}).order_by(field)
            moments += later.values_list(field, flat=True)[:1]
    return min(moments)

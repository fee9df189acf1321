"""Taking steps: one application or several, all or none."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from projects import post_award as following
from projects.eligibility import rules
from projects.models import (
    AmountKind,
    Call,
    Ground,
    GroundGiven,
    Letter,
    Project,
    ProjectStatus,
)
from projects.models.choices import FUNDED_STATUSES, LETTERS
from projects.workflow.transitions import (
    is_decided_together,
    needs_reason,
    permission_for,
    status_error,
)
from psf.database.record_version import lock
from psf.history import recording
from psf.history.models import Channel

FIELDS = ["status", "amount_eur", "amount_kind", "version", "changed_at"]
KEPT_AMOUNTS = [AmountKind.CEILING, AmountKind.NOT_PUBLISHED]


def take(
    projects: Sequence[Project],
    to: str,
    by: Any,
    reason: str = "",
    grounds: Sequence[Ground] = (),
) -> None:
    """Bring the applications to a status, all of them or none.

    `grounds` are the reasons, of the call's own list, for which they are not eligible.
    Raises `PermissionDenied`, and `ValidationError` with all that stands in the way.
    """
    reason = reason.strip()
    with recording.change_set(by, channel=Channel.STEP, reason=reason):
        locked = lock_with_calls(projects)
        if missing_permissions(locked, to, by):
            raise PermissionDenied
        found = [
            sentence for project in locked for sentence in refusals(project, to, reason, grounds)
        ]
        if found:
            raise ValidationError(list(dict.fromkeys(found)))
        for project in locked:
            set_status(project, to)
            GroundGiven.objects.filter(project=project).delete()
            GroundGiven.objects.bulk_create(
                GroundGiven(project=project, ground=ground) for ground in grounds
            )


def try_step(projects: Sequence[Project], to: str) -> None:
    """What `take()` changes of the projects, nothing asked: to be taken back again."""
    for project in lock_with_calls(projects):
        set_status(project, to)


def versions_of(projects: Sequence[Project]) -> str:
    """The keys and versions of the projects as a text, to compare later."""
    return " ".join(f"{project.pk}:{project.version}" for project in projects)


def lock_with_calls(projects: Sequence[Project]) -> list[Project]:
    """The projects as they are now, with all that the rules ask; nobody else changes them.

    Their calls are locked first, as everywhere, so that no two wait for each other.
    """
    keys = [project.pk for project in projects]
    lock(Call.objects.filter(pk__in=Project.objects.filter(pk__in=keys).values("call")))
    lock(Project.objects.filter(pk__in=keys))
    return list(Project.objects.for_rules().filter(pk__in=keys).order_by("reference"))


def missing_permissions(projects: Sequence[Project], to: str, by: Any) -> set[str]:
    """The permissions that somebody lacks to take the step with these projects."""
    needed = {permission_for(project.status, to) for project in projects}
    return {permission for permission in needed if not by.has_perm(permission)}


def refusals(
    project: Project, to: str, reason: str = "", grounds: Sequence[Ground] = ()
) -> list[str]:
    """Why a project from `for_rules()` cannot take the step, in sentences; [] if it can."""
    found = hindrances(project, to)
    named = {"project": project.reference}
    if needs_reason(project.status, to) and not reason:
        found.append(_("%(project)s: say why; this step needs a reason.") % named)
    if to == ProjectStatus.NOT_ELIGIBLE and not grounds:
        found.append(_("%(project)s: choose at least one reason of the call’s list.") % named)
    if any(ground.call_id != project.call_id for ground in grounds):
        found.append(_("%(project)s: that reason is of another call’s list.") % named)
    return found


def hindrances(project: Project, to: str) -> list[str]:
    """The same for what no form can mend: what is recorded of the project must change first."""
    named = {"project": project.reference}
    if project.status == to:
        status = ProjectStatus(to).label
        return [_("%(project)s is %(status)s already.") % {**named, "status": status}]
    if refusal := status_error(project.status, to, bool(project.published_at)):
        return [f"{project.reference}: {refusal}"]
    if is_decided_together(project.status, to):
        return [
            _("%(project)s: the decision on the call makes it so, for all its applications.")
            % named
        ]
    if to == ProjectStatus.ELIGIBLE and project.status == ProjectStatus.SUBMITTED:
        return _unmet(project)
    return [f"{project.reference}: {sentence}" for sentence in following.hindrances(project, to)]


def _unmet(project: Project) -> list[str]:
    """The rules of the call that stand in the way of "eligible"."""
    unmet = [str(found.rule.label) for found in rules.check(project) if found.stands_in_the_way()]
    if not unmet:
        return []
    return [
        _("%(project)s does not meet, or nobody can tell: %(rules)s. Mend it or override the rule.")
        % {"project": project.reference, "rules": get_text_list(unmet, _("and"))}
    ]


def set_status(project: Project, to: str, award: Decimal | None = None) -> None:
    """Write the status, with an award (EUR) where one is given.

    What is not funded any more has no award; a ceiling stays. A letter that waits to tell another
    outcome is cancelled.
    """
    project.status = to
    if award is not None:
        project.amount_eur, project.amount_kind = award, AmountKind.AWARDED
    elif to not in FUNDED_STATUSES and project.amount_kind not in KEPT_AMOUNTS:
        project.amount_eur, project.amount_kind = None, AmountKind.NOT_PUBLISHED
    project.version += 1
    project.save(update_fields=FIELDS)
    untrue = Letter.objects.waiting().filter(project=project).exclude(kind=LETTERS.get(to, ""))
    untrue.cancel(_("The application became: %(status)s.") % {"status": ProjectStatus(to).label})

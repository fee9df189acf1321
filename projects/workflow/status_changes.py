"""Change the status of one application or several: of all or of none."""

from collections.abc import Sequence
from decimal import Decimal

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from projects.eligibility import rules
from projects.eligibility.frozen_checks import freeze_eligibility
from projects.eligibility.rules import lateness_of
from projects.models import (
    AmountKind,
    Call,
    IneligibilityFinding,
    IneligibilityReason,
    Letter,
    Project,
    ProjectStatus,
    Waiver,
)
from projects.models.choices import FUNDED_STATUSES, KINDS_WITHOUT_AWARD, LETTERS
from projects.permissions import CHECK, require
from projects.post_award.agreements import award_blockers
from projects.workflow.transitions import (
    is_decided_together,
    needs_reason,
    permission_for,
    status_error,
)
from psf.database.record_version import bump_version, lock
from psf.history import recording
from psf.history.models import Channel


def waive(project: Project, rule: str, by: User, reason: str) -> Waiver:
    """Waive a rule of the call for this application."""
    reason = reason.strip()
    with recording.change_set(by, channel=Channel.STATUS, reason=reason):
        locked = _locked_for(project, by)
        if rule not in [call_rule.key for call_rule in rules.rules_of(locked.call)]:
            raise ValidationError(_("The call has no such rule."))
        waiver = Waiver(project=locked, rule=rule, reason=reason, given_by=by)
        waiver.full_clean()
        waiver.save()
        bump_version(Project, [locked.pk])
        return waiver


def end_waiver(project: Project, rule: str, by: User) -> None:
    """Apply the rule to the application again."""
    with recording.change_set(by, channel=Channel.STATUS):
        locked = _locked_for(project, by)
        deleted, _by_model = Waiver.objects.filter(project=locked, rule=rule).delete()
        if not deleted:
            raise ValidationError(_("This rule has no waiver."))
        bump_version(Project, [locked.pk])


def _locked_for(project: Project, by: User) -> Project:
    require(by, CHECK)
    return lock_with_calls([project])[0]


FIELDS = ["status", "amount_eur", "amount_kind", "version", "changed_at"]


def change_status(
    projects: Sequence[Project],
    to: str,
    by: User,
    reason: str = "",
    ineligibility_reasons: Sequence[IneligibilityReason] = (),
) -> None:
    """Give the applications a status, all of them or none.

    `ineligibility_reasons` are of the list of the call, for the status “not eligible”.
    Raises `PermissionDenied`, and `ValidationError` with all blockers.
    """
    reason = reason.strip()
    with recording.change_set(by, channel=Channel.STATUS, reason=reason):
        locked = lock_with_calls(projects)
        if missing_permissions(locked, to, by):
            raise PermissionDenied
        errors = [
            error
            for project in locked
            for error in status_change_errors(project, to, reason, ineligibility_reasons)
        ]
        if errors:
            raise ValidationError(list(dict.fromkeys(errors)))
        for project in locked:
            set_status(project, to)
            IneligibilityFinding.objects.filter(project=project).delete()
            IneligibilityFinding.objects.bulk_create(
                IneligibilityFinding(project=project, reason=row) for row in ineligibility_reasons
            )
            if to in [ProjectStatus.ELIGIBLE, ProjectStatus.NOT_ELIGIBLE]:
                freeze_eligibility(project, by)


def write_status(projects: Sequence[Project], to: str) -> None:
    """Write the status without any check, as `change_status()` does. For a preview."""
    for project in lock_with_calls(projects):
        set_status(project, to)


def lock_with_calls(projects: Sequence[Project]) -> list[Project]:
    """Lock the projects and return them as stored, with all that the rules need.

    The calls are locked first, as everywhere, so that no deadlock is possible.
    """
    keys = [project.pk for project in projects]
    lock(Call.objects.filter(pk__in=Project.objects.filter(pk__in=keys).values("call")))
    lock(Project.objects.filter(pk__in=keys))
    return list(Project.objects.for_rules().filter(pk__in=keys).order_by("reference"))


def missing_permissions(projects: Sequence[Project], to: str, by: User) -> set[str]:
    """The permissions that the person lacks to give these projects the status."""
    needed = {permission_for(project.status, to) for project in projects}
    return {permission for permission in needed if not by.has_perm(permission)}


def status_change_errors(
    project: Project,
    to: str,
    reason: str = "",
    ineligibility_reasons: Sequence[IneligibilityReason] = (),
) -> list[str]:
    """Why a project from `for_rules()` cannot get the status, in sentences; [] if it can."""
    errors = transition_blockers(project, to)
    names = {"project": project.reference}
    if not reason and (why := why_reason_is_needed(project, to)):
        errors.append(f"{project.reference}: {why}")
    if to == ProjectStatus.NOT_ELIGIBLE and not ineligibility_reasons:
        errors.append(_("%(project)s: choose at least one reason of the call’s list.") % names)
    if any(row.call_id != project.call_id for row in ineligibility_reasons):
        errors.append(_("%(project)s: the reason belongs to the list of another call.") % names)
    return errors


def why_reason_is_needed(project: Project, to: str) -> str:
    """Why this change of status needs a reason, in a sentence; "" if it needs none."""
    if needs_reason(project.status, to):
        return _("enter a reason for this change.")
    is_accepted = (project.status, to) == (ProjectStatus.SUBMITTED, ProjectStatus.ELIGIBLE)
    late = lateness_of(project) if is_accepted else ""
    return late and " ".join([late, _("Enter a reason to accept it.")])


def transition_blockers(project: Project, to: str) -> list[str]:
    """The part of `status_change_errors()` that no form can fix: a record must change first."""
    names = {"project": project.reference}
    if project.status == to:
        status = ProjectStatus(to).label
        return [_("%(project)s is %(status)s already.") % {**names, "status": status}]
    if error := status_error(project.status, to, is_published=False):
        return [f"{project.reference}: {error}"]
    if is_decided_together(project.status, to):
        return [
            _("%(project)s: this status comes from the decision on all applications of the call.")
            % names
        ]
    if to == ProjectStatus.ELIGIBLE and project.status == ProjectStatus.SUBMITTED:
        return _unmet_rules(project)
    # An agreement that keeps the project funded comes first: unpublishing would be in vain.
    errors = award_blockers(project, to) or [
        status_error(project.status, to, bool(project.published_at))
    ]
    return [f"{project.reference}: {sentence}" for sentence in filter(None, errors)]


def _unmet_rules(project: Project) -> list[str]:
    """The rules of the call that keep the project from being eligible, in one sentence."""
    findings = [finding for finding in rules.check_rules(project) if finding.is_unmet()]
    if not findings:
        return []
    return [
        _(
            "%(project)s cannot become eligible. Not met, or not known: %(rules)s. "
            "Fix the record or grant a waiver."
        )
        % {
            "project": project.reference,
            "rules": get_text_list([str(finding.rule.label) for finding in findings], _("and")),
        }
    ]


def set_status(project: Project, to: str, award: Decimal | None = None) -> None:
    """Write the status, and the award (EUR) if there is one. Every change of status ends here.

    A project that is no longer funded has no award, but keeps its ceiling. A waiting letter about
    another outcome is cancelled.
    """
    project.status = to
    if award is not None:
        project.amount_eur, project.amount_kind = award, AmountKind.AWARDED
    elif to not in FUNDED_STATUSES and project.amount_kind not in KINDS_WITHOUT_AWARD:
        project.amount_eur, project.amount_kind = None, AmountKind.NOT_PUBLISHED
    if error := project.funding_error():
        raise ValidationError(f"{project.reference}: {error}")
    project.version += 1
    project.save(update_fields=FIELDS)
    outdated = Letter.objects.waiting().filter(project=project).exclude(kind=LETTERS.get(to, ""))
    outdated.cancel(_("The application became: %(status)s.") % {"status": ProjectStatus(to).label})

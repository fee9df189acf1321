"""The changes of status: which are possible, who may make them, and how they are made.

One application or several change their status: all or none.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from projects.eligibility import rules
from projects.eligibility.award_limits import constraint_error
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
from projects.permissions import CHECK, DECIDE, MANAGE_AWARDS, require
from projects.post_award.actions import award_blockers
from psf.database.record_version import bump_version, lock
from psf.history import recording
from psf.history.models import Channel

S = ProjectStatus

# The statuses that may follow each status. A change back is an ordinary change.
TRANSITIONS: dict[str, list[str]] = {
    S.SUBMITTED: [S.ELIGIBLE, S.NOT_ELIGIBLE, S.WITHDRAWN],
    S.NOT_ELIGIBLE: [S.SUBMITTED, S.WITHDRAWN],
    S.ELIGIBLE: [S.FUNDED, S.RESERVE, S.REJECTED, S.SUBMITTED, S.WITHDRAWN],
    S.RESERVE: [S.FUNDED, S.REJECTED, S.ELIGIBLE, S.WITHDRAWN],
    S.REJECTED: [S.ELIGIBLE, S.WITHDRAWN],
    S.FUNDED: [S.RUNNING, S.TERMINATED, S.ELIGIBLE, S.WITHDRAWN],
    S.RUNNING: [S.COMPLETED, S.TERMINATED, S.FUNDED, S.WITHDRAWN],
    S.COMPLETED: [S.RUNNING],
    S.TERMINATED: [S.RUNNING],
    S.WITHDRAWN: [S.SUBMITTED],
}

# How far an application has come. A change to a lower number is a change back.
ADVANCE: dict[str, int] = {
    ProjectStatus.SUBMITTED: 0,
    ProjectStatus.NOT_ELIGIBLE: 1,
    ProjectStatus.ELIGIBLE: 1,
    ProjectStatus.RESERVE: 2,
    ProjectStatus.REJECTED: 2,
    ProjectStatus.FUNDED: 2,
    ProjectStatus.RUNNING: 3,
    ProjectStatus.COMPLETED: 4,
    ProjectStatus.TERMINATED: 4,
    ProjectStatus.WITHDRAWN: 5,
}

# By the higher number of both statuses: those who decide also reverse a decision.
PERMISSIONS = {0: CHECK, 1: CHECK, 2: DECIDE, 3: MANAGE_AWARDS, 4: MANAGE_AWARDS}

# The committee decides on all applications of a call at once.
DECIDED_TOGETHER = [ProjectStatus.FUNDED, ProjectStatus.RESERVE, ProjectStatus.REJECTED]

END_EARLY = [ProjectStatus.WITHDRAWN, ProjectStatus.TERMINATED]


def permission_for(before: str, after: str) -> str:
    numbers = [ADVANCE[status] for status in [before, after] if status != ProjectStatus.WITHDRAWN]
    return PERMISSIONS[max(numbers, default=0)]


def is_back(before: str, after: str) -> bool:
    return ADVANCE[after] < ADVANCE[before]


def needs_reason(before: str, after: str) -> bool:
    """For a change back, an early end, and the end of a place on the reserve list."""
    return (
        is_back(before, after)
        or after in END_EARLY
        or (before, after) == (ProjectStatus.RESERVE, ProjectStatus.REJECTED)
    )


def individual_transitions(before: str) -> list[str]:
    """The statuses that can follow for one application, without the committee's decision."""
    return [after for after in TRANSITIONS[before] if not is_decided_together(before, after)]


def is_decided_together(before: str, after: str) -> bool:
    """Whether the change is part of the committee's decision, or of its reserve list."""
    if before == ProjectStatus.ELIGIBLE:
        return after in DECIDED_TOGETHER
    return (before, after) == (ProjectStatus.RESERVE, ProjectStatus.FUNDED)


def status_error(before: str, after: str, is_published: bool) -> str:
    """One sentence why the change is impossible; "" if it is possible."""
    if after != before and after not in TRANSITIONS[before]:
        labels = [str(ProjectStatus(value).label) for value in TRANSITIONS[before]]
        return _("A project that is %(before)s cannot become %(after)s, only %(choices)s.") % {
            "before": ProjectStatus(before).label,
            "after": ProjectStatus(after).label,
            "choices": get_text_list(labels, _("or")),
        }
    return constraint_error(
        "project_public_is_funded", {"published_at": is_published, "status": after}
    )


def move_error(project: Project) -> str:
    """Why a saved project stays in its call: the steps of the call are part of it; "" if not."""
    if project.status in [ProjectStatus.ELIGIBLE, ProjectStatus.NOT_ELIGIBLE]:
        words = _(
            "This application was checked by the rules of “%(call)s”. Change its status to "
            "“submitted” before you choose another call."
        )
    elif (
        hasattr(project, "decision_line")
        or project.assessments.exists()
        or project.letters.sent().exists()
    ):
        words = _(
            "This application was assessed or decided in “%(call)s”. Enter a new application "
            "in the other call, and change the status of this one to “withdrawn”."
        )
    elif project.waivers.exists():
        words = _(
            "This application has a waiver of a rule of “%(call)s”. Remove the waiver before you "
            "choose another call."
        )
    else:
        return ""
    return words % {"call": project.call}


def check_move(project: Project, values: Mapping[str, Any]) -> None:
    """Raise `ValidationError` if earlier values would move a saved project to another call."""
    if "call_id" in values and (error := move_error(project)):
        raise ValidationError(f"{project.reference}: {error}")


# Waivers and changes


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


FIELDS = ["status", "amount_eur", "amount_kind", "version"]


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

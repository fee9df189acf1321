"""Overriding a rule of the call for one application, with a reason that is kept."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _

from projects.eligibility import rules
from projects.models import Project, Waiver
from projects.permissions import CHECK
from projects.workflow.steps import lock_with_calls
from psf.database.record_version import bump_version
from psf.history import recording
from psf.history.models import Channel


def waive(project: Project, rule: str, by: Any, reason: str) -> Waiver:
    """Let a rule of the call not bind this application."""
    reason = reason.strip()
    with recording.change_set(by, channel=Channel.STEP, reason=reason):
        locked = _locked_for(project, by)
        if rule not in [stated.key for stated in rules.rules_of(locked.call)]:
            raise ValidationError(_("The call does not state this rule."))
        waiver = Waiver(project=locked, rule=rule, reason=reason, given_by=by)
        waiver.full_clean()
        waiver.save()
        bump_version(Project, [locked.pk])
        return waiver


def restore_rule(project: Project, rule: str, by: Any) -> None:
    """Let the rule bind the application again."""
    with recording.change_set(by, channel=Channel.STEP):
        locked = _locked_for(project, by)
        deleted, _by_model = Waiver.objects.filter(project=locked, rule=rule).delete()
        if not deleted:
            raise ValidationError(_("This rule is not overridden."))
        bump_version(Project, [locked.pk])


def _locked_for(project: Project, by: Any) -> Project:
    if not by.has_perm(CHECK):
        raise PermissionDenied
    return lock_with_calls([project])[0]

"""Waivers: a rule of the call does not apply to one application, for a recorded reason."""

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from projects.eligibility import rules
from projects.models import Project, Waiver
from projects.permissions import CHECK, require
from projects.workflow.status_changes import lock_with_calls
from psf.database.record_version import bump_version
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

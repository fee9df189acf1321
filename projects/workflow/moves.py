"""The move of an application to another call, in a form or by restoring an earlier state."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from projects.models import Project, ProjectStatus


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

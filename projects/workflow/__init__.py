"""The status of an application: each change has its permission and stands in the history."""

from projects.workflow.status_changes import (
    change_status,
    missing_permissions,
    status_change_errors,
    transition_blockers,
    write_status,
)
from projects.workflow.waivers import end_waiver, waive

__all__ = [
    "change_status",
    "end_waiver",
    "missing_permissions",
    "status_change_errors",
    "transition_blockers",
    "waive",
    "write_status",
]

"""The status of an application: transitions, the permissions for them, and waivers.

Only this room changes a status. Each transition has a permission and may need a reason.
"""

from projects.workflow.steps import hindrances, missing_permissions, take, try_step
from projects.workflow.waivers import restore_rule, waive

__all__ = ["hindrances", "missing_permissions", "restore_rule", "take", "try_step", "waive"]

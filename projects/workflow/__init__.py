"""The way of an application: the only code that changes a status.

Each step has its permission, says why where that is asked, and stands in the history.
"""

from projects.workflow.steps import hindrances, missing_permissions, take, try_step
from projects.workflow.waivers import restore_rule, waive

__all__ = ["hindrances", "missing_permissions", "restore_rule", "take", "try_step", "waive"]

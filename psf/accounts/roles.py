"""The roles of staff: groups with permissions.

Four roles build on each other. The separate role of assessor opens the applications to assess and
no record. A migration creates the groups; `create_roles()` creates the groups again after a flush.
"""

from collections.abc import Iterable
from typing import Any

from django.apps import apps as current_apps
from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions

VIEWER, EDITOR, PUBLISHER, ADMINISTRATOR = "Viewer", "Editor", "Publisher", "Administrator"
ASSESSOR = "Assessor"

RECORDS = [
    "projects.call",
    "projects.project",
    "partners.partner",
    "projects.priority",
    "projects.topic",
]
PARTS = [
    "projects.partnership",
    "projects.source",
    "projects.criterion",
    "projects.question",
    "projects.ineligibilityreason",
    "projects.lettertemplate",
    "partners.partnername",
]


def _may(actions: Iterable[str], models: Iterable[str]) -> set[str]:
    """Return permissions such as "projects.view_call", for "view" and "projects.call"."""
    return {
        f"{app}.{action}_{name}"
        for action in actions
        for app, name in (model.split(".") for model in models)
    }


_VIEWER = _may(
    ["view"],
    [
        *RECORDS,
        *PARTS,
        "projects.decision",
        "projects.announcementflag",
        "projects.agreement",
        "projects.document",
        "partners.country",
        "partners.countryname",
        "partners.leadpartner",
        "partners.membership",
        "history.changeset",
    ],
)
_EDITOR = (
    _VIEWER
    | _may(["add", "change"], RECORDS)
    | _may(["add", "change", "delete"], PARTS)
    # Personal data of contacts: only for roles that write to applicants.
    | _may(["view", "add", "change", "delete"], ["projects.contact"])
    # Of a country, only the memberships can be changed.
    | _may(["change"], ["partners.leadpartner", "partners.country"])
    | _may(["change"], ["projects.announcementflag"])
    | _may(["add", "change"], ["partners.membership"])
)
_PUBLISHER = (
    _EDITOR
    | {"projects.publish_call", "projects.publish_project"}
    | {"projects.check_project", "projects.decide_project", "projects.manage_awards"}
    | {"projects.assign_assessor"}
    | {"partners.merge_partner"}
    | _may(["add", "change", "delete"], ["projects.decision"])
    | _may(["delete"], [*RECORDS, "partners.membership"])
    | {"history.undo_changeset"}
)
_ASSESSOR = {"projects.assess_project"}
# Nobody may give a role with more permissions than their own, so administrators may assess too.
_ADMINISTRATOR = (
    _PUBLISHER
    | _ASSESSOR
    | _may(["view", "add", "change", "delete"], ["auth.user"])
    | {"auth.view_group", "psf.view_auditevent"}
)

ROLES: dict[str, set[str]] = {
    VIEWER: _VIEWER,
    EDITOR: _EDITOR,
    PUBLISHER: _PUBLISHER,
    ADMINISTRATOR: _ADMINISTRATOR,
    ASSESSOR: _ASSESSOR,
}
APPS = ["psf", "history", "partners", "projects", "auth"]


def create_roles(apps: Apps = current_apps) -> None:
    """Create the groups, and give each group exactly the permissions of the role.

    In a migration, later permissions do not exist yet. A migration that adds permissions therefore
    calls this function again.
    """
    for label in APPS:
        if label in apps.app_configs:
            _create_permissions(apps, label)
    permissions = {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in apps.get_model("auth", "Permission").objects.select_related(
            "content_type"
        )
    }
    for name, allowed in ROLES.items():
        group, _created = apps.get_model("auth", "Group").objects.get_or_create(name=name)
        existing = sorted(allowed & permissions.keys())
        group.permissions.set([permissions[codename] for codename in existing])


def _create_permissions(apps: Apps, label: str) -> None:
    """Create the permissions of an app. Django creates them only after the last migration."""
    config: Any = apps.get_app_config(label)
    module = getattr(config, "models_module", None)
    config.models_module = module or True  # `create_permissions()` skips an app without a module
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = module

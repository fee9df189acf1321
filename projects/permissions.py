"""The names of the permissions, and who may decide and import."""

from django.http import HttpRequest

ASSESS = "projects.assess_project"
CHANGE_CALL = "projects.change_call"
CHANGE_PROJECT = "projects.change_project"
CHECK = "projects.check_project"
DECIDE = "projects.decide_project"
FOLLOW = "projects.follow_project"
LEAD_ASSESSMENT = "projects.assign_assessor"
PUBLISH_CALL = "projects.publish_call"
PUBLISH_PROJECT = "projects.publish_project"
VIEW_AGREEMENT = "projects.view_agreement"
VIEW_CALL = "projects.view_call"
VIEW_CONTACT = "projects.view_contact"
VIEW_DECISION = "projects.view_decision"
VIEW_PROJECT = "projects.view_project"


def may_decide(request: HttpRequest) -> bool:
    """Whether this person sets what a body decided: status, amount, decision."""
    return request.user.has_perm(DECIDE)


def may_import(request: HttpRequest) -> bool:
    """Whether this person may do one by one what an import does at once."""
    return request.user.has_perms(
        [
            "projects.add_project",
            "projects.change_project",
            "projects.add_partnership",
            "projects.change_partnership",
            "partners.add_partner",
            "partners.change_partner",
        ]
    )

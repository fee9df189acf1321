"""The names of the permissions, and who may decide and import."""

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User

ASSESS = "projects.assess_project"
CHANGE_CALL = "projects.change_call"
CHANGE_CONTACT = "projects.change_contact"
ADD_PROJECT = "projects.add_project"
CHANGE_PROJECT = "projects.change_project"
CHECK = "projects.check_project"
DECIDE = "projects.decide_project"
MANAGE_AWARDS = "projects.manage_awards"
LEAD_ASSESSMENT = "projects.assign_assessor"
PUBLISH_CALL = "projects.publish_call"
PUBLISH_PROJECT = "projects.publish_project"
VIEW_AGREEMENT = "projects.view_agreement"
VIEW_CALL = "projects.view_call"
VIEW_CONTACT = "projects.view_contact"
VIEW_DECISION = "projects.view_decision"
VIEW_DOCUMENT = "projects.view_document"
VIEW_PROJECT = "projects.view_project"

# The permission to read the reasons in the history, by the channel of the changes.
TO_SEE_REASONS = {"status": CHECK, "decision": DECIDE}
# The permission to see the rows of each model, on staff pages and in the history.
# `assessment_visibility.py` of the models says which assessments and consensus an account may read.
TO_SEE = {
    "projects.answer": VIEW_PROJECT,
    "projects.agreement": VIEW_AGREEMENT,
    "projects.amendment": VIEW_AGREEMENT,
    "projects.announcement": VIEW_PROJECT,
    "projects.announcementflag": "projects.view_announcementflag",
    "projects.announcementline": VIEW_PROJECT,
    "projects.assessment": LEAD_ASSESSMENT,
    "projects.call": VIEW_CALL,
    "projects.consensus": LEAD_ASSESSMENT,
    "projects.criterion": "projects.view_criterion",
    "projects.decision": VIEW_DECISION,
    "projects.decisionline": DECIDE,
    "projects.document": VIEW_DOCUMENT,
    "projects.evidence": DECIDE,
    "projects.ineligibilityfinding": CHECK,
    "projects.ineligibilityreason": "projects.view_ineligibilityreason",
    "projects.instalment": VIEW_AGREEMENT,
    "projects.letter": DECIDE,
    "projects.lettertemplate": "projects.view_lettertemplate",
    "projects.output": VIEW_DOCUMENT,
    "projects.partnerbudget": VIEW_PROJECT,
    "projects.partnership": "projects.view_partnership",
    "projects.priority": "projects.view_priority",
    "projects.project": VIEW_PROJECT,
    "projects.question": "projects.view_question",
    "projects.repayment": VIEW_AGREEMENT,
    "projects.report": VIEW_AGREEMENT,
    "projects.score": LEAD_ASSESSMENT,
    "projects.source": "projects.view_source",
    "projects.topic": "projects.view_topic",
    "projects.waiver": VIEW_PROJECT,
}


def require(account: "User | AnonymousUser", permission: str) -> None:
    """Raises PermissionDenied for an account without the permission."""
    if not account.has_perm(permission):
        raise PermissionDenied


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

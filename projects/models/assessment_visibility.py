"""Who may read points, comments and the consensus of assessors, as conditions of queries.

`assessments` are all assessments, as a queryset of their model.
"""

from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Exists, OuterRef, Q

from projects.permissions import ASSESS, LEAD_ASSESSMENT

from .choices import Declaration


def is_readable(user: User | AnonymousUser, assessments: Any) -> Q:
    """The condition that an account may read the points and comments of an assessment.

    An assessor reads their own assessment, and the other assessments of the same application
    once all are submitted, but no declared conflict of interest. A lead assessor reads the
    assessments of all other applications.
    """
    if not (user.has_perm(ASSESS) or user.has_perm(LEAD_ASSESSMENT)):
        return Q(pk__in=[])
    by_others = ~is_closed(user, assessments)
    if not user.has_perm(LEAD_ASSESSMENT):
        own = assessments.filter(assessor=user.pk, project=OuterRef("project"))
        by_others &= Q(Exists(own)) & ~Q(declaration=Declaration.CONFLICT)
    return Q(assessor=user.pk) | by_others


def is_closed(user: User | AnonymousUser, assessments: Any) -> Q:
    """The condition that an assignment of an account hides the other points of a project.

    A conflict of interest hides the points for ever, an assignment until all are submitted.
    """
    waiting = assessments.waiting().filter(project=OuterRef("project"))
    own = assessments.filter(assessor=user.pk, project=OuterRef("project"))
    return Q(Exists(own.filter(Q(declaration=Declaration.CONFLICT) | Exists(waiting))))

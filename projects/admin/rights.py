from django.http import HttpRequest


def may_decide(request: HttpRequest) -> bool:
    """Whether this person sets what a body decided: status, amount, decision."""
    return request.user.has_perm("projects.decide_project")

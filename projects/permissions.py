from django.http import HttpRequest


def may_decide(request: HttpRequest) -> bool:
    """Whether this person sets what a body decided: status, amount, decision."""
    return request.user.has_perm("projects.decide_project")


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

"""The projects that changes of any record affect."""

from projects.models import Partnership, Project
from psf.followed_values.changes import Changes, Columns

# No facet, amount or publication depends on the texts of a project.
TEXTS: Columns = {
    "projects.project": {
        *["title", "title_language", "acronym", "summary", "description", "website"],
        "internal_note",
    }
}


def changed_projects(changes: Changes) -> set[int]:
    """The projects whose rows in lists may differ, deleted projects included."""
    keys = {int(key) for key in changes.records_of("projects.project")}
    for relation, changed in [
        ("call", changes.records_of("projects.call")),
        ("partnerships__partner", changes.keys_of("partners.partner")),
        ("partnerships__country", changes.records_of("partners.country")),
    ]:
        if changed:
            affected = Project.objects.filter(**{f"{relation}__in": changed}).order_by()
            keys |= set(affected.values_list("pk", flat=True))
    return keys


def recounted_projects(changes: Changes) -> set[int]:
    """The changed projects besides those of which only texts changed."""
    return changed_projects(changes.besides(TEXTS))


def changed_partners(changes: Changes) -> set[int]:
    """The organisations whose public participations may differ."""
    parts = Partnership.objects.filter(project__in=recounted_projects(changes)).order_by()
    return {
        *map(int, changes.keys_of("partners.partner")),
        *map(int, changes.values_of("projects.partnership", "partner_id")),
        *parts.exclude(partner=None).values_list("partner", flat=True),
    }

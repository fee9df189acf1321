"""One public project with all that its page shows of it, and hardly a query said anew."""

from django.db.models import SlugField

from partners.countries import memberships_by_country
from psf.prepared import AT, Prepared, Slot, attach

from .models import Project

SLUG = Slot("slug", SlugField())
PAGE = Prepared(lambda: Project.objects.public(AT).of_one_page().filter(slug=SLUG))


def public_project(slug: str) -> Project | None:
    """What `for_page()` loads of it."""
    memberships = memberships_by_country()
    project: Project | None = PAGE.one(slug=slug)
    for part in project.partnerships.all() if project else []:
        attach(part.country, "memberships", memberships.get(part.country_id, []))
    return project

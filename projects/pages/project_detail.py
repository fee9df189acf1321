"""One public project with all that its page shows of it, and hardly a query said anew."""

from typing import Any

from django.db.models import SlugField

from partners.models import Country
from partners.pages.countries import countries_by_code
from projects.models import Project
from psf.database.prepared import AT, Parameter, Prepared

SLUG = Parameter("slug", SlugField())
PAGE = Prepared(lambda: Project.objects.public(AT).of_one_page().filter(slug=SLUG))


def public_project(slug: str) -> Project | None:
    """What `for_page()` loads of it, but for its sources and the decision on its call."""
    countries = countries_by_code()
    project: Project | None = PAGE.one(slug=slug)
    for part in project.partnerships.all() if project else []:
        _give_country(part, countries)
        if part.partner:
            _give_country(part.partner, countries)
    return project


def _give_country(row: Any, countries: dict[str, Country]) -> None:
    """One that was entered since the others were read is asked for where it is named."""
    if row.country_id in countries:
        row._meta.get_field("country").set_cached_value(row, countries[row.country_id])

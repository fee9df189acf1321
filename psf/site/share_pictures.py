"""The picture of a record for shared links, drawn when somebody first asks for it.

The address ends with a slash, so the page cache keeps the picture until the data change.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from partners.models import Country
from projects.models import Call, Project

LAYOUT = Path(__file__).with_name("share_picture.typ").read_bytes()
MARK = Path(settings.BASE_DIR, "psf/static/psf/mark.svg").read_text()


def _project_words(project: Project) -> tuple[str, str]:
    lead, countries = project.lead_country(), project.other_countries()
    first = [_("%(country)s (lead)") % {"country": lead}] if lead else []
    kicker = _("%(call)s · Funded project") % {"call": project.call}
    return kicker, ", ".join([*first, *map(str, countries)])


def _call_words(call: Call) -> tuple[str, str]:
    closes = call.closes()
    return _("Call for projects"), _("Deadline: %(moment)s") % {"moment": closes} if closes else ""


def _country_words(country: Country) -> tuple[str, str]:
    numbers = {"number": country.number_of_projects, "led": country.number_led}
    return _("Country"), _("Projects: %(number)s. Led: %(led)s.") % numbers


# The records of each kind with their data, and the words above and below the title.
PICTURED: dict[str, tuple[Callable[[], QuerySet[Any]], Callable[[Any], tuple[str, str]]]] = {
    "projects": (lambda: Project.objects.public().for_list(), _project_words),
    "calls": (Call.objects.public, _call_words),
    "countries": (lambda: Country.objects.public().for_list(), _country_words),
}


@require_safe
def picture(request: HttpRequest, kind: str, slug: str) -> HttpResponse:
    """1200 × 630 pixels with the title of a public record."""
    import typst  # imported late, because the module takes much memory in every worker

    records, words = PICTURED[kind]
    record = get_object_or_404(records(), slug=slug)
    kicker, facts = words(record)
    inputs = {"kicker": kicker, "title": str(record), "facts": facts, "mark": MARK}
    image = typst.compile(LAYOUT, format="png", ppi=72, sys_inputs=inputs, ignore_system_fonts=True)
    return HttpResponse(image, content_type="image/png")

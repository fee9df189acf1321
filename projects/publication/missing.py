"""What readers would miss, said before a record is published. None of it forbids anything."""

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from partners.models import Country
from projects.models import Call, Project


def disagreement_in_words(project: Project) -> str:
    """The headline names other countries than the partner list: which; "" if they agree."""
    found = project.disagreement()
    if not found:
        return ""
    return _("The headline says %(announced)s; the partner list says %(listed)s.") % {
        "announced": _codes(list(project.announced_countries.all())),
        "listed": _codes(project.countries()),
    } + _difference(found.only_announced, found.only_listed)


def of_project(project: Project) -> list[str]:
    """For a project from `for_page()`."""
    missing = [
        (project.summary, _("There is no summary: lists will show the title alone.")),
        (project.description, _("There is no description.")),
        (project.period(), _("No period is given.")),
        (project.amount_eur is not None, _("The amount will read “not published”.")),
        (project.priorities.all(), _("No priority is chosen.")),
        (project.sources.all(), _("No source is given.")),
    ]
    gaps = [sentence for value, sentence in missing if not value]
    unnamed = [str(row.country) for row in project.partnerships.all() if not row.partner]
    if unnamed:
        countries = get_text_list(unnamed, _("and"))
        gaps.append(_("No organisation is named for %(countries)s.") % {"countries": countries})
    return [*gaps, *filter(None, [disagreement_in_words(project)])]


def of_call(call: Call) -> list[str]:
    """For a call from `for_page()`."""
    missing = [
        (call.summary, _("There is no summary: lists will show the title alone.")),
        (call.description, _("There is no description.")),
        (call.closes_at, _("The closing will read “not known”.")),
        (call.ceiling_eur is not None, _("No ceiling of a grant is given.")),
        (call.priorities.all(), _("No priority is chosen.")),
    ]
    return [sentence for value, sentence in missing if not value]


def _codes(countries: list[Country]) -> str:
    return ", ".join(sorted(country.code for country in countries))


def _difference(only_announced: list[Country], only_listed: list[Country]) -> str:
    parts = []
    if only_announced:
        parts.append(
            " " + _("Only in the headline: %(countries)s.") % {"countries": _codes(only_announced)}
        )
    if only_listed:
        parts.append(
            " " + _("Only in the list: %(countries)s.") % {"countries": _codes(only_listed)}
        )
    return "".join(parts)

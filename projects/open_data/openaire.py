"""Projects in the column profile that OpenAIRE asks of funders."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from projects.models import AmountKind, Project
from projects.open_data.loading import load_public_projects
from psf.exports.csv_file import Value
from psf.text.phrases import permanent_address

HEADS = [
    "project_identifier",
    "acronym",
    "title",
    "funder_name",
    "funding_stream",
    "start_date",
    "end_date",
    "description",
    "total_cost",
    "funded_amount",
    "currency",
    "organisations",
    "countries",
    "website",
]


def project_rows() -> Iterator[list[Value]]:
    """The public projects of which start and end are known: both are mandatory."""
    projects = Project.objects.public().filter(starts_on__isnull=False, ends_on__isnull=False)
    for project in load_public_projects(
        projects.order_by("reference").values_list("pk", flat=True)
    ):
        yield _row(project)


def _row(project: Project) -> list[Value]:
    """The values of a project. An amount that is not an award stays blank."""
    assert project.starts_on and project.ends_on
    is_award = project.amount_kind in [AmountKind.AWARDED, AmountKind.FINAL]
    partners = [row.partner.name for row in project.partnerships.all() if row.partner]
    return [
        project.reference,
        project.acronym,
        project.title,
        _("Council of the Baltic Sea States"),
        project.call.title,
        project.starts_on.isoformat(),
        project.ends_on.isoformat(),
        project.description or project.summary,
        project.total_budget_eur,
        project.amount_eur if is_award else None,
        "EUR" if is_award or project.total_budget_eur is not None else None,
        "; ".join(partners),
        "; ".join(country.code for country in project.countries()),
        project.website or permanent_address(project),
    ]

"""Projects in the column profile of OpenAIRE for funders."""

from collections.abc import Iterator

from projects.models import Project
from projects.models.choices import AWARDS
from projects.open_data.project_table import PROJECTS
from projects.open_data.schema_org_records import funder_data
from psf.exports.csv_file import Value
from psf.exports.fields import Record

HEADS = [
    *["project_identifier", "acronym", "title", "funder_name", "funding_stream", "start_date"],
    *["end_date", "description", "total_cost", "funded_amount", "currency", "organisations"],
    *["countries", "website"],
]
FIELDS = [
    *["reference", "acronym", "title", "call", "starts_on", "ends_on", "summary", "description"],
    *["total_budget_eur", "amount_eur", "amount_kind", "country_codes", "partners", "website"],
    "address",
]


def project_rows() -> Iterator[list[Value]]:
    """The public projects with a known start and end: both are mandatory."""
    projects = Project.objects.public().filter(starts_on__isnull=False, ends_on__isnull=False)
    keys = projects.order_by("reference").values_list("pk", flat=True)
    return map(_row, PROJECTS.values(keys, PROJECTS.named_fields(FIELDS)))


def _row(record: Record) -> list[Value]:
    """The values of a project. An amount that is not an award stays blank."""
    is_award = record["amount_kind"] in AWARDS
    return [
        record["reference"],
        record["acronym"],
        record["title"],
        funder_data()["name"],
        record["call"],
        record["starts_on"].isoformat(),
        record["ends_on"].isoformat(),
        record["description"] or record["summary"],
        record["total_budget_eur"],
        record["amount_eur"] if is_award else None,
        "EUR" if is_award or record["total_budget_eur"] is not None else None,
        "; ".join(partner["name"] for partner in record["partners"] if partner["name"]),
        "; ".join(record["country_codes"]),
        record["website"] or record["address"],
    ]

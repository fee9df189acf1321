"""The grants of 360Giving as a table: one row per grant, columns as in the standard's template."""

from collections.abc import Iterable, Iterator, Mapping

from django.db.models import Count, Max

from projects.models.project_querysets import ProjectQuerySet
from projects.open_data.giving360 import Grant, awarded_projects

LOCATION = {"name": "Name", "countryCode": "Country Code"}
ORGANISATION = {
    "id": "Identifier",
    "name": "Name",
    "addressLocality": "City",
    "addressCountry": "Country",
    "url": "Web Address",
}
# The headings of single values, and of lists with at most one entry.
SINGLE: Mapping[str, str] = {
    "id": "Identifier",
    "title": "Title",
    "description": "Description",
    "currency": "Currency",
    "amountAwarded": "Amount Awarded",
    "awardDate": "Award Date",
    "url": "URL",
    "plannedDates/startDate": "Planned Dates:Start Date",
    "plannedDates/endDate": "Planned Dates:End Date",
    "plannedDates/duration": "Planned Dates:Duration (months)",
    **{
        f"recipientOrganization/{key}": f"Recipient Org:{heading}"
        for key, heading in ORGANISATION.items()
    },
    **{
        f"recipientOrganization/location/{key}": f"Recipient Org:Location:{heading}"
        for key, heading in LOCATION.items()
    },
    "fundingOrganization/id": "Funding Org:Identifier",
    "fundingOrganization/name": "Funding Org:Name",
    "grantProgramme/code": "Grant Programme:Code",
    "grantProgramme/title": "Grant Programme:Title",
    "grantProgramme/url": "Grant Programme:URL",
    "fromOpenCall": "From An Open Call?",
    "dateModified": "Last Modified",
    "dataSource": "Data Source",
    "locationScope": "Location Scope",
}
# Lists with several entries. The extension has no titles in the standard, so its columns have the
# names of the fields.
REPEATED: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "beneficiaryLocation": ("Beneficiary Location", LOCATION),
    "classifications": (
        "Classifications",
        {"vocabulary": "Vocabulary", "code": "Code", "title": "Title"},
    ),
    "partnerOrganizations": (
        "partnerOrganizations",
        {
            "id": "id",
            "name": "name",
            "role": "role",
            "location/name": "location:0:name",
            "location/countryCode": "location:0:countryCode",
        },
    ),
}


def columns() -> dict[str, str]:
    """The headings by the path of the value. Lists have columns for the longest list."""
    return {
        **SINGLE,
        **{
            f"{name}/{place}/{key}": f"{heading}:{place}:{label}"
            for name, (heading, labels) in REPEATED.items()
            for place in range(_longest_list(name))
            for key, label in labels.items()
        },
    }


def _longest_list(name: str) -> int:
    """An upper limit of the number of entries in a list of the table."""
    projects = awarded_projects()
    if name == "beneficiaryLocation":
        return _most(projects, "activity_countries")
    if name == "classifications":
        return _most(projects, "priorities") + _most(projects, "topics")
    return _most(projects, "partnerships") - 1  # without the lead partner


def _most(projects: ProjectQuerySet, relation: str) -> int:
    numbers = projects.order_by().annotate(number=Count(relation))
    return numbers.aggregate(most=Max("number"))["most"] or 0


def grant_rows(paths: Iterable[str], grants: Iterable[Grant]) -> Iterator[list[object]]:
    """The values at the paths of each grant; None where a grant has no value."""
    paths = list(paths)
    for grant in grants:
        values = dict(_values(grant, ""))
        yield [values.get(path) for path in paths]


def _values(value: object, path: str) -> Iterator[tuple[str, object]]:
    """All values below a path. Only entries of repeated lists have their place in the path."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _values(item, f"{path}/{key}" if path else key)
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from _values(item, f"{path}/{place}" if path in REPEATED else path)
    else:
        yield path, value

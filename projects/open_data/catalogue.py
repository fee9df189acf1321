"""The catalogue of the public data in DCAT-AP, version 3, as JSON-LD with a context of its own."""

from collections.abc import Iterable
from typing import NamedTuple

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy

from projects.open_data.giving360 import awarded_projects
from projects.open_data.package import last_change_of_data
from projects.open_data.schema_org import (
    Data,
    funder_data,
    linked_document,
    without_blanks,
)
from projects.open_data.selection import DATASETS
from psf.exports.responses import CONTENT_TYPES

MEDIA_TYPES = {
    **{suffix: kind.partition(";")[0] for suffix, kind in CONTENT_TYPES.items()},
    "jsonld": "application/ld+json",
    "zip": "application/zip",
}
TITLE = gettext_lazy("Public data of the Project Support Facility")
DESCRIPTION = gettext_lazy(
    "Calls, projects, partners and countries of the Project Support Facility."
)
CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
# The vocabularies of the Publications Office of the European Union.
AUTHORITY = "http://publications.europa.eu/resource/authority"
ENGLISH = {"@id": f"{AUTHORITY}/language/ENG", "@type": "dct:LinguisticSystem"}
EUROPE = {"@id": f"{AUTHORITY}/continent/EUROPE", "@type": "dct:Location"}
THEMES = [f"{AUTHORITY}/data-theme/{theme}" for theme in ["GOVE", "INTR", "REGI"]]
REGION = gettext_lazy("Baltic Sea region")
KEYWORDS = [
    REGION,
    gettext_lazy("Council of the Baltic Sea States"),
    gettext_lazy("grants"),
    gettext_lazy("international cooperation"),
]
SUFFIXES = ["csv", "xlsx", "json"]
# The tables with a page of the same name.
LISTS = ["projects", "partners", "lead-partners", "calls", "countries"]


class CataloguedDataset(NamedTuple):
    """A dataset: its name in addresses, its texts, its page, and its files by address."""

    name: str
    title: str
    description: str
    page: str
    files: dict[str, str]


def datasets() -> list[CataloguedDataset]:
    """The whole set, the tables behind the lists, and last the standard of the field."""
    tables = [
        CataloguedDataset(
            name,
            str(dataset.table.title),
            str(dataset.table.meaning),
            f"/{name}/" if name in LISTS else reverse("data"),
            {reverse("open_data:list", args=[name, suffix]): suffix for suffix in SUFFIXES},
        )
        for name, dataset in DATASETS.items()
    ]
    whole_set = CataloguedDataset(
        "psf",
        _("The whole public data set"),
        _("All tables in CSV, XLSX and JSON, with the data dictionary and check sums."),
        reverse("data"),
        {reverse("open_data:archive"): "zip"},
    )
    return [whole_set, *tables, giving360()]


def giving360() -> CataloguedDataset:
    """The awards in the standard of the field, which has no file without a grant."""
    left_out = {reverse("open_data:giving360-left-out", args=["csv"]): "csv"}
    grants = {reverse("open_data:giving360", args=[suffix]): suffix for suffix in SUFFIXES}
    return CataloguedDataset(
        "360giving",
        _("Grants in the 360Giving Data Standard"),
        _("The published awards, and a list of all other projects with the reason."),
        reverse("data"),
        grants | left_out if awarded_projects().exists() else left_out,
    )


def catalogue() -> Data:
    page = f"{settings.SITE_URL}{reverse('data')}"
    latest = last_change_of_data()
    return {
        "@context": CONTEXT,
        **without_blanks(
            {
                "@id": f"{page}#catalogue",
                "@type": "dcat:Catalog",
                "dct:title": _text(TITLE),
                "dct:description": _text(DESCRIPTION),
                **_common(),
                "dct:modified": latest and {"@value": latest.isoformat(), "@type": "xsd:dateTime"},
                "foaf:homepage": {"@id": page, "@type": "foaf:Document"},
                "dcat:dataset": [_dataset(dataset) for dataset in datasets()],
            }
        ),
    }


def _dataset(dataset: CataloguedDataset) -> Data:
    return {
        "@id": f"{settings.SITE_URL}{reverse('data')}#{dataset.name}",
        "@type": "dcat:Dataset",
        "dct:identifier": dataset.name,
        "dct:title": _text(dataset.title),
        "dct:description": _text(dataset.description),
        **_common(),
        "dct:spatial": [EUROPE, {"@type": "dct:Location", "skos:prefLabel": _text(REGION)}],
        "dcat:theme": [{"@id": theme, "@type": "skos:Concept"} for theme in THEMES],
        "dcat:keyword": [_text(word) for word in KEYWORDS],
        "dcat:contactPoint": {
            "@type": "vcard:Kind",
            "vcard:fn": _text(_("Staff of the Project Support Facility")),
            "vcard:hasEmail": {"@id": f"mailto:{settings.DEFAULT_FROM_EMAIL}"},
        },
        "dcat:landingPage": {"@id": f"{settings.SITE_URL}{dataset.page}", "@type": "foaf:Document"},
        "dcat:distribution": [
            _distribution(address, suffix) for address, suffix in dataset.files.items()
        ],
    }


def _distribution(address: str, suffix: str) -> Data:
    file, licence = f"{settings.SITE_URL}{address}", settings.DATA_LICENCE
    file_type = f"{AUTHORITY}/file-type/{suffix.upper()}"
    media_type = f"http://www.iana.org/assignments/media-types/{MEDIA_TYPES[suffix]}"
    return without_blanks(
        {
            "@id": f"{file}#distribution",
            "@type": "dcat:Distribution",
            "dcat:accessURL": {"@id": file},
            "dcat:downloadURL": {"@id": file},
            "dcat:mediaType": {"@id": media_type, "@type": "dct:MediaType"},
            "dct:format": {"@id": file_type, "@type": "dct:MediaTypeOrExtent"},
            "dct:license": licence
            and {
                "@id": licence.url,
                "@type": "dct:LicenseDocument",
                "dct:title": _text(licence.name),
            },
        }
    )


def _common() -> Data:
    funder = funder_data()
    agent = {"@id": funder["@id"], "@type": "foaf:Agent", "foaf:name": _text(funder["name"])}
    return {"dct:publisher": agent, "dct:language": ENGLISH}


def _text(text: str | Promise) -> Data:
    return {"@value": str(text), "@language": "en"}


def dataset_data(catalogued: Iterable[CataloguedDataset]) -> Data:
    """The public data as a whole in the vocabulary of schema.org, with the files of datasets."""
    page = f"{settings.SITE_URL}{reverse('data')}"
    return linked_document(
        {
            "@type": "Dataset",
            "@id": f"{page}#dataset",
            "name": str(TITLE),
            "description": str(DESCRIPTION),
            "url": page,
            "creator": funder_data(),
            "license": settings.DATA_LICENCE and settings.DATA_LICENCE.url,
            "isAccessibleForFree": True,
            "spatialCoverage": str(REGION),
            "distribution": [
                {
                    "@type": "DataDownload",
                    "name": dataset.title,
                    "contentUrl": f"{settings.SITE_URL}{address}",
                    "encodingFormat": MEDIA_TYPES[suffix],
                }
                for dataset in catalogued
                for address, suffix in dataset.files.items()
            ],
        }
    )

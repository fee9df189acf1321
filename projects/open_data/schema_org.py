"""The facts of pages in the vocabulary of schema.org."""

import re
from collections.abc import Iterable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from partners.models import Country, NameKind, Partner, PartnerKind
from projects.models import AmountKind, Call, Partnership, Priority, Project, Topic
from psf.exports.files import plain_number
from psf.text.dates import Precision, iso_date
from psf.text.phrases import foreign_language, permanent_address

UNREGISTERED = "unregistered"
# By country: the list, and the form of a number of a legal person. Numbers of another form, and
# numbers of registers with several lists, stay without a list.
LISTS = {
    "DK": ("DK-CVR", r"\d{8}"),
    "EE": ("EE-RIK", r"\d{8}"),
    "FI": ("FI-PRO", r"(\d{7})(\d)"),
    "IS": ("IS-KEN", r"[4-7]\d{9}"),  # other first digits belong to persons
    "LT": ("LT-RC", r"\d{9}"),
    "LV": ("LV-RE", r"\d{11}"),
    "NO": ("NO-BRC", r"\d{9}"),
    "PL": ("PL-KRS", r"\d{10}"),
    "RU": ("RU-OGRN", r"\d{13}"),
    "SE": ("SE-ON", r"\d{10}"),
}


def own_id(name: str) -> str:
    """An identifier of this publisher: 360G, the prefix of the publisher, and the name."""
    return f"360G-{settings.GRANTS360_PREFIX or UNREGISTERED}-{name}"


def register_id(country: str, number: str) -> str:
    """The identifier in the register of the country, such as "LV-RE-40003032949"; "" without."""
    code, form = LISTS.get(country, ("", r"(?!)"))
    match = re.fullmatch(form, number)
    if match is None:
        return ""
    return f"{code}-{'-'.join(match.groups()) or number}"


def organisation_id(partner: Partner) -> str:
    """The identifier in a public register, or else an identifier of this publisher."""
    number = register_id(partner.country_id, partner.registry_number)
    return number or own_id(f"org-{partner.slug}")


Data = dict[str, Any]

# The property that holds the amount of a grant. Other kinds of amount are not grants.
AMOUNT_PROPERTIES = {
    AmountKind.CEILING: "maxValue",
    AmountKind.AWARDED: "value",
    AmountKind.FINAL: "value",
}
# Other kinds of organisation do not say enough to choose a narrower type.
ORGANISATION_TYPES = {
    PartnerKind.MINISTRY: "GovernmentOrganization",
    PartnerKind.MUNICIPALITY: "GovernmentOrganization",
    PartnerKind.NGO: "NGO",
}


def linked_document(data: Data) -> Data:
    """A document of its own: known values with the context of the vocabulary."""
    return {"@context": "https://schema.org", **without_blanks(data)}


def without_blanks(data: Data) -> Data:
    """The data without unknown and empty values."""
    return {name: value for name, value in data.items() if value not in (None, "", [], {})}


def marked_text(text: str, language: str | None) -> str | Data:
    """The text, marked with its language unless the language is English or unknown."""
    tag = foreign_language(language)
    return {"@language": tag, "@value": text} if tag else text


def funder_data() -> Data:
    return {
        "@type": ["Organization", "FundingAgency"],
        "@id": f"{settings.SITE_URL}/#cbss",
        "name": _("Council of the Baltic Sea States"),
        "alternateName": _("CBSS"),
        "url": "https://cbss.org/",
    }


def _facility() -> Data:
    return {
        "@type": "FundingScheme",
        "@id": f"{settings.SITE_URL}/#facility",
        "name": _("Project Support Facility"),
        "url": f"{settings.SITE_URL}/",
    }


def facility_data() -> Data:
    founded = {"alternateName": _("PSF"), "foundingDate": "2012-05"}
    return linked_document({**_facility(), **founded, "parentOrganization": funder_data()})


def about_page_data() -> Data:
    entity = {**_facility(), "parentOrganization": funder_data()}
    return linked_document({"@type": "AboutPage", "mainEntity": entity})


def _call(call: Call) -> Data:
    address = permanent_address(call)
    return {"@type": "FundingScheme", "@id": f"{address}#call", "name": call.title, "url": address}


def call_data(call: Call) -> Data:
    """A call from `for_page()` as a part of the facility, with its application period."""
    zone = ZoneInfo(call.time_zone)
    opens, closes = (at and at.astimezone(zone) for at in [call.opens_at, call.closes_at])
    return linked_document(
        {
            **_call(call),
            "description": call.summary,
            "parentOrganization": _facility(),
            "event": _event(
                _("Application period"),
                iso_date(opens, call.opens_precision),
                iso_date(closes, call.closes_precision),
            ),
            "keywords": _terms([*call.priorities.all(), *call.topics.all()]),
        }
    )


def announcement_data(call: Call) -> Data:
    return linked_document({"@type": "WebPage", "about": _call(call)})


def _event(name: str, start: str, end: str) -> Data:
    """A period; empty if neither start nor end is known."""
    event = {"@type": "Event", "name": name, "startDate": start, "endDate": end}
    return without_blanks(event) if start or end else {}


def _terms(terms: Iterable[Priority | Topic]) -> list[Data]:
    return [{"@type": "DefinedTerm", "name": term.name, "termCode": term.slug} for term in terms]


def project_data(
    project: Project, priorities: list[Priority], topics: list[Topic], places: list[Country]
) -> Data:
    """A project with loaded call and partnerships; the names are from `project_context()`."""
    address = permanent_address(project)
    return linked_document(
        {
            "@type": "Project",
            "@id": f"{address}#project",
            "name": marked_text(project.title, project.title_language),
            "alternateName": project.acronym,
            "description": project.summary,
            "identifier": project.reference,
            "url": address,
            "sameAs": project.website,
            "parentOrganization": _call(project.call),
            "areaServed": [{"@type": "Country", "name": place.name} for place in places],
            "event": _event(
                _("Project period"),
                iso_date(project.starts_on, project.starts_precision),
                iso_date(project.ends_on, project.ends_precision),
            ),
            "keywords": _terms([*priorities, *topics]),
            "member": [_role(partnership) for partnership in project.partnerships.all()],
            "funding": _grant(project, address),
        }
    )


def _grant(project: Project, address: str) -> Data:
    amount, name = project.amount_eur, AMOUNT_PROPERTIES.get(AmountKind(project.amount_kind))
    money = None
    if amount is not None and name:
        money = {"@type": "MonetaryAmount", "currency": "EUR", name: plain_number(amount)}
    return without_blanks(
        {
            "@type": "MonetaryGrant",
            "identifier": project.reference,
            "amount": money,
            "funder": funder_data(),
            "fundedItem": {"@id": f"{address}#project"},
        }
    )


def _role(partnership: Partnership) -> Data:
    """A partner with its role, and its first and last day if it joined later or left early."""
    return without_blanks(
        {
            "@type": "OrganizationRole",
            "roleName": capfirst(partnership.get_role_display()),
            "startDate": iso_date(partnership.joined_on, Precision.DAY),
            "endDate": iso_date(partnership.left_on, Precision.DAY),
            "member": _member(partnership),
        }
    )


def _member(partnership: Partnership) -> Data:
    """The organisation; without one, the published name and the country of the partner."""
    if partnership.partner:
        return _relatives([partnership.partner])[0]
    return without_blanks(
        {
            "@type": "Organization",
            "name": partnership.name_as_published,
            "address": _country_address(partnership.country_id),
        }
    )


def _organisation(partner: Partner) -> Data:
    address = permanent_address(partner)
    return {
        "@id": f"{address}#organisation",
        "name": marked_text(partner.name, partner.name_language),
        "url": address,
        "address": _country_address(partner.country_id),
    }


def _country_address(code: str) -> Data:
    return {"@type": "PostalAddress", "addressCountry": code}


def organisation_data(partner: Partner) -> Data:
    """An organisation from `for_page()`. Quoted spellings of announcements are no names."""
    names = [name for name in partner.names.all() if name.kind != NameKind.AS_PUBLISHED]
    place = without_blanks(
        {**_country_address(partner.country_id), "addressLocality": partner.city}
    )
    return linked_document(
        {
            "@type": ORGANISATION_TYPES.get(PartnerKind(partner.kind), "Organization"),
            **_organisation(partner),
            "alternateName": [marked_text(name.text, name.language) for name in names],
            "address": place,
            "sameAs": partner.website,
            "identifier": _identifiers(partner),
            "parentOrganization": _relatives([partner.parent] if partner.parent else []),
            "subOrganization": _relatives(partner.units.all()),
        }
    )


def _identifiers(partner: Partner) -> list[Data]:
    """The registry number, and the identifier of org-id.guide with this number."""
    identifiers = {
        _("Registry number"): partner.registry_number,
        "org-id.guide": register_id(partner.country_id, partner.registry_number),
    }
    return [
        {"@type": "PropertyValue", "propertyID": name, "value": value}
        for name, value in identifiers.items()
        if value
    ]


def _relatives(partners: Iterable[Partner]) -> list[Data]:
    return [{"@type": "Organization", **_organisation(partner)} for partner in partners]


def country_data(country: Country, projects: Sequence[Any]) -> Data:
    """A country with its number of public projects, and some of these projects."""
    address = permanent_address(country)
    about = {"@type": "Country", "name": country.name, "identifier": country.code}
    items = _items(projects, country.number_of_projects, 1)
    return linked_document(
        {"@type": "CollectionPage", "url": address, "about": about, "mainEntity": items}
    )


def list_page_data(name: str, address: str, rows: Sequence[Any], number: int, first: int) -> Data:
    """A page of a list: `number` counts all rows, and `first` is the place of the first row."""
    items = _items(rows, number, first)
    return linked_document(
        {"@type": "CollectionPage", "name": name, "url": address, "mainEntity": items}
    )


def _items(rows: Sequence[Any], number: int, first: int) -> Data:
    elements = [
        {"@type": "ListItem", "position": place, "name": str(row), "url": permanent_address(row)}
        for place, row in enumerate(rows, first)
    ]
    return {"@type": "ItemList", "numberOfItems": number, "itemListElement": elements}


def breadcrumb_data(above: Sequence[tuple[str, str]], here: str) -> Data:
    """The path of a page: pairs of label and path below the home page, and the page itself."""
    elements = [
        {"@type": "ListItem", "position": place, "name": str(label)}
        | ({"item": settings.SITE_URL + path} if path else {})
        for place, (label, path) in enumerate([(_("Home"), "/"), *above, (here, "")], 1)
    ]
    return linked_document({"@type": "BreadcrumbList", "itemListElement": elements})

"""Lists and paths of public pages in the vocabulary of schema.org."""

from collections.abc import Sequence

from django.conf import settings
from django.utils.translation import gettext as _

from partners.models import Country
from projects.open_data.schema_org_records import Data, linked_document
from psf.text.phrases import Addressed, permanent_address


def country_data(country: Country, projects: Sequence[Addressed]) -> Data:
    """A country with its number of public projects, and some of these projects."""
    address = permanent_address(country)
    about = {"@type": "Country", "name": country.name, "identifier": country.code}
    items = _items(projects, country.number_of_projects, 1)
    return linked_document(
        {"@type": "CollectionPage", "url": address, "about": about, "mainEntity": items}
    )


def list_page_data(
    name: str, address: str, rows: Sequence[Addressed], number: int, first: int
) -> Data:
    """A page of a list: `number` counts all rows, and `first` is the place of the first row."""
    items = _items(rows, number, first)
    return linked_document(
        {"@type": "CollectionPage", "name": name, "url": address, "mainEntity": items}
    )


def _items(rows: Sequence[Addressed], number: int, first: int) -> Data:
    elements = [
        {"@type": "ListItem", "position": place, "name": str(row), "url": permanent_address(row)}
        for place, row in enumerate(rows, first)
    ]
    return {"@type": "ItemList", "numberOfItems": number, "itemListElement": elements}


def breadcrumb_data(above: Sequence[tuple[str, str]], here: str) -> Data:
    """The path of a page: pairs of label and path below the home page, and the page itself."""
    pages = [(_("Home"), "/"), *above]
    elements: list[Data] = [
        {
            "@type": "ListItem",
            "position": place,
            "name": str(label),
            "item": settings.SITE_URL + path,
        }
        for place, (label, path) in enumerate(pages, 1)
    ]
    last = {"@type": "ListItem", "position": len(pages) + 1, "name": str(here)}
    return linked_document({"@type": "BreadcrumbList", "itemListElement": [*elements, last]})

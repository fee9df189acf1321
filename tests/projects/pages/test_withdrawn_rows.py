"""Values in memory hold keys: what was unpublished since they were made is on no page."""

import pytest
from django.utils import timezone

from projects.models import Call, Project
from psf.caching import data_version
from psf.caching.data_version import versions
from tests.support.factories import (
    make_call,
    make_decision,
    make_membership,
    make_partner,
    make_partnership,
    make_public_project,
    make_topic,
)

pytestmark = pytest.mark.django_db(transaction=True)

LISTS = [
    *(f"/projects/?sort={order}" for order in ["newest", "oldest", "amount", "title"]),
    *["/projects/?q=harbour", "/projects/?partner=kept-port", "/projects/?country=lv"],
    *["/partners/", "/partners/?sort=projects", "/partners/?q=harbour", "/partners/?country=fi"],
    *["/lead-partners/", "/calls/", "/countries/"],
]
FIGURES = [
    *["/figures/", "/timeline/", "/compare/", "/countries/lv/sheet/"],
    "/compare/?country=lv&country=fi",
]
PAGES = [
    *["/", "/projects/kept-harbour/", "/partners/kept-port/", "/countries/lv/", "/countries/fi/"],
    *["/changes/", "/changes.atom", "/embed/partners/kept-port/"],
    *["/embed/countries/lv/", "/embed/map/", "/projects.csv", "/partners.csv", "/calls.json"],
]


@pytest.fixture
def withdrawn(monkeypatch):
    """Unpublish a call with its project, and another project with its organisations.

    The function keeps the data version, as in the second in which a process does not read it.
    """
    monkeypatch.setattr(data_version, "MAX_AGE_SECONDS", 3600)
    port, topic = make_partner("Kept port", slug="kept-port"), make_topic()
    kept = make_public_project(
        title="Kept harbour", slug="kept-harbour", lead=port, amount_eur=1, amount_kind="awarded"
    )
    gone_call = make_call(title="Gone call", slug="gone-call")
    for call in [kept.call, gone_call]:
        make_decision(call)
    make_membership("FI")
    names = ["Gone lead harbour", "Gone partner harbour"]
    partners = [make_partner(name, country="FI") for name in names]
    for number, call in enumerate([kept.call, gone_call, gone_call]):
        project = make_public_project(
            title=f"Gone harbour {number}",
            slug=f"gone-{number}",
            call=call,
            lead=partners[0],
            amount_eur=5,
            amount_kind="awarded",
        )
        make_partnership(project, partners[1])
        make_partnership(project, port)
        for record in [kept, project]:
            record.topics.add(topic)
    versions.close()

    def withdraw():
        now = {"published_at": None, "unpublished_at": timezone.now()}
        reason = {"unpublished_reason": "An error."}
        Project.objects.filter(title__startswith="Gone").update(**now, **reason)
        Call.objects.filter(pk=gone_call.pk).update(**now, **reason)

    yield withdraw
    versions.close()


@pytest.mark.parametrize("address", [*LISTS, *FIGURES, *PAGES])
def test_records_unpublished_after_a_value_was_made_are_on_no_page(client, withdrawn, address):
    response = client.get(address)
    assert response.status_code == 200
    assert "Gone" in text_of(response) or address in WITHOUT_NAMES
    withdrawn()
    response = client.get(address)
    assert response.status_code == 200
    assert "Gone" not in text_of(response)


def text_of(response):
    return response.getvalue().decode()


# Pages that name countries only.
WITHOUT_NAMES = ["/embed/map/", "/countries/", "/compare/?country=lv&country=fi"]

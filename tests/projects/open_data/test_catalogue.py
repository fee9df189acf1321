"""The catalogue in DCAT-AP, checked by shapes."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from pyshacl import validate
from rdflib import DCAT, DCTERMS, RDF, Graph, URIRef

from projects.models import Call
from psf.environment import Licence
from tests.support.factories import (
    make_call,
    make_decision,
    make_project,
    make_public_project,
)

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated"),
]
CATALOGUE = reverse("open_data:catalogue")
SHAPES = Graph().parse(Path(__file__).with_name("dcat_ap_shapes.ttl"))


def graph_of(client):
    response = client.get(CATALOGUE)
    assert response.headers["Content-Type"] == "application/ld+json"
    return Graph().parse(data=response.content.decode(), format="json-ld")


def test_catalogue_has_the_mandatory_properties_of_the_profile(client, settings):
    for licence in [None, Licence("CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/")]:
        settings.DATA_LICENCE = licence
        graph = graph_of(client)
        conforms, _report, text = validate(graph, shacl_graph=SHAPES)
        assert conforms, text
        make_public_project()
    [dataset] = graph.subjects(DCAT.landingPage, URIRef(f"{settings.SITE_URL}/projects/"))
    graph.remove((dataset, None, None))
    graph.add((dataset, RDF.type, DCAT.Dataset))
    assert not validate(graph, shacl_graph=SHAPES)[0]
    assert (None, DCTERMS.license, URIRef(licence.url)) in graph


def test_each_publication_changes_the_catalogue(client):
    """Also of a record that was scheduled and not changed since."""
    call_at, results_at, project_at = [datetime(2026, 9, day, 9, tzinfo=UTC) for day in (1, 2, 3)]

    def modified():
        [moment] = graph_of(client).objects(None, DCTERMS.modified)
        return moment.toPython()

    call = make_call(published_at=call_at)
    assert modified() == call_at
    make_decision(call, published_at=results_at)
    assert modified() == results_at
    project = make_project(call, status="funded", published_at=project_at)
    assert modified() == project_at
    Call.objects.update(published_at=project_at + timedelta(hours=1))
    assert modified() == project.published_at + timedelta(hours=1)


def files_of(client):
    return {str(address) for address in graph_of(client).objects(None, DCAT.downloadURL)}


def test_every_file_of_the_catalogue_exists(client):
    giving360 = f"{settings.SITE_URL}{reverse('open_data:giving360', args=['json'])}"
    make_public_project(amount_kind="ceiling", amount_eur=1)
    assert giving360 not in files_of(client)
    call = make_call()
    make_decision(call, decided_on=date(2019, 6, 26))
    make_public_project(call=call, amount_kind="awarded", amount_eur=1, summary="What it does.")
    files = files_of(client)
    assert {giving360, f"{settings.SITE_URL}/projects.csv"} <= files
    for file in sorted(files):
        response = client.get(file)
        assert response.status_code == 200, file
        assert b"".join(response)  # reads and closes the file


def test_data_page_links_the_files_for_people_and_search_engines(client):
    make_public_project(amount_kind="ceiling", amount_eur=1)
    page = client.get("/data/").content.decode()
    script = page.rpartition('<script type="application/ld+json">')[2].partition("</script>")[0]
    data = json.loads(script)
    assert data["@type"] == "Dataset"
    downloads = {file["contentUrl"]: file["encodingFormat"] for file in data["distribution"]}
    assert downloads[f"{settings.SITE_URL}/projects.csv"] == "text/csv"
    assert f"{settings.SITE_URL}/data/360giving-left-out.csv" in downloads
    assert 'href="/data/360giving-left-out.csv"' in page
    assert "/data/360giving.json" not in page  # the standard has no empty file
    assert 'href="/data/catalog.jsonld"' in page

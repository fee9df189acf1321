"""The catalogue in DCAT-AP, checked by shapes, and the profile of OpenAIRE."""

import csv
import io
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from pyshacl import validate
from rdflib import DCAT, DCTERMS, RDF, Graph, URIRef

from psf.exports.licence import Licence
from tests.support.factories import (
    make_call,
    make_decision,
    make_partner,
    make_partnership,
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


def test_public_call_without_projects_changes_the_catalogue(client):
    call = make_call()
    [modified] = graph_of(client).objects(None, DCTERMS.modified)
    assert modified.toPython() == call.published_at


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
    for name in ["360giving-left-out.csv", "opportunities.json", "openaire.csv"]:
        assert f"{settings.SITE_URL}/data/{name}" in downloads
        assert f'href="/data/{name}"' in page
    assert "/data/360giving.json" not in page  # the standard has no empty file
    assert 'href="/data/catalog.jsonld"' in page
    text = client.get("/data.md").content.decode()
    assert f"[360giving-left-out.csv]({settings.SITE_URL}/data/360giving-left-out.csv)" in text


def test_profile_of_openaire_has_only_projects_with_start_and_end(client):
    days = {"starts_on": date(2019, 9, 1), "ends_on": date(2020, 8, 31)}
    project = make_public_project(
        make_partner("Police"),
        **days,
        reference="A",
        summary="What it does.",
        amount_kind="awarded",
        amount_eur=Decimal(5000),
    )
    make_partnership(project, make_partner("Turku", country="FI"))
    make_partnership(project, country="NO")
    make_public_project(reference="B", amount_kind="ceiling", amount_eur=65000, **days)
    make_public_project(reference="C", starts_on=days["starts_on"])
    response = client.get(reverse("open_data:openaire"))
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    first, second = csv.DictReader(io.StringIO(text))
    assert first["project_identifier"] == "A"
    assert (first["start_date"], first["end_date"]) == ("2019-09-01", "2020-08-31")
    assert (first["funded_amount"], first["currency"]) == ("5000.00", "EUR")
    assert first["organisations"] == "Police; Turku"
    assert first["countries"] == "LV; FI; NO"
    assert first["website"] == f"{settings.SITE_URL}{project.get_absolute_url()}"
    assert (second["funded_amount"], second["currency"]) == ("", "")

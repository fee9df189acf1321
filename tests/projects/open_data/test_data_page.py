"""The page about the data, OpenAPI and the whole set in one file."""

import json
import re
from collections import defaultdict
from io import BytesIO
from pathlib import Path
from unittest import mock
from zipfile import ZipFile

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, given, settings as tries
from openapi_spec_validator import validate
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from projects.open_data import package
from projects.open_data.catalogue import giving360
from projects.open_data.package import current_archive, describe_package, write_package
from projects.open_data.selection import DATASETS
from projects.open_data.table_rows import LISTED_FIELDS, PACKAGE_TABLES, PROJECTS
from psf.environment import Licence
from tests.projects.open_data.full_records import everything
from tests.support.factories import (
    make_partner,
    make_partnership,
    make_project,
    make_public_project,
)

pytestmark = pytest.mark.django_db


def test_page_explains_every_field(client):
    everything()
    page = client.get("/data/").content.decode()
    for table in PACKAGE_TABLES:
        for field in table.fields:
            assert f'<th scope="row">{field.key}</th>' in page
    assert "No licence has been chosen" in page
    assert "/projects.csv" in page


def test_page_says_how_many_rows_each_table_has(client):
    project = make_public_project()
    make_project(project.call)
    make_partnership(project, make_partner())
    make_partner("Organisation without a public project")
    page = client.get("/data/").text
    rows = re.findall(r'<b>([\w ]+)</b>.*?<td class="num">(\d+)</td>', page, re.DOTALL)
    assert dict(rows) == {
        "Projects": "1",
        "Partnerships": "2",
        "Partners": "2",
        "Lead partners": "1",
        "Calls": "1",
        "Countries": "1",
    }


def test_page_and_dictionary_name_every_filter_of_every_list(client):
    page = client.get("/data/").text
    lines = Path("docs/data-dictionary.md").read_text("utf-8").split("## Filters of lists")[1]
    for name, dataset in DATASETS.items():
        filters = [*dataset.filterset.base_filters]
        if not filters:
            continue
        assert f"<code>/{name}</code>: {', '.join(filters)}<" in page
        if name in ["projects", "partners"]:
            [line] = re.findall(rf"^\| `/{name}/` \| (.*)\|$", lines, re.MULTILINE)
            assert {*filters} <= {*re.findall(r"`(\w+)`", line)}, name


def test_page_without_public_records_names_no_day_of_change(client):
    page = client.get("/data/").content.decode()

    assert "Last public change" not in page
    assert "Cite the set as" not in page
    assert describe_package("1", defaultdict(str))["created"].year == 2013


def test_openapi_describes_every_table_and_is_valid(client):
    document = client.get("/data/openapi.json").json()
    validate(document)
    assert document["openapi"] == "3.1.0"
    assert "/projects/{slug}.json" in document["paths"]
    [parameter] = [
        row
        for row in document["paths"]["/partners.csv"]["get"]["parameters"]
        if row["name"] == "kind"
    ]
    assert "university" in parameter["schema"]["items"]["enum"]
    fields = document["components"]["schemas"]["Projects"]["properties"]
    assert list(fields) == [field.key for field in PROJECTS.fields]
    assert fields["amount_eur"]["type"] == ["number", "null"]
    answers = {
        address: operation["get"]["responses"]["200"]["content"]
        for address, operation in document["paths"].items()
    }
    for address, content in answers.items():
        if address.endswith((".csv", ".xlsx", ".zip")):
            [(kind, media)] = content.items()
            assert media["schema"]["contentMediaType"] == kind, address
            assert ("format" in media["schema"]) == (kind != "text/csv"), address
    files = {address.removeprefix("http://127.0.0.1:8000") for address in giving360().files}
    assert files <= document["paths"].keys()
    assert "429" in document["paths"]["/data/psf.zip"]["get"]["responses"]


@pytest.mark.parametrize("address", ["/data/catalog.jsonld", "/data/psf.zip"])
def test_file_has_no_unknown_parameter_and_a_limit(client, settings, address):
    refused = client.get(f"{address}?format=xml")
    assert (refused.status_code, list(refused.json())) == (400, ["status", "error"])
    settings.DOWNLOADS_PER_MINUTE = 0
    limited = client.get(address, REMOTE_ADDR="192.0.2.77")
    assert (limited.status_code, limited.json()["status"]) == (429, 429)
    assert int(limited.headers["Retry-After"]) > 0


def test_chosen_licence_is_in_every_description(client, settings):
    assert client.get("/data/openapi.json").json()["info"].get("license") is None
    settings.DATA_LICENCE = Licence("CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/")
    for address in ["/data/", "/data/openapi.json", "/data/catalog.jsonld"]:
        content = client.get(address).content.decode()
        assert "CC BY 4.0" in content
        assert settings.DATA_LICENCE.url in content
        assert "No licence" not in content
    page = client.get("/data/").content.decode()
    assert f'"license":"{settings.DATA_LICENCE.url}"' in page
    assert describe_package("1", defaultdict(str))["licenses"] == [
        {"title": "CC BY 4.0", "path": settings.DATA_LICENCE.url}
    ]


def test_whole_set_is_built_once_for_the_same_data(client, tmp_path, monkeypatch):
    monkeypatch.setattr(package.settings, "VAR_DIR", tmp_path)
    everything()
    response = client.get("/data/psf.zip")
    with ZipFile(BytesIO(b"".join(response))) as file:
        rows = json.loads(file.read("projects.json"))["rows"]
    assert [row["reference"] for row in rows] == ["PSF-2019-77"]
    assert response.headers["Content-Disposition"] == 'attachment; filename="psf.zip"'
    for key in ["first", "second", "third"]:
        monkeypatch.setattr(package, "data_state", lambda edition, key=key: key)
        path = current_archive(waits=True)
        built_at = path.stat().st_mtime_ns
        assert current_archive(waits=True).stat().st_mtime_ns == built_at
    assert sorted(file.name for file in path.parent.iterdir()) == [
        "psf-second.zip",
        "psf-third.zip",
    ]


def test_archive_is_built_once_at_a_time_and_no_request_waits_for_it(client, tmp_path, monkeypatch):
    monkeypatch.setattr(package.settings, "VAR_DIR", tmp_path)
    during = []

    def ask_meanwhile(folder):
        during.append(client.get("/data/psf.zip"))
        write_package(folder)

    monkeypatch.setattr(package, "write_package", ask_meanwhile)
    built = client.get("/data/psf.zip")
    assert (built.status_code, [response.status_code for response in during]) == (200, [503])
    assert during[0].headers["Retry-After"] == "30"
    assert (
        during[0].json()["error"] == "The server is writing other files. Try again in 30 seconds."
    )
    built.close()


def test_an_archive_that_another_process_built_meanwhile_is_taken(monkeypatch, tmp_path):
    monkeypatch.setattr(package.settings, "VAR_DIR", tmp_path)
    monkeypatch.setattr(package, "data_state", lambda edition: "present")
    path = current_archive(waits=True)
    path.unlink()

    def finish_the_other_build(descriptor, operation):
        path.write_bytes(b"of the other process")

    monkeypatch.setattr(package, "flock", finish_the_other_build)
    assert current_archive(waits=True).read_bytes() == b"of the other process"


def test_failed_archive_leaves_no_half_file(monkeypatch, tmp_path):
    monkeypatch.setattr(package.settings, "VAR_DIR", tmp_path)
    monkeypatch.setattr(package, "write_zip", mock.Mock(side_effect=OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        current_archive(waits=True)
    assert list((tmp_path / "open-data").iterdir()) == []


def test_published_keys_are_never_renamed_or_removed():
    """A new key is added to the file."""
    keys = {f"{table.name}.{field.key}" for table in PACKAGE_TABLES for field in table.fields}
    keys |= {f"record {name}.{row.key}" for name, rows in LISTED_FIELDS.items() for row in rows}
    published = (Path(__file__).parent / "published_keys.txt").read_text().split("\n")
    assert {*published} - {""} == keys


@pytest.mark.unmeasured
@pytest.mark.django_db(transaction=True)
def test_answers_are_as_openapi_describes_them():
    """A few generated requests to each address, except files that the client leaves open."""
    everything()
    schema = schemathesis.openapi.from_wsgi("/data/openapi.json", get_wsgi_application())
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path.endswith((".xlsx", ".zip")):
            continue
        cases = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)

        @tries(max_examples=3, phases=[Phase.generate], suppress_health_check=HealthCheck)
        @given(case=cases)
        def check(case):
            # Only the records say which values of a filter are known.
            case.call_and_validate(
                headers={"Accept-Encoding": "identity"}, excluded_checks=[positive_data_acceptance]
            )

        check()

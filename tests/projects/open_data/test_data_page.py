"""The page about the data, its twin in Markdown, OpenAPI and the whole set in one file."""

import json
from io import BytesIO
from pathlib import Path
from unittest import mock
from zipfile import ZipFile

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, given, settings
from openapi_spec_validator import validate
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from projects.open_data import archive
from projects.open_data.archive import current_archive
from projects.open_data.dictionary import DICTIONARY
from projects.open_data.package_tables import PACKAGE_TABLES
from tests.projects.open_data.full_records import everything

pytestmark = pytest.mark.django_db


def test_page_and_markdown_explain_every_field(client):
    everything()
    page, text = (client.get(address).content.decode() for address in ["/data/", "/data.md"])
    for table in PACKAGE_TABLES:
        for field in table.fields:
            assert f'<th scope="row">{field.key}</th>' in page
            assert f"| {field.key} | {field.heading} |" in text
    assert "No licence has been chosen" in page
    assert "/projects.csv" in page


def test_openapi_describes_every_table_and_is_valid(client):
    document = client.get("/data/openapi.json").json()
    validate(document)
    assert document["openapi"] == "3.1.0"
    assert "/projects/{slug}.json" in document["paths"]
    [parameter] = [
        row
        for row in document["paths"]["/partners.csv"]["get"]["parameters"]
        if row["name"] == "project_kind"
    ]
    assert "university" in parameter["schema"]["items"]["enum"]
    fields = document["components"]["schemas"]["Projects"]["properties"]
    assert list(fields) == list(DICTIONARY["tables"]["projects"]["fields"])
    assert fields["amount_eur"]["type"] == ["number", "null"]


def test_whole_set_is_built_once_for_the_same_data(client, tmp_path, monkeypatch):
    monkeypatch.setattr(archive.settings, "VAR_DIR", tmp_path)
    everything()
    response = client.get("/data/psf.zip")
    with ZipFile(BytesIO(b"".join(response))) as file:
        rows = json.loads(file.read("projects.json"))["rows"]
    assert [row["reference"] for row in rows] == ["PSF-2019-77"]
    assert response.headers["Content-Disposition"] == 'attachment; filename="psf.zip"'
    for key in ["first", "second", "third"]:
        monkeypatch.setattr(archive, "archive_key", lambda key=key: key)
        path = current_archive()
        built_at = path.stat().st_mtime_ns
        assert current_archive().stat().st_mtime_ns == built_at
    assert sorted(file.name for file in path.parent.iterdir()) == [
        "psf-second.zip",
        "psf-third.zip",
    ]
    monkeypatch.undo()
    monkeypatch.setattr(archive.versions, "read", lambda: None)
    assert archive.archive_key() is None
    monkeypatch.setattr(archive.versions, "read", lambda: 7)
    assert len(archive.archive_key() or "") == 16


def test_failed_archive_leaves_no_half_file(monkeypatch, tmp_path):
    monkeypatch.setattr(archive.settings, "VAR_DIR", tmp_path)
    monkeypatch.setattr(archive, "write_zip", mock.Mock(side_effect=OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        current_archive()
    assert list((tmp_path / "open-data").iterdir()) == []


def test_published_keys_are_never_renamed_or_removed():
    """A new key is added to the file."""
    keys = {
        f"{name}.{key}" for name, table in DICTIONARY["tables"].items() for key in table["fields"]
    }
    keys |= {
        f"record {name}.{key}" for name, record in DICTIONARY["records"].items() for key in record
    }
    published = (Path(__file__).parent / "published_keys.txt").read_text().split("\n")
    assert {*published} - {""} == keys


@pytest.mark.slow
def test_answers_are_as_openapi_describes_them():
    """A few generated requests to each address, except workbooks, which the client leaves open."""
    everything()
    schema = schemathesis.openapi.from_wsgi("/data/openapi.json", get_wsgi_application())
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path.endswith(".xlsx"):
            continue
        cases = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)

        @settings(max_examples=3, phases=[Phase.generate], suppress_health_check=HealthCheck)
        @given(case=cases)
        def check(case):
            # Only the records say which values of a filter are known.
            case.call_and_validate(
                headers={"Accept-Encoding": "identity"},
                excluded_checks=[positive_data_acceptance],
            )

        check()

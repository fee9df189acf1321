"""The whole data set as files, and the site rebuilt from these files."""

import hashlib
import json
import re
from datetime import UTC, date, datetime
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from frictionless import Package

from partners.models import Country, CountryName, Partner
from projects.models import Call, Document, Project
from projects.open_data import package
from projects.open_data.package import write_package, write_zip
from projects.open_data.table_rows import PACKAGE_TABLES
from psf.history import recording
from psf.history.models import Channel
from tests.projects.open_data.full_records import LONG_AGO, everything
from tests.support.factories import (
    make_amendment,
    make_call,
    make_decision,
    make_document,
    make_output,
    make_partner,
    make_partnership,
    make_project,
    make_public_project,
    make_topic,
)
from tests.support.hidden_records import SECRETS, hide_canaries

pytestmark = pytest.mark.django_db
WITHDRAWN = {
    "unpublished_at": datetime(2020, 1, 2, tzinfo=UTC),
    "unpublished_reason": "A person was named",
}


@pytest.mark.parametrize("name", ["projects", "partnerships", "partners", "countries"])
@pytest.mark.parametrize("is_short", [True, False])
def test_more_rows_need_no_more_queries(name, is_short):
    [table] = [table for table in PACKAGE_TABLES if table.name == name]
    fields = table.short_fields() if is_short else table.fields
    everything()
    for _ in range(3):
        make_partnership(make_public_project(), partner=make_partner())
    keys = list(table.rows().values_list("pk", flat=True))
    costs = []
    for most in (1, len(keys)):
        with CaptureQueriesContext(connection) as queries:
            costs.append((len(list(table.records(keys[:most], fields))), len(queries)))
    (one, cost_of_one), (many, cost_of_many) = costs
    assert one < many
    assert cost_of_one == cost_of_many
    if is_short:  # a record and its lists that a short file shows
        assert cost_of_many <= 5


def test_a_new_wording_anywhere_in_the_program_makes_another_edition():
    names = {str(path.relative_to(settings.BASE_DIR)) for path in package.PROGRAM}
    assert names >= {"projects/fields_and_columns.toml", "projects/amounts.py", "psf/text/dates.py"}


def test_folder_that_cannot_be_written_is_named(tmp_path):
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(CommandError, match=f"The data set is incomplete. .*{file}"):
        call_command("export_data", file)


def test_same_data_give_the_same_files_with_check_sums(tmp_path):
    everything()
    call_command("export_data", tmp_path / "one")
    version = write_package(tmp_path / "two")
    archives = []
    for name in ["one", "two"]:
        write_zip(tmp_path / name, tmp_path / f"{name}.zip")
        archives.append((tmp_path / f"{name}.zip").read_bytes())
    assert archives[0] == archives[1]
    with ZipFile(tmp_path / "one.zip") as archive:
        sums = archive.read("SHA256SUMS").decode().splitlines()
        for digest, name in [line.split("  ") for line in sums]:
            assert hashlib.sha256(archive.read(name)).hexdigest() == digest
        assert len(sums) == len(archive.namelist()) - 1 == 3 * len(PACKAGE_TABLES) + 1
        description = json.loads(archive.read("datapackage.json"))
        stored = [entry for entry in archive.infolist() if entry.compress_type == ZIP_STORED]
        assert {Path(entry.filename).suffix for entry in stored} == {".xlsx"}
    assert description["version"] == version
    Project.objects.update(title="Another title")
    assert write_package(tmp_path / "two") != version


@pytest.mark.unmeasured
def test_description_is_a_valid_data_package(tmp_path):
    everything()
    make_public_project()
    write_package(tmp_path)
    report = Package(str(tmp_path / "datapackage.json")).validate()
    assert report.valid, report.flatten(["name", "rowNumber", "fieldName", "message"])
    assert report.stats["tasks"] == len(PACKAGE_TABLES)


def test_files_have_no_word_of_hidden_records(tmp_path):
    make_public_project()
    hide_canaries()
    write_package(tmp_path)
    for path in [*tmp_path.glob("*.csv"), *tmp_path.glob("*.json")]:
        content = path.read_bytes()
        assert not [secret for secret in SECRETS if secret in content], path


def public_pages(client):
    """Every page that readers reach from the home page, and the withdrawn pages."""
    waiting, pages = {"/", "/feed.atom", "/projects/gone/", "/calls/gone-call/"}, {}
    waiting |= {"/calls/full-call/announcement/", "/calls/no-results/announcement/"}
    while waiting:
        address = waiting.pop()
        response = client.get(address)
        content = b"".join(response) if response.streaming else response.content
        pages[address] = (response.status_code, content)
        if response.headers.get("Content-Type", "").startswith("text/html"):
            for link in re.findall(r'href="(/[^"#?]*)"', content.decode()):
                if not link.startswith("/admin/") and link not in pages and ".xlsx" not in link:
                    waiting.add(link)
    return pages


def delete_everything(*kept):
    for model in apps.get_models(include_auto_created=True):
        is_ours = model._meta.managed and model._meta.app_label in ("partners", "projects")
        if is_ours and model not in kept:
            model._base_manager.all()._raw_delete("default")


def test_the_site_can_be_rebuilt_from_the_files(client, tmp_path):
    project = everything()["project"]
    make_public_project(make_partner("Follower", successor=project.lead().partner))
    make_project(slug="gone", reference="PSF-GONE", **WITHDRAWN)
    make_call(slug="gone-call", published_at=None, **WITHDRAWN)
    make_decision(make_call(slug="no-results"), published_at=None, **WITHDRAWN)
    for part in ["first", "second"]:  # of the same day: their order is that of the keys
        make_output(project, title=f"The {part} part", url="https://a.org", published_at=LONG_AGO)
    topic = make_topic()
    for year in range(2020, 2027):  # more similar projects than a page shows
        closes_at = datetime(year, 3, 31, 12, tzinfo=UTC)
        similar = make_public_project(
            call=make_call(closes_at=closes_at), ends_on=date(2022, 3, 31)
        )
        similar.topics.add(topic)
    make_amendment(similar, kind="prolonged", ends_after=similar.ends_on)  # of an unknown end
    make_partnership(similar, stays := make_partner(), left_on=date(2021, 1, 1))
    make_partnership(similar, stays, joined_on=date(2021, 7, 1), name_as_published="\tOne\r\ntwo ")
    stopped = make_public_project(status="terminated", ends_on=date(2021, 6, 30))
    days = {"ends_before": date(2021, 12, 31), "ends_after": date(2022, 6, 30)}
    make_amendment(stopped, kind="prolonged", **days)
    before = public_pages(client)
    assert len(before) > 50
    exported, again = tmp_path / "exported", tmp_path / "again"
    call_command("export_data", exported)
    delete_everything()
    call_command("import_data", exported)
    after = public_pages(client)
    assert before.keys() == after.keys()
    changed = [address for address in before if before[address] != after[address]]
    assert changed == [], changed
    call_command("export_data", again)
    for path in filter(Path.is_file, exported.rglob("*")):
        assert path.read_bytes() == (again / path.relative_to(exported)).read_bytes(), path
    delete_everything(Country, CountryName)
    for file in (exported / "documents").iterdir():
        file.unlink()
    call_command("import_data", exported)
    address = Document.objects.earliest("pk").get_absolute_url()
    assert before[address][0] == 200
    assert client.get(address).status_code == 404


def test_the_last_change_is_kept_although_its_history_is_not(tmp_path):
    with recording.change_set(None, channel=Channel.FORM):
        make_public_project()
    with recording.change_set(None, channel=Channel.FORM):
        Project.objects.update(title="Corrected")
    call_command("export_data", tmp_path / "exported")
    [record] = json.loads((tmp_path / "exported/projects.json").read_text())["rows"]
    assert datetime.fromisoformat(record["changed_at"]).date() > LONG_AGO.date()
    delete_everything()
    call_command("import_data", tmp_path / "exported")
    write_package(tmp_path / "again")
    for path in (tmp_path / "again").iterdir():
        assert path.read_bytes() == (tmp_path / "exported" / path.name).read_bytes(), path.name


def test_a_public_application_of_an_earlier_version_is_loaded_hidden(tmp_path):
    project = make_public_project()
    shown = make_document(project, kind="letter", published_at=LONG_AGO)
    make_output(project, document=shown, url="", published_at=LONG_AGO)
    call_command("export_data", tmp_path)
    path = tmp_path / "projects.json"
    path.write_text(path.read_text().replace('"letter"', '"application"'))
    delete_everything()
    call_command("import_data", tmp_path)
    document = Document.objects.get()
    assert (document.kind, document.published_at) == ("application", None)
    assert document.outputs.get().published_at is None


def test_lead_country_is_that_of_the_lead_partner_on_every_database(client):
    other = make_partner(country="EE")  # recorded before the lead partner
    project = make_public_project(make_partner(country="LV"))
    make_partnership(project, other)
    make_partnership(project, country="DK", position=2)
    record = client.get(f"/projects/{project.slug}.json").json()
    assert record["country_codes"] == ["LV", "EE", "DK"]
    assert (record["lead_country"], record["number_of_partners"]) == ("Latvia", 3)


def test_no_country_leads_a_project_of_the_secretariat(client):
    secretariat = make_partner("Council of the Baltic Sea States", country="SE")
    project = make_public_project(secretariat, led_by_cbss=True)
    record = client.get(f"/projects/{project.slug}.json").json()
    assert (record["lead_country"], record["led_by_cbss"]) == (None, True)
    assert (record["lead_partner"], record["country_codes"]) == (secretariat.name, ["SE"])


def test_data_are_loaded_into_an_empty_database_only(tmp_path):
    with pytest.raises(CommandError, match="is no data set"):
        call_command("import_data", tmp_path)
    make_partner()
    with pytest.raises(CommandError, match=r"Use a new database after manage.py migrate"):
        call_command("import_data", tmp_path)
    assert (Call.objects.count(), Partner.objects.count()) == (0, 1)
    assert Country.objects.exists()

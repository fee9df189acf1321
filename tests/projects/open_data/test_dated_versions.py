"""Dated versions of the whole data set."""

import hashlib
from datetime import timedelta
from io import BytesIO, StringIO
from unittest import mock
from zipfile import ZipFile

import pytest
from django.core.management import call_command
from django.utils import timezone

from partners.models import Membership
from projects.models import Project
from projects.open_data import package
from psf.files import store
from psf.history import recording
from psf.history.models import Channel
from tests.support.cases import days_ahead
from tests.support.factories import make_country, make_output, make_public_project

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folders(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.VAR_DIR = tmp_path / "var"
    monkeypatch.setattr(package, "data_state", lambda edition: None)  # the data always changed


def keep(days=0):
    """Run the command as many days later."""
    out = StringIO()
    with mock.patch.object(timezone, "now", return_value=days_ahead(days)):
        call_command("keep_data_version", stdout=out)
    return out.getvalue().strip()


def address_of(days=0):
    return f"/data/versions/psf-{timezone.localdate() + timedelta(days=days)}.zip"


def test_version_is_kept_when_the_data_changed_and_never_changes(client):
    assert "No version has been kept yet." in client.get("/data/").content.decode()
    project = make_public_project(title="Old title", reference="PSF-1", slug="psf-1")
    assert keep().startswith(f"Kept psf-{timezone.localdate()}.zip")
    first = b"".join(client.get(address_of()))
    assert keep(days=1) == "No new version."
    with recording.change_set(None, channel=Channel.FORM):
        Project.objects.filter(pk=project.pk).update(title="New title")
    assert keep() == "No new version."  # today has a version
    assert keep(days=2).startswith("Kept")
    assert b"".join(client.get(address_of())) == first
    second = b"".join(client.get(address_of(days=2)))
    titles = [ZipFile(BytesIO(data)).read("projects.csv") for data in [first, second]]
    assert (b"Old title" in titles[0], b"New title" in titles[1]) == (True, True)
    page = client.get("/data/").content.decode()
    for data in [first, second]:
        assert hashlib.sha256(data).hexdigest() in page
    assert page.index(address_of(days=2)) < page.index(address_of())
    assert "Title changed from “Old title” to “New title”." in page
    assert "The first version." in page
    assert client.get(address_of(days=1)).status_code == 404
    assert client.get("/data/versions/psf-2026-99-99.zip").status_code == 404
    assert [*store.all_files()] == []  # no uploaded file without a row


def test_published_result_of_a_project_is_a_change_between_versions(client):
    project = make_public_project()
    output = make_output(project, title="Film")
    keep()
    with recording.change_set(None, channel=Channel.AWARD):
        type(output).objects.update(published_at=timezone.now())
    keep(days=1)
    assert "Result added: “Film, publication" in client.get("/data/").content.decode()


def test_version_without_a_public_event_says_so(client):
    make_public_project()
    keep()
    make_country("FI")
    Membership.objects.create(country_id="FI", status="member", valid_from="1992-03-05")
    keep(days=1)
    assert "No public event" in client.get("/data/").content.decode()


def test_version_with_a_withdrawn_record_is_not_offered(client):
    project = make_public_project()
    keep()
    since = project.published_at
    withdrawn = {"unpublished_at": timezone.now(), "unpublished_reason": "A person was named"}
    Project.objects.update(published_at=None, **withdrawn)
    gone = client.get(address_of())
    assert (gone.status_code, gone.json()["status"]) == (410, 410)
    page = client.get("/data/").content.decode()
    assert "This version is not offered" in page
    assert address_of() not in page
    Project.objects.update(published_at=since, unpublished_at=None, unpublished_reason="")
    assert b"".join(client.get(address_of()))


def test_version_with_a_record_that_was_withdrawn_meanwhile_is_not_offered(client, monkeypatch):
    project = make_public_project()
    archive = package.current_archive(waits=True)

    def withdraw(*, waits):
        withdrawn = {"unpublished_at": timezone.now(), "unpublished_reason": "A person was named"}
        Project.objects.filter(pk=project.pk).update(published_at=None, **withdrawn)
        return archive

    monkeypatch.setattr(package, "current_archive", withdraw)
    assert keep().startswith("Kept")
    assert client.get(address_of()).status_code == 410

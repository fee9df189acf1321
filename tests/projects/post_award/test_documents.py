"""Documents and outputs: access, publication and files."""

import io
import os
import re
from datetime import UTC, date, datetime
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from PIL import Image

from projects.models import Document, Output
from projects.post_award.documents import (
    MAX_PROJECT_BYTES,
    add_document,
    change_document,
    delete_item,
    publish_item,
    save_output,
    unpublish_item,
)
from psf.files import store
from psf.history import recording
from psf.history.models import ChangeSet, Channel
from psf.history.restore import undo_change_set
from tests.support.accounts import client_of, make_account
from tests.support.cases import HIDDEN_PROJECTS, unpublished
from tests.support.factories import (
    LONG_AGO,
    make_amendment,
    make_document,
    make_output,
    make_project,
    make_public_project,
    make_report,
)
from tests.support.hidden_records import assert_same_as_missing, page_of
from tests.support.refusals import refused

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 a report"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def upload(content=PDF, name="Lēmums final (2).pdf"):
    return SimpleUploadedFile(name, content)


def add(project, file=None, **fields):
    return add_document(project, file or upload(), None, **{"title": "Report"} | fields)


def body(response):
    return b"".join(response.streaming_content)


def public_document(**fields):
    return make_document(make_public_project(), PDF, **{"published_at": LONG_AGO} | fields)


class TestReaders:
    def test_a_public_document_is_a_download(self, client):
        document = public_document(title="The Report")
        response = client.get(document.get_absolute_url())
        headers = response.headers
        assert body(response) == PDF
        assert headers["Content-Type"] == "application/pdf"
        assert headers["Content-Disposition"] == 'attachment; filename="the-report.pdf"'
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"].startswith("sandbox")
        assert headers["Cache-Control"] == "no-cache, public"
        assert not response.cookies
        assert client.post(document.get_absolute_url()).status_code == 405

    def test_an_old_title_redirects_to_the_file(self, client):
        document = public_document(title="Old")
        old = document.get_absolute_url()
        change_document(document, title="New")
        response = client.get(old)
        assert (response.status_code, response.url) == (301, document.get_absolute_url())
        assert document.get_absolute_url().endswith("/new.pdf")

    @pytest.mark.parametrize("make", [make for make in HIDDEN_PROJECTS if make is not unpublished])
    def test_a_document_of_a_hidden_project_is_not_found(self, client, make):
        document = make_document(make(), published_at=LONG_AGO)
        assert_same_as_missing(client, document.get_absolute_url(), "/projects/x/documents/1/x.pdf")

    def test_addresses_below_an_unpublished_project_answer_alike(self, client):
        project = unpublished()
        paths = [
            make_document(project, published_at=LONG_AGO).get_absolute_url(),
            make_document(project).get_absolute_url(),
            f"{project.get_absolute_url()}documents/999999/x.pdf",
        ]
        answers = [client.get(path) for path in paths]
        assert [answer.status_code for answer in answers] == [410] * 3
        assert {answer.content for answer in answers} == {answers[0].content}
        assert "An error." in answers[0].content.decode()

    def test_a_hidden_document_or_one_of_another_project_is_not_found(self, client):
        hidden, other = public_document(published_at=None), public_document()
        wrong = other.get_absolute_url().replace(other.project.slug, hidden.project.slug)
        for address in [hidden.get_absolute_url(), wrong]:
            assert_same_as_missing(client, address, "/projects/x/documents/1/x.pdf")

    def test_a_document_without_its_file_is_not_found(self, client):
        document = public_document()
        store.path_of(document.stored_name).unlink()
        missing = "/projects/x/documents/1/x.pdf"
        assert_same_as_missing(client, document.get_absolute_url(), missing)

    def test_the_page_of_the_project_shows_only_public_items(self, client):
        project = make_public_project()
        shown = {"published_at": LONG_AGO}
        make_document(project, title="Hidden paper")
        make_output(project, title="Hidden output")
        make_document(project, title="Open paper", kind="report", licence="CC0", **shown)
        used = make_document(project, title="Twin", **shown)
        make_output(project, title="Guide", document=used, language="lv", **shown)
        make_output(project, title="Film", day=date(2020, 5, 1), kind="video", **shown)
        page = page_of(client, project)
        assert "Hidden" not in page
        for words in ["Open paper", "Licence: CC0", "Report", "Film or sound", "1 May 2020"]:
            assert words in page
        assert '<bdi lang="lv">Guide</bdi>' in page and "Latvian" in page
        assert page.index("Film") < page.index("Guide") < page.index("Open paper")
        assert page.count(used.get_absolute_url()) == 1

    def test_a_prolonged_project_shows_its_earlier_end(self, client):
        project = make_public_project(starts_on=date(2019, 9, 1), ends_on=date(2021, 9, 30))
        ends = [(date(2020, 11, 30), "month"), (date(2021, 3, 31), "day")]
        for end, precision in ends:
            make_amendment(
                project,
                kind="prolonged",
                ends_before=end,
                ends_before_precision=precision,
                ends_after=date(2021, 9, 30),
            )
        page = page_of(client, project)
        assert "1 September 2019 to 30 September 2021" in page
        assert "Extended; end as announced: November 2020" in page


class TestStaff:
    def test_a_hidden_document_is_a_download_of_its_project(self):
        document, other = make_document(make_project(), PDF), make_project()
        address = f"/admin/projects/project/{document.project.pk}/documents/{document.pk}/"
        viewer = client_of("Viewer")
        response = viewer.get(address)
        assert body(response) == PDF
        assert response.headers["Cache-Control"] == "no-store, private"
        for wrong in [
            f"/admin/projects/project/{other.pk}/documents/{document.pk}/",
            f"/admin/projects/project/0/documents/{document.pk}/",
            f"/admin/projects/project/{other.pk}/documents/99999999999999999999/",
        ]:
            assert viewer.get(wrong).status_code == 404


class TestServices:
    def test_the_uploaded_file_name_is_not_stored(self):
        account = make_account("Publisher")
        document = add_document(make_project(), upload(), account, title="Report")
        document.refresh_from_db()
        assert document.added_by == account
        assert re.fullmatch(r"[0-9a-f]{32}\.pdf", document.stored_name)
        assert store.path_of(document.stored_name).read_bytes() == PDF
        assert document.size == len(PDF)

    def test_the_documents_of_a_project_have_a_quota(self):
        project = make_project()
        document = add(project)
        Document.objects.filter(pk=document.pk).update(size=MAX_PROJECT_BYTES - len(PDF))
        add(project)
        with pytest.raises(ValidationError, match="may have 500 MB together"):
            add(project)
        assert len(list(store.all_files())) == 2
        add(make_project())

    def test_a_failed_row_leaves_only_a_file(self):
        """The file comes first: whatever ends the rest, no row names a file that is not there."""
        with pytest.raises(ValidationError, match="another project"):
            add(make_project(), report=make_report(make_project(status="funded")))
        assert not Document.objects.exists()
        assert len(list(store.all_files())) == 1

    def test_the_document_of_an_output_belongs_to_its_project(self):
        project = make_project(status="funded")
        values = {"title": "Guide", "kind": "publication"}
        with pytest.raises(ValidationError, match="another project"):
            save_output(Output(project=project), document=make_document(make_project()), **values)
        with pytest.raises(ValidationError, match="a link, a document, or both"):
            save_output(Output(project=project), **values)
        with pytest.raises(ValidationError, match="Only funded projects"):
            save_output(Output(project=make_project()), url="https://example.org", **values)
        save_output(Output(project=project), document=make_document(project), **values)

    def test_a_public_output_needs_a_public_document(self):
        project = make_project(status="funded")
        document = make_document(project)
        output = make_output(project, document=document)
        with pytest.raises(ValidationError, match="Publish its document"):
            publish_item(output)
        publish_item(document)
        publish_item(output)
        with pytest.raises(ValidationError, match="is public already"):
            publish_item(output)
        with pytest.raises(ValidationError, match="Unpublish the output"):
            unpublish_item(document)
        with pytest.raises(ValidationError, match="Publish its document"):
            save_output(output, document=make_document(project))
        save_output(output, title="Another")
        unpublish_item(output)
        unpublish_item(document)
        with pytest.raises(ValidationError, match="is not public"):
            unpublish_item(document)

    def test_an_application_is_never_public(self):
        project = make_public_project()
        form = make_document(project, kind="application")
        shown = make_document(project, published_at=LONG_AGO)
        with pytest.raises(ValidationError, match="names its contact person"):
            publish_item(form)
        with pytest.raises(ValidationError, match="names its contact person"):
            change_document(shown, kind="application")
        with refused("document_application_is_never_public"):
            Document.objects.update(published_at=LONG_AGO)

    def test_public_or_used_items_cannot_be_removed(self):
        project = make_project(status="funded")
        document = make_document(project, published_at=LONG_AGO)
        output = make_output(project, document=document)
        with pytest.raises(ValidationError, match="unpublish it first"):
            delete_item(document)
        unpublish_item(document)
        with pytest.raises(ValidationError, match="uses the document"):
            delete_item(document)
        delete_item(output)
        delete_item(document)
        assert not Document.objects.exists()


class TestPictures:
    """One picture of a project for readers: made from the pixels, with words and consent."""

    def photo(self, name="harbour.jpg"):
        content = io.BytesIO()
        Image.new("RGB", (30, 20)).save(content, "JPEG", comment=b"secret place")
        return upload(content.getvalue(), name)

    def picture(self, project, **fields):
        described = {"kind": "picture", "title": "Harbour", "alternative": "Two boats"}
        return add(project, self.photo(), **described | {"has_consent": True} | fields)

    def test_readers_see_a_published_picture_with_its_words(self, client):
        project = make_public_project(story="It went well.")
        picture = self.picture(project)
        assert "<img" not in page_of(client, project)
        publish_item(picture)
        page = page_of(client, project)
        address = picture.get_absolute_url()
        assert address.endswith("/harbour.webp") and page.count(address) == 1
        assert f'<img src="{address}" alt="Two boats" width="1200" height="800"' in page
        assert "It went well." in page and "<figcaption" in page and "Harbour" in page
        response = client.get(address)
        assert response.headers["Content-Type"] == "image/webp"
        assert b"secret" not in body(response)

    @pytest.mark.parametrize("missing", [{"alternative": ""}, {"has_consent": False}])
    def test_a_public_picture_has_words_and_consent(self, missing):
        picture = self.picture(make_public_project(), **missing)
        with pytest.raises(ValidationError, match="alternative text, and the consent"):
            publish_item(picture)
        with refused("document_public_picture_has_words_and_consent"):
            Document.objects.update(published_at=LONG_AGO)

    def test_a_project_shows_one_picture(self):
        project = make_public_project()
        publish_item(self.picture(project))
        with pytest.raises(ValidationError, match="shows another picture already"):
            publish_item(self.picture(project))
        with refused("document_one_public_picture_per_project"):
            Document.objects.update(published_at=LONG_AGO)

    def test_no_other_document_becomes_a_picture_and_no_image_is_published_otherwise(self):
        scan, picture = add(make_project(), self.photo()), self.picture(make_project())
        for document, kind in [(scan, "picture"), (picture, "other")]:
            with pytest.raises(ValidationError, match="add the file again"):
                change_document(document, kind=kind)
            with refused("document_is_a_picture_by_its_kind_and_file"):
                Document.objects.filter(pk=document.pk).update(kind=kind)
        with pytest.raises(ValidationError, match="Add the image again as a picture"):
            publish_item(scan)


def delete_in_history(document):
    with recording.change_set(None, channel=Channel.FORM) as change_set:
        delete_item(document)
    return change_set


class TestHistory:
    def test_undo_never_gives_a_public_output_a_hidden_document(self):
        project = make_project(status="funded")
        first, second = (make_document(project, published_at=LONG_AGO) for _number in range(2))
        output = make_output(project, document=first, published_at=LONG_AGO)
        with recording.change_set(None, channel=Channel.FORM) as change_set:
            save_output(output, document=second)
        unpublish_item(first)
        with pytest.raises(ValidationError, match="Publish its document"):
            undo_change_set(change_set, None, "")
        publish_item(first)
        undo_change_set(change_set, None, "")


class TestCheckFiles:
    def run(self, *options):
        out = StringIO()
        try:
            call_command("check_files", *options, stdout=out)
        except SystemExit as end:
            return out.getvalue(), end.code
        return out.getvalue(), 0

    def test_complete_files_pass_the_check(self):
        make_document(make_project())
        assert self.run() == ("Every file has a row, and every row a file.\n", 0)

    def test_a_lost_file_and_a_changed_one_are_errors(self):
        project = make_project(reference="PSF-X")
        lost, changed = (make_document(project, title=title) for title in ["Lost", "Changed"])
        store.path_of(lost.stored_name).unlink()
        store.path_of(changed.stored_name).write_bytes(b"other")
        printed, code = self.run()
        assert "missing: the file of “Lost” (PSF-X)" in printed
        assert "changed: the file of “Changed” (PSF-X)" in printed
        assert code == 1

    def test_a_file_without_a_row_is_reported_and_stays(self):
        stored = store.save_file([PDF], "pdf")
        printed, code = self.run()
        assert re.search(rf"without a row since \d{{4}}-\d\d-\d\d: .*{stored.name}", printed)
        assert code == 0
        assert store.path_of(stored.name).exists()

    @pytest.mark.parametrize("options", [[], ["--older-than=0"]])
    def test_deleting_needs_an_age(self, options):
        with pytest.raises(CommandError, match="--older-than"):
            call_command("check_files", "--delete-orphans", *options)

    def test_the_age_counts_from_the_day_on_which_the_row_went(self):
        kept, gone = make_document(make_project(), PDF), make_document(make_project(), PDF)
        row = make_document(make_project(), PDF)
        stray = store.save_file([PDF], "pdf")
        ten_years_ago = datetime(2014, 1, 1, tzinfo=UTC).timestamp()
        for name in [kept.stored_name, gone.stored_name, stray.name, row.stored_name]:
            os.utime(store.path_of(name), (ten_years_ago, ten_years_ago))
        delete_in_history(kept)
        change_set = delete_in_history(gone)
        ChangeSet.objects.filter(pk=change_set.pk).update(made_at=LONG_AGO)
        printed, code = self.run("--delete-orphans", "--older-than=30")
        assert printed.count("deleted:") == 2
        there = {name.name for name in store.all_files()}
        assert there == {kept.stored_name, row.stored_name}
        assert code == 0

"""The copy of the public site: complete, without broken links, with the texts of the live pages."""

import os
import re
import signal
from html.parser import HTMLParser
from io import StringIO
from multiprocessing import active_children
from unittest.mock import Mock
from urllib.parse import unquote, urldefrag, urljoin

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from projects.publication.publish import unpublish_call, unpublish_results
from psf.history import recording
from psf.history.channels import Channel
from psf.http.in_process_requests import Answer
from psf.management.commands import export_site as command
from psf.static_site import export, files
from psf.static_site.files import STATE_FILE, ExportState, write_file
from tests.projects.open_data.full_records import everything
from tests.support.factories import (
    LONG_AGO,
    make_call,
    make_decision,
    make_document,
    make_merger,
    make_public_project,
)

# The end of a request closes a connection that is inside the transaction of a test.
pytestmark = pytest.mark.django_db(transaction=True)
DROPPED = re.compile(
    r'<details class="filters"[^>]*>.*?</form>\s*</details>|<form\b.*?</form>'
    r'|<label class="choose">.*?</label>|<p class="quiet">This copy of the site.*?</p>',
    re.DOTALL,
)


class Reader(HTMLParser):
    """The text and the links of a page."""

    def __init__(self, html):
        super().__init__()
        self.words, self.links = [], []
        self.feed(html)

    def handle_data(self, data):
        self.words += data.split()

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.links += [values[name] for name in ["href", "src"] if values.get(name)]


def run(folder, **options):
    output = StringIO()
    call_command("export_site", folder, processes=1, stdout=output, stderr=output, **options)
    return output.getvalue()


def paths_in(folder):
    return {f"/{path.relative_to(folder)}" for path in folder.rglob("*") if path.is_file()}


def make_site():
    """A site with a record of each kind, and with changed, withdrawn and merged records."""
    everything()
    project = make_public_project(title="A title", slug="changed")
    make_decision(project.call)
    with recording.change_set(None, channel=Channel.FORM):
        project.title = "Another title"
        project.save()
    make_document(project, b"Text", extension="txt", title="Report", published_at=LONG_AGO)
    make_merger(project.lead().partner, slug="merged")
    for slug in ["withdrawn", "again"]:
        withdrawn = make_public_project(slug=slug, call=make_call(slug=f"call-of-{slug}"))
        make_decision(withdrawn.call)
        unpublish_results(withdrawn.call, "A mistake.")
        unpublish_call(withdrawn.call, "A mistake.")


def test_copy_is_complete_and_says_what_the_live_site_says(client, tmp_path):
    make_site()
    output = run(tmp_path)
    assert "0 old files deleted" in output
    copied = paths_in(tmp_path)
    expected = ["/index.html", "/projects/index.html", "/projects/changed/index.html"]
    expected += ["/projects/changed/versions/1/index.html", "/404.html", "/feed.atom"]
    expected += ["/projects/country/lv/index.html", "/partners/merged/index.html"]
    expected += ["/projects/withdrawn/index.html", "/calls/call-of-withdrawn/index.html"]
    expected += ["/calls/call-of-withdrawn/announcement/index.html", "/sitemap.xml"]
    expected += ["/figures/years.csv", "/static/psf/site.css", "/.well-known/security.txt"]
    assert {*expected} <= copied
    assert any(path.endswith("/report.txt") for path in copied)
    assert not any(path.startswith("/admin") for path in copied)
    for path in sorted(copied):
        if path.endswith("/index.html"):
            check_links(tmp_path, path, copied)
            check_texts(client, tmp_path, path)
    assert "/partners/merged/" in (tmp_path / ".export-state").read_text()
    merged = (tmp_path / "partners/merged/index.html").read_text()
    assert 'http-equiv="refresh" content="0; url=/partners/' in merged
    assert "A mistake." in (tmp_path / "projects/withdrawn/index.html").read_text()


def test_withdrawn_and_merged_records_do_not_need_a_link():
    """The public log of changes links them, but only as long as the history has their changes."""
    make_site()
    seeds = [*export.seed_addresses()]
    for path in ["/projects/withdrawn/", "/calls/call-of-withdrawn/", "/partners/merged/"]:
        assert path in seeds
    assert "/calls/call-of-withdrawn/announcement/" in seeds


def check_links(folder, path, copied):
    """Each link of this site leads to a file, and no form is left."""
    html = (folder / path[1:]).read_text()
    assert "<form" not in html and "?" not in "".join(
        link for link in Reader(html).links if link.startswith("/")
    )
    for link in Reader(html).links:
        target = unquote(urldefrag(urljoin(path.removesuffix("index.html"), link))[0])
        if target.startswith("/"):
            target += "index.html" if target.endswith("/") else ""
            assert target in copied, (path, link)


def check_texts(client, folder, path):
    address = re.sub(
        r"^/projects/(call|country|priority|topic)/([^/]+)/", r"/projects/?\1=\2", path
    )
    response = client.get(address.removesuffix("index.html"))
    if response.status_code in [200, 410]:
        live, copy = response.content.decode(), (folder / path[1:]).read_text()
        texts = [Reader(DROPPED.sub("", html)).words for html in [live, copy]]
        assert texts[0] == texts[1], path


def test_lists_have_pages(client, tmp_path, monkeypatch):
    call = make_call()
    for _ in range(26):
        make_public_project(call=call)
    run(tmp_path)
    first = (tmp_path / "projects/index.html").read_text()
    assert 'href="/projects/page/2/"' in first
    assert 'href="/projects/"' in (tmp_path / "projects/page/2/index.html").read_text()
    assert (tmp_path / f"projects/call/{call.slug}/page/2/index.html").exists()


def test_export_continues_and_deletes_what_is_no_longer_public(tmp_path, monkeypatch):
    project = make_public_project(slug="first")
    fetched = []
    monkeypatch.setattr(export, "data_version", lambda: "first version")
    monkeypatch.setattr(
        export,
        "fetch",
        lambda site, address, fetch=export.fetch: fetched.append(address) or fetch(site, address),
    )
    monkeypatch.setattr(export, "PAGES_AT_ONCE", 1)

    def stop(done, known):
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export.export_site(tmp_path, 1, stop)
    with (tmp_path / STATE_FILE).open("a") as file:
        file.write("/half")
    run(tmp_path)
    assert len(fetched) == len({*fetched}) > 5
    fetched.clear()
    run(tmp_path)
    assert fetched == []
    assert "0 old files deleted" in run(tmp_path, afresh=True)
    assert len(fetched) > 5
    with recording.change_set(None, channel=Channel.PUBLICATION):
        type(project).objects.filter(pk=project.pk).update(published_at=None)
    monkeypatch.setattr(export, "data_version", lambda: "second version")
    assert "0 old files" not in run(tmp_path)
    assert not (tmp_path / "projects/first").exists()


@pytest.fixture
def signals():
    """The interrupt of a terminal, and a termination that a test survives."""
    before = {number: signal.getsignal(number) for number in [signal.SIGINT, signal.SIGTERM]}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: pytest.fail("The signal ends the export alone."))
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize(("processes", "number"), [(1, signal.SIGINT), (2, signal.SIGTERM)])
def test_stopped_export_ends_its_processes(tmp_path, monkeypatch, signals, number, processes):
    """Only the first process gets the signal."""
    make_site()
    run(tmp_path)
    pages = paths_in(tmp_path)
    monkeypatch.setattr(command.ExportProgress, "__call__", lambda *_: os.kill(os.getpid(), number))
    monkeypatch.setattr(export, "PAGES_AT_ONCE", 5)
    handler = signal.getsignal(signal.SIGTERM)
    # An interrupt that the command does not catch would end pytest.
    with pytest.raises((CommandError, KeyboardInterrupt), match="Do not serve the folder") as error:
        call_command("export_site", tmp_path, processes=processes, afresh=True)
    assert error.value.returncode == 3
    assert active_children() == []
    if processes > 1:  # they skip the pages that wait
        assert export.copy_group(tmp_path, ["/"]) == []
    assert signal.getsignal(signal.SIGTERM) is handler
    assert paths_in(tmp_path) == pages  # whole files, and none deleted
    assert 0 < len(ExportState(tmp_path, export.data_version()).done) < len(pages) / 2


def test_export_that_cannot_write_says_what_the_folder_has(tmp_path, monkeypatch):
    make_site()
    monkeypatch.setattr(export, "write_file", Mock(side_effect=OSError("No space left on device")))
    with pytest.raises(CommandError, match=r"No space left on device\nThe export was stopped"):
        run(tmp_path)


def test_foreign_folder_is_refused(tmp_path):
    (tmp_path / "thesis.txt").write_text("A file of somebody.")
    with pytest.raises(CommandError, match="other files"):
        run(tmp_path)


def test_site_without_a_home_page_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(command, "fetch", lambda site, address: Answer(500, {}, b""))
    with pytest.raises(CommandError, match="The home page answers 500"):
        run(tmp_path)
    assert not [*tmp_path.iterdir()]


def test_address_without_a_page_is_reported(tmp_path, monkeypatch):
    monkeypatch.setattr(export, "FILES", ["/nowhere/", "/projects/?nosuch=1"])
    with pytest.raises(CommandError, match="2 addresses have no page"):
        run(tmp_path)


def test_change_during_the_export_is_reported(tmp_path, monkeypatch):
    found = iter(["before", "withdrawn", "withdrawn", "withdrawn"])
    monkeypatch.setattr(export, "data_version", lambda: next(found))
    assert "Data changed during the export. Run the command again." in run(tmp_path)
    assert "Data changed" not in run(tmp_path)


def test_progress_is_reported_every_two_seconds(monkeypatch):
    moments = iter([0, 1, 3, 4])
    monkeypatch.setattr(command, "monotonic", lambda: next(moments))
    output = StringIO()
    progress = command.ExportProgress(output)
    progress(1, 9)
    progress(2, 9)
    assert output.getvalue() == "2 of 9 pages"


def test_interrupted_file_is_no_file(tmp_path, monkeypatch):
    def fail(*names):
        raise OSError

    monkeypatch.setattr(files.os, "replace", fail)
    with pytest.raises(OSError):
        write_file(tmp_path, "folder/page.html", b"Text")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_parts_of_the_sitemap_come_before_lists(tmp_path):
    state = ExportState(tmp_path, "first version")
    links = {"/projects/?page=2", "/sitemap-1.xml", "/projects/?page=3"}
    state.add([("/sitemap.xml", "sitemap.xml", links)])
    waiting = state.waiting(["/sitemap.xml", "/projects/"])
    assert waiting == ["/projects/", "/sitemap-1.xml", "/projects/?page=3", "/projects/?page=2"]


def test_version_of_an_export_ends_at_the_next_scheduled_moment():
    assert export.data_version().partition(" until ")[2] > timezone.now().isoformat()


def test_several_processes_write_the_same_copy(tmp_path):
    make_public_project()
    run(tmp_path / "one")
    export.export_site(tmp_path / "two", 2, lambda done, known: None)
    assert paths_in(tmp_path / "one") == paths_in(tmp_path / "two")

"""Automatic checks of accessibility: each kind of page, in both colour schemes."""

from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from partners.matching.duplicates import find_all_duplicates
from partners.matching.merge import merge_partners
from partners.models import Merger, Partner
from projects.models import Call, Project
from projects.publication.publish import unpublish_project
from psf.history import recording
from psf.history.models import Channel
from tests.browser.visits import sign_in_as
from tests.support.accounts import make_account
from tests.support.factories import (
    LONG_AGO,
    make_agreement,
    make_amendment,
    make_call,
    make_decision,
    make_document,
    make_instalment,
    make_output,
    make_partner,
    make_partnership,
    make_priority,
    make_public_project,
    make_repayment,
    make_report,
)

# `.ci/run` installs the newest rules.
NEWEST = Path(__file__).parents[2] / ".venv/axe/node_modules/axe-core/axe.min.js"
AXE = NEWEST.read_text() if NEWEST.exists() else Axe().axe_script
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# The rules that depend on colours and on the room for the content.
RULES_OF_LOOKS = ["color-contrast", "scrollable-region-focusable", "target-size"]
LOOKS = [("light", 1280), ("dark", 360)]

# With the status of each, so that a page that is not there cannot pass for one that is.
PUBLIC_PAGES = {
    "/": 200,
    "/calls/": 200,
    "/calls/psf-2019/": 200,
    "/calls/psf-2019/announcement/": 200,
    "/projects/": 200,
    "/projects/?country=lv&lead=ru": 200,
    "/projects/?country=lv&lead=no&q=nothing": 200,
    "/projects/?country=atlantis": 400,
    "/projects/psf-2019-02/": 200,
    "/projects/psf-2019-03/": 200,
    "/lead-partners/": 200,
    "/partners/": 200,
    "/partners/stellit/": 200,
    "/countries/": 200,
    "/countries/lv/": 200,
    "/countries/lv/sheet/": 200,
    "/figures/": 200,
    "/results/": 200,
    "/apply/mail/confirm/": 400,
    "/timeline/": 200,
    "/compare/": 200,
    "/compare/?project=psf-2019-01&project=psf-2019-03": 200,
    "/compare/?country=lv": 200,
    "/compare/?call=psf-2019": 200,
    "/search/": 200,
    "/search/?q=trafficing": 200,
    "/apply/": 200,
    "/apply/?lead=LV&second=FI&third=UA": 200,
    "/about/": 200,
    "/data/": 200,
    "/accessibility/": 200,
    "/privacy/": 200,
    "/changes/": 200,
    "/projects/psf-2019-03/versions/1/": 200,
    "/embed/partners/stellit/": 200,
    "/embed/countries/lv/": 200,
    "/embed/map/": 200,
    "/nowhere/": 404,
    "/projects/psf-2019-05/": 410,
}
# Links and buttons whose label does not begin with the visible text (WCAG 2.5.3).
MISNAMED = """() => [...document.querySelectorAll("a[aria-label], button[aria-label]")]
  .filter(node => !node.ariaLabel.startsWith(node.textContent.trim().replace(/\\s+/g, " ")))
  .map(node => `${location.pathname}: ${node.ariaLabel}`)"""
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def gone(site):
    """A project of the 2019 call that is no longer public."""
    unpublish_project(Project.objects.get(reference="PSF-2019-05"), "It was entered twice.")
    project = Project.objects.get(reference="PSF-2019-03")
    add_rows_after_award(project)
    with recording.change_set(None, channel=Channel.FORM):
        Project.objects.filter(pk=project.pk).update(title="Another title")


@contextmanager
def window(browser, site, width=1280, scheme="light"):
    options = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
    # Without the content policy, which would keep the checker itself out.
    with browser.new_context(base_url=site, bypass_csp=True, **options) as context:
        yield context.new_page()


def broken_rules(page, rules=RULES):
    page.wait_for_load_state()
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    options = {"runOnly": rules, "resultTypes": ["violations"]}
    found = page.evaluate("options => axe.run(options).then(run => run.violations)", options)
    return [
        *page.evaluate(MISNAMED),
        *[
            f"{page.url} {rule['id']}: {node['html'][:200]} {node['failureSummary']}"
            for rule in found
            for node in rule["nodes"]
        ],
    ]


def assert_accessible(page):
    assert broken_rules(page) == []
    assert page.evaluate(SIDEWAYS) <= 0


def test_no_public_page_breaks_a_rule_or_scrolls_sideways(browser, site, gone):
    broken = []
    with window(browser, site) as page:
        for address, status in PUBLIC_PAGES.items():
            page.emulate_media(color_scheme="light")
            page.set_viewport_size({"width": 1280, "height": 900})
            assert page.goto(address).status == status, address
            broken += broken_rules(page)
            page.emulate_media(color_scheme="dark")
            page.set_viewport_size({"width": 320, "height": 900})
            broken += broken_rules(page, RULES_OF_LOOKS)
            assert page.evaluate(SIDEWAYS) <= 0, address
    assert broken == []


def test_words_without_spaces_widen_no_page_and_paper_has_no_links(browser, site):
    call = make_call(title="W" * 200, summary="S" * 300, funded_count=1)
    make_decision(call)
    lead = make_partner("O" * 300)
    project = make_public_project(lead, call=call, title="L" * 300, summary="X" * 500)
    with recording.change_set(None, channel=Channel.FORM):
        Project.objects.filter(pk=project.pk).update(acronym="A" * 50)
    records = [record.get_absolute_url() for record in [call, project, lead]]
    with window(browser, site, 320) as page:
        lists = ["/projects/", f"/projects/?call={call.slug}", f"/projects/?q={'w' * 400}"]
        for address in ["/", *lists, *records, f"{records[0]}announcement/"]:
            assert page.goto(address).status == 200
            assert page.evaluate(SIDEWAYS) <= 0, address
        page.goto(records[0])
        assert page.get_by_text("Compare with other calls").is_visible()
        page.emulate_media(media="print")  # a link is of no use on paper
        assert not page.get_by_text("Compare with other calls").is_visible()


def test_words_without_spaces_widen_no_form_of_staff(browser, site):
    project = make_public_project(make_partner("O" * 300), title="L" * 300)
    make_partnership(project, make_partner("P" * 300))
    project.priorities.add(make_priority("Q" * 100))
    with window(browser, site, 320) as page:
        sign_in_as(page, "Editor")
        for part in ["change/", "history/"]:
            page.goto(f"/admin/projects/project/{project.pk}/{part}")
            page.wait_for_load_state("networkidle")
            assert page.evaluate(SIDEWAYS) <= 0, part


def organisations_that_may_be_one():
    """A possible duplicate and a merged record, so that every page has content."""
    stellit = Partner.objects.get(slug="stellit")
    twin = make_partner("Stellit, charity fund", "RU", website="https://example.org/stellit")
    merge_partners(stellit, make_partner("NGO Stellit", "RU"), make_account("Publisher"))
    find_all_duplicates()
    return stellit, twin


def add_rows_after_award(project):
    """A row of each kind after an award. Readers see an output and a document."""
    make_agreement(project)
    for make in [make_instalment, make_report, make_repayment, make_amendment]:
        make(project)
    make_document(project, published_at=LONG_AGO)
    make_output(project, language="lv", published_at=LONG_AGO)
    make_output(project)


def staff_pages():
    stellit, twin = organisations_that_may_be_one()
    merger = Merger.objects.get()
    project, call = Project.objects.get(reference="PSF-2019-03"), Call.objects.get()
    add_rows_after_award(project)
    with recording.change_set(None, channel=Channel.FORM) as changes:
        Project.objects.filter(pk=project.pk).update(title="Another title")
    return [
        "/admin/",
        "/admin/projects/project/",
        "/admin/projects/project/add/",
        f"/admin/projects/project/{project.pk}/change/",
        f"/admin/projects/call/{call.pk}/change/",
        f"/admin/projects/call/{call.pk}/",
        "/admin/search/?q=psf",
        f"/admin/projects/call/{call.pk}/publish/",
        f"/admin/projects/project/{project.pk}/unpublish/",
        f"/admin/projects/project/{project.pk}/following/",
        f"/admin/projects/project/{project.pk}/following/join/",
        f"/admin/projects/project/{project.pk}/following/document/",
        f"/admin/projects/call/{call.pk}/budget/",
        "/admin/work-list/ended/",
        "/admin/history/changeset/",
        f"/admin/history/changeset/{changes.pk}/change/",
        f"/admin/projects/project/{project.pk}/history/",
        f"/admin/projects/project/{project.pk}/history/{changes.pk}/",
        "/admin/projects/topic/deleted/",
        "/admin/projects/call/announcement/",
        f"/admin/projects/call/{call.pk}/announcement/",
        f"/admin/projects/call/{call.pk}/import/",
        "/admin/partners/partner/duplicates/",
        "/admin/partners/partner/mergers/",
        f"/admin/partners/partner/mergers/{merger.pk}/undo/",
        f"/admin/partners/partner/{stellit.pk}/change/",
        f"/admin/partners/partner/{stellit.pk}/merge/",
        f"/admin/partners/partner/{stellit.pk}/merge/{twin.pk}/",
    ]


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 320)])
def test_no_page_before_the_sign_in_breaks_a_rule(browser, site, scheme, width):
    with window(browser, site, width, scheme) as page:
        for address in [
            "/admin/login/",
            "/admin/account/password/",
            "/admin/account/password/sent/",
        ]:
            assert page.goto(address).status == 200, address
            assert_accessible(page)


# Every other page in one look, the rest in the other: staff's pages share their frame.
@pytest.mark.parametrize("look", [0, 1])
def test_no_page_of_staff_breaks_a_rule(browser, site, look):
    scheme, width = LOOKS[look]
    with window(browser, site, width, scheme) as page:
        page.goto("/admin/")
        broken = broken_rules(page)
        sign_in_as(page, "Publisher")
        for address in staff_pages()[look::2]:
            assert page.goto(address).status == 200, address
            broken += broken_rules(page)
    assert broken == []

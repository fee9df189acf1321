"""After an award, readers see a partner who joined and a document to save."""

from playwright.sync_api import expect

from projects.models import Project
from tests.browser.visits import sign_in_as, visit

PROJECT = "/projects/psf-2019-03/"


def test_a_partner_joins_and_a_document_is_published(browser, site, staff):
    sign_in_as(staff, "Publisher")
    key = Project.objects.get(reference="PSF-2019-03").pk
    staff.goto(f"/admin/projects/project/{key}/change/")
    staff.get_by_role("link", name="Agreement and payments").click()
    staff.get_by_role("link", name="A partner joins…").click()
    staff.locator("#id_partner + .select2-container").click()
    staff.locator(".select2-container--open .select2-search__field").fill("stellit")
    staff.get_by_role("option", name="Stellit").click()
    staff.get_by_label("Day").fill("2020-01-01")
    staff.get_by_label("Agreed").fill("2019-12-01")
    staff.get_by_label("Description").fill("Research on prevention.")
    with staff.expect_navigation():
        staff.get_by_role("button", name="Record the amendment").click()
    with staff.expect_navigation():  # after the changes for readers were shown
        staff.get_by_role("button", name="Record the amendment").click()

    staff.get_by_role("link", name="Add a document…").click()
    staff.get_by_label("File").set_input_files(
        {"name": "x.pdf", "mimeType": "text/html", "buffer": b"%PDF-1.7 guide"}
    )
    staff.get_by_label("Title").fill("Guide for inspectors")
    staff.get_by_role("button", name="Add document").click()
    staff.get_by_role("link", name="Publish… Guide for inspectors").click()
    staff.get_by_role("button", name="Publish").click()
    expect(staff.locator(".messagelist")).to_contain_text("is published")

    with visit(browser, site) as reader:
        reader.goto(PROJECT)
        expect(reader.get_by_text("organisation, from 1 January 2020")).to_be_visible()
        expect(reader.get_by_text("Research on prevention.")).to_have_count(0)
        with reader.expect_download() as download:
            reader.get_by_role("link", name="Download Guide for inspectors").click()
        assert download.value.suggested_filename == "guide-for-inspectors.pdf"
        assert download.value.path().read_bytes() == b"%PDF-1.7 guide"

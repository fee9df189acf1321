"""Staff paste an announcement, type its numbers, save it, and write an announcement."""

from playwright.sync_api import expect

from projects.models import Project
from tests.browser.test_accessibility import assert_accessible, window
from tests.browser.visits import sign_in_as
from tests.projects.announcements import texts

TEXT = texts.YEAR_2019.replace("PSF 2019", "PSF 2039") + "\nand others"


def test_a_text_becomes_a_draft_and_then_records(browser, site):
    with window(browser, site, 360, "dark") as staff:
        sign_in_as(staff, "Publisher")
        staff.goto("/admin/projects/call/")
        staff.get_by_role("link", name="Read an announcement…").click()
        read_and_save(staff)


def read_and_save(staff):
    """Paste the text, type a number, save the records: all on accessible pages."""
    assert_accessible(staff)
    staff.get_by_label("Text of the announcement").fill(TEXT)
    staff.get_by_role("button", name="Read the text").click()

    expect(staff.get_by_text("names Estonia (EE) and Russia (RU).")).to_be_visible()
    staff.get_by_role("link", name="Line 37").click()
    expect(staff.locator("#line-37")).to_contain_text("not read")
    expect(staff.locator("#line-17")).to_contain_text("17 · partner")
    assert_accessible(staff)

    staff.get_by_label("Applications eligible").fill("many")
    with staff.expect_navigation():
        staff.get_by_role("button", name="Save the draft").click()
    expect(staff.locator("#line-17")).to_contain_text("17 · partner")
    staff.get_by_label("Applications eligible").fill("12")
    staff.get_by_role("button", name="Save the draft").click()

    expect(staff.get_by_text("Saved as drafts. New: 2 projects.")).to_be_visible()
    project = Project.objects.get(reference="PSF-2039-01")
    assert project.call.eligible_count == 12
    assert [row.country_id for row in project.partnerships.all()] == ["NO", "LV", "SE", "RU"]
    staff.goto(f"/admin/projects/project/{project.pk}/change/")
    expect(staff.locator(".psf-evidence")).to_contain_text("Latvia: Association Centre")

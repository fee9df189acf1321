"""Staff merge, separate and compare organisations."""

from playwright.sync_api import expect

from partners.matching.duplicates import find_all_duplicates
from tests.browser.test_staff import change_form_of
from tests.browser.visits import sign_in_as, visit
from tests.support.factories import make_partner, make_partnership, make_public_project


def a_twin_of_stellit():
    twin = make_partner("Stellit, charity fund", "RU", slug="stellit-fund")
    make_partnership(make_public_project(title="Safer Streets"), twin)
    find_all_duplicates()
    return twin


def test_two_records_are_merged_from_the_work_list_and_separated_again(browser, site, staff):
    a_twin_of_stellit()
    sign_in_as(staff, "Publisher")
    staff.get_by_role("link", name="may be the same organisation").click()
    staff.get_by_role("link", name="Merge…").click()
    seen = staff.get_by_role("region", name="What readers will see change")
    expect(seen.get_by_role("row", name="redirects to /partners/stellit/")).to_be_visible()
    expect(seen.get_by_role("row", name="Organisations 2 1")).to_be_visible()
    staff.get_by_role("button", name="Merge the records").click()
    expect(staff.get_by_text("was merged into this record")).to_be_visible()

    with visit(browser, site) as reader:
        reader.goto("/partners/stellit-fund/")
        expect(reader).to_have_url(f"{site}/partners/stellit/")
        expect(reader.get_by_role("link", name="Safer Streets")).to_be_visible()

    staff.goto("/admin/partners/partner/mergers/")
    staff.get_by_role("link", name="Undo…").click()
    staff.get_by_role("button", name="Undo the merger").click()
    expect(staff.get_by_text("is a separate record again.")).to_be_visible()
    with visit(browser, site) as reader:
        reader.goto("/partners/stellit-fund/")
        expect(reader.get_by_role("heading", level=1)).to_have_text("Stellit, charity fund")


def test_a_disagreement_is_explained_and_leaves_the_work_list(browser, site, staff):
    sign_in_as(staff, "Editor")
    line = staff.get_by_role("link", name="PSF-2019-03: only in the headline")
    expect(line).to_be_visible()
    line.click()
    expect(staff).to_have_url(site + change_form_of("PSF-2019-03"))
    staff.get_by_label("Why headline and list differ").fill("Estonia withdrew before signing.")
    with staff.expect_navigation():
        staff.get_by_role("button", name="Save", exact=True).click()
    with staff.expect_navigation():
        staff.get_by_role("button", name="Save for readers to see").click()
    staff.goto("/admin/")
    expect(staff.get_by_role("heading", name="Waiting", exact=True)).to_be_visible()
    expect(line).to_have_count(0)
    with visit(browser, site) as reader:
        reader.goto("/projects/psf-2019-03/")
        expect(reader.get_by_text("Estonia withdrew before signing.", exact=True)).to_be_visible()


def test_sources_of_memberships_keep_their_width_in_a_small_window(staff):
    sign_in_as(staff, "Viewer")
    staff.set_viewport_size({"width": 360, "height": 900})
    staff.goto("/admin/partners/membership/")
    heights = "rows => rows.map(row => row.offsetHeight)"
    rows = staff.locator("#result_list tbody tr")
    expect(rows).not_to_have_count(0)
    assert max(rows.evaluate_all(heights)) < 150

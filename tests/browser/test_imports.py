"""Staff import a file: preview, then save."""

from playwright.sync_api import expect

from projects.models import Call, Project
from tests.browser.test_accessibility import broken_rules
from tests.browser.visits import sign_in_as, status_for_readers, visit
from tests.projects.imports.support import as_csv, rows

PARTNER = {"partner_role": "partner", "partner_name": "Pier Watch", "partner_country": "Finland"}
GOOD = rows(
    {
        "reference": "PSF-2019-02",
        "title": "Youth for a Safer Youth",
        "partner_name": "Liepaja Municipal Police",
    },
    {"reference": "PSF-2019-06"},
    {"reference": "PSF-2019-06"} | PARTNER,
)
BAD = rows({"total_cost": "EUR 5,-"}, {"partner_role": "boss", "total_cost": "EUR 5,-"})


def choose(page, content, name="projects.csv"):
    file = {"name": name, "mimeType": "text/csv", "buffer": as_csv(content).encode()}
    page.locator("#id_file").set_input_files(file)
    page.get_by_role("button", name="Preview the import").click()


def open_import(page):
    page.goto(f"/admin/projects/call/{Call.objects.get().pk}/")
    page.get_by_role("link", name="Import projects…").first.click()


def test_a_file_is_fixed_previewed_and_saved(browser, site):
    with visit(browser, site, bypass_csp=True) as staff:
        sign_in_as(staff, "Editor")
        import_two_projects(browser, site, staff)


def import_two_projects(browser, site, staff):
    """Fix the file, read the preview, save: all on accessible pages."""
    open_import(staff)
    assert broken_rules(staff) == []
    choose(staff, BAD)
    expect(staff.get_by_text("the file has 3 problems")).to_be_visible()
    problems = staff.get_by_role("table", name="Problems in the file")
    expect(problems.get_by_role("row").nth(1)).to_contain_text("PSF-2030-01, row 2: EUR 5,-")
    expect(problems.get_by_role("row").nth(2)).to_contain_text("PSF-2030-01, row 3: boss")
    assert broken_rules(staff) == []

    choose(staff, GOOD)
    expect(staff.get_by_role("heading", level=1)).to_have_text(
        "Preview of the import of “projects.csv”"
    )
    public = staff.get_by_role("region", name="What readers will see change")
    title = "Title Youth for Safer Youth Youth for a Safer Youth"
    expect(public.get_by_role("row", name=title)).to_be_visible()
    new = staff.get_by_role("region", name="New projects")
    expect(new).to_contain_text("PSF-2019-06")
    recognised = staff.get_by_role("region", name="Recognised organisations")
    expect(recognised).to_contain_text("Liepāja Municipal Police")
    assert not Project.objects.filter(reference="PSF-2019-06").exists()
    assert broken_rules(staff) == []

    staff.get_by_role("button", name="Save the import").click()
    expect(staff.get_by_text("“projects.csv” was imported.")).to_be_visible()
    staff.get_by_role("link", name="Projects of this call").click()
    expect(staff.get_by_role("link", name="PSF-2019-06")).to_be_visible()
    assert status_for_readers(browser, site, "/projects/psf-2019-06/") == 404

    open_import(staff)
    choose(staff, GOOD)
    expect(staff.get_by_text("Nothing changes. The records contain")).to_be_visible()

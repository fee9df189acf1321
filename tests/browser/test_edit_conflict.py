"""Two people edit one record in a browser, and no input is lost."""

from playwright.sync_api import expect

from projects.models import Project
from tests.browser.test_accessibility import SIDEWAYS, broken_rules, window
from tests.browser.visits import open_menu, sign_in_as, visit

CLICK_TWICE = """() => {
  const button = document.querySelector("#content form [type=submit]");
  button.click();
  button.click();
}"""


def the_project():
    return Project.objects.get(reference="PSF-2019-01").pk


def open_form(page):
    page.goto(f"/admin/projects/project/{the_project()}/change/")


def save_acronym(page, text):
    page.get_by_label("Acronym").fill(text)
    page.get_by_role("button", name="Save", exact=True).click()


def meet(browser, site, second):
    """Both open the form, the first saves, the second saves after that."""
    with visit(browser, site) as first:
        sign_in_as(first, "Editor")
        open_form(first)
        open_form(second)
        save_acronym(first, "FIRST")
        first.get_by_role("button", name="Save for readers to see").click()
        expect(first.get_by_text("was changed successfully")).to_be_visible()
    save_acronym(second, "SECOND")


def test_the_second_editor_sees_the_conflict_and_decides(browser, site):
    with window(browser, site, scheme="dark") as staff:
        sign_in_as(staff, "Publisher")
        meet(browser, site, staff)
        decide(staff)
        assert Project.objects.get(reference="PSF-2019-01").acronym == "SECOND"


def answers_to_the_question(page):
    """Dismiss each question of the browser before it leaves a page, and note it."""
    questions = []
    page.on("dialog", lambda dialog: (questions.append(dialog.type), dialog.dismiss()))
    return questions


def test_the_browser_asks_before_typed_text_is_lost(browser, site):
    with visit(browser, site) as staff:
        sign_in_as(staff, "Publisher")
        open_form(staff)
        questions = answers_to_the_question(staff)
        staff.get_by_label("Acronym").fill("TYPED")
        staff.get_by_role("link", name="History").first.click()
        expect(staff.get_by_label("Acronym")).to_have_value("TYPED")
        staff.get_by_role("searchbox", name="Search all records").press("Enter")
        open_menu(staff)
        staff.get_by_role("button", name="Sign out").click()
        expect(staff.get_by_label("Acronym")).to_have_value("TYPED")
        assert questions == ["beforeunload"] * 3

        staff.get_by_role("button", name="Save", exact=True).click()
        expect(staff.get_by_text("Nothing is saved yet")).to_be_visible()
        staff.get_by_role("link", name="History").first.click()
        expect(staff.get_by_text("Nothing is saved yet")).to_be_visible()
        assert questions == ["beforeunload"] * 4

        staff.get_by_role("link", name="Discard my changes").click()
        expect(staff.get_by_text("Nothing is saved yet")).to_be_hidden()
        staff.get_by_role("link", name="History").first.click()
        expect(staff.get_by_role("heading", level=1)).to_contain_text("History")
        assert questions == ["beforeunload"] * 4
        staff.goto(f"/admin/projects/project/{Project.objects.first().pk}/following/document/")
        pdf = {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}
        staff.get_by_label("File").set_input_files(pdf)
        staff.get_by_role("link", name="Today").first.click()
        assert questions == ["beforeunload"] * 5


def test_a_second_click_sends_nothing(browser, site):
    with visit(browser, site) as staff:
        sign_in_as(staff, "Publisher")
        staff.goto(f"/admin/projects/project/{the_project()}/unpublish/")
        staff.get_by_label("Reason for readers").fill("The award fell away.")
        methods = []
        staff.on("request", lambda request: methods.append(request.method))
        staff.evaluate(CLICK_TWICE)
        expect(staff.get_by_text("Unpublished: The award fell away.")).to_be_visible()
        assert methods.count("POST") == 1


def decide(staff):
    """Read the changes of the first editor on an accessible page, and overwrite them."""
    conflict = staff.get_by_role("region", name="This record changed while you had it open")
    expect(conflict.get_by_text("Acronym set to “FIRST”")).to_be_visible()
    expect(conflict.get_by_role("row", name="Acronym FIRST SECOND")).to_be_visible()
    expect(staff.get_by_label("Acronym")).to_have_value("SECOND")
    assert Project.objects.get(reference="PSF-2019-01").acronym == "FIRST"
    staff.set_viewport_size({"width": 360, "height": 900})
    assert broken_rules(staff) == []
    assert staff.evaluate(SIDEWAYS) <= 0

    staff.get_by_role("button", name="Overwrite with my changes").click()
    staff.get_by_role("button", name="Save for readers to see").click()
    expect(staff.get_by_text("was changed successfully")).to_be_visible()

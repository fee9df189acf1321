"""The form of a record: short, with few stops of Tab, and with rows that keys fill in."""

import re
from datetime import date

import pytest
from playwright.sync_api import expect

from partners.models import Partner
from projects.models import Project
from tests.browser.test_accessibility import SIDEWAYS, broken_rules, window
from tests.browser.visits import sign_in_as, visit
from tests.support.accounts import named
from tests.support.factories import make_call, make_partner, make_partnership, make_project

HEIGHT = "document.documentElement.scrollHeight"
FOCUSED = "document.activeElement.name"
MOST_KEYS = 70  # beside the text, for three partners


def make_partners(project, count):
    for number in range(1, count + 1):
        role = "partner" if number > 1 else "lead"
        partner = make_partner(f"Harbour {number}")
        make_partnership(project, partner, role=role, position=number)
    return project


def form_of(project):
    return f"/admin/projects/project/{project.pk}/change/"


@pytest.mark.parametrize(("scripts", "most"), [(True, 30), (False, 75)])
def test_a_project_of_ten_partners_is_short(browser, site, scripts, most):
    period = {"starts_on": date(2020, 1, 1), "ends_on": date(2021, 12, 31)}
    project = make_partners(make_project(make_call(max_months=24), **period), 10)
    size = {"width": 1440, "height": 900}
    with visit(browser, site, viewport=size, java_script_enabled=scripts) as page:
        sign_in_as(page, "Publisher")
        page.goto(form_of(project))
        heights = {1440: page.evaluate(HEIGHT)}
        page.locator("#id_title").focus()
        stops = 0
        while page.evaluate(FOCUSED) != "_save":
            page.keyboard.press("Tab")
            stops += 1
        page.set_viewport_size({"width": 390, "height": 844})
        heights[390] = page.evaluate(HEIGHT)
        assert page.evaluate(SIDEWAYS) <= 0
        assert page.locator("tr[data-empty]").first.is_hidden() == scripts
        assert stops <= most
        assert not scripts or (heights[1440] <= 2000 and heights[390] <= 4000), heights


def test_partners_are_added_moved_and_removed_by_keys(browser, site):
    with window(browser, site) as staff:
        fill_in_by_keys(staff)


def test_a_late_answer_about_another_field_suggests_nothing(browser, site):
    late, fields = [], "#id_partnerships-{}-partner"
    make_partner("Port of Liepāja")
    make_partner("Harbour School")
    with window(browser, site) as staff:
        sign_in_as(staff, "Publisher")
        staff.goto("/admin/projects/project/add/")
        staff.route("**/autocomplete/**term=port", lambda route: late.append(route))
        with staff.expect_request("**/autocomplete/**term=port"):
            staff.fill(fields.format(0), "port")
        staff.fill(fields.format(1), "school")
        option = staff.locator("#suggestions option")
        expect(option).to_have_attribute("value", re.compile("Harbour School"))
        with staff.expect_response("**/autocomplete/**term=port") as answer:
            late[0].continue_()
        assert "Port of Liep" in answer.value.text()
        expect(option).to_have_attribute("value", re.compile("Harbour School"))


def test_suggestions_say_once_that_the_session_has_ended(staff):
    sentences, field = [], "#id_partnerships-0-partner"
    staff.on("dialog", lambda dialog: (sentences.append(dialog.message), dialog.accept()))
    sign_in_as(staff, "Publisher")
    staff.goto("/admin/projects/project/add/")
    staff.context.clear_cookies()
    with staff.expect_event("dialog"):
        staff.fill(field, "p")
    staff.fill(field, "po")
    assert len(sentences) == 1
    assert "You have been signed out." in sentences[0]


def fill_in_by_keys(staff):
    project = make_partners(make_project(), 2)
    stored = make_partner("Port of Liepāja")
    sign_in_as(staff, "Publisher")
    staff.goto(form_of(project))
    keys = []

    def press(*names):
        for name in names:
            staff.keyboard.press(name)
            keys.append(name)

    staff.locator("#partnerships-1 summary").focus()
    for words in [[named(stored)], ["Harbour School", "Estonia"], ["", "LT"]]:
        press("Tab")  # from the last cell to a new row
        for word in words:
            staff.keyboard.type(word)
            press("Tab")
        press(*["Tab"] * (3 - len(words)))
        assert staff.evaluate("document.activeElement.tagName") == "SUMMARY"
    assert len(keys) <= MOST_KEYS

    with staff.expect_navigation():
        staff.get_by_role("button", name="Save", exact=True).click()
    expect(staff.locator(".psf-errors")).to_be_focused()
    expect(
        staff.get_by_role("link", name="Partner 4 · Organisation: Not recorded.")
    ).to_be_visible()
    assert broken_rules(staff) == []
    staff.get_by_label("Add “Harbour School” as a new organisation").check()
    staff.locator("#partnerships-3 .psf-handle").click()
    expect(staff.locator("#partnerships-3 + #partnerships-2")).to_be_visible()
    staff.locator("#partnerships-3 .psf-handle").focus()
    press("ArrowUp")
    staff.locator("#partnerships-1 .psf-handle").focus()
    press("Delete")
    with staff.expect_navigation():
        staff.get_by_role("button", name="Save", exact=True).click()
    rows = Project.objects.get(pk=project.pk).partnerships.order_by("position")
    assert [str(row.partner or row.country_id) for row in rows] == [
        "Harbour 1",
        "Harbour School",
        "Port of Liepāja",
        "LT",
    ]
    assert Partner.objects.get(name="Harbour School").country_id == "EE"
